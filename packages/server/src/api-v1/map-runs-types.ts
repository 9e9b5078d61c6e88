/** The shapes of `/api/v1/map-runs/*`: types only. docs/api-v1.md says what each call does; times are epoch milliseconds. */
import type { ApiExecutionStatus } from "./types.ts";

export type ApiMapRunStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";

/** DescribeMapRun's counters. */
export interface ApiMapRunCounts {
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly aborted: number;
  readonly total: number;
  readonly resultsWritten: number;
  readonly pendingRedrive?: number;
}

/** What became of some hundred or thousand children that follow each other. */
export interface ApiMapRunBucket {
  /** Index of its first child. */
  readonly first: number;
  /** Children, those that have not begun included. */
  readonly children: number;
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly aborted: number;
  readonly pendingRedrive: number;
}

export interface ApiMapRunError {
  readonly error: string;
  /** Children that ended with it. */
  readonly count: number;
  readonly sample: { readonly index: number; readonly cause?: string };
}

/** GET /map-runs/:arn. */
export interface ApiMapRun {
  readonly mapRunArn: string;
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly stateName: string;
  readonly executionType: "STANDARD" | "EXPRESS";
  readonly status: ApiMapRunStatus;
  readonly startDate: number;
  readonly stopDate?: number;
  readonly redriveCount: number;
  readonly redriveDate?: number;
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number;
  readonly toleratedFailurePercentage: number;
  readonly itemCounts: ApiMapRunCounts;
  readonly executionCounts: ApiMapRunCounts;
  readonly error?: string;
  readonly cause?: string;
  /** The run some of whose children this one runs once more. */
  readonly rerunOf?: string;
  /** Children that have begun: what `cells` has. */
  readonly children: number;
  /** Absent as long as the reader has not told. */
  readonly itemsTotal?: number;
  /** Items that ended, over the time the run takes; absent before there are any. */
  readonly ratePerSecond?: number;
  /** Until all have ended, if it goes on like that. */
  readonly etaMs?: number;
  /** Of 1,000 children each; of more when there are more than a million children. */
  readonly buckets: readonly ApiMapRunBucket[];
  /** Most frequent first, 20 at most. */
  readonly errors: readonly ApiMapRunError[];
  /** Longest first, 20 at most. */
  readonly slowest: readonly { readonly index: number; readonly executionArn: string; readonly durationMs: number }[];
}

export interface ApiMapRunItemRow {
  /** Of the child execution, from 0. */
  readonly index: number;
  /** The first of its items, and how many it has: more than one in batches. */
  readonly firstItem: number;
  readonly items: number;
  /** The member name, when the items are those of an object. */
  readonly key?: string;
  readonly name: string;
  readonly executionArn: string;
  readonly status: ApiExecutionStatus;
  readonly attempts: number;
  readonly startedAt: number;
  readonly stoppedAt?: number;
  readonly durationMs?: number;
  /** JSON texts. */
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** GET /map-runs/:arn/items. A page may be short when its texts are long. */
export interface ApiMapRunItems {
  readonly items: readonly ApiMapRunItemRow[];
  /** To be given as `after`; absent on the last page. */
  readonly next?: number;
}

/** POST /map-runs/:arn/redrive. */
export interface ApiMapRunRedrive {
  /** Indexes of children: `3,17-20`, or one by one. */
  readonly items: string | readonly number[];
  /** Any JSON value: an object is merged into inputs that are objects, anything else replaces them. */
  readonly inputPatch?: unknown;
}

export interface ApiMapRunRedriveAnswer {
  /** Of the parent. */
  readonly executionArn: string;
  /** The new run, linked to the one that was asked about. */
  readonly mapRunArn: string;
}

/** `event: progress` on /map-runs/:arn/stream. */
export interface ApiMapRunProgress {
  readonly status: ApiMapRunStatus;
  /** Of child executions. */
  readonly counts: ApiMapRunCounts;
  readonly itemCounts: ApiMapRunCounts;
  /** Items; absent as long as the reader has not told. */
  readonly total?: number;
  /** Of late. */
  readonly ratePerSecond: number;
  readonly etaMs?: number;
}
