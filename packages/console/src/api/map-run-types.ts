/** The server's types of `/api/v1/map-runs`, and what its cells mean. */
export type {
  ApiMapRun,
  ApiMapRunCounts,
  ApiMapRunItemRow,
  ApiMapRunItems,
  ApiMapRunProgress,
  ApiMapRunRedrive,
  ApiMapRunRedriveAnswer,
} from "@stepwell/server";

/** What GET /map-runs/:arn/items filters by. */
export interface MapItemQuery {
  readonly status?: readonly string[];
  /** Part of the error. */
  readonly error?: string;
  /** The index after which the page begins. */
  readonly after?: number;
  readonly limit?: number;
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
