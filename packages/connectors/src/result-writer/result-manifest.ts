/** What `manifest.json` says and where it stands. features.md A.14. */
import { isJsonArray, isJsonObject, type Json } from "@stepwell/core";
import { type ObjectStore, ObjectStoreError } from "@stepwell/engine";
import type { ManifestFile, ResultGroup } from "./result-files.ts";

const MANIFEST_BYTES_MAX: number = 64 * 1024 ** 2;

export interface Generation {
  readonly bucket: string;
  readonly prefix: string;
  readonly mapRunArn: string;
  readonly redriveCount: number;
}

/** The folder of a generation's files, with a slash at its end. A redrive has one of its own. */
export function folderOf({ prefix, mapRunArn, redriveCount }: Generation): string {
  const run = mapRunArn.slice(mapRunArn.lastIndexOf(":") + 1);
  const beginning = prefix === "" ? "" : `${prefix.replace(/\/+$/, "")}/`;
  return `${beginning}${run}/${redriveCount === 0 ? "" : `Redrive-${redriveCount}/`}`;
}

export function manifestKeyOf(generation: Generation): string {
  return `${folderOf(generation)}manifest.json`;
}

export function manifestText(
  { bucket, mapRunArn }: Generation,
  files: Readonly<Record<ResultGroup, readonly ManifestFile[]>>,
): string {
  const { FAILED, PENDING, SUCCEEDED } = files;
  return JSON.stringify({
    DestinationBucket: bucket,
    MapRunArn: mapRunArn,
    ResultFiles: { FAILED, PENDING, SUCCEEDED },
  });
}

/**
 * The SUCCEEDED files of all generations before this one: those that the last manifest lists. A generation that could not
 * write has none; then the one before it counts.
 */
export async function earlierSuccesses(store: ObjectStore, generation: Generation): Promise<readonly ManifestFile[]> {
  for (let redriveCount = generation.redriveCount - 1; redriveCount >= 0; redriveCount--) {
    const key = manifestKeyOf({ ...generation, redriveCount });
    const text = await textOf(store, generation.bucket, key);
    if (text !== undefined) return succeededIn(text, generation.bucket, key);
  }
  return [];
}

async function textOf(store: ObjectStore, bucket: string, key: string): Promise<string | undefined> {
  try {
    const { bytes, body } = await store.get({ bucket, key });
    if (bytes > MANIFEST_BYTES_MAX) throw wrongManifest(bucket, key);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  } catch (error) {
    if (error instanceof ObjectStoreError && error.code === "NoSuchKey") return undefined;
    throw error;
  }
}

function succeededIn(text: string, bucket: string, key: string): readonly ManifestFile[] {
  const manifest = parsed(text);
  const files = isJsonObject(manifest) ? manifest["ResultFiles"] : undefined;
  const succeeded = isJsonObject(files) ? files["SUCCEEDED"] : undefined;
  if (!isJsonArray(succeeded) || !succeeded.every(isManifestFile)) throw wrongManifest(bucket, key);
  return succeeded.map(({ Key, Size }) => ({ Key, Size }));
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // The caller says what it must be.
    return undefined;
  }
}

function isManifestFile(value: Json): value is Json & ManifestFile {
  return isJsonObject(value) && typeof value["Key"] === "string" && typeof value["Size"] === "number";
}

function wrongManifest(bucket: string, key: string): ObjectStoreError {
  return new ObjectStoreError("InvalidObjectState", "The object is not the manifest of a map run", { bucket, key });
}
