import type { Json, JsonObject } from "@stepwell/core";
import { expect, it } from "vitest";
import { Problems } from "../problem.ts";
import { withLanguageExtensions } from "./language-extensions.ts";
import { parseTemplate } from "./template-document.ts";

function expanded(yaml: string, parameters: readonly (readonly [string, Json])[] = []) {
  const problems = new Problems();
  const document = parseTemplate("t.yaml", `Transform: AWS::LanguageExtensions\n${yaml}`);
  const pseudo = new Map<string, Json>([["AWS::Region", "eu-west-1"]]);
  const made = withLanguageExtensions(document, { parameters: new Map(parameters), pseudo }, problems);
  return { value: made.value as JsonObject, made, problems: problems.list.map((p) => `${p.pointer}: ${p.message}`) };
}

it("a loop makes a resource of each item; its name stands in keys, texts and references", () => {
  const { value, problems } = expanded(
    `
Parameters: { Names: { Type: CommaDelimitedList, Default: 'one, two-b' } }
Resources:
  'Fn::ForEach::Queues':
    - Name
    - !Ref Names
    - 'Queue&{Name}':
        Type: AWS::SQS::Queue
        Properties: { QueueName: !Sub '\${Name}-\${AWS::Region}', Tag: !Ref Name, Text: 'x\${Name}' }
`,
  );
  expect(problems).toEqual([]);
  expect(Object.keys(value["Resources"] as JsonObject)).toEqual(["Queueone", "Queuetwob"]);
  expect((value["Resources"] as JsonObject)["Queuetwob"]).toEqual({
    Type: "AWS::SQS::Queue",
    Properties: { QueueName: { "Fn::Sub": `two-b-\${AWS::Region}` }, Tag: "two-b", Text: "xtwo-b" },
  });
});

it("loops stand inside loops, in outputs, in properties, and over what a mapping says", () => {
  const { value, problems } = expanded(
    `
Mappings: { eu-west-1: { Buckets: { Ids: [A, B] } } }
Conditions: { Yes: !Equals [!Ref AWS::Region, eu-west-1] }
Resources:
  'Fn::ForEach::Buckets':
    - Id
    - !FindInMap [!Ref AWS::Region, Buckets, Ids]
    - 'Bucket\${Id}':
        Type: AWS::S3::Bucket
        DeletionPolicy: !If [Yes, Retain, Delete]
        Properties:
          'Fn::ForEach::Members': [Member, [X, Y], { 'Set\${Member}': !Ref Member }]
Outputs:
  'Fn::ForEach::Ids':
    - Id
    - [A, B]
    - 'Fn::ForEach::Attributes':
        - Attribute
        - [Arn, DomainName]
        - 'Out\${Id}\${Attribute}': { Value: !GetAtt [!Sub 'Bucket\${Id}', !Ref Attribute] }
`,
  );
  expect(problems).toEqual([]);
  expect(value["Resources"]).toEqual({
    BucketA: { Type: "AWS::S3::Bucket", DeletionPolicy: "Retain", Properties: { SetX: "X", SetY: "Y" } },
    BucketB: { Type: "AWS::S3::Bucket", DeletionPolicy: "Retain", Properties: { SetX: "X", SetY: "Y" } },
  });
  expect(Object.keys(value["Outputs"] as JsonObject)).toEqual([
    "OutAArn",
    "OutADomainName",
    "OutBArn",
    "OutBDomainName",
  ]);
  expect((value["Outputs"] as JsonObject)["OutBArn"]).toEqual({ Value: { "Fn::GetAtt": ["BucketB", "Arn"] } });
});

it("what a loop made is found in the file where the loop stands", () => {
  const { made } = expanded(`Resources:\n  A: {}\n  'Fn::ForEach::L': [I, [x], { 'Q\${I}': {} }]\n`);
  expect(made.placeOf("/Resources/Qx/Type")).toBe("t.yaml:4:3");
});

it.each([
  ["[I, [a]]", "/Resources/Fn::ForEach::L: must be a list of a name, a collection and a map"],
  [`[I, !GetAtt X.List, { 'A\${I}': 1 }]`, 'there is no parameter and no resource "X"'],
  [`[I, [a, a], { 'A\${I}': 1 }]`, 'a loop makes "Aa" twice'],
  [`[I, [{a: 1}], { 'A\${I}': 1 }]`, "must be a list of texts"],
])("%s is a problem", (loop, message) => {
  const { problems } = expanded(`Resources: { 'Fn::ForEach::L': ${loop} }`);
  expect(problems.join("\n")).toContain(message);
});

it("loops are bounded", () => {
  const items = JSON.stringify(Array.from({ length: 200 }, (_, i) => `i${i}`));
  const inner = `{ 'Fn::ForEach::M': [J, ${items}, { 'A\${I}\${J}': 1 }] }`;
  const { problems } = expanded(`Resources: { 'Fn::ForEach::L': [I, ${items}, ${inner}] }`);
  expect(problems.join()).toContain("more than 10000 copies");
});
