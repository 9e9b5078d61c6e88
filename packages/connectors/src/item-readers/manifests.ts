/** Files that name other files, whose rows are the items. features.md A.12. */
import { CsvRecords, isJsonArray, isJsonObject, type Json, type JsonObject, type MapRunReader } from "@stepwell/core";
import type { ObjectRef } from "@stepwell/engine";
import { decompressed } from "./decompress.ts";
import { MANIFEST_BYTES_MAX } from "./limits.ts";
import { beforeDamage, locatedText } from "./located-text.ts";
import { openObject, type SourceObject } from "./open-object.ts";
import { DamagedData } from "./reader-failure.ts";

/** A data file and how it is read. */
export interface DataFile {
  readonly ref: ObjectRef;
  readonly config: MapRunReader;
}

/**
 * The data files of an S3 inventory: `manifest.json`, whose CSV files have their columns named in the manifest (Amazon S3
 * User Guide, "Locating your inventory list").
 */
export async function inventoryFiles(source: SourceObject, reader: MapRunReader): Promise<readonly DataFile[]> {
  const manifest = await inventoryManifest(source);
  const { fileFormat, fileSchema, destinationBucket, files } = manifest;
  if (fileFormat !== "CSV") throw wrongManifest(`its fileFormat must be "CSV", got ${JSON.stringify(fileFormat)}`);
  if (typeof fileSchema !== "string") throw wrongManifest("its fileSchema must be a string");
  if (typeof destinationBucket !== "string") throw wrongManifest("its destinationBucket must be a string");
  if (!isJsonArray(files)) throw wrongManifest("its files must be an array");
  const { parameters: _, inputType: __, manifestType: ___, itemsPointer: ____, ...rest } = reader;
  const csvHeaders = fileSchema.split(",").map((name) => name.trim());
  const config: MapRunReader = {
    ...rest,
    parameters: {},
    inputType: "CSV",
    csvHeaderLocation: "GIVEN",
    csvHeaders,
    csvDelimiter: "COMMA",
  };
  const bucket = destinationBucket.replace(/^arn:[^:]*:s3:::/, "");
  return files.map((file, index) => ({ config, ref: { bucket, key: inventoryKey(file, index) } }));
}

async function inventoryManifest(source: SourceObject): Promise<JsonObject> {
  const { bytes, chunks } = await openObject(source);
  if (bytes > MANIFEST_BYTES_MAX) throw wrongManifest("it is larger than 32 MB");
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const manifest = parseManifest(Buffer.concat(parts).toString());
  if (!isJsonObject(manifest)) throw wrongManifest("it must be a JSON object");
  return manifest;
}

function parseManifest(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new DamagedData(`The inventory's manifest is not valid JSON: ${(error as Error).message}`, undefined, error);
  }
}

function inventoryKey(file: Json, index: number): string {
  const key = isJsonObject(file) ? file["key"] : undefined;
  if (typeof key !== "string" || key === "") throw wrongManifest(`its files[${index}].key must be a string`);
  return key;
}

function wrongManifest(why: string): DamagedData {
  return new DamagedData(`The file is not the manifest of an S3 inventory in CSV: ${why}`);
}

/** The data files of an UNLOAD: one `s3://` address a line (Amazon Athena User Guide, "UNLOAD"). */
export async function* athenaFiles(source: SourceObject, reader: MapRunReader): AsyncGenerator<DataFile> {
  const { chunks } = await openObject(source);
  const { manifestType: _, parameters: __, ...rest } = reader;
  const config: MapRunReader = { ...rest, parameters: {} };
  const records = new CsvRecords(",");
  const text = locatedText(decompressed(chunks, source.ref.key), () => records.place);
  let row = 0;
  const dataFile = ([address = ""]: readonly string[]): DataFile => {
    row++;
    return { config, ref: refOf(address.trim(), `row ${row}`) };
  };
  for await (const part of text) {
    for (const found of beforeDamage<string[]>((rows) => records.push(part, rows))) {
      for (const record of found) yield dataFile(record);
    }
  }
  for (const found of beforeDamage<string[]>((rows) => records.end(rows))) {
    for (const record of found) yield dataFile(record);
  }
}

function refOf(address: string, place: string): ObjectRef {
  const [, bucket, key] = /^s3[an]?:\/\/([^/]+)\/(.+)$/is.exec(address) ?? [];
  if (bucket !== undefined && key !== undefined) return { bucket, key };
  const shown = JSON.stringify(address.slice(0, 100));
  throw new DamagedData(`A line of an Athena manifest must be an address s3://bucket/key, got ${shown}`, place);
}
