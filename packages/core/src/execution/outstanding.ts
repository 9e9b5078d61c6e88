/** What a running execution waits for, read off its snapshot: after a restart, and for whoever asks what is stuck. */
import type { StateMachine, TaskState } from "../definition/state-machine.ts";
import type { EpochMs } from "../json.ts";
import { assert } from "./assert.ts";
import type { Command, ScheduleActivity, StartTask } from "./command.ts";
import { type MapRunBranch, mapRunCommand } from "./map-runs.ts";
import type { Branch, Snapshot, TaskWait } from "./snapshot.ts";
import { taskToken } from "./task-token.ts";
import { type TaskBranch, taskCommand } from "./tasks.ts";
import { executionDeadline } from "./transition.ts";
import { branchTimer, EXECUTION_TIMER, heartbeatTimer, timeoutTimer } from "./waits.ts";

/**
 * The StartTask, ScheduleActivity, StartMapRun and SetTimer commands of everything the execution waits for: what a restart performs
 * again. Tasks that were submitted (`.sync`, `.waitForTaskToken`) and leased activities are not started again.
 */
export function outstandingCommands(machine: StateMachine, snapshot: Snapshot): Command[] {
  if (snapshot.head.status !== "RUNNING") return [];
  const deadline = executionDeadline(machine, snapshot);
  const commands: Command[] =
    deadline === undefined ? [] : [{ kind: "SetTimer", timerId: EXECUTION_TIMER, at: deadline }];
  for (const branch of snapshot.branches.values()) commands.push(...branchCommands(machine, snapshot, branch));
  return commands;
}

function branchCommands(machine: StateMachine, snapshot: Snapshot, branch: Branch): Command[] {
  const { wait } = branch;
  if (wait === undefined || wait.kind === "branches") return [];
  if (wait.kind === "mapRun") return [mapRunCommand(branch as MapRunBranch)];
  if (wait.kind !== "task") return [{ kind: "SetTimer", timerId: branchTimer(branch), at: wait.at }];
  const commands: Command[] = [];
  const state = taskState(machine, branch);
  const out = wait.phase === "started" && state.resource.kind !== "activity";
  if (out || wait.phase === "scheduled") commands.push(taskCommand(snapshot, branch as TaskBranch, state));
  const { timeoutAt, heartbeatAt, taskId } = wait;
  if (timeoutAt !== undefined) commands.push({ kind: "SetTimer", timerId: timeoutTimer(taskId), at: timeoutAt });
  if (heartbeatAt !== undefined) commands.push({ kind: "SetTimer", timerId: heartbeatTimer(taskId), at: heartbeatAt });
  return commands;
}

/** The command that sent out a task still waited for, a submitted one too: what polling and stopping its job need. */
export function commandOfTask(
  machine: StateMachine,
  snapshot: Snapshot,
  taskId: number,
): StartTask | ScheduleActivity | undefined {
  const branch = snapshot.branchOfTask(taskId);
  return branch === undefined ? undefined : taskCommand(snapshot, branch, taskState(machine, branch));
}

function taskState(machine: StateMachine, branch: Branch): TaskState {
  const state = machine.states.get(branch.state);
  assert(state?.type === "Task", "a branch that waits for a task must be at a Task state");
  return state;
}

/** Where a branch of a running execution is and what it waits for since when (design invariant 10). */
export interface WaitingBranch {
  readonly stateName: string;
  /** Its …StateEntered event: which visit of the state it is. */
  readonly enteredEventId: number;
  readonly waitsFor: "timer" | "task" | "activity" | "callback" | "retry" | "branches" | "mapRun";
  readonly since: EpochMs;
  readonly until?: EpochMs;
  readonly taskId?: number;
  /** Of a task, an activity or a callback. */
  readonly task?: WaitingTask;
}

export interface WaitingTask {
  /** The state's Resource. */
  readonly resource: string;
  /** Ends the task for whoever knows it. */
  readonly taskToken: string;
  /** Somebody outside was given the token: an activity's worker, or what a callback task has called. */
  readonly isTokenOut: boolean;
  readonly timeoutAt?: EpochMs;
  readonly heartbeatAt?: EpochMs;
}

export function waitingBranches(machine: StateMachine, snapshot: Snapshot): WaitingBranch[] {
  const waiting: WaitingBranch[] = [];
  for (const branch of snapshot.branches.values()) {
    const { wait } = branch;
    if (wait === undefined) continue;
    const at = { stateName: branch.state, enteredEventId: branch.enteredEventId, since: wait.since };
    if (wait.kind === "branches") waiting.push({ ...at, waitsFor: "branches" });
    else if (wait.kind === "mapRun") waiting.push({ ...at, waitsFor: "mapRun", taskId: wait.taskId });
    else if (wait.kind !== "task") {
      waiting.push({ ...at, waitsFor: wait.kind === "retry" ? "retry" : "timer", until: wait.at });
    } else {
      const until = Math.min(wait.timeoutAt ?? Number.POSITIVE_INFINITY, wait.heartbeatAt ?? Number.POSITIVE_INFINITY);
      const bound = Number.isFinite(until) ? { until } : {};
      const state = taskState(machine, branch);
      const task = waitingTask(snapshot, wait, state);
      waiting.push({ ...at, waitsFor: taskKind(state), taskId: wait.taskId, task, ...bound });
    }
  }
  return waiting;
}

function waitingTask(snapshot: Snapshot, wait: TaskWait, { resource }: TaskState): WaitingTask {
  const { taskId, nonce, timeoutAt, heartbeatAt, phase } = wait;
  const { executionArn } = snapshot.start;
  const isCallback = resource.kind === "service" && resource.pattern === "waitForTaskToken";
  return {
    resource: resource.arn,
    taskToken: taskToken({ executionArn, taskId, nonce }),
    isTokenOut: phase !== "scheduled" && (isCallback || resource.kind === "activity"),
    ...(timeoutAt === undefined ? {} : { timeoutAt }),
    ...(heartbeatAt === undefined ? {} : { heartbeatAt }),
  };
}

function taskKind(state: TaskState): WaitingBranch["waitsFor"] {
  if (state.resource.kind === "activity") return "activity";
  return state.resource.kind === "service" && state.resource.pattern === "waitForTaskToken" ? "callback" : "task";
}

/** True while the task with this token is still waited for. */
export function holdsToken(snapshot: Snapshot, taskId: number, nonce: string): boolean {
  return snapshot.head.status === "RUNNING" && snapshot.branchOfTask(taskId)?.wait.nonce === nonce;
}
