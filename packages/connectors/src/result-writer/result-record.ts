import { formatTimestamp } from "@stepwell/core";
import type { ResultRecord } from "@stepwell/engine";

const INCLUDED = { Included: true };

/** A child as a result file shows it: the members of DescribeExecution, capitalised, by name. features.md A.14. */
export function recordText(record: ResultRecord): string {
  const { input, output, startedAt, stoppedAt } = record;
  if (record.status === "PENDING") {
    return JSON.stringify({ Input: input, InputDetails: INCLUDED, Status: record.status });
  }
  return JSON.stringify({
    Cause: record.cause,
    Error: record.error,
    ExecutionArn: record.executionArn,
    Input: input,
    InputDetails: INCLUDED,
    Name: record.name,
    Output: output,
    OutputDetails: output === undefined ? undefined : INCLUDED,
    RedriveCount: record.redriveCount,
    RedriveStatus: record.redriveStatus,
    RedriveStatusReason: record.redriveStatusReason,
    StartDate: startedAt === undefined ? undefined : formatTimestamp(startedAt),
    StateMachineArn: record.stateMachineArn,
    Status: record.status,
    StopDate: stoppedAt === undefined ? undefined : formatTimestamp(stoppedAt),
  });
}
