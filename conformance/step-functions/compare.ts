import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { matchBag } from "./bag.ts";
import type { PlaceholderTable } from "./placeholders.ts";
import type { ComparisonRules } from "./recorded-case.ts";

// Walks a recorded answer and an actual one together: README.md of the cases, "Comparing".

/** One place where the actual answer is not what AWS answered. */
export interface Difference {
  /** A JSON Pointer into the recording. */
  readonly pointer: string;
  /** What was recorded and what came, shortened. */
  readonly message: string;
}

export interface Comparison {
  readonly rules: ComparisonRules;
  readonly placeholders: PlaceholderTable;
}

const DIFFERENCES_MAX = 20;

/** Where `actual` differs from the recording; at most 20 places. Binds open placeholders as it goes. */
export function compareJson(expected: Json, actual: Json | undefined, comparison: Comparison): Difference[] {
  const differences: Difference[] = [];
  walk(expected, actual, "", { ...comparison, differences, bags: false, parsed: false });
  return differences.slice(0, DIFFERENCES_MAX);
}

/** Whether they agree; placeholders are bound only when they do. */
export function agrees(expected: Json, actual: Json | undefined, comparison: Comparison): boolean {
  const placeholders = comparison.placeholders.fork();
  if (compareJson(expected, actual, { ...comparison, placeholders }).length > 0) return false;
  comparison.placeholders.adopt(placeholders);
  return true;
}

/** Compares two lists as bags, or, with `subset`, whether the actual list has at least the recorded elements. */
export function compareBags(
  expected: readonly Json[],
  actual: readonly Json[],
  comparison: Comparison,
  subset: boolean,
): Difference[] {
  if (!subset && expected.length !== actual.length) {
    return [{ pointer: "", message: `${expected.length} elements expected, ${actual.length} came` }];
  }
  const unmatched = matchBag(
    expected,
    actual,
    (want, have, placeholders) => agrees(want, have, { ...comparison, placeholders }),
    comparison.placeholders,
  );
  if (unmatched === undefined) return [];
  return [{ pointer: `/${unmatched}`, message: `nothing that came is like ${shorten(expected[unmatched])}` }];
}

interface Walk extends Comparison {
  readonly differences: Difference[];
  /** Below a member of `unordered_under`. */
  readonly bags: boolean;
  /** Directly under a member of `parsed_keys`. */
  readonly parsed: boolean;
}

function walk(expected: Json, actual: Json | undefined, pointer: string, at: Walk): void {
  if (at.differences.length >= DIFFERENCES_MAX) return;
  if (actual !== undefined && typeof expected === "string" && at.placeholders.standsForAnything(expected)) return;
  const value = actual === undefined ? undefined : parsedLikeRecording(expected, actual, at);
  if (isJsonObject(expected) && isJsonObject(value)) {
    walkObject(expected, value, pointer, at);
  } else if (isJsonArray(expected) && isJsonArray(value)) {
    walkList(expected, value, pointer, at);
  } else if (!sameScalar(expected, value, at)) {
    const came = value === undefined ? "nothing" : shorten(value);
    at.differences.push({ pointer, message: `expected ${shorten(expected)}, but ${came} came` });
  }
}

function sameScalar(expected: Json, actual: Json | undefined, at: Walk): boolean {
  if (typeof expected === "string" && typeof actual === "string") return sameText(expected, actual, at);
  return expected === actual;
}

function walkObject(expected: JsonObject, actual: JsonObject, pointer: string, at: Walk): void {
  const { ignore_keys: ignored, optional_keys: optional, unordered_under, parsed_keys } = at.rules;
  const left = new Set(Object.keys(actual).filter((key) => !ignored.includes(key)));
  for (const key of Object.keys(expected)) {
    if (ignored.includes(key)) continue;
    const found = findMember(key, left, at);
    if (found !== undefined) left.delete(found);
    walk(expected[key]!, found === undefined ? undefined : actual[found], `${pointer}/${escapePointer(key)}`, {
      ...at,
      bags: at.bags || (unordered_under?.includes(key) ?? false),
      parsed: parsed_keys?.includes(key) ?? false,
    });
  }
  for (const key of left) {
    if (optional.includes(key)) continue;
    at.differences.push({
      pointer: `${pointer}/${escapePointer(key)}`,
      message: `not expected: ${shorten(actual[key])}`,
    });
  }
}

/** A member's name may contain placeholders; the literal name goes first. */
function findMember(expected: string, names: ReadonlySet<string>, at: Walk): string | undefined {
  if (names.has(expected)) return expected;
  for (const name of names) if (at.placeholders.matches(expected, name)) return name;
  return undefined;
}

function walkList(expected: readonly Json[], actual: readonly Json[], pointer: string, at: Walk): void {
  if (at.bags) {
    for (const { pointer: below, message } of compareBags(expected, actual, at, false)) {
      at.differences.push({ pointer: pointer + below, message });
    }
    return;
  }
  if (expected.length !== actual.length) {
    at.differences.push({ pointer, message: `${expected.length} elements expected, ${actual.length} came` });
  }
  for (const [index, item] of expected.entries()) {
    if (index >= actual.length) return;
    walk(item, actual[index], `${pointer}/${index}`, { ...at, parsed: false });
  }
}

// The recorder parsed texts that hold an object, and, under `parsed_keys`, every text that holds JSON.
function parsedLikeRecording(expected: Json, actual: Json, at: Walk): Json {
  if (typeof actual !== "string") return actual;
  const likeObject = isJsonObject(expected) && actual.startsWith("{");
  const likeList = isJsonArray(expected) && actual.startsWith("[");
  if (!likeObject && !likeList && !at.parsed) return actual;
  return parseJson(actual) ?? actual;
}

function sameText(expected: string, actual: string, at: Walk): boolean {
  const { tolerate } = at.rules;
  if (at.placeholders.matches(expected, actual)) return true;
  if (tolerate?.includes("sdk_attempts") && !expected.includes("(SDK Attempt Count:")) {
    if (at.placeholders.matches(expected, actual.replaceAll(" (SDK Attempt Count: 1)", ""))) return true;
  }
  if (tolerate?.includes("compact_texts") && expected.startsWith("[") && actual.startsWith("[")) {
    const [want, have] = [parseJson(expected), parseJson(actual)];
    return want !== undefined && have !== undefined && agrees(want, have, at);
  }
  return false;
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

const SHOWN_MAX = 300;

/** A value as JSON text, cut after 300 characters. */
export function shorten(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}… (${text.length} characters)`;
}

function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
