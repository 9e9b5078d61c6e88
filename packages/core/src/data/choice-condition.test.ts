import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../json.ts";
import { CHOICE_OPERATORS, compileChoiceCondition } from "./choice-condition.ts";
import type { EvaluationScope } from "./evaluation-scope.ts";
import type { ExpressionSyntaxError } from "./expression-syntax-error.ts";

function scopeOf(input: Json): EvaluationScope {
  const facts = { now: 0, random: () => 0, uuid: () => "" };
  return { input, context: { Execution: { Name: "run" } }, variables: { limit: 5 }, facts };
}

const holds = (rule: JsonObject, input: Json) => compileChoiceCondition(rule).evaluate(scopeOf(input));

function causeOf(rule: JsonObject, input: Json): unknown {
  try {
    return holds(rule, input);
  } catch (error) {
    return (error as { statesError: unknown }).statesError;
  }
}

function syntaxErrorOf(rule: JsonObject): ExpressionSyntaxError {
  try {
    compileChoiceCondition(rule);
  } catch (error) {
    return error as ExpressionSyntaxError;
  }
  throw new Error("the rule was compiled");
}

describe("compileChoiceCondition", () => {
  it("knows AWS's 42 operators", () => {
    expect(CHOICE_OPERATORS).toHaveLength(42);
    expect(new Set(CHOICE_OPERATORS).size).toBe(42);
  });

  it("orders strings by UTF-16 code units", () => {
    expect(holds({ Variable: "$", StringLessThan: "\uff21" }, "\u{1f600}")).toBe(true);
    expect(holds({ Variable: "$", StringGreaterThanEquals: "B" }, "a")).toBe(true);
  });

  it("compares timestamps as instants", () => {
    const equals = { Variable: "$", TimestampEquals: "2026-01-31T12:00:00Z" };
    expect(holds(equals, "2026-01-31T13:00:00.000+01:00")).toBe(true);
    expect(holds(equals, "2026-01-31 12:00:00Z")).toBe(false);
    expect(holds({ Variable: "$.a", TimestampLessThanPath: "$.b" }, { a: "2026-01-31T12:00:00Z", b: "soon" })).toBe(
      false,
    );
  });

  it("takes only RFC 3339 for a timestamp", () => {
    const isTimestamp = { Variable: "$", IsTimestamp: true };
    expect(holds(isTimestamp, "2016-08-18T17:33:00Z")).toBe(true);
    for (const value of ["2016-08-18T17:33:00", "2016-08-18", "now", 0, null])
      expect(holds(isTimestamp, value)).toBe(false);
  });

  it("is false for operands at a path that are of another type", () => {
    expect(holds({ Variable: "$.a", NumericEqualsPath: "$.b" }, { a: 1, b: "1" })).toBe(false);
    expect(holds({ Variable: "$.a", StringEqualsPath: "$.b" }, { a: 1, b: 1 })).toBe(false);
  });

  it("reads the context object and variables", () => {
    const rule = {
      And: [
        { Variable: "$$.Execution.Name", StringEquals: "run" },
        { Variable: "$limit", NumericGreaterThanPath: "$.n" },
      ],
    };
    expect(holds(rule, { n: 4 })).toBe(true);
    expect(compileChoiceCondition(rule).variables).toEqual(["limit"]);
  });

  it("combines tests and stops at the one that decides", () => {
    const present = { Variable: "$.a", IsPresent: true };
    const equal = { Variable: "$.a", NumericEquals: 1 };
    expect(holds({ And: [present, equal] }, {})).toBe(false);
    expect(holds({ Or: [{ Not: present }, equal] }, {})).toBe(true);
    expect(
      holds({ And: [present, { Not: { Or: [equal, { Variable: "$.a", IsString: true, Comment: "c" }] } }] }, { a: 2 }),
    ).toBe(true);
  });

  it("fails with States.Runtime for a path that finds nothing, except with IsPresent", () => {
    const failure = {
      error: "States.Runtime",
      cause: "Invalid path '$.a.b': The choice state's condition path references an invalid value.",
    };
    expect(causeOf({ Variable: "$.a.b", IsNull: false }, {})).toEqual(failure);
    expect(causeOf({ Variable: "$", StringEqualsPath: "$.a.b" }, "x")).toEqual(failure);
    expect(holds({ Variable: "$.a.b", IsPresent: false }, {})).toBe(true);
    expect(holds({ Variable: "$none", IsPresent: true }, {})).toBe(false);
  });

  it("ignores what is no part of the test", () => {
    const condition = compileChoiceCondition({
      Variable: "$",
      IsNull: true,
      Next: "A",
      Comment: "c",
      Assign: { x: 1 },
    });
    expect(condition.evaluate(scopeOf(null))).toBe(true);
  });

  it.each<[JsonObject, string, string]>([
    [{ Variable: "$.a", StringEquals: 1 }, "Expected value of type String", "/StringEquals"],
    [{ Variable: "$.a", NumericEquals: "1" }, "Expected value of type Number", "/NumericEquals"],
    [{ Variable: "$.a", IsPresent: 1 }, "Expected value of type Boolean", "/IsPresent"],
    [{ Variable: "$.a", TimestampEquals: "2016" }, "String does not match RFC3339 timestamp", "/TimestampEquals"],
    [{ Variable: "$.a", StringEqualsPath: "a" }, "Value must be a valid JSONPath.", "/StringEqualsPath"],
    [{ Variable: "a", IsNull: true }, "Value must be a valid JSONPath.", "/Variable"],
    [{ IsNull: true }, "These fields are required: [Variable]", ""],
    [{ Not: { Variable: "$", IsNull: true, Next: "A" } }, "Field 'Next' is not supported", "/Not"],
    [{ And: [] }, "Value cannot be empty", "/And"],
    [{ Or: [{ And: [1] }] }, "Expected value of type Object", "/Or/0/And/0"],
    [{ Variable: "$", __proto__x: 1 }, "Field '__proto__x' is not supported", ""],
    [{ Variable: "$", IsNull: true, IsString: true }, "A choice rule must have exactly one comparison operator", ""],
  ])("refuses %j", (rule, message, pointer) => {
    const error = syntaxErrorOf(rule);
    expect(error.message).toContain(message);
    expect(error.pointer).toBe(pointer);
    expect(error.code).toBe("SCHEMA_VALIDATION_FAILED");
  });

  it("bounds how deep tests nest", () => {
    let rule: JsonObject = { Variable: "$", IsNull: true };
    for (let i = 0; i < 10_000; i++) rule = { Not: rule };
    expect(syntaxErrorOf(rule).message).toBe("The rule is too deeply nested");
  });
});
