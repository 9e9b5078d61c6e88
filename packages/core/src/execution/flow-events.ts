/**
 * How many events of CloudFlow's history an event of the engine is (cloudflow.md 4): its bound of 5,000 counts those, and where a step
 * takes two states the engine has more. A StepFailed that is told when a task's failure was caught is not counted.
 */
import type { StateMachine } from "../definition/state-machine.ts";

/** The Comment of states that are not a whole step; written by the compiler of flows. */
export const FLOW_STATE_PARTS = {
  begin: "the beginning of a step",
  end: "the end of a step",
  none: "no step",
} as const;

/** Nothing of these is told. */
const UNTOLD: ReadonlySet<string> = new Set([
  "MapStateStarted",
  "MapStateSucceeded",
  "MapRunSucceeded",
  "MapRunFailed",
  "MapIterationFailed",
  "ParallelStateSucceeded",
]);

export function flowEvents(machine: StateMachine, type: string, stateName: string | undefined): number {
  if (UNTOLD.has(type) || type.endsWith("Aborted")) return 0;
  const state = stateName === undefined ? undefined : machine.states.get(stateName);
  // Both ends of every branch.
  if (type === "ParallelStateStarted") return state?.type === "Parallel" ? 2 * state.branches.length : 0;
  // A StepFailed with it.
  if (type === "FailStateEntered") return 2;
  const { begin, end, none } = FLOW_STATE_PARTS;
  const part = state?.comment;
  if (type.endsWith("StateEntered")) return part === end || part === none ? 0 : 1;
  if (type.endsWith("StateExited")) return part === begin || part === none ? 0 : 1;
  return 1;
}
