/** Between rows and what the engine knows. */
import type { ExecutionStatus, ExecutionSummary, OverNothing, StoredExecution } from "@stepwell/engine";
import { type ForkRow, forkOriginOf } from "./execution-forks.ts";

// Stored: entries are only ever added at the end.
export const STATUSES: readonly ExecutionStatus[] = [
  "RUNNING",
  "SUCCEEDED",
  "FAILED",
  "TIMED_OUT",
  "ABORTED",
  "PENDING_REDRIVE",
];
const CODES: ReadonlyMap<ExecutionStatus, number> = new Map(STATUSES.map((status, code) => [status, code]));
export const STATUS_CODES: readonly number[] = [...CODES.values()];
export const RUNNING = 0;

export function statusCode(status: ExecutionStatus): number {
  return known(CODES.get(status));
}

function statusOf(code: number): ExecutionStatus {
  return known(STATUSES[code]);
}

/** Where an execution comes from: the same for thousands of them, stored once. */
export interface Origin {
  readonly type: "STANDARD" | "EXPRESS";
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
  readonly revisionKey: string;
  readonly stateMachineVersionArn?: string;
  readonly stateMachineAliasArn?: string;
  readonly mapRunArn?: string;
  /** There is a row in `execution_forks`. */
  readonly isFork?: true;
}

export function originOf({ start, revisionKey }: Pick<OverNothing, "start" | "revisionKey">): Origin {
  return {
    type: start.type,
    stateMachineArn: start.stateMachineArn,
    stateMachineName: start.stateMachineName,
    roleArn: start.roleArn,
    revisionKey,
    ...(start.stateMachineVersionArn === undefined ? {} : { stateMachineVersionArn: start.stateMachineVersionArn }),
    ...(start.stateMachineAliasArn === undefined ? {} : { stateMachineAliasArn: start.stateMachineAliasArn }),
    ...(start.mapRunArn === undefined ? {} : { mapRunArn: start.mapRunArn }),
    ...(start.forkOf === undefined ? {} : { isFork: true as const }),
  };
}

export interface ExecutionRow {
  readonly id: number;
  readonly scope: Buffer;
  readonly name: string;
  readonly status: number;
  readonly origin: Buffer;
  readonly started: number;
  readonly stopped: number | null;
  readonly version: number;
  readonly last_event: number;
  readonly redrive_count: number;
  readonly redriven: number | null;
  readonly trace_header: Buffer | null;
  readonly error: Buffer | null;
  readonly cause: Buffer | null;
  readonly output: string | null;
  readonly input: string;
}

/** While it runs, the version and the last event stand in `running`. */
export const EXECUTION_COLUMNS = `e.id, e.scope, e.name, e.status, e.origin, e.started, e.stopped,
  coalesce(r.version, e.version) AS version, coalesce(r.last_event, e.last_event) AS last_event,
  e.redrive_count, e.redriven, e.trace_header, e.error, e.cause, e.output, e.input`;

export function executionOf(
  row: ExecutionRow,
  prefix: string,
  origin: Origin,
  fork: ForkRow | undefined,
): StoredExecution {
  const { revisionKey, isFork: _, ...machine } = origin;
  return {
    key: row.id,
    version: row.version,
    lastEventId: row.last_event,
    start: {
      executionArn: `${prefix}:${row.name}`,
      executionName: executionName(row.name),
      ...machine,
      startedAt: row.started,
      input: row.input,
      ...(fork === undefined ? {} : { forkOf: forkOriginOf(fork) }),
      ...(fork === undefined || fork.context === null ? {} : { forkContext: fork.context }),
    },
    revisionKey,
    status: statusOf(row.status),
    redriveCount: row.redrive_count,
    ...(row.trace_header === null ? {} : { traceHeader: row.trace_header.toString() }),
    ...(row.stopped === null ? {} : { stopDate: row.stopped }),
    ...(row.output === null ? {} : { output: row.output }),
    ...(row.error === null ? {} : { error: row.error.toString() }),
    ...(row.cause === null ? {} : { cause: row.cause.toString() }),
    ...(row.redriven === null ? {} : { redriveDate: row.redriven }),
  };
}

export type SummaryRow = Pick<
  ExecutionRow,
  "id" | "scope" | "name" | "status" | "origin" | "started" | "stopped" | "redrive_count" | "redriven"
>;
export const SUMMARY_COLUMNS = "id, scope, name, status, origin, started, stopped, redrive_count, redriven";

export function summaryOf(row: SummaryRow, prefix: string, origin: Origin): ExecutionSummary {
  const { stateMachineArn, stateMachineVersionArn, stateMachineAliasArn } = origin;
  return {
    executionArn: `${prefix}:${row.name}`,
    stateMachineArn,
    name: row.name,
    status: statusOf(row.status),
    startDate: row.started,
    redriveCount: row.redrive_count,
    ...(row.stopped === null ? {} : { stopDate: row.stopped }),
    ...(row.redriven === null ? {} : { redriveDate: row.redriven }),
    ...(stateMachineVersionArn === undefined ? {} : { stateMachineVersionArn }),
    ...(stateMachineAliasArn === undefined ? {} : { stateMachineAliasArn }),
  };
}

/** Express executions are stored as `name:uuid`: features.md C.5. */
function executionName(name: string): string {
  const colon = name.indexOf(":");
  return colon < 0 ? name : name.slice(0, colon);
}

/**
 * `arn:aws:states:region:account:execution:machine` and what follows it. The first part repeats in all executions of a
 * machine. `undefined`: not the ARN of an execution.
 */
export function splitArn(arn: string): { readonly prefix: string; readonly name: string } | undefined {
  let colon = -1;
  for (let segment = 0; segment < 7; segment++) {
    colon = arn.indexOf(":", colon + 1);
    if (colon < 0) return undefined;
  }
  return { prefix: arn.slice(0, colon), name: arn.slice(colon + 1) };
}

export function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a stored row points to something that is not there");
  return value;
}
