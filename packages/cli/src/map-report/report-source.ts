/** Where reports come from: a data directory whose service is not running, or a service that speaks the API. */
import type { HistoryEvent, Json } from "@stepwell/core";
import type { ChildDescription, MapRunDescription } from "@stepwell/engine";
import type { ReportRow } from "./report-row.ts";

export interface ReportSource {
  /** The children of a run in the order of the items; with `failed`, only those that did not succeed. */
  children(mapRunArn: string, failed: boolean): AsyncIterable<ReportRow>;
  history(executionArn: string): AsyncIterable<HistoryEvent>;
  progress(mapRunArn: string): Promise<RunProgress>;
  close(): Promise<void>;
}

export interface RunProgress {
  readonly status: string;
  readonly done: number;
  readonly running: number;
  readonly failed: number;
  /** Of the items that are known. */
  readonly total: number;
}

export function childRow(child: ChildDescription): ReportRow {
  const { index, firstItem, items, key, status, redriveCount, startedAt, stoppedAt, redrivenAt, input, output } = child;
  const began = redrivenAt ?? startedAt;
  return {
    index,
    item: firstItem,
    items,
    status,
    attempts: 1 + redriveCount,
    ...(key === undefined ? {} : { key }),
    ...(stoppedAt === undefined ? {} : { durationMs: Math.max(0, stoppedAt - began) }),
    input: JSON.parse(input) as Json,
    ...(output === undefined ? {} : { output: JSON.parse(output) as Json }),
    ...(child.error === undefined ? {} : { error: child.error }),
    ...(child.cause === undefined ? {} : { cause: child.cause }),
    executionArn: child.executionArn,
  };
}

export function progressOf({ status, itemCounts, pendingItems }: MapRunDescription): RunProgress {
  const { SUCCEEDED, RUNNING, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE } = itemCounts;
  const failed = FAILED + TIMED_OUT + ABORTED;
  const total = SUCCEEDED + RUNNING + failed + PENDING_REDRIVE + pendingItems;
  return { status, done: SUCCEEDED, running: RUNNING, failed, total };
}
