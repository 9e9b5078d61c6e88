import { describe, expect, it } from "vitest";
import type { Json } from "../json.ts";
import type { EvaluationScope } from "./evaluation-scope.ts";
import type { ExpressionSyntaxError } from "./expression-syntax-error.ts";
import { compilePayloadTemplate } from "./payload-template.ts";

function scopeOf(input: Json): EvaluationScope {
  const facts = { now: 0, random: () => 0, uuid: () => "" };
  return { input, context: { Execution: { Name: "run" } }, variables: { order: { id: 7 } }, facts };
}

function causeOf(template: Json, input: Json): unknown {
  try {
    return compilePayloadTemplate(template).evaluate(scopeOf(input));
  } catch (error) {
    return (error as { statesError: unknown }).statesError;
  }
}

function syntaxErrorOf(template: Json): ExpressionSyntaxError {
  try {
    compilePayloadTemplate(template);
  } catch (error) {
    return error as ExpressionSyntaxError;
  }
  throw new Error("the template was compiled");
}

describe("compilePayloadTemplate", () => {
  it("evaluates members that end in .$ at any depth and keeps the order and the rest", () => {
    const template = compilePayloadTemplate({
      b: "$.a",
      "a.$": "$.a",
      list: [1, { "name.$": "$$.Execution.Name", "id.$": "$order.id" }],
      "text.$": "States.Format('{}-{}', $.a, $order.id)",
    });
    const value = template.evaluate(scopeOf({ a: [true] }));
    expect(JSON.stringify(value)).toBe('{"b":"$.a","a":[true],"list":[1,{"name":"run","id":7}],"text":"[true]-7"}');
    expect(template.variables).toEqual(["order"]);
    expect(template.literal).toBeUndefined();
  });

  it("is a literal without such members", () => {
    const source = { a: [{ b: "$.x" }], c: null };
    const template = compilePayloadTemplate(source);
    expect(template.literal).toBe(source);
    expect(template.evaluate(scopeOf(null))).toBe(source);
  });

  it("shares what it does not evaluate and what paths find", () => {
    const constant = { deep: [1, 2] };
    const found = { a: 1 };
    const value = compilePayloadTemplate({ constant, "found.$": "$.found" }).evaluate(
      scopeOf({ found }),
    ) as typeof input;
    const input = { constant, found };
    expect(value.constant).toBe(constant);
    expect(value.found).toBe(found);
  });

  it("fails with States.Runtime for a path that finds nothing, naming the member (recorded)", () => {
    expect(causeOf({ outer: { "value.$": "$.no_such_jsonpath" } }, { "int-literal": 0 })).toEqual({
      error: "States.Runtime",
      cause:
        "The JSONPath '$.no_such_jsonpath' specified for the field 'value.$' could not be found in the input '{\"int-literal\":0}'",
    });
    expect(causeOf({ "value.$": "$$.Execution.Input.no_such_jsonpath" }, {})).toEqual({
      error: "States.Runtime",
      cause:
        "The JSONPath '$$.Execution.Input.no_such_jsonpath' specified for the field 'value.$' could not be found in the input '{}'",
    });
  });

  it("refuses values of .$ members that are neither path nor function, with their place (recorded wording)", () => {
    const error = syntaxErrorOf({ list: [{ "a/b.$": "States.StringToJson('An \\\"escape')" }] });
    expect(error.code).toBe("SCHEMA_VALIDATION_FAILED");
    expect(error.message).toBe(
      "The value for the field 'a/b.$' must be a valid JSONPath or a valid intrinsic function call",
    );
    expect(error.pointer).toBe("/list/0/a~1b.$");
    for (const value of [1, null, { a: 1 }, "text", "", " $.a", "States.Nothing()"]) {
      expect(syntaxErrorOf({ "x.$": value }).path).toEqual(["x.$"]);
    }
  });

  it("makes __proto__ a member like any other", () => {
    const template = JSON.parse('{"__proto__.$":"$.a","b":{"__proto__":{"x":1},"c.$":"$.a"}}') as Json;
    const value = compilePayloadTemplate(template).evaluate(scopeOf({ a: { polluted: true } }));
    expect(JSON.stringify(value)).toBe(
      '{"__proto__":{"polluted":true},"b":{"__proto__":{"x":1},"c":{"polluted":true}}}',
    );
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
