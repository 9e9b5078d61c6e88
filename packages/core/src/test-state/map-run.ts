/** A Map whose iterations are mocked: what each of them would begin with, and what the failed ones mean. */
import type { DistributedMapConfig, MapState } from "../definition/state-machine.ts";
import { assert } from "../execution/assert.ts";
import { iterationInput } from "../execution/branches.ts";
import { effectiveInput, exitWithResult } from "../execution/data-flow.ts";
import { type MapRunPlan, memberName, selectItem } from "../execution/map-run-plan.ts";
import { distributedItems, planMapRun } from "../execution/map-runs.ts";
import { dataLimitExceeded, type Outcome } from "../execution/outcome.ts";
import type { Payload } from "../execution/payload.ts";
import { scopeOf } from "../execution/scope.ts";
import { isJsonArray, type Json } from "../json.ts";
import { inlineItems } from "../states/map.ts";
import { batchItems, type ItemBatch } from "./item-batches.ts";
import { readItems } from "./item-source.ts";
import { invalid } from "./refusal.ts";
import type { StateRun } from "./state-run.ts";

/** What comes of the Map with the mocked result; `waiting` without one, when nothing failed before its work. */
export function mapOutcome(run: StateRun, state: MapState, result: Payload | undefined): Outcome {
  const iterations = countIterations(run, state);
  const { mapIterationFailureCount: failures } = run.configuration;
  if (failures !== undefined && failures > iterations) {
    throw invalid("Map iteration failure count must be less than or equal to the number of Map iterations");
  }
  if (result === undefined) return { kind: "waiting" };
  if (failures !== undefined && exceedsTolerance(run, failures, iterations)) {
    const cause = "The specified tolerated failure threshold was exceeded";
    return { kind: "failed", failure: { error: "States.ExceedToleratedFailureThreshold", cause } };
  }
  if (isJsonArray(result.value) && result.value.length !== iterations) {
    throw invalid("Input array does not equal the mocked result array's size");
  }
  return exitWithResult(run.step, run.branch, state, result);
}

/** A threshold that the state does not name tolerates everything (recorded). */
function exceedsTolerance({ inspection }: StateRun, failures: number, iterations: number): boolean {
  const { toleratedFailureCount, toleratedFailurePercentage } = inspection;
  if (toleratedFailureCount !== undefined && failures > toleratedFailureCount) return true;
  return toleratedFailurePercentage !== undefined && failures * 100 > toleratedFailurePercentage * iterations;
}

/** Evaluates what every iteration begins with, and shows the stages on the way. */
function countIterations(run: StateRun, state: MapState): number {
  const { distributed } = state;
  return distributed === undefined ? inlineInputs(run, state) : distributedInputs(run, state, distributed);
}

function inlineInputs(run: StateRun, state: MapState): number {
  const { step, branch, inspection } = run;
  const input = effectiveInput(step, branch, state).value;
  const items = inlineItems(step, branch, state, input);
  showItems(run, state, items);
  inspection.maxConcurrency = state.maxConcurrency?.evaluate(scopeOf(step, branch, state, input)) ?? 0;
  return selected(run, state, items, (item, index) => iterationInput(step, branch, state, index, item).value).length;
}

function distributedInputs(run: StateRun, state: MapState, config: DistributedMapConfig): number {
  const { step, branch, inspection } = run;
  const input = effectiveInput(step, branch, state).value;
  const own = config.itemReader === undefined ? distributedItems(step, branch, state, input) : undefined;
  if (own !== undefined) showItems(run, state, own.items);
  const plan = planMapRun(step, branch, state, config, input, own);
  inspection.maxConcurrency = plan.maxConcurrency;
  if (config.toleratedFailureCount !== undefined) inspection.toleratedFailureCount = plan.toleratedFailureCount;
  if (config.toleratedFailurePercentage !== undefined) {
    inspection.toleratedFailurePercentage = plan.toleratedFailurePercentage;
  }
  const items = own?.items ?? itemsRead(run, plan);
  const source = sourceOf(plan);
  const inputs = selected(run, state, items, (value, index) => {
    const key = memberName(plan, value);
    const item = { index, value, source, ...(key === undefined ? {} : { key }) };
    return selectItem(step.machine, state.name, plan, item, step.chance);
  });
  if (plan.batcher === undefined) return inputs.length;
  const batches = batchItems(inputs, plan.batcher);
  inspection.afterItemBatcher = boundedListText(run, batches, batchText);
  return batches.length;
}

function selected(
  run: StateRun,
  state: MapState,
  items: readonly Json[],
  select: (item: Json, index: number) => Json,
): readonly Json[] {
  if (state.itemSelector === undefined) return items;
  const inputs: Json[] = [];
  run.inspection.afterItemSelector = boundedListText(run, items, (item, index) => {
    const input = select(item, index);
    inputs.push(input);
    return jsonText(input);
  });
  return inputs;
}

function itemsRead({ configuration, inspection }: StateRun, { reader }: MapRunPlan): readonly Json[] {
  assert(reader !== undefined, "items that are not the state's own must have a reader");
  const items = readItems(configuration.mapItemReaderData ?? "", reader);
  if (reader.itemsPointer !== undefined) inspection.afterItemsPointer = listText(items.map(jsonText));
  return items;
}

/** `$$.Map.Item.Source`. features.md A.17. */
function sourceOf({ reader }: MapRunPlan): string {
  if (reader === undefined) return "STATE_DATA";
  const { Bucket, Key } = reader.parameters;
  return Key === undefined ? `s3://${Bucket}` : `s3://${Bucket}/${Key}`;
}

function showItems({ inspection }: StateRun, state: MapState, items: readonly Json[]): void {
  if (state.queryLanguage === "JSONPath") inspection.afterItemsPath = listText(items.map(jsonText));
}

/** AWS holds items as texts and prints lists of them the Java way: a blank after each comma (recorded). */
function listText(texts: readonly string[]): string {
  return `[${texts.join(", ")}]`;
}

/** What is shown of all iterations together, in payloads: each of them may hold the whole input. */
const SHOWN_PAYLOADS_MAX = 16;

function boundedListText<T>(
  { step, state }: StateRun,
  values: readonly T[],
  textOf: (value: T, index: number) => string,
): string {
  let left = SHOWN_PAYLOADS_MAX * step.limits.payloadBytesMax;
  const texts = values.map((value, index) => {
    const text = textOf(value, index);
    left -= text.length;
    if (left < 0) throw dataLimitExceeded(state.name);
    return text;
  });
  return listText(texts);
}

/** That is why the items of a batch are shown as texts. features.md C.7. */
function batchText({ items, batchInput }: ItemBatch): string {
  return jsonText({ ...(batchInput === undefined ? {} : { BatchInput: batchInput }), Items: items.map(jsonText) });
}

function jsonText(value: Json): string {
  return JSON.stringify(value);
}
