import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { matchBag } from "./bag.ts";
import { agrees, type Comparison, compareJson, type Difference, shorten } from "./compare.ts";
import type { PlaceholderTable } from "./placeholders.ts";
import type { Tolerance } from "./recorded-case.ts";

// Compares answers of GetExecutionHistory: README.md of the cases, "Histories" and "AWS changed meanwhile".

/** Whether a recorded answer is that of GetExecutionHistory. */
export function isHistory(expected: Json): expected is JsonObject & { readonly events: readonly JsonObject[] } {
  return isJsonObject(expected) && isJsonArray(expected["events"]) && expected["events"].every(isJsonObject);
}

/** Where an actual history differs from the recorded one, under every tolerance the case grants. */
export function compareHistory(
  expected: JsonObject & { readonly events: readonly JsonObject[] },
  actual: Json,
  comparison: Comparison,
): Difference[] {
  const events = isJsonObject(actual) ? actual["events"] : undefined;
  if (!isJsonArray(events) || !events.every(isJsonObject)) return compareJson(expected, actual, comparison);
  const around = compareJson({ ...expected, events: [] }, { ...(actual as JsonObject), events: [] }, comparison);
  const { parallel_unordered, concurrent, tolerate } = comparison.rules;
  const came = parallel_unordered === true ? blankParallel(events) : events;
  const variants = withNewerLinks(expected.events, tolerate ?? []);
  for (const variant of variants) {
    const placeholders = comparison.placeholders.fork();
    if (compareEvents(variant, came, { ...comparison, placeholders }).length > 0) continue;
    comparison.placeholders.adopt(placeholders);
    return around;
  }
  if (concurrent && variants.some((variant) => sameTree(variant, came, comparison))) return around;
  return [...around, ...compareEvents(variants[0]!, came, comparison)];
}

/** In order, except for runs of blanked events, which are bags. */
function compareEvents(
  expected: readonly JsonObject[],
  actual: readonly JsonObject[],
  comparison: Comparison,
): Difference[] {
  const differences: Difference[] = [];
  let index = 0;
  while (index < expected.length) {
    const run = blankedRun(expected, index);
    const pointer = `/events/${index}`;
    if (run === 0) {
      for (const difference of compareJson(expected[index]!, actual[index], comparison)) {
        differences.push({ ...difference, pointer: pointer + difference.pointer });
      }
      index += 1;
      continue;
    }
    const unmatched = matchBag(
      expected.slice(index, index + run),
      actual.slice(index, index + run),
      (want, have, placeholders) => agrees(want, have, { ...comparison, placeholders }),
      comparison.placeholders,
    );
    if (unmatched !== undefined) {
      differences.push({ pointer, message: `in any order: no ${shorten(expected[index + unmatched])}` });
    }
    index += run;
  }
  for (const event of actual.slice(expected.length)) {
    differences.push({ pointer: "/events", message: `not expected: ${shorten(event)}` });
  }
  return differences;
}

function blankedRun(events: readonly JsonObject[], from: number): number {
  let end = from;
  while (end < events.length && isBlanked(events[end]!)) end += 1;
  return end - from;
}

function isBlanked(event: JsonObject): boolean {
  return isJsonArray(event["id"]);
}

// What LocalStack's SfnNoneRecursiveParallelTransformer did to the recordings: at each end of a Parallel state all that
// stands between the last ParallelStateStarted and that end becomes the blanked events alone. So a second end in a row
// (ParallelStateExited after ParallelStateSucceeded; the ends of the outer state after those of a nested one) drops what
// came since the first. It changed the list it was walking, and so never looks at the event after a dropped one.
const LAST_OF_PARALLEL = /^ParallelState(Succeeded|Aborted|Exited|Failed)$/;

function blankParallel(events: readonly JsonObject[]): JsonObject[] {
  const list = [...events];
  let blanked: JsonObject[] = [];
  let start = 0;
  let inside = false;
  for (let index = 0; index < list.length; index += 1) {
    const event = list[index]!;
    const type = String(event["type"]);
    if (type === "ParallelStateStarted") {
      [start, blanked, inside] = [index + 1, [], true];
    } else if (LAST_OF_PARALLEL.test(type)) {
      if (start > 0) list.splice(start, index - start, ...blanked);
      inside = false;
    } else if (inside) {
      list[index] = { ...event, id: [0], previousEventId: 0 };
      blanked.push(list[index]!);
    }
  }
  return list;
}

/** The recorded events as they are, and with the links that newer recordings show, where the case tolerates them. */
function withNewerLinks(events: readonly JsonObject[], tolerate: readonly Tolerance[]): (readonly JsonObject[])[] {
  const relinks: ((event: JsonObject, before: readonly JsonObject[]) => Json | undefined)[] = [];
  if (tolerate.includes("map_exit_link")) relinks.push(mapRunStartedBefore);
  if (tolerate.includes("evaluation_failed_link")) relinks.push(enteredBefore);
  let variants: (readonly JsonObject[])[] = [events];
  for (const relink of relinks) {
    const linked = variants.map((variant) =>
      variant.map((event, index) => {
        const link = relink(event, variant.slice(0, index));
        return link === undefined ? event : { ...event, previousEventId: link };
      }),
    );
    variants = [...variants, ...linked];
  }
  return variants;
}

function mapRunStartedBefore(event: JsonObject, before: readonly JsonObject[]): Json | undefined {
  if (event["type"] !== "MapStateExited") return undefined;
  const linked = before.find((earlier) => earlier["id"] === event["previousEventId"]);
  if (linked?.["type"] !== "MapRunSucceeded") return undefined;
  return before.slice(0, before.indexOf(linked)).findLast((earlier) => earlier["type"] === "MapRunStarted")?.["id"];
}

function enteredBefore(event: JsonObject, before: readonly JsonObject[]): Json | undefined {
  if (event["type"] !== "EvaluationFailed") return undefined;
  const details = event["evaluationFailedEventDetails"] as JsonObject | undefined;
  const entered = before.findLast((earlier) => {
    const state = earlier["stateEnteredEventDetails"] as JsonObject | undefined;
    return String(earlier["type"]).endsWith("StateEntered") && state?.["name"] === details?.["state"];
  });
  return entered?.["id"];
}

interface EventTree {
  readonly event: JsonObject;
  readonly children: readonly EventTree[];
}

// Another interleaving: the same tree of events linked by previousEventId, whatever their numbers.
function sameTree(expected: readonly JsonObject[], actual: readonly JsonObject[], comparison: Comparison): boolean {
  if (expected.length !== actual.length) return false;
  const [want, have] = [treeOf(expected), treeOf(actual)];
  if (want === undefined || have === undefined) return false;
  const alike = (a: EventTree, b: EventTree, placeholders: PlaceholderTable): boolean =>
    a.children.length === b.children.length &&
    agrees(a.event, b.event, { ...comparison, placeholders }) &&
    matchBag(a.children, b.children, alike, placeholders) === undefined;
  const placeholders = comparison.placeholders.fork();
  if (matchBag(want, have, alike, placeholders) !== undefined) return false;
  comparison.placeholders.adopt(placeholders);
  return true;
}

/** The events without a predecessor, each with those that follow from it; undefined when some event hangs on none. */
function treeOf(events: readonly JsonObject[]): EventTree[] | undefined {
  const childrenOf = new Map<Json | undefined, EventTree[]>([[0, []]]);
  const trees: EventTree[] = [];
  for (const event of events) {
    const children: EventTree[] = [];
    trees.push({ event: withoutIds(event), children });
    childrenOf.set(event["id"], children);
  }
  for (const [index, event] of events.entries()) {
    const parent = event["previousEventId"];
    const siblings = childrenOf.get(parent);
    if (siblings === undefined || parent === event["id"]) return undefined;
    siblings.push(trees[index]!);
  }
  return childrenOf.get(0);
}

function withoutIds(event: JsonObject): JsonObject {
  return withoutEventNumbers({ ...event, id: 0, previousEventId: 0 }) as JsonObject;
}

function withoutEventNumbers(value: Json): Json {
  if (typeof value === "string") return value.replaceAll(/\(entered at the event id #\d+\)/g, "(entered at the event)");
  if (isJsonArray(value)) return value.map(withoutEventNumbers);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutEventNumbers(member)]));
}
