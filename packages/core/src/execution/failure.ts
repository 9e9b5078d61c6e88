/**
 * What happens when a state fails: Retry, then Catch, then the state around it, up to the execution. Events on the way
 * are linked as recorded on AWS (recorded-behaviour.md, facts 6, 7, 9, 13):
 *
 * F1. A retry writes no event; what is tried again is linked to the failure.
 * F2. MapIterationFailed and the Aborted events do not move the chain; MapStateFailed and ParallelStateFailed do.
 * F3. A fatal failure passes every Retry and Catch and ends the execution at once.
 */
import type { Catcher, State } from "../definition/state-machine.ts";
import { matchingCatcher, matchingRetrier, retryDelayMs } from "../errors/error-matching.ts";
import { assert } from "./assert.ts";
import { assignmentsOf, mergeResult } from "./data-flow.ts";
import { failExecution } from "./ending.ts";
import { attempt, dataLimitExceeded, type Failure, type Outcome } from "./outcome.ts";
import { exceedsBytes, payloadOf, textOf } from "./payload.ts";
import { scopeOf } from "./scope.ts";
import type { Branch } from "./snapshot.ts";
import { advance, errorDetails, record, type Step } from "./step.ts";
import { branchTimer, cancelWait, setTimer } from "./waits.ts";

export function stateOf(step: Step, branch: Branch): State {
  const state = step.machine.states.get(branch.state);
  assert(state !== undefined, `state '${branch.state}' must be in the definition`);
  return state;
}

/** The state that goes on after a failure below or in it, and how. */
export interface Caught {
  readonly branch: Branch;
  readonly outcome: Outcome;
}

/** Finds who handles the failure. `undefined`: a retry is waited for, or the execution has ended. */
export function fail(step: Step, branch: Branch, failure: Failure): Caught | undefined {
  let [failing, reason] = [branch, failure];
  for (;;) {
    const state = stateOf(step, failing);
    showEvaluation(step, failing, reason);
    if (reason.fatal !== true) {
      if (retry(step, failing, state, reason)) return undefined;
      if (state.type === "Map" || state.type === "Parallel") advance(step, failing, `${state.type}StateFailed`);
      const caught = catchFailure(step, failing, state, reason);
      if (caught?.kind === "exit") {
        step.snapshot.removeChildren(failing);
        return { branch: failing, outcome: caught };
      }
      if (caught?.kind === "failed") {
        reason = caught.failure;
        showEvaluation(step, failing, reason);
      }
    }
    if (failing.parent === 0 || reason.fatal === true) {
      failExecution(step, reason, failing.lastEventId);
      return undefined;
    }
    const { error, cause, heartbeat } = reason;
    reason = { ...definedOnly({ error, cause }), ...(heartbeat === undefined ? {} : { heartbeat }) };
    failing = failParent(step, failing);
  }
}

/** JSONata that failed in the state, or in the catcher that was to go on after it, has an event of its own. */
function showEvaluation(step: Step, branch: Branch, reason: Failure): void {
  if (reason.evaluation === undefined) return;
  advance(step, branch, "EvaluationFailed", { state: branch.state, ...reason.evaluation, ...errorDetails(reason) });
}

function definedOnly(reason: { error: string | undefined; cause: string | undefined }): Failure {
  return {
    ...(reason.error === undefined ? {} : { error: reason.error }),
    ...(reason.cause === undefined ? {} : { cause: reason.cause }),
  };
}

function retry(step: Step, branch: Branch, state: State, failure: Failure): boolean {
  if (!("retry" in state)) return false;
  const index = matchingRetrier(state.retry, failure);
  const retrier = state.retry[index];
  const used = branch.retries[index] ?? 0;
  if (retrier === undefined || used >= retrier.maxAttempts) return false;
  const delayMs = retryDelayMs(retrier, used + 1, () => step.chance.random());
  branch.retries = state.retry.map((_, i) => (branch.retries[i] ?? 0) + (i === index ? 1 : 0));
  step.snapshot.removeChildren(branch);
  const at = step.chance.now + delayMs;
  step.snapshot.park(branch, { kind: "retry", at, since: step.chance.now });
  setTimer(step, branchTimer(branch), at);
  return true;
}

function catchFailure(step: Step, branch: Branch, state: State, failure: Failure): Outcome | undefined {
  if (!("catch" in state)) return undefined;
  const catcher = state.catch[matchingCatcher(state.catch, failure)];
  return catcher && attempt(branch, () => exitThroughCatcher(step, branch, state, catcher, failure));
}

/** OutputPath is not applied (features.md A.3). A timeout has an empty cause (fact 26). */
export function exitThroughCatcher(
  step: Step,
  branch: Branch,
  state: State,
  catcher: Catcher,
  failure: Failure,
): Outcome {
  const error = payloadOf({ Error: failure.error ?? "States.TaskFailed", Cause: failure.cause ?? "" });
  const isJsonata = state.queryLanguage === "JSONata";
  const scope = isJsonata
    ? scopeOf(step, branch, state, branch.input.value, { errorOutput: error.value })
    : scopeOf(step, branch, state, error.value);
  const assigned = assignmentsOf(step, branch, catcher.assign, scope);
  const output = isJsonata
    ? catcher.output === undefined
      ? error
      : payloadOf(catcher.output.evaluate(scope))
    : mergeResult(branch.input, catcher.resultPath, error);
  if (exceedsBytes(textOf(output), step.limits.payloadBytesMax)) throw dataLimitExceeded(state.name);
  return { kind: "exit", output, next: catcher.next, ...(assigned === undefined ? {} : { assigned }) };
}

/** A branch or iteration failed: its siblings are aborted. Gives the branch around it, to fail with the same error. */
function failParent(step: Step, branch: Branch): Branch {
  const parent = step.snapshot.branch(branch.parent);
  const parentState = stateOf(step, parent);
  if (parentState.type === "Map") {
    record(step, "MapIterationFailed", branch.lastEventId, { index: branch.index, name: parentState.name });
  } else if (stateOf(step, branch).type === "Task") record(step, "TaskStateAborted", branch.lastEventId);
  for (const sibling of step.snapshot.childrenOf(parent)) {
    if (sibling !== branch && sibling.ended === undefined) abort(step, sibling, parentState);
  }
  step.snapshot.unpark(parent);
  parent.lastEventId = branch.lastEventId;
  return parent;
}

const ABORTABLE: ReadonlySet<string> = new Set(["Task", "Wait", "Parallel", "Map"]);

/** Stops an open branch and everything below it. */
function abort(step: Step, branch: Branch, parentState: State): void {
  const state = stateOf(step, branch);
  for (const child of step.snapshot.childrenOf(branch)) {
    if (child.ended === undefined) abort(step, child, state);
  }
  cancelWait(step, branch);
  const at = step.ready.indexOf(branch);
  if (at >= 0) step.ready.splice(at, 1);
  const entered = branch.enteredEventId !== 0;
  if (entered && ABORTABLE.has(state.type)) record(step, `${state.type}StateAborted`, branch.lastEventId);
  if (parentState.type === "Map") {
    record(step, "MapIterationAborted", branch.lastEventId, { index: branch.index, name: parentState.name });
  }
}
