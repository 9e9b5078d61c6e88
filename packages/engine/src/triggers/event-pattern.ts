/** Which events a rule means. EventBridge User Guide, "Comparison operators for use in event patterns". */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";

const DEPTH_MAX = 32;
/** Alternatives of an array, or of `$or`. */
const ALTERNATIVES_MAX = 1_000;
/** A `*` each: a wildcard's work grows with them. */
const WILDCARDS_MAX = 10;

/** A text that says what is wrong, with its place. */
export function patternProblem(pattern: JsonObject): string | undefined {
  return objectProblem(pattern, "", 0);
}

function objectProblem(pattern: JsonObject, at: string, depth: number): string | undefined {
  if (depth > DEPTH_MAX) return `${at}: must be at most ${DEPTH_MAX} levels deep`;
  const members = Object.entries(pattern);
  if (members.length === 0) return `${at || "the pattern"}: must not be empty`;
  for (const [name, value] of members) {
    const place = at === "" ? name : `${at}.${name}`;
    const problem = memberProblem(name, value, place, depth);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function memberProblem(name: string, value: Json, place: string, depth: number): string | undefined {
  if (isJsonObject(value)) return objectProblem(value, place, depth + 1);
  if (!isJsonArray(value) || value.length === 0 || value.length > ALTERNATIVES_MAX)
    return `${place}: must be an object, or an array of 1 to ${ALTERNATIVES_MAX} values`;
  for (const item of value) {
    const problem =
      name === "$or"
        ? isJsonObject(item)
          ? objectProblem(item, place, depth + 1)
          : `${place}: must be objects`
        : isJsonObject(item)
          ? operatorProblem(item, place)
          : isJsonArray(item)
            ? `${place}: must be values or comparisons`
            : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function operatorProblem(comparison: JsonObject, place: string): string | undefined {
  const [[operator = "", operand] = [], ...others] = Object.entries(comparison);
  if (others.length > 0 || operand === undefined) return `${place}: a comparison must have one operator`;
  const check = OPERATORS.get(operator);
  if (check === undefined) return `${place}: the operator ${JSON.stringify(operator)} is not supported`;
  return check.takes(operand) ? undefined : `${place}: ${operator} cannot take ${JSON.stringify(operand).slice(0, 60)}`;
}

interface Operator {
  takes(operand: Json): boolean;
  holds(operand: Json, value: Json | undefined): boolean;
}

const isText = (value: Json | undefined): value is string => typeof value === "string";
const isTextOrIgnoringCase = (operand: Json): boolean => isText(operand) || isText(ignoringCase(operand));

function ignoringCase(operand: Json): Json | undefined {
  return isJsonObject(operand) ? operand["equals-ignore-case"] : undefined;
}

/** `prefix` and `suffix` take a text, or one to be compared without case. */
function affix(holds: (value: string, part: string) => boolean): Operator {
  return {
    takes: isTextOrIgnoringCase,
    holds: (operand, value) =>
      isText(value) &&
      (isText(operand)
        ? holds(value, operand)
        : holds(value.toLowerCase(), String(ignoringCase(operand)).toLowerCase())),
  };
}

const COMPARISONS: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  "=": (left, right) => left === right,
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
};

const wildcard: Operator = {
  takes: (operand) => isText(operand) && operand.split("*").length <= WILDCARDS_MAX + 1 && !operand.includes("**"),
  holds: (operand, value) => isText(value) && isLike(value, String(operand)),
};

const OPERATOR_TABLE: Readonly<Record<string, Operator>> = {
  exists: {
    takes: (operand) => typeof operand === "boolean",
    holds: (operand, value) => (value !== undefined) === operand,
  },
  prefix: affix((value, part) => value.startsWith(part)),
  suffix: affix((value, part) => value.endsWith(part)),
  wildcard,
  "equals-ignore-case": {
    takes: isText,
    holds: (operand, value) => isText(value) && value.toLowerCase() === String(operand).toLowerCase(),
  },
  numeric: {
    takes: (operand) =>
      isJsonArray(operand) &&
      (operand.length === 2 || operand.length === 4) &&
      operand.every((part, index) =>
        index % 2 === 0 ? isText(part) && Object.hasOwn(COMPARISONS, part) : typeof part === "number",
      ),
    holds: (operand, value) => {
      const [first, left, second, right] = operand as readonly [string, number, string?, number?];
      const compares = (operator: string, bound: number): boolean =>
        typeof value === "number" && COMPARISONS[operator]?.(value, bound) === true;
      return compares(first, left) && (second === undefined || right === undefined || compares(second, right));
    },
  },
  "anything-but": {
    takes: (operand) =>
      isJsonObject(operand)
        ? Object.entries(operand).length === 1 &&
          Object.entries(operand).every(
            ([name, inner]) =>
              BUT.has(name) && alternatives(inner).every((part) => OPERATORS.get(name)?.takes(part) === true),
          )
        : alternatives(operand).every((part) => typeof part !== "object" || part === null),
    holds: (operand, value) => {
      if (value === undefined) return false;
      if (!isJsonObject(operand)) return !alternatives(operand).includes(value);
      const [[name = "", inner = null] = []] = Object.entries(operand);
      return !alternatives(inner).some((part) => OPERATORS.get(name)?.holds(part, value) === true);
    },
  },
};

/** A map: patterns are what users write, `toString` too. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map(Object.entries(OPERATOR_TABLE));
const BUT: ReadonlySet<string> = new Set(["prefix", "suffix", "wildcard", "equals-ignore-case"]);

function alternatives(value: Json): readonly Json[] {
  return isJsonArray(value) ? value : [value];
}

/** `*` stands for any characters. What is between is found from left to right: no way back is needed. */
function isLike(value: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return value === pattern;
  if (!value.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = value.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return value.length - last.length >= at && value.endsWith(last);
}

/** The pattern must be one that `patternProblem` finds nothing wrong with. */
export function matchesPattern(pattern: JsonObject, event: JsonObject): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    if (name === "$or" && isJsonArray(wanted))
      return wanted.some((alternative) => matchesPattern(alternative as JsonObject, event));
    const value = Object.hasOwn(event, name) ? event[name] : undefined;
    if (isJsonObject(wanted)) return matchesPattern(wanted, isJsonObject(value ?? null) ? (value as JsonObject) : {});
    return alternatives(wanted).some((alternative) => matchesValue(alternative, value));
  });
}

/** Of an array in the event, one element is enough. */
function matchesValue(wanted: Json, value: Json | undefined): boolean {
  if (isJsonArray(value ?? null) && !isExists(wanted))
    return (value as readonly Json[]).some((element) => matchesValue(wanted, element));
  if (!isJsonObject(wanted)) return value !== undefined && wanted === value;
  const [[operator = "", operand = null] = []] = Object.entries(wanted);
  return OPERATORS.get(operator)?.holds(operand, value) === true;
}

function isExists(wanted: Json): boolean {
  return isJsonObject(wanted) && wanted["exists"] !== undefined;
}
