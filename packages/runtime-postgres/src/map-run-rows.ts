/** Between the rows of a run's children and what the engine knows of them. */
import type { ChildStatus, StoredChild } from "@stepwell/engine";
import { known } from "./execution-rows.ts";

// Stored: entries are only ever added at the end. The statements name SUCCEEDED as 1, and 2 to 4 as what failed.
const STATUSES: readonly ChildStatus[] = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"];
const CODES: ReadonlyMap<ChildStatus, number> = new Map(STATUSES.map((status, code) => [status, code]));

const WITHOUT_TEXTS =
  "position, status, first_item, items, started, stopped, redrive_count, redriven, generation, key, error, cause";

export function childColumns(texts: boolean): string {
  return `${WITHOUT_TEXTS}, ${texts ? "input, output" : "'' AS input, NULL AS output"}`;
}

export interface ChildRow {
  readonly position: number;
  readonly status: number;
  readonly first_item: number;
  readonly items: number;
  readonly started: number;
  readonly stopped: number | null;
  readonly redrive_count: number;
  readonly redriven: number | null;
  readonly generation: number;
  readonly key: Buffer | null;
  readonly error: Buffer | null;
  readonly cause: Buffer | null;
  readonly input: string;
  readonly output: string | null;
}

export function childStatusCode(status: ChildStatus): number {
  return known(CODES.get(status));
}

export function childStatusOf(code: number): ChildStatus {
  return known(STATUSES[code]);
}

export function childOf(row: ChildRow): StoredChild {
  return {
    index: row.position,
    status: childStatusOf(row.status),
    firstItem: row.first_item,
    items: row.items,
    startedAt: row.started,
    redriveCount: row.redrive_count,
    generation: row.generation,
    input: row.input,
    ...(row.redriven === null ? {} : { redrivenAt: row.redriven }),
    ...(row.stopped === null ? {} : { stoppedAt: row.stopped }),
    ...(row.key === null ? {} : { key: row.key.toString() }),
    ...(row.error === null ? {} : { error: row.error.toString() }),
    ...(row.cause === null ? {} : { cause: row.cause.toString() }),
    ...(row.output === null ? {} : { output: row.output === "" ? row.input : row.output }),
  };
}
