/**
 * Writes the results of a map run into an object store.
 *
 * W1. Nothing is visible before `close`; the manifest appears last, when all files that it lists are there.
 * W2. The same generation written again gives the same names: a run that crashed while writing is written over.
 * W3. Memory holds a few buffers, whatever the number of results.
 * W4. A writer leaves alone what other writers of its generation have under way: one of them may be the run's owner, and this
 *     one's a process that was frozen. What nobody finished is thrown away when the run is over (`discardUnfinished`).
 * W5. Failures that pass are told apart (ResultsUnavailable): all may be written again then. Who finds its own upload gone
 *     is told that, too.
 */
import { type JsonObject, StatesErrorSignal } from "@stepwell/core";
import {
  type ObjectStore,
  ObjectStoreError,
  type ResultRecord,
  ResultsUnavailable,
  type ResultWriter,
  type ResultWriterRequest,
} from "@stepwell/engine";
import { storeFailure } from "../item-readers/reader-failure.ts";
import { isPassing } from "./passing-failure.ts";
import { type ManifestFile, ResultFiles, type ResultGroup } from "./result-files.ts";
import { earlierSuccesses, folderOf, type Generation, manifestKeyOf, manifestText } from "./result-manifest.ts";
import { recordText } from "./result-record.ts";
import { elementsOf } from "./shaped-results.ts";

/** AWS's quota of one result file. */
const FILE_BYTES_MAX = 5_000_000_000;

export interface ResultWriterOptions extends ResultWriterRequest {
  readonly store: ObjectStore;
  /** Default: AWS's 5 GB. */
  readonly fileBytesMax?: number;
}

/**
 * Opens the files of one generation of a map run. Fails at once with a StatesErrorSignal `States.ResultWriterFailed` when
 * nothing can be written there (a ResultsUnavailable when that may pass); so do all methods of the writer, whose calls must
 * not overlap.
 */
export async function openResultWriter(options: ResultWriterOptions): Promise<ResultWriter> {
  const { store, writer, mapRunArn, redriveCount } = options;
  const place = placeOf(writer.parameters);
  const generation = { ...place, mapRunArn, redriveCount };
  return understood(async () => {
    await store.checkWritable({ bucket: place.bucket, key: manifestKeyOf(generation) });
    const earlier = await earlierSuccesses(store, generation);
    return new FileResultWriter(options, generation, earlier);
  });
}

/** Only when the run is over: nobody's unfinished upload to one generation's folder is kept. */
export async function discardUnfinished(options: Omit<ResultWriterOptions, "fileBytesMax">): Promise<void> {
  const { store, writer, mapRunArn, redriveCount } = options;
  const place = placeOf(writer.parameters);
  await understood(() => store.discardUploads(place.bucket, folderOf({ ...place, mapRunArn, redriveCount })));
}

class FileResultWriter implements ResultWriter {
  readonly #store: ObjectStore;
  readonly #generation: Generation;
  readonly #transformation: ResultWriterRequest["writer"]["transformation"];
  readonly #earlier: readonly ManifestFile[];
  readonly #files: Readonly<Record<ResultGroup, ResultFiles>>;

  constructor(options: ResultWriterOptions, generation: Generation, earlier: readonly ManifestFile[]) {
    const { store, writer, fileBytesMax = FILE_BYTES_MAX } = options;
    this.#store = store;
    this.#generation = generation;
    this.#transformation = writer.transformation;
    this.#earlier = earlier;
    const { bucket } = generation;
    const folder = folderOf(generation);
    const filesOf = (group: ResultGroup): ResultFiles =>
      new ResultFiles({ store, bucket, folder, group, type: writer.outputType, fileBytesMax });
    this.#files = { SUCCEEDED: filesOf("SUCCEEDED"), FAILED: filesOf("FAILED"), PENDING: filesOf("PENDING") };
  }

  async write(records: readonly ResultRecord[]): Promise<void> {
    await understood(async () => {
      for (const record of records) {
        const full = this.#files[groupOf(record)].add(this.#elementsOf(record));
        if (full !== undefined) await full;
      }
    });
  }

  async close(): Promise<JsonObject> {
    const { SUCCEEDED, FAILED, PENDING } = this.#files;
    const { bucket, mapRunArn } = this.#generation;
    const key = manifestKeyOf(this.#generation);
    await understood(async () => {
      // Recorded: a redrive without a success of its own writes an empty file when there were successes before.
      if (SUCCEEDED.isEmpty && this.#earlier.length > 0) await SUCCEEDED.add([]);
      const files = {
        SUCCEEDED: [...this.#earlier, ...(await SUCCEEDED.commit())],
        FAILED: await FAILED.commit(),
        PENDING: await PENDING.commit(),
      };
      await this.#store.put({ bucket, key }, manifestText(this.#generation, files), "application/json");
    });
    return { MapRunArn: mapRunArn, ResultWriterDetails: { Bucket: bucket, Key: key } };
  }

  async abort(): Promise<void> {
    await understood(async () => {
      for (const files of Object.values(this.#files)) await files.abort();
    });
  }

  /** Failures keep their metadata whatever the transformation. */
  #elementsOf(record: ResultRecord): readonly string[] {
    if (record.status !== "SUCCEEDED" || this.#transformation === "NONE") return [recordText(record)];
    return elementsOf(record.output ?? "null", this.#transformation);
  }
}

function groupOf({ status }: ResultRecord): ResultGroup {
  return status === "SUCCEEDED" || status === "PENDING" ? status : "FAILED";
}

function placeOf(parameters: JsonObject = {}): { bucket: string; prefix: string } {
  const { Bucket: bucket, Prefix: prefix = "" } = parameters;
  if (typeof bucket !== "string" || bucket === "") throw writerFailed("The ResultWriter's 'Bucket' must be a string.");
  if (typeof prefix !== "string") throw writerFailed("The ResultWriter's 'Prefix' must be a string.");
  return { bucket, prefix };
}

async function understood<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ObjectStoreError)) throw error;
    throw isPassing(error) ? new ResultsUnavailable(storeFailure(error)) : writerFailed(storeFailure(error));
  }
}

function writerFailed(cause: string): StatesErrorSignal {
  return new StatesErrorSignal("States.ResultWriterFailed", cause);
}
