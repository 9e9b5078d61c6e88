/** A Distributed Map as its parent sees it: one run, of which only the beginning and the end are in the history. */
import { unexpectedResultType } from "../data/jsonata-template.ts";
import type { DistributedMapConfig, Expression, MapState } from "../definition/state-machine.ts";
import { StatesErrorSignal } from "../errors/states-error.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { StartMapRun } from "./command.ts";
import { effectiveInput, exitWithResult } from "./data-flow.ts";
import { type MapRunPlan, type MapRunReader, mapRunLabel } from "./map-run-plan.ts";
import { attempt, type Outcome } from "./outcome.ts";
import { scopeOf } from "./scope.ts";
import type { Branch, MapRunWait } from "./snapshot.ts";
import { advance, errorDetails, record, type Step } from "./step.ts";

export type MapRunBranch = Branch & { wait: MapRunWait };

/** Enters a Distributed Map: MapStateStarted, then the run. With a reader the length is 0: it is not known yet. */
export function startMapRun(step: Step, branch: Branch, state: MapState, config: DistributedMapConfig): Outcome {
  const input = effectiveInput(step, branch, state).value;
  const own = config.itemReader === undefined ? distributedItems(step, branch, state, input) : undefined;
  advance(step, branch, "MapStateStarted", { length: own?.items.length ?? 0 });
  const plan = planMapRun(step, branch, state, config, input, own);
  const mapRunArn = newMapRunArn(step, plan.label);
  advance(step, branch, "MapRunStarted", { mapRunArn });
  park(step, branch, { plan, mapRunArn, redriveCount: 0 });
  return { kind: "waiting" };
}

/** The same run goes on. Its event is linked to the run's start. features.md A.18. */
export function redriveMapRun(step: Step, branch: Branch, { plan, mapRunArn, redriveCount }: MapRunWait): void {
  const next = redriveCount + 1;
  advance(step, branch, "MapRunRedriven", { mapRunArn, redriveCount: next });
  park(step, branch, { plan, mapRunArn, redriveCount: next });
}

function park(step: Step, branch: Branch, run: Pick<MapRunWait, "plan" | "mapRunArn" | "redriveCount">): void {
  const { head } = step.snapshot;
  step.snapshot.park(branch, { kind: "mapRun", taskId: head.nextTaskId++, since: step.chance.now, ...run });
  step.snapshot.headChanged();
  step.commands.push(mapRunCommand(branch as MapRunBranch));
}

/** Also after a restart: whoever performs it knows the run by its ARN and goes on. */
export function mapRunCommand({ state, wait }: MapRunBranch): StartMapRun {
  const { taskId, mapRunArn, redriveCount, plan } = wait;
  return { kind: "StartMapRun", taskId, stateName: state, mapRunArn, redriveCount, plan };
}

/** What follows is linked to MapRunStarted, not to MapRunSucceeded (recorded-behaviour.md, fact 10). */
export function succeedMapRun(step: Step, branch: MapRunBranch, state: MapState, output: string): Outcome {
  step.snapshot.unpark(branch);
  delete branch.resumable;
  record(step, "MapStateSucceeded", record(step, "MapRunSucceeded", branch.lastEventId));
  return attempt(branch, () => exitWithResult(step, branch, state, { value: JSON.parse(output) as Json }));
}

/** Its children's results were too long together, or could not be asked for: to do them again would not help. */
const RUN_ANEW: ReadonlySet<string> = new Set(["States.DataLimitExceeded", "States.Runtime"]);

/** A redrive goes on with the same run, or after some failures begins a new one. features.md A.18. */
export function failMapRun(
  step: Step,
  branch: MapRunBranch,
  failure: { readonly error: string; readonly cause?: string },
): Outcome {
  const reason = errorDetails(failure);
  step.snapshot.unpark(branch);
  if (RUN_ANEW.has(failure.error)) delete branch.resumable;
  advance(step, branch, "MapRunFailed", reason);
  return { kind: "failed", failure: reason };
}

function newMapRunArn(step: Step, label: string): string {
  const { stateMachineArn, stateMachineName } = step.snapshot.start;
  const [arn, partition, states, region, account] = stateMachineArn.split(":");
  return `${[arn, partition, states, region, account].join(":")}:mapRun:${stateMachineName}/${label}:${step.chance.uuid()}`;
}

/** A plan's items, when they come from the state's data. */
export type DistributedItems = Pick<MapRunPlan, "itemsAreMembers"> & { readonly items: readonly Json[] };

/** An array, or an object whose members become `{Key, Value}` pairs. features.md A.11. */
export function distributedItems(step: Step, branch: Branch, state: MapState, input: Json): DistributedItems {
  const found = state.items === undefined ? input : state.items.evaluate(scopeOf(step, branch, state, input));
  if (isJsonArray(found)) return { items: found };
  if (isJsonObject(found)) {
    return { items: Object.entries(found).map(([Key, Value]) => ({ Key, Value })), itemsAreMembers: true };
  }
  if (state.queryLanguage === "JSONata") {
    if (state.items !== undefined) throw unexpectedResultType(String(state.items.source), "Items", "array", found);
    const cause = `Map state input must be an array or object but was: ${JSON.stringify(found)}`;
    throw new StatesErrorSignal("States.QueryEvaluationError", cause);
  }
  const path = shownItemsPath(state);
  throw new StatesErrorSignal("States.Runtime", `Reference path "${path}" must point to array or object.`);
}

/** A path into the context object is shown with one `$` (recorded). */
export function shownItemsPath({ items }: MapState): string {
  return items === undefined ? "$" : String(items.source).replace(/^\$\$/, "$");
}

export function planMapRun(
  step: Step,
  branch: Branch,
  state: MapState,
  config: DistributedMapConfig,
  input: Json,
  own: DistributedItems | undefined,
): MapRunPlan {
  const scope = scopeOf(step, branch, state, input);
  const number = (expression: Expression<number> | undefined): number => expression?.evaluate(scope) ?? 0;
  const plan = {
    executionType: config.executionType,
    label: mapRunLabel(state),
    ...own,
    maxConcurrency: number(state.maxConcurrency),
    toleratedFailureCount: number(config.toleratedFailureCount),
    toleratedFailurePercentage: number(config.toleratedFailurePercentage),
    scope: { input, context: scope.context, variables: scope.variables },
  };
  const evaluate = (expression: Expression): Json => expression.evaluate(scope);
  return {
    ...plan,
    ...(config.itemReader !== undefined && { reader: planReader(config.itemReader, evaluate, number) }),
    ...(config.itemBatcher !== undefined && { batcher: planBatcher(config.itemBatcher, evaluate, number) }),
    ...(config.resultWriter !== undefined && { writer: planWriter(config.resultWriter, evaluate) }),
  };
}

function planReader(
  reader: NonNullable<DistributedMapConfig["itemReader"]>,
  evaluate: (expression: Expression) => Json,
  number: (expression: Expression<number>) => number,
): MapRunReader {
  const { parameters, maxItems, ...config } = reader;
  return {
    ...config,
    parameters: objectOf(parameters && evaluate(parameters), "ItemReader"),
    ...(maxItems !== undefined && { maxItems: number(maxItems) }),
  };
}

function planBatcher(
  batcher: NonNullable<DistributedMapConfig["itemBatcher"]>,
  evaluate: (expression: Expression) => Json,
  number: (expression: Expression<number>) => number,
): NonNullable<MapRunPlan["batcher"]> {
  const { maxItemsPerBatch, maxInputBytesPerBatch, batchInput } = batcher;
  return {
    ...(maxItemsPerBatch !== undefined && { maxItemsPerBatch: number(maxItemsPerBatch) }),
    ...(maxInputBytesPerBatch !== undefined && { maxInputBytesPerBatch: number(maxInputBytesPerBatch) }),
    ...(batchInput !== undefined && { batchInput: evaluate(batchInput) }),
  };
}

function planWriter(
  writer: NonNullable<DistributedMapConfig["resultWriter"]>,
  evaluate: (expression: Expression) => Json,
): NonNullable<MapRunPlan["writer"]> {
  const { outputType, transformation, parameters } = writer;
  const exported = writer.resource !== undefined;
  return {
    outputType,
    transformation,
    ...(exported && { parameters: objectOf(parameters && evaluate(parameters), "ResultWriter") }),
  };
}

function objectOf(value: Json | undefined, field: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw new StatesErrorSignal("States.Runtime", `The Parameters of the field '${field}' must be an object.`);
}
