import { Rejection } from "../rejection.ts";

export function alreadyExists(executionArn: string): Rejection {
  return new Rejection("ExecutionAlreadyExists", `Execution Already Exists: '${executionArn}'`);
}

export function doesNotExist(executionArn: string): Rejection {
  return new Rejection("ExecutionDoesNotExist", `Execution Does Not Exist: '${executionArn}'`);
}

export function notRedrivable(reason: string): Rejection {
  return new Rejection("ExecutionNotRedrivable", reason);
}

export function tooManyOpen(openExecutionsMax: number): Rejection {
  const message = `Execution limit exceeded: no more than ${openExecutionsMax} executions may be open`;
  return new Rejection("ExecutionLimitExceeded", message);
}

export function invalidInput(cause: unknown): Rejection {
  const message = "Invalid State Machine Execution Input: 'Invalid execution input.'";
  const refusal = new Rejection("InvalidExecutionInput", message);
  refusal.cause = cause;
  return refusal;
}
