import type { EpochMs } from "../json.ts";
import type { Branch, MapRunWait } from "./snapshot.ts";
import type { Step } from "./step.ts";

/** Timers of an execution, by what they wake. */
export const EXECUTION_TIMER = "x";
export const branchTimer = (branch: Branch): string => `b${branch.id}`;
export const timeoutTimer = (taskId: number): string => `t${taskId}`;
export const heartbeatTimer = (taskId: number): string => `h${taskId}`;

/** AWS's cap on an execution: a year. features.md D.1. */
const EXECUTION_MS_MAX = 365 * 86_400_000;

/** After it an execution goes nowhere. It has no timer of its own: nothing else may happen for years, and then it does. */
export function lastMoment({ snapshot }: Pick<Step, "snapshot">): EpochMs {
  return snapshot.start.startedAt + EXECUTION_MS_MAX;
}

export function setTimer(step: Step, timerId: string, at: EpochMs): void {
  step.commands.push({ kind: "SetTimer", timerId, at });
}

/** Takes a timer back: one set in this very step never leaves it. */
export function clearTimer(step: Step, timerId: string): void {
  const before = step.commands.length;
  step.commands = step.commands.filter((command) => command.kind !== "SetTimer" || command.timerId !== timerId);
  if (step.commands.length === before) step.commands.push({ kind: "ClearTimer", timerId });
}

/** A branch that waits no longer: its task or timer is cancelled. Results that still come are for nobody. */
export function cancelWait(step: Step, branch: Branch): void {
  const { wait } = branch;
  if (wait === undefined) return;
  if (wait.kind === "task") {
    cancelTask(step, wait.taskId);
    if (wait.timeoutAt !== undefined) clearTimer(step, timeoutTimer(wait.taskId));
    if (wait.heartbeatAt !== undefined) clearTimer(step, heartbeatTimer(wait.taskId));
  } else if (wait.kind === "mapRun") cancelMapRun(step, wait);
  else if (wait.kind !== "branches") clearTimer(step, branchTimer(branch));
  step.snapshot.unpark(branch);
}

function cancelTask(step: Step, taskId: number): void {
  const before = step.commands.length;
  step.commands = step.commands.filter(
    (command) => (command.kind !== "StartTask" && command.kind !== "ScheduleActivity") || command.taskId !== taskId,
  );
  if (step.commands.length === before) step.commands.push({ kind: "CancelTask", taskId });
}

function cancelMapRun(step: Step, { taskId, mapRunArn }: MapRunWait): void {
  const before = step.commands.length;
  step.commands = step.commands.filter((command) => command.kind !== "StartMapRun" || command.taskId !== taskId);
  if (step.commands.length === before) step.commands.push({ kind: "CancelMapRun", taskId, mapRunArn });
}

/** After a task's result: its own timers go. */
export function clearTaskTimers(
  step: Step,
  wait: { readonly taskId: number; readonly timeoutAt?: EpochMs; readonly heartbeatAt?: EpochMs },
): void {
  if (wait.timeoutAt !== undefined) clearTimer(step, timeoutTimer(wait.taskId));
  if (wait.heartbeatAt !== undefined) clearTimer(step, heartbeatTimer(wait.taskId));
}
