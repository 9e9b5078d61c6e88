import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { CodeSources } from "../code/code-sources.ts";
import { Problems } from "../problem.ts";
import { withNestedStacks } from "./nested-stacks.ts";
import { parseTemplate } from "./template-document.ts";

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
