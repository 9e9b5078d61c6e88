import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { type Comparison, compareBags, compareJson, type Difference } from "./compare.ts";
import { compareHistory, isHistory } from "./history-compare.ts";
import type { Match, MatchForm, StepAnswer } from "./recorded-case.ts";

// What a `match` of a step compares: README.md of the cases, "Matches".

/** Where a step's answer is not what the match expects. `expected` is the case's `expected[match.key]`. */
export function judge(
  match: Match,
  expected: Json | undefined,
  answer: StepAnswer,
  comparison: Comparison,
): Difference[] {
  if (expected === undefined) return [{ pointer: "", message: `the case has no expectation "${match.key}"` }];
  const asksForError = match.form === "error" || match.form === "error_only" || match.form === "exception";
  if (asksForError && answer.error === undefined) {
    return [
      { pointer: "", message: `an error was expected, but the call succeeded with ${JSON.stringify(answer.body)}` },
    ];
  }
  return JUDGES[match.form](match, expected, answer, comparison);
}

type Judge = (match: Match, expected: Json, answer: StepAnswer, comparison: Comparison) => Difference[];

const JUDGES: { readonly [F in MatchForm]: Judge } = {
  response(match, expected, answer, comparison) {
    if (typeof match.unordered === "string" && isJsonObject(expected)) {
      return responseWithBag(match.unordered, match.subset === true, expected, answer.body, comparison);
    }
    if (isHistory(expected)) return compareHistory(expected, answer.body, comparison);
    return compareJson(without(expected, match.drop), without(answer.body, match.drop), comparison);
  },
  member(match, expected, answer, comparison) {
    const member = answer.body[match.member ?? ""];
    if (match.unordered !== undefined && isJsonArray(expected) && isJsonArray(member)) {
      return compareBags(expected, member, comparison, match.subset === true);
    }
    return compareJson(expected, member, comparison);
  },
  error: (_match, expected, answer, comparison) => compareJson(expected, answer.body, comparison),
  error_only: (_match, expected, answer, comparison) => compareJson(expected, answer.body["Error"], comparison),
  exception(_match, expected, answer, comparison) {
    const { code, message } = answer.error!;
    const value = `An error occurred (${code}) when calling the ${answer.call} operation: ${message}`;
    return compareJson(expected, { exception_typename: code, exception_value: value }, comparison);
  },
  execution_output(match, expected, answer, comparison) {
    const recorded = isJsonArray(expected) ? expected[match.index ?? 0] : undefined;
    if (!isJsonObject(recorded)) return [{ pointer: "", message: `the case has no ${match.key}[${match.index}]` }];
    return compareJson({ output: recorded["output"] ?? null }, { output: executionOutput(answer.body) }, comparison);
  },
  log_events: (_match, expected, answer, comparison) => compareJson(expected, answer.list ?? [], comparison),
  last_log_event: (_match, expected, answer, comparison) => compareJson(expected, answer.list?.at(-1), comparison),
  message_bodies(_match, expected, answer, comparison) {
    return compareBags(isJsonArray(expected) ? expected : [expected], answer.list ?? [], comparison, false);
  },
};

function responseWithBag(
  list: string,
  subset: boolean,
  expected: JsonObject,
  actual: JsonObject,
  comparison: Comparison,
): Difference[] {
  const around = compareJson(without(expected, [list]), without(actual, [list]), comparison);
  const [want, have] = [expected[list], actual[list]];
  if (!isJsonArray(want)) return around;
  if (!isJsonArray(have)) return [...around, { pointer: `/${list}`, message: "a list was expected" }];
  const bag = compareBags(want, have, comparison, subset);
  return [...around, ...bag.map((found) => ({ ...found, pointer: `/${list}${found.pointer}` }))];
}

function without(value: Json, members: readonly string[] | undefined): Json {
  if (members === undefined || !isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !members.includes(key)));
}

function executionOutput(body: JsonObject): Json {
  const events = isJsonArray(body["events"]) ? body["events"].filter(isJsonObject) : [];
  const ended = events.find((event) => event["type"] === "ExecutionSucceeded");
  const details = ended?.["executionSucceededEventDetails"];
  return (isJsonObject(details) ? details["output"] : undefined) ?? null;
}
