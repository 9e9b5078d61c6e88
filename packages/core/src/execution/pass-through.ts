/**
 * Machines that hand their input on as it is: Pass states without fields that change anything, one behind the other, and
 * perhaps a Succeed. A Distributed Map that only reads, selects and writes items has children of this kind, a million of
 * them: what such a machine does is known without a transition.
 */
import type { State, StateMachine } from "../definition/state-machine.ts";
import type { ExecutionLimits } from "./limits.ts";
import { exceedsBytes } from "./payload.ts";

export interface PassThrough {
  /** The types of the history events of each of its executions, in order: the same array for one machine. */
  readonly historyTypes: readonly string[];
  readonly states: number;
}

/** More states than that are stepped through as those of any machine. */
const STATES_MAX = 100;

/** Made once for each machine. */
const known = new WeakMap<StateMachine, PassThrough | null>();

/**
 * Whether a fresh execution of the machine succeeds in its first transition with its input, compact JSON text, as its
 * output, and what its history looks like. `undefined` where `startExecution` has to decide.
 */
export function passThrough(
  machine: StateMachine,
  input: string,
  limits: Pick<ExecutionLimits, "payloadBytesMax" | "statesPerTransitionMax">,
): PassThrough | undefined {
  let found = known.get(machine);
  if (found === undefined) {
    found = examine(machine) ?? null;
    known.set(machine, found);
  }
  if (found === null || found.states > limits.statesPerTransitionMax) return undefined;
  return exceedsBytes(input, limits.payloadBytesMax) ? undefined : found;
}

function examine(machine: StateMachine): PassThrough | undefined {
  if (machine.flow !== undefined) return undefined;
  const historyTypes = ["ExecutionStarted"];
  let name: string | null = machine.root.startAt;
  let states = 0;
  for (; name !== null; states++) {
    const state: State | undefined = machine.states.get(name);
    if (state === undefined || states >= STATES_MAX || !handsOn(state)) return undefined;
    historyTypes.push(`${state.type}StateEntered`, `${state.type}StateExited`);
    name = state.next ?? null;
  }
  historyTypes.push("ExecutionSucceeded");
  return { historyTypes, states };
}

function handsOn(state: State): boolean {
  const { type, inputPath, outputPath, output, assign } = state;
  if (type !== "Pass" && type !== "Succeed") return false;
  if (inputPath !== undefined || outputPath !== undefined || output !== undefined || assign !== undefined) return false;
  if (type === "Succeed") return true;
  const { result, parameters, resultPath } = state;
  // The result of such a state is its input: put nowhere, or in its own place, it changes nothing.
  return result === undefined && parameters === undefined && (resultPath === undefined || resultPath === "discard");
}
