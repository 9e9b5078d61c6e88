/** One object's bytes, from wherever and however compressed, in one go even when connections break. */
import { setTimeout as delay } from "node:timers/promises";
import { type ObjectContent, type ObjectRef, type ObjectStore, ObjectStoreError } from "@stepwell/engine";
import { FILE_BYTES_MAX } from "./limits.ts";
import { DamagedData } from "./reader-failure.ts";

/** Attempts without a single byte before reading is given up. */
const ATTEMPTS_MAX = 5;
const FIRST_DELAY_MS = 200;

export interface SourceObject {
  readonly store: ObjectStore;
  readonly ref: ObjectRef;
  /** What the object's etag must be. */
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
}

export interface OpenedObject {
  readonly etag: string;
  readonly bytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export async function openObject(source: SourceObject): Promise<OpenedObject> {
  const { store, ref, ifMatch, signal } = source;
  const content = await store.get(ref, { ...(ifMatch && { ifMatch }), ...(signal && { signal }) });
  checkFileSize(content.bytes);
  return { etag: content.etag, bytes: content.bytes, chunks: unbroken(source, content) };
}

export function checkFileSize(bytes: number): void {
  if (bytes > FILE_BYTES_MAX) throw new DamagedData("The file is larger than 10 GB");
}

/**
 * A run that takes its time reads for hours, and stores close connections that nobody reads from: then reading goes on
 * from the same byte of the same object.
 */
async function* unbroken(source: SourceObject, first: ObjectContent): AsyncGenerator<Uint8Array> {
  const { store, ref, signal } = source;
  let offset = 0;
  let attempts = 0;
  let body: AsyncIterable<Uint8Array> | undefined = first.body;
  while (offset < first.bytes || body !== undefined) {
    try {
      body ??= (
        await store.get(ref, {
          ifMatch: first.etag,
          range: { start: offset, end: first.bytes },
          ...(signal && { signal }),
        })
      ).body;
      for await (const chunk of body) {
        offset += chunk.length;
        attempts = 0;
        yield chunk;
      }
      if (offset >= first.bytes) return;
      throw new ObjectStoreError("Unavailable", "The body ended too soon", { bucket: ref.bucket, key: ref.key });
    } catch (error) {
      if (!(error instanceof ObjectStoreError) || !error.isTransient || ++attempts >= ATTEMPTS_MAX) throw error;
      body = undefined;
      await delay(FIRST_DELAY_MS * 2 ** (attempts - 1), undefined, signal && { signal });
    }
  }
}
