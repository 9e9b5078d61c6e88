import type { EpochMs } from "@stepwell/core";
import type { Page } from "../executions/executions.ts";
import type { ResultRecord } from "../ports/map-run-io.ts";
import type {
  ChildDuration,
  ChildErrorGroup,
  ChildQuery,
  ChildStatus,
  MapRunLimits,
  StoredMapRun,
} from "../ports/map-run-store.ts";

/** What server and CLI ask of the runs of Distributed Maps. Refusals are thrown as `Rejection`. */
export interface MapRuns {
  /** Of this process. Approximate, as AWS's. */
  readonly open: OpenMapRuns;
  /** Rejects ResourceNotFound. */
  describe(mapRunArn: string): Promise<MapRunDescription>;
  /** Newest first. */
  list(executionArn: string, page: { limit: number; cursor?: string }): Promise<Page<MapRunDescription>>;
  /** Takes effect at once. Rejects ResourceNotFound, and ValidationException when the run is over. */
  update(mapRunArn: string, limits: Partial<MapRunLimits>): Promise<void>;
  /** Newest first unless asked otherwise. `cursor` is that of the page before. Rejects ResourceNotFound. */
  children(query: ChildrenQuery): Promise<Page<ChildDescription>>;
  /** One byte a child from the index `first` on: CHILD_CELLS, 0 where none has begun. Rejects ResourceNotFound. */
  cells(mapRunArn: string, first: number, count: number): Promise<Uint8Array>;
  /** What children failed of, the most frequent first, and the first child of each. Rejects ResourceNotFound. */
  errors(mapRunArn: string, limit: number): Promise<readonly MapRunErrorGroup[]>;
  /** Children that have ended, the longest first. Rejects ResourceNotFound. */
  slowest(mapRunArn: string, limit: number): Promise<readonly SlowChild[]>;
  /** An Express child by its ARN: these are stored with their run only. */
  expressChild(executionArn: string): Promise<(ChildDescription & { readonly mapRunArn: string }) | undefined>;
  /**
   * Runs the inputs of some children of a run that is over once more, as a run of its own that is linked to the first,
   * which stays as it is; results are written as those of the first. Rejects ResourceNotFound, and ValidationException when the run is not over or has no such child.
   */
  rerun(request: RerunRequest): Promise<{ readonly mapRunArn: string }>;
}

export interface OpenMapRuns {
  /** Runs that are being performed. */
  readonly runs: number;
  /** Runs that wait until others have ended, since `runsMax` are open. */
  readonly backlog: number;
  readonly runsMax: number;
}

export interface MapRunDescription extends Omit<StoredMapRun, "position" | "outcome" | "verdict"> {
  /** Children and items that are known and have not been begun. */
  readonly pendingChildren: number;
  readonly pendingItems: number;
  /** All items are known. */
  readonly isTotalKnown: boolean;
  /** Children that have begun: the next one's index. */
  readonly children: number;
  readonly error?: string;
  readonly cause?: string;
}

export interface MapRunErrorGroup extends ChildErrorGroup {
  /** Of the first child. */
  readonly cause?: string;
}

export interface SlowChild extends ChildDuration {
  readonly executionArn: string;
}

export interface ChildrenQuery extends Pick<ChildQuery, "statuses" | "redrive" | "error"> {
  readonly mapRunArn: string;
  readonly limit: number;
  readonly cursor?: string;
  /** In the order of the items. */
  readonly oldestFirst?: boolean;
  /** With inputs and outputs. */
  readonly texts?: boolean;
}

export interface ChildDescription extends Omit<ResultRecord, "status" | "startedAt" | "executionArn" | "name"> {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  /** As in its ARN: of an Express child with what tells apart those of one name. */
  readonly name: string;
  readonly status: ChildStatus;
  readonly startedAt: EpochMs;
  readonly redrivenAt?: EpochMs;
  readonly index: number;
  readonly firstItem: number;
  readonly items: number;
  readonly key?: string;
  readonly redriveCount: number;
  readonly redriveStatus: "REDRIVABLE_BY_MAP_RUN" | "NOT_REDRIVABLE";
}

export interface RerunRequest {
  readonly mapRunArn: string;
  /** Indexes of children, both ends included. */
  readonly indexes: readonly (readonly [first: number, last: number])[];
  /** JSON text: an object is merged into inputs that are objects, anything else replaces them. */
  readonly inputPatch?: string;
}
