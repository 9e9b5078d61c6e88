import type { StatesError } from "../errors/states-error.ts";
import { type Payload, textOf } from "./payload.ts";
import type { ExecutionEnd } from "./snapshot.ts";
import { errorDetails, record, type Step } from "./step.ts";
import { cancelWait } from "./waits.ts";

export function succeedExecution(step: Step, output: Payload, previousEventId: number): void {
  const text = textOf(output);
  const id = record(step, "ExecutionSucceeded", previousEventId, { output: text });
  end(step, "SUCCEEDED", id);
  step.commands.push({ kind: "EndExecution", status: "SUCCEEDED", output: text });
}

export function failExecution(step: Step, failure: StatesError, previousEventId: number): void {
  const details = errorDetails(failure);
  end(step, "FAILED", record(step, "ExecutionFailed", previousEventId, details));
  step.commands.push({ kind: "EndExecution", status: "FAILED", ...details });
}

/** StopExecution. The event is linked to nothing (recorded-behaviour.md, fact 4). */
export function abortExecution(step: Step, reason: StatesError): void {
  const details = errorDetails(reason);
  end(step, "ABORTED", record(step, "ExecutionAborted", 0, details));
  step.commands.push({ kind: "EndExecution", status: "ABORTED", ...details });
}

/** The event names States.Timeout; the execution itself shows neither error nor cause (fact 26). */
export function timeOutExecution(step: Step): void {
  end(step, "TIMED_OUT", record(step, "ExecutionTimedOut", 0, { error: "States.Timeout" }));
  step.commands.push({ kind: "EndExecution", status: "TIMED_OUT" });
}

/**
 * Nothing goes on: what is out is cancelled. Timers go with the execution. The branches of an execution that may be
 * redriven stay as they were.
 */
function end(step: Step, status: ExecutionEnd, eventId: number): void {
  const { snapshot } = step;
  step.ready.length = 0;
  for (const branch of snapshot.branches.values()) cancelWait(step, branch);
  step.commands = step.commands.filter(({ kind }) => kind === "CancelTask" || kind === "CancelMapRun");
  snapshot.head.status = status;
  snapshot.head.endEventId = eventId;
  if (status === "SUCCEEDED" || snapshot.start.type === "EXPRESS") snapshot.forget();
}
