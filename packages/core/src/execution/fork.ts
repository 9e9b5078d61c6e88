/**
 * A fork: an execution that begins in the middle of the machine, where another one once entered a state. It runs the
 * block that state stands in: from a state of a branch or of an iteration it runs to the end of that branch or iteration,
 * whose result is its output.
 */
import type { StateMachine } from "../definition/state-machine.ts";
import { StatesErrorSignal } from "../errors/states-error.ts";
import type { Json, JsonObject } from "../json.ts";
import { inlineItems } from "../states/map.ts";
import { startBranch } from "./branches.ts";
import { effectiveInput, variableBytes } from "./data-flow.ts";
import type { ForkIteration, ForkPoint } from "./fork-trace.ts";
import type { Branch, ForkOrigin } from "./snapshot.ts";
import type { Step } from "./step.ts";

/** What a fork knows from its original besides the input of its first state. Stored as JSON text with its start. */
export interface ForkContext {
  /** `$$.Execution.Input`. */
  readonly executionInput: Json;
  readonly variables: JsonObject;
  /** `$$.Map.Item`. */
  readonly item?: { readonly index: number; readonly value: Json };
}

/** Stands before the state the fork begins with. */
export function startFork(step: Step, { stateName }: ForkOrigin, contextJson: string, input: Json): void {
  const { variables, item } = JSON.parse(contextJson) as ForkContext;
  const branch = startBranch(step, {
    parent: 0,
    index: item?.index ?? 0,
    startAt: stateName,
    input: { value: input },
    lastEventId: 0,
    ...(item === undefined ? {} : { item: item.value }),
  });
  branch.variables = variables;
  branch.variableBytes = variableBytes(variables);
  step.snapshot.head.variableBytes += branch.variableBytes;
}

/**
 * The item of the iteration around a fork's state. Where an ItemSelector made something else of it, the history does not
 * show it: the Map's items are evaluated again. `undefined` when that fails.
 */
export function itemOfIteration(
  step: Step,
  machine: StateMachine,
  { iteration, variables }: ForkPoint,
): Json | undefined {
  if (iteration === undefined) return undefined;
  const state = machine.states.get(iteration.mapState);
  if (state?.type !== "Map") return undefined;
  if (state.itemSelector === undefined) return JSON.parse(iteration.input) as Json;
  try {
    const branch = atMap(iteration, variables);
    return inlineItems(step, branch, state, effectiveInput(step, branch, state).value)[iteration.index];
  } catch (signal) {
    if (signal instanceof StatesErrorSignal) return undefined;
    throw signal;
  }
}

function atMap({ mapState, mapInput }: ForkIteration, variables: JsonObject): Branch {
  return {
    id: 1,
    parent: 0,
    index: 0,
    state: mapState,
    input: { value: JSON.parse(mapInput) as Json },
    enteredEventId: 1,
    enteredAt: 0,
    lastEventId: 1,
    retries: [],
    variables,
    variableBytes: 0,
  };
}
