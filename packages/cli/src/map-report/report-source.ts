/** Where reports come from: a data directory whose service is not running, or a service that speaks the API. */
import type { HistoryEvent } from "@stepwell/core";
import type { MapRunDescription } from "@stepwell/engine";
import type { ReportRow } from "@stepwell/server";

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

export function progressOf({ status, itemCounts, pendingItems }: MapRunDescription): RunProgress {
  const { SUCCEEDED, RUNNING, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE } = itemCounts;
  const failed = FAILED + TIMED_OUT + ABORTED;
  const total = SUCCEEDED + RUNNING + failed + PENDING_REDRIVE + pendingItems;
  return { status, done: SUCCEEDED, running: RUNNING, failed, total };
}
