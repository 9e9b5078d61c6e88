import { describe, expect, it } from "vitest";
import { StatesErrorSignal } from "../errors/states-error.ts";
import type { Json } from "../json.ts";
import type { EvaluationScope } from "./evaluation-scope.ts";
import { ExpressionSyntaxError } from "./expression-syntax-error.ts";
import { compileJsonataTemplate, type JsonataType } from "./jsonata-template.ts";

function scopeOf(input: Json): EvaluationScope {
  const facts = { now: 0, random: () => 0.5, uuid: () => "an-id" };
  return { input, context: { Execution: { Name: "run" } }, variables: { order: { id: 7 } }, facts };
}

function failureOf(template: Json, location: string, expected?: JsonataType): unknown {
  try {
    return compileJsonataTemplate(template, location, expected).evaluate(scopeOf({ n: 1 }));
  } catch (error) {
    if (!(error instanceof StatesErrorSignal)) throw error;
    return { ...error.statesError, location: error.location };
  }
}

const queryError = (location: string, cause: string) => ({ error: "States.QueryEvaluationError", cause, location });

describe("compileJsonataTemplate", () => {
  it("evaluates strings that are {% … %} at any depth and nothing else", () => {
    const template = compileJsonataTemplate(
      {
        sum: "{% $sum($states.input.values) + $order.id %}",
        list: ["{%$states.context.Execution.Name%}", " {% $order %} ", "$states.input", 1.5, null],
        "path.$": "$",
        inner: { deep: "{%\n$states.input.values\n%}" },
      },
      "Output",
    );
    expect(template.evaluate(scopeOf({ values: [1, 2] }))).toEqual({
      sum: 10,
      list: ["run", " {% $order %} ", "$states.input", 1.5, null],
      "path.$": "$",
      inner: { deep: [1, 2] },
    });
    expect(template.variables).toEqual(["order"]);
    expect(new Set(template.statesUses.flatMap(({ members }) => [...members]))).toEqual(new Set(["input", "context"]));
  });

  it("is a literal without expressions", () => {
    for (const source of [{ a: [{ b: "{ % 1 %}" }] }, [], "text", 1, null, "{%}"]) {
      const template = compileJsonataTemplate(source, "Output");
      expect(template.literal).toBe(source);
      expect(template.evaluate(scopeOf(null))).toBe(source);
    }
  });

  it("takes a value of any type for a whole field, JSON null included", () => {
    expect(compileJsonataTemplate("{% null %}", "Output").evaluate(scopeOf(1))).toBeNull();
    expect(compileJsonataTemplate("{% $states.input > 0 %}", "Condition", "boolean").evaluate(scopeOf(1))).toBe(true);
    expect(compileJsonataTemplate("{% [$states.input] %}", "Items", "array").evaluate(scopeOf(1))).toEqual([1]);
  });

  it("fails for an expression that gives nothing, naming the place (recorded)", () => {
    expect(failureOf("{% $doesNotExist %}", "Arguments")).toEqual(
      queryError(
        "Arguments",
        "The JSONata expression '$doesNotExist' specified for the field 'Arguments' returned nothing (undefined).",
      ),
    );
    expect(failureOf({ values: ["{% $states.input.none %}"] }, "Output")).toEqual(
      queryError(
        "Output/values[0]",
        "The JSONata expression '$states.input.none' specified for the field 'Output/values[0]' returned nothing (undefined).",
      ),
    );
  });

  it("fails for an evaluation that throws (recorded)", () => {
    expect(failureOf({ FunctionResult: "{% $randomSeeded($states.input.n) %}" }, "Output")).toEqual(
      queryError(
        "Output/FunctionResult",
        "The JSONata expression '$randomSeeded($states.input.n)' specified for the field 'Output/FunctionResult' threw an error during evaluation. T1006: Attempted to invoke a non-function",
      ),
    );
  });

  it.each([
    ["{% 1 %}", "'1'", "Expected 'array', but was 'number' for value: 1"],
    ["{% 'string' %}", "''string''", "Expected 'array', but was 'string' for value: \"string\""],
    ["{% true %}", "'true'", "Expected 'array', but was 'boolean' for value: true"],
    ["{% null %}", "'null'", "Expected 'array', but was 'null' for value: null"],
    ['{% {"a": 1} %}', "'{\"a\": 1}'", "Expected 'array', but was 'object' for value: {\"a\":1}"],
  ])("fails for %s where an array must be (recorded)", (template, quoted, found) => {
    expect(failureOf(template, "Items", "array")).toEqual(
      queryError(
        "Items",
        `The JSONata expression ${quoted} specified for the field 'Items' returned an unexpected result type. ${found}`,
      ),
    );
  });

  it("fails for a function as a result", () => {
    expect(failureOf("{% $sum %}", "Output")).toEqual(
      queryError(
        "Output",
        "The JSONata expression '$sum' specified for the field 'Output' returned an unsupported result type.",
      ),
    );
  });

  it("tells where a wrong expression stands", () => {
    try {
      compileJsonataTemplate({ a: [1, "{% 1 + %}"] }, "Output");
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ExpressionSyntaxError);
      expect((error as ExpressionSyntaxError).pointer).toBe("/a/1");
    }
  });

  it("makes __proto__ a member like any other", () => {
    const template = JSON.parse('{"__proto__":"{% $states.input %}"}') as Json;
    const value = compileJsonataTemplate(template, "Output").evaluate(scopeOf({ polluted: true }));
    expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":true}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
