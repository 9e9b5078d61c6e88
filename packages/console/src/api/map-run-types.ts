/** The shapes of `/api/v1/map-runs`. */

export interface MapRunCounts {
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly aborted: number;
  readonly total: number;
  readonly resultsWritten: number;
  readonly failuresNotRedrivable?: number;
  readonly pendingRedrive?: number;
}

export interface MapRunError {
  readonly error: string;
  readonly count: number;
  readonly sample: { readonly index: number; readonly cause?: string };
}

export interface MapRun {
  readonly mapRunArn: string;
  readonly executionArn: string;
  readonly status: "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";
  readonly startDate: number;
  readonly stopDate?: number;
  readonly maxConcurrency: number;
  readonly toleratedFailurePercentage: number;
  readonly toleratedFailureCount: number;
  readonly itemCounts: MapRunCounts;
  readonly executionCounts: MapRunCounts;
  readonly redriveCount?: number;
  readonly itemsTotal?: number;
  readonly ratePerSecond?: number;
  readonly etaMs?: number;
  readonly errors: readonly MapRunError[];
  readonly slowest: readonly { readonly index: number; readonly executionArn?: string; readonly durationMs: number }[];
}

export interface MapItemQuery {
  readonly status?: readonly string[];
  readonly error?: string;
  /** The index after which the page begins. */
  readonly after?: number;
  readonly limit?: number;
}

export interface MapItem {
  readonly index: number;
  readonly firstItem: number;
  readonly items: number;
  readonly key?: string;
  readonly name: string;
  readonly executionArn?: string;
  readonly status: string;
  readonly attempts: number;
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  readonly durationMs?: number;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

export interface MapItemPage {
  readonly items: readonly MapItem[];
  readonly next?: number;
}

/** `event: progress` on the stream of a map run. */
export interface MapRunProgress {
  readonly counts: MapRunCounts;
  readonly itemCounts: MapRunCounts;
  readonly total?: number;
  readonly ratePerSecond?: number;
  readonly etaMs?: number;
  readonly status: MapRun["status"];
}

/** What the bytes of /cells mean. */
export const CELL_STATUSES = [
  "PENDING",
  "RUNNING",
  "SUCCEEDED",
  "FAILED",
  "TIMED_OUT",
  "ABORTED",
  "PENDING_REDRIVE",
] as const;
