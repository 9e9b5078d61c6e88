/**
 * The items of a Distributed Map's reader, as one stream in bounded memory.
 *
 * R1. The same objects give the same items in the same order.
 * R2. An item's cursor leads to the item behind it, without reading again what came before where the source allows it.
 * R3. Whatever goes wrong is one States.ItemReaderFailed, behind the items that could be read.
 */
import type { MapRunReader } from "@stepwell/core";
import {
  type ItemCursor,
  type ItemStream,
  type ListedObject,
  type ObjectRef,
  type ObjectStore,
  ObjectStoreError,
  type ReadItem,
  type ReadItemsOptions,
} from "@stepwell/engine";
import { decompressed } from "./decompress.ts";
import { readJson } from "./json-reader.ts";
import { ITEMS_MAX } from "./limits.ts";
import { athenaFiles, type DataFile, inventoryFiles } from "./manifests.ts";
import { openObject, type SourceObject } from "./open-object.ts";
import { openParquet } from "./parquet-reader.ts";
import { type FoundItems, itemsIn, numbered, type Origin } from "./read-item.ts";
import { DamagedData, damaged, readerFailed, storeFailure } from "./reader-failure.ts";
import { listingOf, objectRefOf } from "./reader-parameters.ts";
import type { ReadingThread } from "./reading-thread.ts";
import { type RowBatch, rowsIn } from "./row-batch.ts";
import { type RowFormat, RowParser } from "./row-parser.ts";
import { readRows } from "./row-reader.ts";
import { unsupportedReader } from "./unsupported-reader.ts";

/** From so many bytes on, as they are stored, a file is worth its way to another thread. */
const THREAD_BYTES_MIN = 1_048_576;

/**
 * The items that a reader reads. Nothing is opened before the iteration begins. All failures, a wrong configuration
 * included, are thrown by the iteration as a StatesErrorSignal `States.ItemReaderFailed`; only `options.signal` throws what
 * it was aborted with. `thread`: reads large files whose texts are what is wanted.
 */
export function readItems(
  reader: MapRunReader,
  store: ObjectStore,
  options: ReadItemsOptions & { readonly thread?: ReadingThread } = {},
): ItemStream {
  const batches = (): AsyncGenerator<readonly ReadItem[]> => itemBatches({ reader, store, ...options });
  return {
    batches,
    async *[Symbol.asyncIterator]() {
      for await (const batch of batches()) yield* batch;
    },
  };
}

interface Reading extends ReadItemsOptions {
  readonly reader: MapRunReader;
  readonly store: ObjectStore;
  readonly thread?: ReadingThread;
}

async function* itemBatches(reading: Reading): AsyncGenerator<readonly ReadItem[]> {
  const { reader, signal } = reading;
  const limit = itemLimit(reader);
  const { found, before } = begin(reading);
  // Items given so far, and those to be read again and thrown away.
  let given = before;
  let toDrop = (reading.after?.items ?? 0) - before;
  try {
    if (given + toDrop >= limit) return;
    for await (const next of found) {
      signal?.throwIfAborted();
      const count = itemsIn(next);
      const dropped = Math.min(toDrop, count);
      toDrop -= dropped;
      given += dropped;
      const end = Math.min(count, dropped + limit - given);
      if (end > dropped) yield numbered(next, dropped, end, given);
      given += end - dropped;
      if (given >= limit) return;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof ObjectStoreError ? readerFailed(storeFailure(error)) : error;
  }
}

/** 0 reads all (recorded), as far as AWS's quota of items goes. */
function itemLimit({ maxItems = 0 }: MapRunReader): number {
  if (maxItems < 0) throw readerFailed("field MaxItems must be positive");
  return maxItems === 0 ? ITEMS_MAX : Math.min(maxItems, ITEMS_MAX);
}

/** What is found from the cursor on, and how many of its items are before that. */
function begin(reading: Reading): { readonly found: AsyncIterable<FoundItems>; readonly before: number } {
  const { reader, after } = reading;
  const problem = unsupportedReader(reader);
  if (problem !== undefined) throw readerFailed(problem);
  // A cursor without an object is a mere number where there are several.
  const cursor = after?.object === undefined ? undefined : after;
  const before = cursor?.items ?? 0;
  if (reader.resource.endsWith(":listObjectsV2")) {
    const isLoaded = reader.transformation === "LOAD_AND_FLATTEN";
    return { found: isLoaded ? loadedObjects(reading, cursor) : listedObjects(reading, cursor), before };
  }
  if (reader.manifestType !== undefined || reader.inputType === "MANIFEST") {
    return { found: manifestItems(reading, cursor), before };
  }
  const file = { ref: objectRefOf(reader), config: reader };
  const from = { rows: after?.items ?? 0, ...(after?.etag && { etag: after.etag }) };
  return { found: fileItems(reading, file, from), before: from.rows };
}

async function* listedObjects({ reader, store, signal }: Reading, cursor?: ItemCursor): AsyncGenerator<FoundItems> {
  const listing = listingOf(reader);
  const after = cursor?.object;
  const pages = store.list({ ...listing, ...(after !== undefined && { after }), ...(signal && { signal }) });
  for await (const objects of pages) yield { bucket: listing.bucket, objects };
}

/** LOAD_AND_FLATTEN: the rows of every listed object, one file behind the other. */
async function* loadedObjects(reading: Reading, cursor?: ItemCursor): AsyncGenerator<FoundItems> {
  const { reader, store, signal } = reading;
  const { bucket, expectedBucketOwner, ...listing } = listingOf(reader);
  const owner = expectedBucketOwner === undefined ? {} : { expectedBucketOwner };
  const after = cursor?.object;
  const fileOf = (key: string): DataFile => ({ ref: { bucket, key, ...owner }, config: reader });
  if (after !== undefined) yield* fileItems(reading, fileOf(after), { object: after, ...placeIn(cursor) });
  const request = { bucket, ...owner, ...listing, ...(after !== undefined && { after }), ...(signal && { signal }) };
  for await (const objects of store.list(request)) {
    for (const { key } of objects.filter(isFile)) yield* fileItems(reading, fileOf(key), { object: key, rows: 0 });
  }
}

/** S3's console makes empty objects to show folders. */
function isFile({ key, bytes }: ListedObject): boolean {
  return bytes > 0 || !key.endsWith("/");
}

async function* manifestItems(reading: Reading, cursor?: ItemCursor): AsyncGenerator<FoundItems> {
  const { reader } = reading;
  const source = sourceOf(reading, objectRefOf(reader));
  let index = 0;
  let isBehind = cursor === undefined;
  for await (const file of located(dataFiles(source, reader), source.ref)) {
    const object = `${index++} ${uriOf(file.ref)}`;
    if (isBehind) yield* fileItems(reading, file, { object, rows: 0 });
    else if (object === cursor?.object) {
      isBehind = true;
      yield* fileItems(reading, file, { object, ...placeIn(cursor) });
    }
  }
  if (!isBehind) throw readerFailed(`${uriOf(source.ref)}: The manifest was changed while its items were read`);
}

async function* dataFiles(source: SourceObject, reader: MapRunReader): AsyncGenerator<DataFile> {
  if (reader.manifestType === "ATHENA_DATA") yield* athenaFiles(source, reader);
  else yield* await inventoryFiles(source, reader);
}

/** Where to begin in a file, and what cursors call it. */
interface FileStart {
  readonly rows: number;
  readonly etag?: string;
  readonly object?: string;
}

function placeIn({ rows = 0, etag }: ItemCursor = { items: 0 }): Pick<FileStart, "rows" | "etag"> {
  return { rows, ...(etag !== undefined && { etag }) };
}

async function* fileItems(reading: Reading, { ref, config }: DataFile, start: FileStart): AsyncGenerator<FoundItems> {
  const source = sourceOf(reading, ref, start.etag);
  let firstRow = start.rows;
  for await (const { etag, batch } of located(fileRows(reading, source, config, start.rows), ref)) {
    const origin: Origin = {
      source: uriOf(ref),
      unit: config.inputType === "JSON" ? "item" : "row",
      firstNumber: config.inputType === "CSV" && config.csvHeaderLocation !== "GIVEN" ? 2 : 1,
      etag,
      ...(start.object !== undefined && { object: start.object }),
    };
    yield { origin, batch, firstRow };
    firstRow += rowsIn(batch);
  }
}

async function* fileRows(
  reading: Reading,
  source: SourceObject,
  config: MapRunReader,
  skip: number,
): AsyncGenerator<{ readonly etag: string; readonly batch: RowBatch }> {
  const { etag, rows } =
    config.inputType === "PARQUET"
      ? await openParquet(source, { skip })
      : await openText(reading, source, config, skip);
  for await (const batch of rows) yield { etag, batch };
}

async function openText(
  { asTexts = false, thread }: Reading,
  source: SourceObject,
  config: MapRunReader,
  skip: number,
): Promise<{ readonly etag: string; readonly rows: AsyncIterable<RowBatch> }> {
  const { etag, bytes, chunks } = await openObject(source);
  const content = decompressed(chunks, source.ref.key);
  const format = formatOf(config);
  if (format === undefined) return { etag, rows: readJson(content, config, { skip }) };
  const isLarge = bytes >= THREAD_BYTES_MIN;
  return { etag, rows: readRows(content, RowParser.begin(format, skip), asTexts && isLarge ? thread : undefined) };
}

function formatOf({ inputType, csvDelimiter, csvHeaderLocation, csvHeaders }: MapRunReader): RowFormat | undefined {
  if (inputType === "JSONL") return { kind: "jsonl" };
  if (inputType !== "CSV") return undefined;
  return {
    kind: "csv",
    ...(csvDelimiter && { csvDelimiter }),
    ...(csvHeaderLocation && { csvHeaderLocation }),
    ...(csvHeaders && { csvHeaders }),
  };
}

/** Damage is told with the name of the file. */
async function* located<T>(read: AsyncIterable<T>, ref: ObjectRef): AsyncGenerator<T> {
  try {
    yield* read;
  } catch (error) {
    throw error instanceof DamagedData ? damaged(uriOf(ref), error) : error;
  }
}

function sourceOf({ store, signal }: Reading, ref: ObjectRef, ifMatch?: string): SourceObject {
  return { store, ref, ...(ifMatch !== undefined && { ifMatch }), ...(signal && { signal }) };
}

function uriOf({ bucket, key }: ObjectRef): string {
  return `s3://${bucket}/${key}`;
}
