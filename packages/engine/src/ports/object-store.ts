/**
 * What the engine asks of a place that keeps objects by bucket and key: the files that Distributed Maps read and write.
 *
 * O1. An object is visible as a whole or not at all: nobody ever reads half of an upload.
 * O2. A write replaces the object that was there.
 * O3. Every method rejects with an `ObjectStoreError` for what the store or the caller's rights say; so does a body while
 *     it is read.
 * O4. Nothing holds a whole object in memory: bodies are streams, listings are pages.
 */
import type { EpochMs } from "@stepwell/core";

export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

export interface ObjectRef extends ObjectName {
  readonly versionId?: string;
  /** AWS's safeguard: the account that must own the bucket. Stores without accounts ignore it. */
  readonly expectedBucketOwner?: string;
}

export interface ObjectHead {
  readonly bytes: number;
  /** Without the quotes that HTTP puts around it. Another content has another one. */
  readonly etag: string;
  readonly lastModifiedMs: EpochMs;
}

export interface ObjectContent extends ObjectHead {
  /** To be read once. Ending the iteration early closes the connection or file. `bytes` counts the whole object. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface GetOptions {
  /** Bytes from `start` up to but not including `end`. */
  readonly range?: { readonly start: number; readonly end: number };
  /** Refuse with PreconditionFailed when the object is not this one any more. */
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
}

export interface ListRequest {
  readonly bucket: string;
  readonly prefix?: string;
  /** Only keys behind this one, in the order of their UTF-8 bytes. */
  readonly after?: string;
  /** 1 to 1000, default 1000. */
  readonly pageSize?: number;
  readonly expectedBucketOwner?: string;
  readonly signal?: AbortSignal;
}

export interface ListedObject extends ObjectHead {
  readonly key: string;
  readonly storageClass: string;
}

/** An object on its way. Its bytes are seen by nobody before `commit`. */
export interface ObjectUpload {
  /** Resolves when more may be written: callers wait for it. The chunk may be reused after that. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes the object visible, whole. */
  commit(): Promise<void>;
  /** Leaves nothing behind. Does nothing after `commit`. */
  abort(): Promise<void>;
}

export interface ObjectStore {
  get(ref: ObjectRef, options?: GetOptions): Promise<ObjectContent>;
  head(ref: ObjectRef): Promise<ObjectHead>;
  /** Pages of objects in the order of their keys' UTF-8 bytes. */
  list(request: ListRequest): AsyncIterable<readonly ListedObject[]>;
  upload(ref: ObjectName, contentType?: string): Promise<ObjectUpload>;
  put(ref: ObjectName, content: Uint8Array | string, contentType?: string): Promise<void>;
  /** An object that is not there is no error. */
  delete(ref: ObjectName): Promise<void>;
  /** Rejects when nothing can be written there, as far as that can be found out without leaving anything behind. */
  checkWritable(ref: ObjectName): Promise<void>;
  /**
   * Throws away uploads that were never finished directly in a folder (it ends with a slash, or is ""; not in folders below
   * it), as far as the store allows it. Who is still writing one fails with NoSuchUpload.
   */
  discardUploads(bucket: string, folder: string): Promise<void>;
  close(): Promise<void>;
}

/** S3's error codes where S3 has one; any other code a store answers may stand there too. */
export type ObjectStoreErrorCode =
  | "NoSuchKey"
  | "NoSuchVersion"
  | "NoSuchBucket"
  | "AccessDenied"
  | "PreconditionFailed"
  | "InvalidRange"
  | "InvalidObjectState"
  | "InvalidRequest"
  /** Somebody has thrown it away. */
  | "NoSuchUpload"
  | "EntityTooLarge"
  | "SlowDown"
  /** No answer: no connection, no credentials, a broken body, a full disk. */
  | "Unavailable"
  | (string & {});

export interface ObjectStoreErrorDetails {
  readonly bucket: string;
  readonly key?: string;
  /** HTTP status; absent when nobody answered. */
  readonly statusCode?: number;
  readonly requestId?: string;
  readonly extendedRequestId?: string;
  readonly cause?: unknown;
}

/** `message` is the store's own sentence. */
export class ObjectStoreError extends Error {
  override readonly name = "ObjectStoreError";
  readonly code: ObjectStoreErrorCode;
  readonly bucket: string;
  readonly key: string | undefined;
  readonly statusCode: number | undefined;
  readonly requestId: string | undefined;
  readonly extendedRequestId: string | undefined;

  constructor(code: ObjectStoreErrorCode, message: string, details: ObjectStoreErrorDetails) {
    super(message, { cause: details.cause });
    this.code = code;
    this.bucket = details.bucket;
    this.key = details.key;
    this.statusCode = details.statusCode;
    this.requestId = details.requestId;
    this.extendedRequestId = details.extendedRequestId;
  }

  /** Worth another attempt: the store was busy, broken or out of reach. */
  get isTransient(): boolean {
    return this.code === "SlowDown" || this.code === "Unavailable" || (this.statusCode ?? 0) >= 500;
  }
}
