/** How filters compare, as Jayway JsonPath 2.0.0 does: by the type of the right side first, which is mostly a string. */
import { RE2JS } from "re2js";
import type { Json } from "../json.ts";
import { evaluateDefinite } from "./json-path-definite.ts";
import { evaluationFailure, PathFailure } from "./json-path-failure.ts";
import { type PathRun, spend } from "./json-path-run.ts";
import type { DefiniteStep, ItemFilter } from "./json-path-step.ts";

/** The order counts: in `@.a=='x<y'` the first operator of this list that occurs anywhere is the one. */
export const OPERATORS = ["==", ">=", "<=", "!=", "<", ">", "=~"] as const;
export type Operator = (typeof OPERATORS)[number];

/** One side of a comparison. */
export type Operand =
  | { readonly kind: "path"; readonly steps: readonly DefiniteStep[]; readonly ofDocument: boolean }
  | { readonly kind: "value"; readonly value: string | RE2JS };

type Comparable = Json | RE2JS;

/** The filter `left operator right`. A side that is missing makes it false, a side of the wrong type fails the read. */
export function compareWith(operator: Operator, left: Operand, right: Operand): ItemFilter {
  const holds = operator === "=~" ? matches : ordering(operator);
  return (item, run) => {
    const asked = operandValue(left, item, run);
    if (asked instanceof PathFailure) return falseIfMissing(asked);
    const expected = operandValue(right, item, run);
    if (expected instanceof PathFailure) return falseIfMissing(expected);
    return spend(run, 1 + comparisonCost(expected, asked)) ?? holds(expected, asked);
  };
}

function operandValue(operand: Operand, item: Json, run: PathRun): Comparable | PathFailure {
  if (operand.kind === "value") return operand.value;
  return spend(run, operand.steps.length) ?? evaluateDefinite(operand.steps, operand.ofDocument ? run.document : item);
}

function falseIfMissing(failure: PathFailure): false | PathFailure {
  return failure.kind === "notFound" ? false : failure;
}

/** In steps of PATH_READ_STEPS_MAX. A match takes up to 3 ns for each character and instruction of the program (measured). */
function comparisonCost(expected: Comparable, asked: Comparable): number {
  if (expected instanceof RE2JS) return (expected.programSize() * textLength(asked)) / 32;
  if (asked instanceof RE2JS) return (asked.programSize() * textLength(expected)) / 32;
  return Math.min(textLength(asked), textLength(expected)) / 16;
}

function textLength(value: Comparable): number {
  return typeof value === "string" ? value.length : 0;
}

type Holds = (expected: Comparable, asked: Comparable) => boolean | PathFailure;

/** What each operator makes of the order of *expected* relative to *asked*. */
const SIGNS: Readonly<Record<Exclude<Operator, "=~">, (order: number) => boolean>> = {
  "==": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<": (order) => order > 0,
  "<=": (order) => order >= 0,
  ">": (order) => order < 0,
  ">=": (order) => order <= 0,
};

function ordering(operator: Exclude<Operator, "=~">): Holds {
  const sign = SIGNS[operator];
  const nullIsOrdered = operator === "==" || operator === "!=";
  return (expected, asked) => {
    if (!nullIsOrdered && (expected === null) !== (asked === null)) return false;
    const order = compare(expected, asked);
    if (order instanceof PathFailure) return order;
    return order !== undefined && sign(order);
  };
}

/** The order of the two, undefined when their types have none. The string `null` is null. */
function compare(expected: Comparable, asked: Comparable): number | undefined | PathFailure {
  if (expected === asked) return 0;
  const expectedNull = isNull(expected);
  const askedNull = isNull(asked);
  if (expectedNull || askedNull) return Number(askedNull) - Number(expectedNull);
  if (typeof asked === "string") {
    return typeof expected === "string" ? order(expected.replaceAll("\\'", "'"), asked) : undefined;
  }
  if (typeof asked === "number") return compareWithNumber(expected, asked);
  if (typeof asked === "boolean") return compareWithBoolean(expected, asked);
  return undefined;
}

function isNull(value: Comparable): boolean {
  return value === null || value === "null";
}

/** What java.math.BigDecimal reads; anything else is a NumberFormatException, which fails the read. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,10})?$/;

function compareWithNumber(expected: Comparable, asked: number): number | undefined | PathFailure {
  if (typeof expected === "number") return order(expected, asked);
  if (typeof expected !== "string") return undefined;
  if (!DECIMAL.test(expected)) return evaluationFailure(`The text '${expected}' can not be compared with a number`);
  return order(Number(expected), asked);
}

function compareWithBoolean(expected: Comparable, asked: boolean): number | undefined {
  if (typeof expected === "string") return order(expected.toLowerCase() === "true", asked);
  return typeof expected === "boolean" ? order(expected, asked) : undefined;
}

/** Strings by UTF-16 code units, as Java's `compareTo`. */
function order<T extends string | number | boolean>(one: T, other: T): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

/** `=~`, with the pattern on either side; it must match the whole text. */
function matches(expected: Comparable, asked: Comparable): boolean | PathFailure {
  const [pattern, subject] = asked instanceof RE2JS ? [asked, expected] : [expected, asked];
  if (!(pattern instanceof RE2JS))
    return evaluationFailure("The operator =~ needs a regular expression between slashes");
  if (subject instanceof RE2JS) return pattern.matches(subject.pattern());
  // Java would match the text it prints of an object or an array; nobody can mean that.
  if (subject === null || typeof subject === "object") return false;
  return pattern.matches(String(subject));
}
