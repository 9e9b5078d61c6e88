import type { EndRecord, StoredExecution } from "../ports/store.ts";
import type { ExecutionDescription } from "./executions.ts";
import type { LiveExecution } from "./live-execution.ts";

/** What DescribeExecution says; `whyNot` is why it may not be redriven, if it may not. */
export function describeStored(execution: StoredExecution, whyNot: string | undefined): ExecutionDescription {
  const { start, key: _, version: _v, lastEventId: _l, ...rest } = execution;
  const isExpress = start.type === "EXPRESS";
  const whoRedrives = start.mapRunArn === undefined ? "REDRIVABLE" : "REDRIVABLE_BY_MAP_RUN";
  return {
    ...rest,
    executionArn: start.executionArn,
    stateMachineArn: start.stateMachineArn,
    name: start.executionName,
    type: start.type,
    startDate: start.startedAt,
    input: start.input,
    redriveStatus: isExpress || whyNot !== undefined ? "NOT_REDRIVABLE" : whoRedrives,
    ...(whyNot === undefined ? {} : { redriveStatusReason: whyNot }),
    ...(start.stateMachineVersionArn === undefined ? {} : { stateMachineVersionArn: start.stateMachineVersionArn }),
    ...(start.stateMachineAliasArn === undefined ? {} : { stateMachineAliasArn: start.stateMachineAliasArn }),
    ...(start.mapRunArn === undefined ? {} : { mapRunArn: start.mapRunArn }),
    ...(start.forkOf === undefined ? {} : { forkOf: start.forkOf }),
  };
}

/** The same of an execution that has just ended, without asking the store. */
export function describeEnded(live: LiveExecution, end: EndRecord): ExecutionDescription {
  const { start, revisionKey, redriveCount, traceHeader } = live;
  const traced = traceHeader === undefined ? {} : { traceHeader };
  const stored = { key: 0, version: 0, lastEventId: live.lastEventId, start, revisionKey, redriveCount };
  return describeStored({ ...stored, ...traced, ...end }, undefined);
}
