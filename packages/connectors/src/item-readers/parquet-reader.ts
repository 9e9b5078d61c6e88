/**
 * Rows of a Parquet file, one row group at a time: its columns are decoded and held, its rows made when they are asked for.
 * What the values become in JSON is not documented by AWS; ours are numbers, strings, booleans, lists and objects, times in
 * ISO 8601, and bytes that are no text in base64.
 */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import type { Json } from "@stepwell/core";
import { ObjectStoreError } from "@stepwell/engine";
import type { AsyncBuffer, Compressors, DecodedArray, FileMetaData, ParquetParsers, ParquetScan } from "hyparquet";
import { ITEM_BYTES_MAX, PARQUET_FOOTER_BYTES_MAX, PARQUET_ROW_GROUP_BYTES_MAX } from "./limits.ts";
import { checkFileSize, type SourceObject } from "./open-object.ts";
import { DamagedData } from "./reader-failure.ts";
import type { RowBatch, RowOptions } from "./row-batch.ts";

const BATCH_ROWS = 500;
const MAGIC = "PAR1";
const TAIL_BYTES = 8;

/** hyparquet has Snappy itself. */
const COMPRESSORS: Compressors = {
  GZIP: (input) => gunzipSync(input),
  ZSTD: (input) => zstdDecompressSync(input),
  BROTLI: (input) => brotliDecompressSync(input),
};

const PARSERS: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (millis) => isoTime(Number(millis)),
  timestampFromMicroseconds: (micros) => isoTime(Number(micros / 1000n)),
  timestampFromNanoseconds: (nanos) => isoTime(Number(nanos / 1_000_000n)),
  dateFromDays: (days) => isoTime(days * 86_400_000)?.slice(0, 10),
};

export interface ParquetFile {
  readonly etag: string;
  readonly rows: AsyncIterable<RowBatch>;
}

export async function openParquet(source: SourceObject, options: RowOptions): Promise<ParquetFile> {
  const { bytes, etag } = await source.store.head(source.ref);
  checkFileSize(bytes);
  const file = rangedFile({ ...source, ifMatch: source.ifMatch ?? etag }, bytes);
  return { etag, rows: readRowGroups(file, options) };
}

async function* readRowGroups(file: AsyncBuffer, { skip }: RowOptions): AsyncGenerator<RowBatch> {
  const { parquetMetadataAsync, parquetScan } = await import("hyparquet");
  await checkFooter(file);
  const metadata = await understood(() => parquetMetadataAsync(file));
  checkRowGroups(metadata);
  const names = topLevelNames(metadata);
  const settings = { file, metadata, compressors: COMPRESSORS, parsers: PARSERS, useOffsetIndex: false };
  const { ranges } = await understood(() => parquetScan(settings));
  for (const { rowStart, rowEnd } of ranges) {
    if (rowEnd <= skip) continue;
    // A scan keeps the columns of its last row group: with one scan a group, only one group is held.
    const scan = await understood(() => parquetScan(settings));
    const columns = await groupColumns(scan, names, rowStart, rowEnd);
    for (let from = Math.max(rowStart, skip); from < rowEnd; from += BATCH_ROWS) {
      const values = rowsOf(columns, names, rowStart, from, Math.min(from + BATCH_ROWS, rowEnd));
      yield { values };
    }
  }
}

/** One column after the other: together they would need their compressed bytes at once, too. */
async function groupColumns(
  scan: ParquetScan,
  names: readonly string[],
  rowStart: number,
  rowEnd: number,
): Promise<readonly DecodedArray[]> {
  const columns: DecodedArray[] = [];
  for (const column of names) {
    const values = await understood(() => scan.readColumn({ column, rowStart, rowEnd }), `row ${rowStart + 1}`);
    if (values.length !== rowEnd - rowStart) {
      throw new DamagedData(`The Parquet column '${column}' is not complete`, `row ${rowStart + values.length + 1}`);
    }
    columns.push(values);
  }
  return columns;
}

function rowsOf(
  columns: readonly DecodedArray[],
  names: readonly string[],
  groupStart: number,
  from: number,
  end: number,
): readonly Json[] {
  const rows: Json[] = [];
  for (let row = from; row < end; row++) {
    const size = { bytes: 0 };
    const members = names.map((name, index) => [name, toJson(columns[index]?.[row - groupStart], size)] as const);
    if (size.bytes > ITEM_BYTES_MAX) throw new DamagedData("The row is larger than 8 MB", `row ${row + 1}`);
    rows.push(Object.fromEntries(members));
  }
  return rows;
}

/** A decoded value as JSON. `size` counts about as many bytes as its text will have. */
function toJson(value: unknown, size: { bytes: number }): Json {
  size.bytes += 8;
  switch (typeof value) {
    case "string":
      size.bytes += value.length;
      return value;
    case "boolean":
      return value;
    case "number":
      // JSON has no word for the others.
      return Number.isFinite(value) ? value : null;
    case "bigint":
      return Number(value);
    case "object":
      return value === null ? null : objectToJson(value, size);
    default:
      return null;
  }
}

function objectToJson(value: object, size: { bytes: number }): Json {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) {
    size.bytes += value.length * 1.4;
    return Buffer.from(value).toString("base64");
  }
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as unknown[], (v) => toJson(v, size));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      size.bytes += name.length;
      return [name, toJson(member, size)] as const;
    }),
  );
}

function isoTime(ms: number): string | undefined {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

function topLevelNames({ schema }: FileMetaData): readonly string[] {
  const names: string[] = [];
  const count = schema[0]?.num_children ?? 0;
  for (let at = 1; names.length < count && at < schema.length; at += subtreeSize(schema, at)) {
    names.push(schema[at]?.name ?? "");
  }
  return names;
}

function subtreeSize(schema: FileMetaData["schema"], root: number): number {
  let open = 1;
  let at = root;
  for (; open > 0 && at < schema.length; at++) open += (schema[at]?.num_children ?? 0) - 1;
  return at - root;
}

async function checkFooter(file: AsyncBuffer): Promise<void> {
  if (file.byteLength < TAIL_BYTES + MAGIC.length) throw notParquet("it is too short");
  const tail = Buffer.from(await file.slice(file.byteLength - TAIL_BYTES, file.byteLength));
  if (tail.toString("latin1", MAGIC.length) !== MAGIC) throw notParquet(`it does not end with ${MAGIC}`);
  const footerBytes = tail.readUInt32LE(0);
  if (footerBytes > PARQUET_FOOTER_BYTES_MAX) throw new DamagedData("The Parquet footer is larger than 5 MB");
}

function checkRowGroups({ row_groups: groups }: FileMetaData): void {
  for (const [index, group] of groups.entries()) {
    if (group.total_byte_size > PARQUET_ROW_GROUP_BYTES_MAX) {
      throw new DamagedData(`The Parquet row group ${index} is larger than 256 MB`);
    }
  }
}

function rangedFile({ store, ref, ifMatch, signal }: SourceObject, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    slice: async (start, end = byteLength) => {
      const content = await store.get(ref, {
        range: { start, end },
        ...(ifMatch && { ifMatch }),
        ...(signal && { signal }),
      });
      const bytes = new Uint8Array(end - start);
      let at = 0;
      for await (const chunk of content.body) {
        bytes.set(chunk, at);
        at += chunk.length;
      }
      if (at < bytes.length) throw new DamagedData("The file ends too soon");
      return bytes.buffer;
    },
  };
}

/** What the library cannot read is a damaged file. */
async function understood<T>(work: () => Promise<T>, place?: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ObjectStoreError || error instanceof DamagedData) throw error;
    if (!(error instanceof Error) || error.name === "AbortError") throw error;
    throw new DamagedData(`The file is not a valid Parquet file: ${error.message}`, place, error);
  }
}

function notParquet(why: string): DamagedData {
  return new DamagedData(`The file is not a valid Parquet file: ${why}`);
}
