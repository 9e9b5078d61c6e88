import { describe, expect, it } from "vitest";
import type { Json } from "../json.ts";
import type { EvaluationScope } from "./evaluation-scope.ts";
import { ExpressionSyntaxError } from "./expression-syntax-error.ts";
import { compilePathExpression } from "./path-expression.ts";

const SCOPE: EvaluationScope = {
  input: { items: [1, 2], Error: "E" },
  context: { Execution: { Input: { a: 1 } } },
  variables: { order: { id: 7 } },
  facts: { now: 0, random: () => 0, uuid: () => "" },
};

function failureOf(text: string, options = {}): unknown {
  try {
    return compilePathExpression(text, options).evaluate(SCOPE);
  } catch (error) {
    return (error as { statesError: unknown }).statesError;
  }
}

describe("compilePathExpression", () => {
  it.each<[string, string, Json]>([
    ["$", "input", SCOPE.input],
    ["$.items[1]", "input", 2],
    ["$$", "context", SCOPE.context],
    ["$$.Execution.Input", "context", { a: 1 }],
    ["$order", "variable", { id: 7 }],
    ["$order.id", "variable", 7],
    ["$order['id']", "variable", 7],
  ])("%s reads the %s", (text, kind, value) => {
    const path = compilePathExpression(text);
    expect(path.kind).toBe(kind);
    expect(path.evaluate(SCOPE)).toEqual(value);
    expect(path.variables).toEqual(kind === "variable" ? ["order"] : []);
  });

  it("gives an empty array for a path that may match several things and matches none", () => {
    expect(compilePathExpression("$.none[*]").evaluate(SCOPE)).toEqual([]);
    expect(compilePathExpression("$.none[*]").definite).toBe(false);
  });

  it("fails with States.Runtime for a path that finds nothing (recorded)", () => {
    expect(failureOf("$.NoSuchInputPath")).toEqual({
      error: "States.Runtime",
      cause: "Invalid path '$.NoSuchInputPath' : No results for path: $['NoSuchInputPath']",
    });
    expect(failureOf("$.no.such.result.path")).toEqual({
      error: "States.Runtime",
      cause: "Invalid path '$.no.such.result.path' : Missing property in path $['no']",
    });
    expect(failureOf("$none.a")).toEqual({
      error: "States.Runtime",
      cause: "Invalid path '$none.a' : No results for path: $['none']",
    });
  });

  it("names the field where AWS does (recorded for CausePath)", () => {
    expect(failureOf("$.NoSuchCausePath", { intrinsics: true, field: "CausePath" })).toEqual({
      error: "States.Runtime",
      cause:
        "The JSONPath '$.NoSuchCausePath' specified for the field 'CausePath' could not be found in the input '{\"items\":[1,2],\"Error\":\"E\"}'",
    });
  });

  it("looks up without failing", () => {
    const path = compilePathExpression("$.none");
    expect(path.lookup(SCOPE)).toEqual({ found: false, message: "No results for path: $['none']" });
  });

  it("takes functions that give text, where the field does", () => {
    const options = { intrinsics: true, field: "ErrorPath" };
    expect(compilePathExpression("States.Format('{} {}', $.Error, $order.id)", options).evaluate(SCOPE)).toBe("E 7");
    expect(() => compilePathExpression("States.Format('')")).toThrow(ExpressionSyntaxError);
    expect(() => compilePathExpression("States.Array(1)", options)).toThrow(ExpressionSyntaxError);
  });

  it.each(["", "items", "$.", "$[", "$$$", " $", "$order-id"])("refuses %j", (text) => {
    expect(() => compilePathExpression(text)).toThrow("Value must be a valid JSONPath.");
  });

  it("does not find what only a prototype has", () => {
    for (const text of ["$.constructor", "$.__proto__", "$constructor"]) {
      expect(compilePathExpression(text).lookup(SCOPE).found).toBe(false);
    }
  });
});
