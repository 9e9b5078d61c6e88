import { createHash } from "node:crypto";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import type { Match, Placeholder, RecordedCase, StepAnswer } from "./recorded-case.ts";

// For the tests of the comparator: makes answers out of recordings, true ones and altered ones. A comparator that
// accepts an altered recording is worth nothing.

/** What a template stands for in made-up answers: some text that depends on the template alone. */
export function madeUpTemplate(template: string): string {
  return `made-up-${createHash("sha256").update(template).digest("hex").slice(0, 12)}`;
}

const PATTERN_SAMPLES = ["abc-123", "a_test_table_b"];

/** The recording with something concrete for every token, as an engine just like AWS would answer it. */
export function fillIn(expected: Json, placeholders: RecordedCase["placeholders"]): Json {
  const tokens = Object.keys(placeholders).sort((a, b) => b.length - a.length);
  const sources = tokens
    .filter((token) => placeholders[token]!.kind !== "any")
    .map((token) => (placeholders[token]!.kind === "iso8601" ? `\\b${RegExp.escape(token)}\\b` : RegExp.escape(token)));
  const inside = sources.length === 0 ? undefined : new RegExp(sources.join("|"), "g");
  const fillText = (text: string): Json => {
    if (placeholders[text]?.kind === "any") return 1_700_000_000.5;
    return inside === undefined ? text : text.replaceAll(inside, (token) => standIn(token, placeholders[token]!));
  };
  // `timestamp`, `RequestId` and the like are members' names too: only bracketed tokens stand for something there.
  const fillName = (name: string): string => (name.includes("<") ? String(fillText(name)) : name);
  const fill = (value: Json): Json => {
    if (typeof value === "string") return fillText(value);
    if (isJsonArray(value)) return value.map(fill);
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [fillName(key), fill(member)]));
  };
  return fill(expected);
}

function standIn(token: string, placeholder: Placeholder): string {
  switch (placeholder.kind) {
    case "any":
      return token;
    case "same":
      return madeUpTemplate(placeholder.value ?? token);
    case "one_of":
      return madeUpTemplate(placeholder.values[0]!);
    case "iso8601":
      return "2026-01-31T12:00:00.123Z";
    case "pattern":
      return PATTERN_SAMPLES.find((sample) => new RegExp(`^(?:${placeholder.pattern})$`).test(sample))!;
  }
}

/** The step answer whose match against `expected` is what `value` (filled in, perhaps altered) says. */
export function answerOf(match: Match, value: Json): StepAnswer | undefined {
  const body = (isJsonObject(value) ? value : {}) as JsonObject;
  switch (match.form) {
    case "response":
      return { body };
    case "member":
      return { body: { [match.member!]: value } };
    case "error":
      return { body, error: { code: "", message: "" } };
    case "error_only":
      return { body: { Error: value }, error: { code: "", message: "" } };
    case "exception":
      return exceptionAnswer(body);
    case "execution_output":
      return historyWithOutput(value, match.index!);
    case "log_events":
    case "message_bodies":
      return { body: {}, list: isJsonArray(value) ? value : [] };
    case "last_log_event":
      return { body: {}, list: [{ an: "earlier event" }, value] };
  }
}

function exceptionAnswer(body: JsonObject): StepAnswer | undefined {
  const parts = /^An error occurred \((.*?)\) when calling the (.*?) operation: ([\s\S]*)$/.exec(
    String(body["exception_value"]),
  );
  if (parts === null || parts[1] !== body["exception_typename"] || Object.keys(body).length !== 2) return undefined;
  return { body: {}, call: parts[2]!, error: { code: parts[1]!, message: parts[3]! } };
}

function historyWithOutput(cases: Json, index: number): StepAnswer {
  const output = isJsonArray(cases) && isJsonObject(cases[index]) ? cases[index]["output"] : undefined;
  const failed: JsonObject[] = [{ type: "ExecutionStarted" }, { type: "ExecutionFailed" }];
  if (output === null || output === undefined) return { body: { events: failed } };
  const succeeded = { type: "ExecutionSucceeded", executionSucceededEventDetails: { output } };
  return { body: { events: [{ type: "ExecutionStarted" }, succeeded] } };
}

/** One way to make a recording wrong. */
export interface Alteration {
  readonly what: string;
  readonly value: () => Json;
}

/**
 * Every alteration of one value that the README's rules say must be refused: each text and number changed, each member
 * and element left out, each object and list with something more, each list with its ends swapped.
 */
export function alterations(recorded: RecordedCase, match: Match): Alteration[] {
  const found: Alteration[] = [];
  const filled = (value: Json): Json => fillIn(value, recorded.placeholders);
  const renamed = (name: string, value: Json): JsonObject => ({
    [Object.keys(filled({ [name]: null }) as JsonObject)[0]!]: value,
  });
  const root = recorded.expected[match.key]!;
  const visit = (value: Json, pointer: string, key: string, rebuild: (replacement: Json | undefined) => Json): void => {
    const add = (what: string, replacement: () => Json | undefined): void => {
      found.push({ what: `${pointer}: ${what}`, value: () => rebuild(replacement()) });
    };
    if (!isRandom(value, recorded)) {
      if (pointer !== "" && !pointer.endsWith("/[0]")) add("left out", () => undefined);
      for (const other of otherValues(value, recorded)) add(`became ${JSON.stringify(other)}`, () => filled(other));
    }
    if (isJsonArray(value)) {
      if (match.subset !== true) add("one element more", () => [...value.map(filled), { one: "more" }]);
      if (inOrder(match, recorded, key) && value.length > 1) {
        const swapped = [value.at(-1)!, ...value.slice(1, -1), value[0]!];
        if (JSON.stringify(swapped) !== JSON.stringify(value)) add("ends swapped", () => filled(swapped));
      }
      for (const [index, item] of value.entries()) {
        visit(item, `${pointer}/${index}`, key, (replacement) =>
          rebuild(value.flatMap((each, at) => (at === index ? (replacement ?? []) : filled(each)) as Json)),
        );
      }
    } else if (isJsonObject(value)) {
      add("one member more", () => ({ ...(filled(value) as JsonObject), oneMore: true }));
      for (const [name, member] of Object.entries(value)) {
        if (recorded.ignore_keys.includes(name) || match.drop?.includes(name) === true) continue;
        if (name === "id" && recorded.concurrent) continue;
        if ((name === "id" || name === "previousEventId") && isJsonArray(value["id"])) continue;
        visit(member, `${pointer}/${name}`, name, (replacement) => {
          const { [name]: _gone, ...others } = value;
          const rest = filled(others) as JsonObject;
          return rebuild(replacement === undefined ? rest : { ...rest, ...renamed(name, replacement) });
        });
      }
    }
  };
  if (match.form === "execution_output") alterOutput(root, match.index ?? 0, visit, filled);
  else visit(root, "", match.key, (replacement) => replacement!);
  return found;
}

function alterOutput(
  cases: Json,
  index: number,
  visit: (value: Json, pointer: string, key: string, rebuild: (replacement: Json | undefined) => Json) => void,
  filled: (value: Json) => Json,
): void {
  if (!isJsonArray(cases) || !isJsonObject(cases[index])) return;
  visit(cases[index]["output"] ?? null, "", "output", (replacement) =>
    cases.map((each, at) => (at === index ? { output: replacement ?? null } : filled(each))),
  );
}

/** Nothing that stands there is wrong. */
function isRandom(value: Json, { placeholders }: RecordedCase): boolean {
  const placeholder = typeof value === "string" ? placeholders[value] : undefined;
  return placeholder?.kind === "any" || (placeholder?.kind === "iso8601" && placeholder.any === true);
}

function otherValues(value: Json, recorded: RecordedCase): Json[] {
  if (typeof value === "number") return [value + 1000];
  if (typeof value === "boolean") return [!value];
  if (value === null) return [0];
  if (typeof value !== "string") return [];
  // An open token takes in any text beside it: only a literal end can be altered.
  const tokens = Object.keys(recorded.placeholders);
  const literalStart = !tokens.some((token) => value.startsWith(token));
  const literalEnd = !tokens.some((token) => value.endsWith(token));
  return [...(literalStart ? [`~${value}`] : []), ...(literalEnd ? [`${value}~`] : [])];
}

function inOrder(match: Match, recorded: RecordedCase, key: string): boolean {
  if (match.unordered !== undefined || match.form === "message_bodies") return false;
  if (recorded.concurrent || recorded.parallel_unordered === true) return key !== match.key && key !== "events";
  return recorded.unordered_under === undefined;
}
