/** SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat: exactly one of all that may end a task does (design invariant 5). */
import { parseTaskToken, type StateMachine } from "@stepwell/core";
import { Rejection } from "../rejection.ts";
import { type ExecutionLoop, ExecutionMissing } from "./execution-loop.ts";
import type { LiveExecution } from "./live-execution.ts";
import { activitiesOf } from "./missing-activities.ts";

/** Applies something to the task a token stands for. */
export async function withTaskToken(
  loop: ExecutionLoop,
  token: string,
  apply: (live: LiveExecution, taskId: number) => void,
): Promise<void> {
  const parts = parseTaskToken(token);
  if (parts === undefined) throw new Rejection("InvalidToken", "Invalid Token: 'Invalid token'");
  const { executionArn, taskId, nonce } = parts;
  try {
    await loop.deliver(executionArn, (live) => {
      if (!live.holdsToken(taskId, nonce)) throw timedOut(live.machine);
      apply(live, taskId);
    });
  } catch (error) {
    if (!(error instanceof ExecutionMissing)) throw error;
    throw new Rejection("TaskDoesNotExist", "Task Does Not Exist: 'Provided task does not exist'");
  }
}

/**
 * AWS names the activity (features.md A.18). A token does not say whether it was an activity's, so it is named where
 * the definition leaves no doubt.
 */
function timedOut(machine: StateMachine): Rejection {
  const activities = activitiesOf(machine);
  const isOther = [...machine.states.values()].some(
    (state) =>
      state.type === "Task" && state.resource.kind === "service" && state.resource.pattern !== "requestResponse",
  );
  const named = activities.length === 1 && !isOther ? activities[0] : "Provided task does not exist anymore";
  return new Rejection("TaskTimedOut", `Task Timed Out: '${named}'`);
}
