/**
 * What a Distributed Map's run needs to know, evaluated once when the state is entered. Plain JSON: it is stored with the
 * branch that waits for the run and handed to whoever performs it.
 */
import type { EvaluationFacts, EvaluationScope } from "../data/evaluation-scope.ts";
import { nameBasedUuid } from "../data/name-based-uuid.ts";
import type { ItemReaderConfig, MapState, StateMachine, StateMachineType } from "../definition/state-machine.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { assert } from "./assert.ts";

export interface MapRunPlan {
  readonly executionType: StateMachineType;
  /** The Label, or a name-based UUID that is the same in every run of the state. features.md A.15. */
  readonly label: string;
  /** The items when they come from the state's data; with a reader they are read by whoever performs the run. */
  readonly items?: readonly Json[];
  /** The items are the members of an object, as `{Key, Value}`. */
  readonly itemsAreMembers?: true;
  readonly reader?: MapRunReader;
  readonly batcher?: {
    readonly maxItemsPerBatch?: number;
    readonly maxInputBytesPerBatch?: number;
    readonly batchInput?: Json;
  };
  readonly writer?: {
    /** Absent when the results are only shaped, not exported. */
    readonly parameters?: JsonObject;
    readonly outputType: "JSON" | "JSONL";
    readonly transformation: "NONE" | "COMPACT" | "FLATTEN";
  };
  /** 0 = as many as the service runs at once. */
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number;
  readonly toleratedFailurePercentage: number;
  /** What an ItemSelector sees besides the item. */
  readonly scope: { readonly input: Json; readonly context: JsonObject; readonly variables: JsonObject };
}

export interface MapRunReader extends Omit<ItemReaderConfig, "parameters" | "maxItems"> {
  /** Bucket, Key, Prefix …, evaluated. */
  readonly parameters: JsonObject;
  readonly maxItems?: number;
}

/** One item on its way to a child. */
export interface MapRunItem {
  readonly index: number;
  readonly value: Json;
  /** The member name, when the items are those of an object. */
  readonly key?: string;
  /** `STATE_DATA`, `s3://bucket` or `s3://bucket/key`: `$$.Map.Item.Source`. */
  readonly source: string;
}

/** The name of the member that an item is, when the items are those of an object of the state's data. */
export function memberName({ itemsAreMembers }: MapRunPlan, item: Json): string | undefined {
  const name = itemsAreMembers === true && isJsonObject(item) ? item["Key"] : undefined;
  return typeof name === "string" ? name : undefined;
}

/** The label of a Distributed Map: what stands in the ARNs of its runs and children. */
export function mapRunLabel(state: MapState): string {
  return state.distributed?.label ?? nameBasedUuid(state.name);
}

/** The state machine that the children of a Distributed Map run: its processor, alone. */
export function mapRunMachine(machine: StateMachine, stateName: string): StateMachine {
  const state = machine.states.get(stateName);
  assert(state?.type === "Map" && state.distributed !== undefined, `'${stateName}' must be a Distributed Map`);
  const { timeoutSeconds: _, ...rest } = machine;
  return { ...rest, type: state.distributed.executionType, root: state.processor };
}

/** Whether items are not given to the children as they are. */
export function hasItemSelector(machine: StateMachine, stateName: string): boolean {
  const state = machine.states.get(stateName);
  return state?.type === "Map" && state.itemSelector !== undefined;
}

/**
 * What one item becomes: the ItemSelector applied, or the item as it is. Throws a StatesErrorSignal when the selector
 * cannot be evaluated; its cause has no prefix.
 */
export function selectItem(
  machine: StateMachine,
  stateName: string,
  plan: Pick<MapRunPlan, "scope">,
  item: MapRunItem,
  facts: EvaluationFacts,
): Json {
  const state = machine.states.get(stateName);
  assert(state?.type === "Map", `'${stateName}' must be a Map`);
  if (state.itemSelector === undefined) return item.value;
  const { input, context, variables } = plan.scope;
  const shown = {
    Index: item.index,
    ...(item.key === undefined ? {} : { Key: item.key }),
    Value: item.value,
    Source: item.source,
  };
  const scope: EvaluationScope = { input, variables, facts, context: { ...context, Map: { Item: shown } } };
  return state.itemSelector.evaluate(scope);
}
