import { flowErrorName } from "@stepwell/core";
import { type ExecutionDescription, type ExecutionStatus, type Flow, flowExecutionName } from "@stepwell/engine";
import { timeText } from "./action.ts";

const STATUSES: { readonly [S in ExecutionStatus]: string } = {
  RUNNING: "Running",
  PENDING_REDRIVE: "Running",
  SUCCEEDED: "Succeeded",
  FAILED: "Failed",
  TIMED_OUT: "TimedOut",
  ABORTED: "Stopped",
};

export function flowStatus(status: ExecutionStatus): string {
  return STATUSES[status];
}

/** The engine's statuses of one of CloudFlow's; `undefined` when there is no such status. */
export function engineStatus(status: string): ExecutionStatus | "none" | undefined {
  // What has been started runs at once.
  if (status === "Starting") return "none";
  return (Object.entries(STATUSES) as [ExecutionStatus, string][]).find(([, name]) => name === status)?.[0];
}

/** An execution as StartExecution, DescribeExecution and ListExecutions show it. */
export function executionView(execution: ExecutionDescription, flow: Flow): object {
  const { status, stopDate, output } = execution;
  return {
    Name: flowExecutionName(execution.name),
    FlowName: flow.name,
    FlowDefinition: flow.definition,
    Input: execution.input,
    Output: status === "SUCCEEDED" ? (output ?? "{}") : "",
    Status: flowStatus(status),
    StartedTime: timeText(execution.startDate),
    StoppedTime: stopDate === undefined ? "" : timeText(stopDate),
    ...(flow.roleArn === "" ? {} : { RoleArn: flow.roleArn }),
  };
}

/** What an execution ended with, in CloudFlow's words; nothing for one that succeeded or runs. */
export function executionError({
  status,
  error,
  cause,
}: ExecutionDescription): { error: string; cause: string } | undefined {
  if (status === "SUCCEEDED" || status === "RUNNING" || status === "PENDING_REDRIVE") return undefined;
  const named = error === undefined ? undefined : flowErrorName(error);
  return { error: named ?? (status === "TIMED_OUT" ? "FnF.Timeout" : ""), cause: cause ?? "" };
}
