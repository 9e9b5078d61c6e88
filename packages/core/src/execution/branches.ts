/** The branches of a Parallel and the iterations of an inline Map: starting them, and what their ends mean. */
import type { MapState, ParallelState } from "../definition/state-machine.ts";
import type { Json } from "../json.ts";
import { assert } from "./assert.ts";
import { exitWithResult } from "./data-flow.ts";
import { succeedExecution } from "./ending.ts";
import { type Caught, stateOf } from "./failure.ts";
import { attempt } from "./outcome.ts";
import { type Payload, payloadOf } from "./payload.ts";
import { scopeOf } from "./scope.ts";
import type { Branch, BranchesWait } from "./snapshot.ts";
import { record, type Step } from "./step.ts";

export interface NewBranch {
  readonly parent: number;
  readonly index: number;
  readonly startAt: string;
  readonly input: Payload;
  readonly lastEventId: number;
  readonly item?: Json;
}

/** Adds a branch that stands before its first state. */
export function startBranch(step: Step, branch: NewBranch): Branch {
  const { snapshot } = step;
  const added: Branch = {
    id: snapshot.head.nextBranchId++,
    parent: branch.parent,
    index: branch.index,
    ...(branch.item === undefined ? {} : { item: branch.item }),
    state: branch.startAt,
    input: branch.input,
    enteredEventId: 0,
    enteredAt: step.chance.now,
    lastEventId: branch.lastEventId,
    retries: [],
    variables: {},
    variableBytes: 0,
  };
  snapshot.headChanged();
  snapshot.add(added);
  step.ready.push(added);
  return added;
}

/** A branch came to the end of its block. Gives the state around it when that goes on now. */
export function endBranch(step: Step, branch: Branch, output: Payload): Caught | undefined {
  if (branch.parent === 0) {
    succeedExecution(step, output, branch.lastEventId);
    return undefined;
  }
  const parent = step.snapshot.branch(branch.parent);
  const state = stateOf(step, parent);
  if (state.type === "Parallel") return endParallelBranch(step, parent, state, branch, output);
  assert(state.type === "Map", "only a Parallel or a Map has branches");
  return endIteration(step, parent, state, branch, output);
}

function endParallelBranch(
  step: Step,
  parent: Branch,
  state: ParallelState,
  branch: Branch,
  output: Payload,
): Caught | undefined {
  step.snapshot.end(branch, output, branch.lastEventId);
  if (step.snapshot.family(parent).ended < state.branches.length) return undefined;
  parent.lastEventId = branch.lastEventId;
  record(step, "ParallelStateSucceeded", parent.lastEventId);
  return completeBranches(step, parent, state);
}

function endIteration(
  step: Step,
  parent: Branch,
  state: MapState,
  branch: Branch,
  output: Payload,
): Caught | undefined {
  const details = { index: branch.index, name: state.name };
  step.snapshot.end(branch, output, record(step, "MapIterationSucceeded", branch.lastEventId, details));
  const { wait } = parent;
  assert(wait?.kind === "branches" && wait.items !== undefined, "a Map with iterations must wait for them");
  if (step.snapshot.family(parent).ended === wait.items.length) return completeMap(step, parent, state);
  // The next iteration is linked to the last event inside the one that made room (fact 9).
  return attemptStart(step, parent, state, wait, branch.lastEventId);
}

/** Also for a Map without items. */
export function completeMap(step: Step, parent: Branch, state: MapState): Caught {
  const { lastEndEventId } = step.snapshot.family(parent);
  if (lastEndEventId > 0) parent.lastEventId = lastEndEventId;
  record(step, "MapStateSucceeded", parent.lastEventId);
  return completeBranches(step, parent, state);
}

function completeBranches(step: Step, parent: Branch, state: MapState | ParallelState): Caught {
  const { snapshot } = step;
  const outputs: Json[] = [];
  for (const child of snapshot.childrenOf(parent)) {
    assert(child.ended !== undefined, "every branch must have ended");
    outputs[child.index] = child.ended.output.value;
  }
  snapshot.unpark(parent);
  snapshot.removeChildren(parent);
  return { branch: parent, outcome: attempt(parent, () => exitWithResult(step, parent, state, payloadOf(outputs))) };
}

/** Starts as many iterations as there is room for. */
export function startIterations(
  step: Step,
  parent: Branch,
  state: MapState,
  wait: BranchesWait,
  previousEventId: number,
): void {
  const items = wait.items ?? [];
  for (;;) {
    const { started, ended } = step.snapshot.family(parent);
    if (started === items.length || started - ended >= wait.concurrency) return;
    startIteration(step, parent, state, started, items[started]!, previousEventId);
  }
}

function attemptStart(
  step: Step,
  parent: Branch,
  state: MapState,
  wait: BranchesWait,
  previousEventId: number,
): Caught | undefined {
  const outcome = attempt(parent, () => {
    startIterations(step, parent, state, wait, previousEventId);
    return { kind: "waiting" };
  });
  return outcome.kind === "failed" ? { branch: parent, outcome } : undefined;
}

function startIteration(
  step: Step,
  parent: Branch,
  state: MapState,
  index: number,
  item: Json,
  previousEventId: number,
): void {
  const input = iterationInput(step, parent, state, index, item);
  const lastEventId = record(step, "MapIterationStarted", previousEventId, { index, name: state.name });
  startBranch(step, { parent: parent.id, index, startAt: state.processor.startAt, input, lastEventId, item });
}

/** What the iteration for an item begins with. */
export function iterationInput(step: Step, parent: Branch, state: MapState, index: number, value: Json): Payload {
  if (state.itemSelector === undefined) return payloadOf(value);
  const input = state.inputPath === undefined ? parent.input.value : mapInput(step, parent, state);
  return payloadOf(state.itemSelector.evaluate(scopeOf(step, parent, state, input, { mapItem: { index, value } })));
}

function mapInput(step: Step, parent: Branch, state: MapState): Json {
  return state.inputPath!.evaluate(scopeOf(step, parent, state, parent.input.value));
}
