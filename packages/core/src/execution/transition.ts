import type { StateMachine, StateMachineType } from "../definition/state-machine.ts";
import type { EpochMs } from "../json.ts";
import type { Command } from "./command.ts";
import type { ExecutionEvent, Facts } from "./execution-event.ts";
import type { HistoryEvent } from "./history-event.ts";
import type { ExecutionLimits } from "./limits.ts";

/** What never changes in an execution; the engine keeps it with the execution and gives it back to `restoreSnapshot`. */
export interface ExecutionStart {
  readonly executionArn: string;
  readonly executionName: string;
  readonly type: StateMachineType;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
  readonly startedAt: EpochMs;
  /** Compact JSON text. */
  readonly input: string;
  readonly stateMachineVersionArn?: string;
  readonly stateMachineAliasArn?: string;
}

/** The memory of a running execution. Opaque outside core; persisted through `takeChanges` and `restoreSnapshot`. */
export interface Snapshot {
  readonly start: ExecutionStart;
}

export interface Step {
  readonly snapshot: Snapshot;
  /** In order of id, without gaps; empty when the event changed nothing. */
  readonly history: readonly HistoryEvent[];
  /** In order. To be performed after the commit. */
  readonly commands: readonly Command[];
}

/** One part of a snapshot to write (`json`) or to delete (`null`). Part numbers are small whole numbers. */
export interface SnapshotPart {
  readonly part: number;
  readonly json: string | null;
}

export declare function startExecution(
  machine: StateMachine,
  start: ExecutionStart,
  facts: Facts,
  limits: ExecutionLimits,
): Step;

/**
 * Decides what an event does to an execution. Deterministic and synchronous. The snapshot given is consumed: it may be
 * changed in place and must not be used again; when the step cannot be committed, restore it from what is stored.
 */
export declare function transition(
  machine: StateMachine,
  snapshot: Snapshot,
  event: ExecutionEvent,
  facts: Facts,
  limits: ExecutionLimits,
): Step;

/** The parts that changed since the last call (all of them after a start); call once per commit, then they are clean. */
export declare function takeChanges(snapshot: Snapshot): SnapshotPart[];
export declare function restoreSnapshot(
  machine: StateMachine,
  start: ExecutionStart,
  parts: Iterable<{ readonly part: number; readonly json: string }>,
): Snapshot;
/** StartTask, ScheduleActivity and SetTimer commands of everything the execution waits for: what a restart performs again. */
export declare function outstandingCommands(machine: StateMachine, snapshot: Snapshot): Command[];
/** Where each branch of a running execution is and what it waits for since when (invariant 10). */
export interface WaitingBranch {
  readonly stateName: string;
  readonly waitsFor: "timer" | "task" | "activity" | "callback" | "retry" | "branches";
  readonly since: EpochMs;
  readonly until?: EpochMs;
  readonly taskId?: number;
}
export declare function waitingBranches(snapshot: Snapshot): WaitingBranch[];

/** A task token is opaque text that names the execution and the task and carries a secret nonce. `undefined`: not one of ours. */
export declare function parseTaskToken(
  token: string,
): { executionArn: string; taskId: number; nonce: string } | undefined;
/** True while the task with this token is still waited for. */
export declare function holdsToken(snapshot: Snapshot, taskId: number, nonce: string): boolean;
