/** Short ways to put files, to read them as items, and to say what a reader is. */
import type { Json, MapRunReader } from "@stepwell/core";
import { StatesErrorSignal } from "@stepwell/core";
import type { ObjectStore, ReadItem, ReadItemsOptions } from "@stepwell/engine";
import { readItems } from "./read-items.ts";

export function getObject(
  bucket: string,
  key: string,
  config: Omit<MapRunReader, "resource" | "parameters"> = {},
): MapRunReader {
  return { resource: "arn:aws:states:::s3:getObject", parameters: { Bucket: bucket, Key: key }, ...config };
}

export function listObjects(
  bucket: string,
  prefix: string,
  config: Omit<MapRunReader, "resource" | "parameters"> = {},
): MapRunReader {
  return { resource: "arn:aws:states:::s3:listObjectsV2", parameters: { Bucket: bucket, Prefix: prefix }, ...config };
}

export async function itemsOf(
  reader: MapRunReader,
  store: ObjectStore,
  options?: ReadItemsOptions,
): Promise<ReadItem[]> {
  const items: ReadItem[] = [];
  for await (const item of readItems(reader, store, options)) items.push(item);
  return items;
}

export async function valuesOf(reader: MapRunReader, store: ObjectStore, options?: ReadItemsOptions): Promise<Json[]> {
  return (await itemsOf(reader, store, options)).map(({ value }) => value);
}

/** What was read before it failed, and the cause. */
export async function failureOf(reader: MapRunReader, store: ObjectStore): Promise<{ read: number; cause: string }> {
  let read = 0;
  try {
    for await (const batch of readItems(reader, store).batches()) read += batch.length;
  } catch (error) {
    if (!(error instanceof StatesErrorSignal)) throw error;
    const { error: name, cause = "" } = error.statesError;
    if (name !== "States.ItemReaderFailed") throw error;
    return { read, cause };
  }
  throw new Error(`${read} items were read and nothing failed`);
}
