/**
 * What the engine asks of a place that remembers the runs of Distributed Maps and their children.
 *
 * R1. A commit writes the run and all it says of its children, or nothing, and resolves only when that is durable.
 * R2. A run is written only over the version the writer has seen; anything else is a `MapRunConflict`.
 * R3. A child's end is written once: over a child that is running. Another is a `MapRunConflict`.
 * R4. A child has a row from the commit on that moves the run's position behind its items (design invariant 7).
 */
import type { EpochMs, MapRunPlan, StateMachineType } from "@stepwell/core";
import type { MapRunOutcome } from "./map-run-host.ts";
import type { ItemCursor } from "./map-run-io.ts";

export type MapRunStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";
export type ChildEndStatus = "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
export type ChildStatus = ChildEndStatus | "RUNNING" | "PENDING_REDRIVE";

/** How many children (or items of theirs) are in each state. */
export type StatusCounts = { readonly [status in ChildStatus]: number };

export interface MapRunLimits {
  /** 0: as many as the service runs at once. */
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number;
  readonly toleratedFailurePercentage: number;
}

/** How far a run has read its items. */
export interface MapRunPosition {
  /** Items that belong to a child. */
  readonly items: number;
  /** Children made of them: the index of the next one. */
  readonly children: number;
  /** Where the reader goes on. */
  readonly cursor?: ItemCursor;
  /** There are no more items. */
  readonly isAtEnd: boolean;
}

export interface NewMapRun {
  readonly mapRunArn: string;
  /** The parent. */
  readonly executionArn: string;
  /** The children's: `…:stateMachine:<name>/<label>`. */
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly stateName: string;
  readonly executionType: StateMachineType;
  readonly roleArn: string;
  /** Of the parent's definition. */
  readonly revisionKey: string;
  readonly startDate: EpochMs;
  readonly limits: MapRunLimits;
  /** How its results are shaped and where they are written: a rerun does it as the run it is linked to. */
  readonly writer?: NonNullable<MapRunPlan["writer"]>;
  /** How many items there are, when that is known before they are read. */
  readonly itemsTotal?: number;
  /** How many there are at most: the reader's MaxItems. */
  readonly itemsMax?: number;
  /** The run whose children's inputs are run once more, and which of them. */
  readonly rerunOf?: { readonly mapRunArn: string; readonly indexes: readonly (readonly [number, number])[] };
  /** Merged into the inputs of a rerun: JSON text. */
  readonly inputPatch?: string;
}

export interface StoredMapRun extends NewMapRun {
  /** Given by the store, in order of creation. */
  readonly key: number;
  /** 1 after the creation; grows by one with each commit. */
  readonly version: number;
  readonly status: MapRunStatus;
  readonly stopDate?: EpochMs;
  readonly redriveCount: number;
  readonly redriveDate?: EpochMs;
  readonly position: MapRunPosition;
  readonly childCounts: StatusCounts;
  readonly itemCounts: StatusCounts;
  /** UTF-8 bytes of the outputs of the children that succeeded; not counted where they are exported. */
  readonly outputBytes: number;
  readonly areResultsWritten: boolean;
  /** Decided: the run fails (or is aborted) as soon as its open children have ended. */
  readonly verdict?: MapRunVerdict;
  /** What the parent is told. */
  readonly outcome?: MapRunOutcome;
}

export interface MapRunVerdict {
  readonly status: "FAILED" | "ABORTED";
  readonly error: string;
  readonly cause?: string;
}

export interface ChildEnd {
  readonly status: ChildEndStatus;
  readonly stoppedAt: EpochMs;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

export interface BegunChild {
  readonly index: number;
  readonly firstItem: number;
  readonly items: number;
  /** The member name of its item, when the items are those of an object. */
  readonly key?: string;
  readonly input: string;
  readonly startedAt: EpochMs;
  /** How often the run had been redriven when the child was begun last. */
  readonly generation: number;
  /** It has begun and ended at once. */
  readonly end?: ChildEnd;
}

export interface StoredChild extends Omit<BegunChild, "end" | "input">, Omit<Partial<ChildEnd>, "status" | "output"> {
  readonly status: ChildStatus;
  /** How often it was begun again. */
  readonly redriveCount: number;
  /** When that was last. */
  readonly redrivenAt?: EpochMs;
  /** JSON texts; "" and absent when they were not asked for. */
  readonly input: string;
  readonly output?: string;
}

export interface BegunAgainChild {
  readonly index: number;
  readonly at: EpochMs;
  readonly generation: number;
  readonly end?: ChildEnd;
}

export interface MapRunCommit {
  /** As it shall be, but with the version that was seen. */
  readonly run: StoredMapRun;
  readonly begun?: readonly BegunChild[];
  /** PENDING_REDRIVE: begun again. */
  readonly begunAgain?: readonly BegunAgainChild[];
  readonly ended?: readonly { readonly index: number; readonly end: ChildEnd }[];
  /** Children that ended in any other way than SUCCEEDED become PENDING_REDRIVE. */
  readonly redrivesFailed?: boolean;
}

export interface ChildQuery {
  readonly statuses?: readonly ChildStatus[];
  readonly redrive?: "REDRIVEN" | "NOT_REDRIVEN";
  /** Only those that ended (or wait to be redriven after they had ended) with this error. */
  readonly error?: string;
  readonly limit: number;
  /** Children behind this index, in the chosen order. */
  readonly after?: number;
  readonly newestFirst?: boolean;
  /** Inputs and outputs too. */
  readonly texts: boolean;
}

/** What a child looks like in `cells`. 0: it has not begun. */
export const CHILD_CELLS: { readonly [status in ChildStatus]: number } = {
  RUNNING: 1,
  SUCCEEDED: 2,
  FAILED: 3,
  TIMED_OUT: 4,
  ABORTED: 5,
  PENDING_REDRIVE: 6,
};

/** Children that ended with the same error. */
export interface ChildErrorGroup {
  readonly error: string;
  readonly children: number;
  /** The smallest of their indexes. */
  readonly firstIndex: number;
}

export interface ChildDuration {
  readonly index: number;
  /** From its (first) beginning to its end. */
  readonly durationMs: number;
}

export interface MapRunStore {
  /** The run as it is stored: this one, or the one of this ARN that was there before. */
  create(run: NewMapRun): Promise<StoredMapRun>;
  /**
   * Puts a run and some of its children as another store has them, under the run's key, which names Express children. May
   * be called again with more children. Only for moving from store to store: nobody else writes meanwhile.
   */
  restore(run: StoredMapRun, children: readonly StoredChild[]): Promise<void>;
  find(mapRunArn: string): Promise<StoredMapRun | undefined>;
  findByKey(key: number): Promise<StoredMapRun | undefined>;
  commit(commit: MapRunCommit): Promise<void>;
  children(key: number, query: ChildQuery): Promise<readonly StoredChild[]>;
  /** Counted one by one: what `childCounts` and `itemCounts` of the run must be. */
  count(key: number): Promise<{ readonly children: StatusCounts; readonly items: StatusCounts }>;
  /** One byte for each index from `first` on, `count` of them: CHILD_CELLS of the child, or 0. */
  cells(key: number, first: number, count: number): Promise<Uint8Array>;
  /** Errors of children, that of most children first (of equal ones the first to appear), at most `limit`. */
  errors(key: number, limit: number): Promise<readonly ChildErrorGroup[]>;
  /** Children that ended, the longest first (of equal ones the smallest index), at most `limit`. */
  slowest(key: number, limit: number): Promise<readonly ChildDuration[]>;
  /** The runs of an execution, newest first, older than the one with the key `before`. */
  ofExecution(executionArn: string, limit: number, before?: number): Promise<readonly StoredMapRun[]>;
  /** Runs that are RUNNING, in order of key. */
  running(limit: number, after?: number): Promise<readonly StoredMapRun[]>;
  /** Deletes runs that ended before, with their children, about `limit` rows at once; how many rows. 0: there are no more. */
  deleteEnded(endedBefore: EpochMs, limit: number): Promise<number>;
}

export const NO_COUNTS: StatusCounts = {
  RUNNING: 0,
  SUCCEEDED: 0,
  FAILED: 0,
  TIMED_OUT: 0,
  ABORTED: 0,
  PENDING_REDRIVE: 0,
};

/** The run as it begins. */
export function newStoredRun(run: NewMapRun, key: number): StoredMapRun {
  return {
    ...run,
    key,
    version: 1,
    status: "RUNNING",
    redriveCount: 0,
    position: { items: 0, children: 0, isAtEnd: false },
    childCounts: NO_COUNTS,
    itemCounts: NO_COUNTS,
    outputBytes: 0,
    areResultsWritten: false,
  };
}

/** Somebody else has written the run, or a child of it, meanwhile: nothing was written. */
export class MapRunConflict extends Error {
  override readonly name = "MapRunConflict";

  constructor(mapRunArn: string) {
    super(`changed by somebody else meanwhile: ${mapRunArn}`);
  }
}
