/**
 * How a Distributed Map's run gets its items and puts its results away. `@stepwell/connectors` implements it on an object
 * store: `createMapRunIo(store)`.
 *
 * Failures are `StatesErrorSignal`s: States.ItemReaderFailed and States.ResultWriterFailed, with AWS's words where they
 * are known and else a cause that names file and row.
 */
import {
  type EpochMs,
  type Json,
  type JsonObject,
  type MapRunPlan,
  type MapRunReader,
  StatesErrorSignal,
} from "@stepwell/core";

/**
 * Where a reader stands behind an item. JSON: kept with a run, it lets the run go on with the next item after a restart
 * without giving any item twice. `{ items: n }` alone also works: the first n items are read again and thrown away.
 */
export interface ItemCursor {
  /** Items given so far, this one included. */
  readonly items: number;
  /** The object the item came from, when there are several. */
  readonly object?: string;
  /** Rows of that object given so far, this one included. */
  readonly rows?: number;
  /** That object's etag. When it has another one on return, reading fails: its rows would be others. */
  readonly etag?: string;
}

export interface ReadItem {
  readonly value: Json;
  /** `value` as JSON.stringify writes it, where that is at hand: then `value` is parsed each time it is asked for. */
  readonly text?: string;
  /** The member name, when the items are those of an object. */
  readonly key?: string;
  /** `s3://bucket` for listed objects, else `s3://bucket/key`: `$$.Map.Item.Source`. */
  readonly source: string;
  /** For causes: `s3://bucket/key, row 7`. */
  readonly position: string;
  readonly cursor: ItemCursor;
}

/** Items in the order of their source. To be iterated once, one way or the other; leaving early closes the source. */
export interface ItemStream extends AsyncIterable<ReadItem> {
  /** The same items, some hundred at once: what a run of a million items should use. No batch is empty. */
  batches(): AsyncIterable<readonly ReadItem[]>;
}

export interface ReadItemsOptions {
  /** Go on behind this item. */
  readonly after?: ItemCursor;
  readonly signal?: AbortSignal;
  /** The texts are what is wanted: they may be made by another thread. */
  readonly asTexts?: boolean;
}

/** What a child ended as, or PENDING for one that was never started. */
export type ResultStatus = "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | "PENDING";

/** A child's end as a result file shows it. For PENDING only `status` and `input` count. */
export interface ResultRecord {
  readonly status: ResultStatus;
  /** JSON text. */
  readonly input: string;
  /** JSON text; SUCCEEDED only. */
  readonly output?: string | undefined;
  readonly executionArn?: string | undefined;
  readonly stateMachineArn?: string | undefined;
  readonly name?: string | undefined;
  readonly startedAt?: EpochMs | undefined;
  readonly stoppedAt?: EpochMs | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  readonly redriveCount?: number | undefined;
  readonly redriveStatus?: string | undefined;
  readonly redriveStatusReason?: string | undefined;
}

/**
 * The results of one generation (the run, or one redrive of it) on their way into files. Nothing of it is visible before
 * `close`; writing the same generation again, after a crash, replaces what was there. Writers of one generation, in several
 * processes, do not disturb each other before `close`; the same records give the same files.
 */
export interface ResultWriter {
  /** In the order in which the files shall show them, some hundred at once. Await it: that is what bounds memory. */
  write(records: readonly ResultRecord[]): Promise<void>;
  /** Makes files and manifest visible, the manifest last. Resolves to the state's output. */
  close(): Promise<JsonObject>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

export interface ResultWriterRequest {
  /** Its `parameters` must be there: where to. */
  readonly writer: NonNullable<MapRunPlan["writer"]>;
  readonly mapRunArn: string;
  /** 0 for the run itself. A redrive's manifest lists the earlier generations' SUCCEEDED files too. */
  readonly redriveCount: number;
}

/** States.ResultWriterFailed for what passes: the store was busy or out of reach, or an upload was thrown away. */
export class ResultsUnavailable extends StatesErrorSignal {
  constructor(cause: string) {
    super("States.ResultWriterFailed", cause);
  }
}

export interface MapRunIo {
  /** Why the reader cannot be used here; `undefined` when it can. Reads nothing. */
  unsupportedReader(reader: MapRunReader): string | undefined;
  /** Opens nothing before the iteration begins: all failures come from there. */
  readItems(reader: MapRunReader, options?: ReadItemsOptions): ItemStream;
  /** Fails at once when the bucket cannot be written, so that a run ends before its children have worked in vain. */
  openResultWriter(request: ResultWriterRequest): Promise<ResultWriter>;
  /**
   * Throws away what writers of this generation have left unfinished, whoever's they were: only when the run's outcome is
   * stored, for then nobody may finish anything that matters.
   */
  discardUnfinished(request: ResultWriterRequest): Promise<void>;
  /**
   * The state's output when results are not exported: JSON text made of the children's outputs (JSON texts, in item
   * order). An array, or with JSONL lines in one JSON string.
   */
  combineResults(writer: MapRunPlan["writer"], outputs: Iterable<string>): string;
  close(): Promise<void>;
}
