/** Between rows and what the engine knows. */
import type { ForkOrigin } from "@stepwell/core";
import type { ExecutionStatus, StoredExecution } from "@stepwell/engine";

// Stored: entries are only ever added at the end.
const STATUSES: readonly ExecutionStatus[] = [
  "RUNNING",
  "SUCCEEDED",
  "FAILED",
  "TIMED_OUT",
  "ABORTED",
  "PENDING_REDRIVE",
];
export const STATUS_CODES: ReadonlyMap<ExecutionStatus, number> = new Map(
  STATUSES.map((status, code) => [status, code]),
);
export const RUNNING = 0;

export function statusCode(status: ExecutionStatus): number {
  return known(STATUS_CODES.get(status));
}

export function statusOf(code: number): ExecutionStatus {
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

/** A row of `execution_forks`. */
export interface ForkRow {
  readonly original_arn: string;
  readonly event: number;
  readonly state: string;
  readonly context: string | null;
}

export interface ExecutionRow {
  readonly id: number;
  readonly scope: number;
  readonly name: string;
  readonly status: number;
  readonly origin: number;
  readonly started: number;
  readonly stopped: number | null;
  readonly version: number;
  readonly last_event: number;
  readonly redrive_count: number;
  readonly redriven: number | null;
  readonly trace_header: string | null;
  readonly error: string | null;
  readonly cause: string | null;
  readonly output: string | null;
  readonly input: string;
}

/** The row of one execution; while it runs, the version and the last event stand in `running`. */
export const EXECUTION_COLUMNS = `e.id, e.scope, e.name, e.status, e.origin, e.started, e.stopped,
  coalesce(r.version, e.version) AS version, coalesce(r.last_event, e.last_event) AS last_event,
  e.redrive_count, e.redriven, e.trace_header, e.error, e.cause, e.output, e.input`;

export function executionOf(row: ExecutionRow, prefix: string, origin: Origin, fork?: ForkRow): StoredExecution {
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
    ...(row.trace_header === null ? {} : { traceHeader: row.trace_header }),
    ...(row.stopped === null ? {} : { stopDate: row.stopped }),
    ...(row.output === null ? {} : { output: row.output }),
    ...(row.error === null ? {} : { error: row.error }),
    ...(row.cause === null ? {} : { cause: row.cause }),
    ...(row.redriven === null ? {} : { redriveDate: row.redriven }),
  };
}

export function forkOriginOf(row: ForkRow): ForkOrigin {
  return { executionArn: row.original_arn, eventId: row.event, stateName: row.state };
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
