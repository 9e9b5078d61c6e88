/**
 * The comparison operators of JSONPath Choice rules. A value of another type than the operator's is no error: the test is
 * false. ASL spec, "Choice State"; recorded for every operator in choice-operators-aws.jsonl.
 */
import type { Json } from "../json.ts";
import { compilePattern } from "./choice-pattern.ts";
import { compareTimestamps, parseTimestamp } from "./timestamp.ts";

export type Test = (value: Json) => boolean;

export interface ChoiceOperator {
  /** The test against an operand, or `undefined` when the operand is none that the operator takes. */
  test(operand: Json): Test | undefined;
  /** What AWS says of an operand that it does not take. */
  readonly problem: string;
}

type Order = (order: number) => boolean;

const ORDERS: { readonly [name: string]: Order } = {
  Equals: (order) => order === 0,
  LessThan: (order) => order < 0,
  GreaterThan: (order) => order > 0,
  LessThanEquals: (order) => order <= 0,
  GreaterThanEquals: (order) => order >= 0,
};

/** A type with an order. `read` gives `undefined` for values of other types. */
interface Ordered<T> {
  readonly problem: string;
  read(value: Json): T | undefined;
  compare(a: T, b: T): number;
}

/** Strings are ordered by UTF-16 code units, as Java's compareTo does. */
const STRING: Ordered<string> = {
  problem: "Expected value of type String",
  read: (value) => (typeof value === "string" ? value : undefined),
  compare: (a, b) => (a < b ? -1 : Number(a > b)),
};

const NUMBER: Ordered<number> = {
  problem: "Expected value of type Number",
  read: (value) => (typeof value === "number" ? value : undefined),
  compare: (a, b) => a - b,
};

const TIMESTAMP: Ordered<NonNullable<ReturnType<typeof parseTimestamp>>> = {
  problem: "String does not match RFC3339 timestamp",
  read: (value) => (typeof value === "string" ? parseTimestamp(value) : undefined),
  compare: compareTimestamps,
};

function comparison<T>(type: Ordered<T>, holds: Order): ChoiceOperator {
  return {
    problem: type.problem,
    test(operand) {
      const right = type.read(operand);
      if (right === undefined) return undefined;
      return (value) => {
        const left = type.read(value);
        return left !== undefined && holds(type.compare(left, right));
      };
    },
  };
}

const BOOLEAN_EQUALS: ChoiceOperator = {
  problem: "Expected value of type Boolean",
  test: (operand) => (typeof operand === "boolean" ? (value) => value === operand : undefined),
};

const STRING_MATCHES: ChoiceOperator = {
  problem: "Expected value of type String",
  test(operand) {
    if (typeof operand !== "string") return undefined;
    const matches = compilePattern(operand);
    return (value) => typeof value === "string" && matches(value);
  },
};

function typeTest(isOfType: Test): ChoiceOperator {
  return {
    problem: "Expected value of type Boolean",
    test: (operand) => (typeof operand === "boolean" ? (value) => isOfType(value) === operand : undefined),
  };
}

function comparisons<T>(prefix: string, type: Ordered<T>): [string, ChoiceOperator][] {
  return Object.entries(ORDERS).map(([name, holds]) => [prefix + name, comparison(type, holds)]);
}

/** Operators whose operand may also come from a path: the name with `Path` behind it. */
const COMPARISONS: ReadonlyMap<string, ChoiceOperator> = new Map([
  ...comparisons("String", STRING),
  ...comparisons("Numeric", NUMBER),
  ...comparisons("Timestamp", TIMESTAMP),
  ["BooleanEquals", BOOLEAN_EQUALS],
]);

/** Operators with a literal operand, by name. `IsPresent` is not among them: it looks at the path, not at a value. */
export const LITERAL_OPERATORS: ReadonlyMap<string, ChoiceOperator> = new Map([
  ...COMPARISONS,
  ["StringMatches", STRING_MATCHES],
  ["IsNull", typeTest((value) => value === null)],
  ["IsString", typeTest((value) => typeof value === "string")],
  ["IsNumeric", typeTest((value) => typeof value === "number")],
  ["IsBoolean", typeTest((value) => typeof value === "boolean")],
  ["IsTimestamp", typeTest((value) => TIMESTAMP.read(value) !== undefined)],
]);

/** Operators whose operand is at a path, by name (`StringEqualsPath`, …). */
export const PATH_OPERATORS: ReadonlyMap<string, ChoiceOperator> = new Map(
  [...COMPARISONS].map(([name, operator]) => [`${name}Path`, operator]),
);
