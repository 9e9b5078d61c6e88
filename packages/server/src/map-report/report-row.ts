import type { Json } from "@stepwell/core";
import type { ChildDescription } from "@stepwell/engine";

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

/** A child execution, with its texts, as a line. */
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
