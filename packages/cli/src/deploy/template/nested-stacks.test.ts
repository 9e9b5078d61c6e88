import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { CodeSources } from "../code/code-sources.ts";
import { Problems } from "../problem.ts";
import { withNestedStacks } from "./nested-stacks.ts";
import { parseTemplate } from "./template-document.ts";
import { withTransforms } from "./transforms.ts";

const directory = mkdtempSync(join(tmpdir(), "stepwell-nested-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const INNER = `
Parameters: { Prefix: { Type: String }, Size: { Type: Number, Default: 3 } }
Conditions: { Big: !Equals [!Ref Size, 9] }
Resources:
  Queue: { Type: AWS::SQS::Queue, Properties: { QueueName: !Sub '\${Prefix}-\${AWS::StackName}' } }
  Other: { Type: AWS::SQS::Queue, Condition: Big, DependsOn: Queue, Properties: { A: !Sub '\${Queue.Arn}' } }
Outputs: { Arn: { Value: !GetAtt Queue.Arn } }
`;
const OUTER = `
Resources:
  Bucket: { Type: AWS::S3::Bucket }
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties: { TemplateURL: inner.yaml, Parameters: { Prefix: !Ref Bucket } }
  Topic: { Type: AWS::SNS::Topic, DependsOn: Inner, Properties: { D: !GetAtt Inner.Outputs.Arn } }
`;

it("a nested stack becomes part of its holder, values in and out", async () => {
  writeFileSync(join(directory, "inner.yaml"), INNER);
  const problems = new Problems();
  const file = join(directory, "outer.yaml");
  const document = parseTemplate(file, OUTER);
  const { value } = await withNestedStacks(document, "Shop", {
    code: new CodeSources(file, new Map()),
    pseudo: new Map(),
    problems,
  });
  expect(problems.list).toEqual([]);
  expect(value).toEqual({
    Conditions: { InnerBig: { "Fn::Equals": [3, 9] } },
    Mappings: {},
    Resources: {
      Bucket: { Type: "AWS::S3::Bucket" },
      Topic: {
        Type: "AWS::SNS::Topic",
        DependsOn: ["InnerQueue", "InnerOther"],
        Properties: { D: { "Fn::GetAtt": ["InnerQueue", "Arn"] } },
      },
      InnerQueue: {
        Type: "AWS::SQS::Queue",
        Properties: {
          QueueName: {
            "Fn::Sub": [`\${Prefix}-\${AWS::StackName}`, { Prefix: { Ref: "Bucket" }, "AWS::StackName": "Shop-Inner" }],
          },
        },
      },
      InnerOther: {
        Type: "AWS::SQS::Queue",
        Condition: "InnerBig",
        DependsOn: ["InnerQueue"],
        Properties: { A: { "Fn::Sub": `\${InnerQueue.Arn}` } },
      },
    },
  });
});

it("a nested serverless application says its paths from where it lies; a condition is that of all of it", async () => {
  mkdirSync(join(directory, "child"), { recursive: true });
  writeFileSync(
    join(directory, "child", "template.yaml"),
    `
Transform: AWS::Serverless-2016-10-31
Parameters: { Who: { Type: String } }
Conditions: { Mine: !Equals [!Ref Who, me] }
Resources:
  M: { Type: AWS::Serverless::StateMachine, Condition: Mine, Properties: { DefinitionUri: m.asl.json, Role: r } }
  F: { Type: AWS::Serverless::Function, Properties: { CodeUri: "src/", Handler: a.b, Runtime: nodejs22.x, Role: r } }
`,
  );
  const problems = new Problems();
  const file = join(directory, "outer.yaml");
  const document = parseTemplate(
    file,
    `
Transform: AWS::Serverless-2016-10-31
Conditions: { On: !Equals [a, a] }
Resources:
  App: { Type: AWS::Serverless::Application, Condition: On, Properties: { Location: child/template.yaml, Parameters: { Who: me } } }
`,
  );
  const values = { parameters: new Map(), pseudo: new Map() };
  const { value } = await withNestedStacks(withTransforms(document, values, problems), "Shop", {
    code: new CodeSources(file, new Map()),
    pseudo: new Map(),
    problems,
  });
  expect(problems.list).toEqual([]);
  expect(value).toMatchObject({
    Conditions: { AppMIsThere: { "Fn::And": [{ Condition: "On" }, { Condition: "AppMine" }] } },
    Resources: {
      AppM: { Condition: "AppMIsThere", Properties: { DefinitionS3Location: join(directory, "child", "m.asl.json") } },
      AppF: { Condition: "On", Properties: { Code: join(directory, "child", "src/") } },
    },
  });
});
