/** Every comparison of JSONPath Choice rules that was recorded on AWS (choice-operators-aws.jsonl). */
import { isDeepStrictEqual } from "node:util";
import { compileChoiceCondition, type Json } from "@stepwell/core";
import { expect, test } from "vitest";
import { recordScore } from "../score.ts";
import { readRows, scopeOf } from "./rows.ts";

interface Row {
  readonly id: string;
  readonly operator: string;
  readonly variable: Json;
  readonly comparison: Json;
  readonly expected: boolean;
}

/** The recording replaced every timestamp by this text, so that it is not known which two were compared. */
const MASKED = "date";
const TIMESTAMPS = ["2012-10-09T19:00:55Z", "2012-10-09T19:00:56Z"];

test("Choice operators decide as recorded on AWS", () => {
  const rows = readRows<Row>("choice-operators-aws.jsonl");
  expect(rows.length).toBeGreaterThan(0);
  const failed = rows.filter((row) => !agrees(row));
  recordScore("choice-operators", rows.length - failed.length, failed.length);
  expect(failed).toEqual([]);
});

test("masked timestamps are the only rows that allow for a choice", () => {
  const masked = readRows<Row>("choice-operators-aws.jsonl").filter((row) => answers(row).size > 1);
  expect(masked.every(({ operator }) => operator.startsWith("Timestamp"))).toBe(true);
});

/** A row with two masked timestamps holds when some two timestamps give the recorded answer. */
function agrees(row: Row): boolean {
  return answers(row).has(row.expected);
}

function answers({ operator, variable, comparison }: Row): Set<boolean> {
  const found = new Set<boolean>();
  for (const left of unmasked(variable)) {
    for (const right of unmasked(comparison)) found.add(holds(operator, left, right));
  }
  return found;
}

function unmasked(value: Json): readonly Json[] {
  return isDeepStrictEqual(value, MASKED) ? TIMESTAMPS : [value];
}

/** The recorded machines read `$.Variable`, and for operators with a path `$.Value`. */
function holds(operator: string, variable: Json, comparison: Json): boolean {
  const operand = operator.endsWith("Path") ? "$.Value" : comparison;
  const condition = compileChoiceCondition({ Variable: "$.Variable", [operator]: operand });
  return condition.evaluate(scopeOf({ Variable: variable, Value: comparison }));
}
