import type { StateMachine } from "../definition/state-machine.ts";
import type { Chance } from "./chance.ts";
import type { Command } from "./command.ts";
import { flowEvents } from "./flow-events.ts";
import type { HistoryEvent } from "./history-event.ts";
import type { ExecutionLimits } from "./limits.ts";
import type { Branch, Snapshot } from "./snapshot.ts";
import type { TestedState } from "./tested-state.ts";

/** One transition in the making: what it reads, and what it has decided so far. */
export interface Step {
  readonly machine: StateMachine;
  readonly snapshot: Snapshot;
  readonly chance: Chance;
  readonly limits: ExecutionLimits;
  readonly missingActivities: ReadonlySet<string>;
  readonly history: HistoryEvent[];
  /** Events get their ids, but nobody asks for them. */
  readonly withoutHistory?: boolean;
  commands: Command[];
  /** Branches that can go on, in order. */
  readonly ready: Branch[];
  statesEntered: number;
  /** Of `operationsSpent`: from there on no state is entered in this transition. */
  readonly operationsUntil: number;
  /** Set by TestState alone. */
  readonly tested?: TestedState;
}

/** Thrown by `record` when the next event must be the one that says the history is full; caught by `transition` alone. */
export class HistoryFull extends Error {
  readonly previousEventId: number;

  constructor(previousEventId: number) {
    super("history is full");
    this.previousEventId = previousEventId;
  }
}

type Details = NonNullable<HistoryEvent["details"]>;

/** Appends a history event and gives its id. Does not move any branch's chain: see `advance`. */
export function record(
  step: Step,
  type: string,
  previousEventId: number,
  details?: Details,
  stateName?: string,
): number {
  const { head, start } = step.snapshot;
  const untold = untoldAfter(step, type, stateName);
  const full = start.type === "STANDARD" && head.nextEventId - untold >= step.limits.historyEventsMax;
  if (full && !ENDS.has(type)) throw new HistoryFull(previousEventId);
  if (step.machine.flow !== undefined) head.untoldEvents = untold;
  const id = head.nextEventId;
  head.nextEventId = id + 1;
  step.snapshot.headChanged();
  if (step.withoutHistory === true) return id;
  const timestamp = step.chance.now;
  step.history.push(
    details === undefined
      ? { id, previousEventId, timestamp, type }
      : { id, previousEventId, timestamp, type, details },
  );
  return id;
}

/** The bound of a flow's history counts the events that it tells. */
function untoldAfter({ machine, snapshot }: Step, type: string, stateName: string | undefined): number {
  if (machine.flow === undefined) return 0;
  return (snapshot.head.untoldEvents ?? 0) + 1 - flowEvents(machine, type, stateName);
}

/** The events that may stand last, also in a full history. */
const ENDS: ReadonlySet<string> = new Set([
  "ExecutionFailed",
  "ExecutionAborted",
  "ExecutionTimedOut",
  "ExecutionSucceeded",
]);

/** Records the next event of a branch's own chain. */
export function advance(step: Step, branch: Branch, type: string, details?: Details): number {
  const id = record(step, type, branch.lastEventId, details, branch.state);
  branch.lastEventId = id;
  step.snapshot.changed(branch);
  return id;
}

/** The members of an event that says what went wrong; absent ones are left out as AWS does. */
export function errorDetails(failure: { readonly error?: string; readonly cause?: string }): {
  [member: string]: string;
} {
  return {
    ...(failure.error === undefined ? {} : { error: failure.error }),
    ...(failure.cause === undefined ? {} : { cause: failure.cause }),
  };
}
