import type { Json, JsonObject } from "@stepwell/core";
import { describe, expect, it } from "vitest";
import { parseTemplate } from "../template/template-document.ts";
import { resolveCondition, resolveValue } from "./intrinsics.ts";
import type { Scope } from "./scope.ts";

const RESOURCES = new Map([["Queue", { reference: "https://q", attributes: { Arn: "arn:q", "Outputs.X": "x" } }]]);
const CONDITIONS = new Map([
  ["Yes", true],
  ["No", false],
]);

function resolving(problems: string[] = []): Scope {
  return {
    stackName: "Orders",
    parameters: new Map<string, Json>([
      ["AWS::Region", "eu-west-1"],
      ["Stage", "dev"],
      ["Many", ["a", "b"]],
    ]),
    mappings: { Sizes: { dev: { Memory: 128 } } },
    condition: (name) => CONDITIONS.get(name),
    resource: (name) => (name === "Absent" ? "absent" : RESOURCES.get(name)),
    importValue: (name) => (name === "Other-Arn" ? "arn:other" : undefined),
    stackOutput: (stack, output) => (stack === "Other" && output === "Url" ? "https://o" : undefined),
    problem: (pointer, message) => void problems.push(`${pointer}: ${message}`),
  };
}

/** YAML with short forms, resolved. */
function resolved(yaml: string): Json | undefined {
  const problems: string[] = [];
  const value = resolveValue(parseTemplate("t.yaml", yaml).value, resolving(problems), "");
  expect(problems).toEqual([]);
  return value;
}

function problemsOf(yaml: string): string[] {
  const problems: string[] = [];
  resolveValue(parseTemplate("t.yaml", yaml).value, resolving(problems), "/X");
  return problems;
}

describe("intrinsic functions", () => {
  it.each<[string, Json]>([
    ["!Ref Stage", "dev"],
    ["!Ref Queue", "https://q"],
    ["!GetAtt Queue.Arn", "arn:q"],
    ["Fn::GetAtt: [Queue, Arn]", "arn:q"],
    ["!GetAtt Queue.Outputs.X", "x"],
    ["!Join ['-', [a, !Ref Stage, !GetAtt Queue.Arn]]", "a-dev-arn:q"],
    ["!Join [',', !Ref Many]", "a,b"],
    [`!Sub '\${Stage}/\${Queue.Arn}/\${!Literal}/\${AWS::Region}'`, `dev/arn:q/\${Literal}/eu-west-1`],
    [`!Sub ['\${A}-\${Stage}', {A: !Ref Queue}]`, "https://q-dev"],
    ["!Select [1, [a, b]]", "b"],
    ["!Select ['2', !Split [':', 'a:b:c']]", "c"],
    ["!If [Yes, a, b]", "a"],
    ["!If [No, a, !Ref Stage]", "dev"],
    ["!FindInMap [Sizes, !Ref Stage, Memory]", 128],
    ["!FindInMap [Sizes, prod, Memory, {DefaultValue: 512}]", 512],
    ["!Base64 abc", "YWJj"],
    ["!ImportValue Other-Arn", "arn:other"],
    ["Fn::GetStackOutput: {StackName: Other, Region: eu-west-1, OutputName: Url}", "https://o"],
    ["!Length [a, b, c]", 3],
    ["!Cidr [10.0.0.0/16, 3, 8]", ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]],
    ["!Select [1, !Cidr ['2001:db8::/56', 2, 64]]", "2001:db8:0:1::/64"],
    ["!ToJsonString {a: !Ref Stage}", '{"a":"dev"}'],
    ["!Select [0, !GetAZs '']", "eu-west-1a"],
    ["{a: [!If [No, x, !Ref AWS::NoValue], y], b: !Ref AWS::NoValue}", { a: ["y"] }],
    ["{Ref: Stage, more: 1}", { Ref: "Stage", more: 1 }],
  ])("%s", (yaml, expected) => {
    expect(resolved(yaml)).toEqual(expected);
  });

  it.each([
    ["a: !Cidr [x, 1, 2]", '/X/a/Fn::Cidr: must begin with a block of addresses, got "x"'],
    ["a: !Fancy x", "/X/a/Fn::Fancy: the intrinsic function Fn::Fancy is not supported"],
    ["!Ref Nobody", '/X/Ref: there is no parameter and no resource "Nobody"'],
    ["!Ref Absent", "/X/Ref: the resource Absent is not created: its condition is false"],
    ["!GetAtt Queue.Nothing", "/X/Fn::GetAtt: the resource Queue has no attribute Nothing here"],
    ["!Select [7, [a]]", "/X/Fn::Select: there is no element 7 in a list of 1"],
    ["!FindInMap [Sizes, no, Memory]", "/X/Fn::FindInMap: there is nothing at Sizes/no/Memory in the mappings"],
    ["!If [Maybe, a, b]", '/X/Fn::If/0: there is no condition "Maybe"'],
    ["!ImportValue Nothing", '/X/Fn::ImportValue: no stack that is deployed or given exports "Nothing"'],
    ["{'Fn::ForEach::Topics': [a]}", "/X/Fn::ForEach::Topics: Fn::ForEach needs Transform: AWS::LanguageExtensions"],
  ])("%s is a problem with its place", (yaml, expected) => {
    expect(problemsOf(yaml)).toEqual([expected]);
  });

  it("a member called __proto__ is data", () => {
    const value = resolveValue(JSON.parse('{"__proto__": {"a": 1}}') as Json, resolving(), "") as JsonObject;
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });
});

describe("conditions", () => {
  it.each([
    ["!Equals [!Ref Stage, dev]", true],
    ["!Equals ['128', !FindInMap [Sizes, dev, Memory]]", true],
    ["!Not [Condition: Yes]", false],
    ["!And [Condition: Yes, !Not [Condition: No]]", true],
    ["!Or [Condition: No, !Equals [a, b]]", false],
  ])("%s", (yaml, expected) => {
    expect(resolveCondition(parseTemplate("t.yaml", yaml).value, resolving(), "")).toBe(expected);
  });
});
