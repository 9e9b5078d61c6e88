import type { Json } from "@stepwell/core";

/** One item of a Map (or one batch of items): a line of the report. */
export interface ReportRow {
  /** Of the iteration or child execution, from 0. */
  readonly index: number;
  /** The first of its items, and how many it has: more than one in batches. */
  readonly item: number;
  readonly items: number;
  /** The member name, when the items are those of an object. */
  readonly key?: string;
  readonly status: string;
  /** 1 and what was tried again: retries inside an iteration, redrives of a child. */
  readonly attempts: number;
  readonly durationMs?: number;
  readonly input?: Json;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  /** Of the child execution. */
  readonly executionArn?: string;
}

const GOOD: ReadonlySet<string> = new Set(["SUCCEEDED", "RUNNING"]);

/** An item whose workflow caught an error has succeeded, but has one to show. */
export function hasFailed(row: ReportRow): boolean {
  return !GOOD.has(row.status) || row.error !== undefined;
}
