/**
 * Buckets that are directories: each file below one is an object whose key is the file's relative path.
 *
 * L1. No key and no symbolic link reaches a file outside its bucket's directory.
 * L2. A file appears by one rename, written and synced before.
 */
import { createHash } from "node:crypto";
import { type BigIntStats, constants } from "node:fs";
import { access, type FileHandle, mkdir, open, readdir, realpath, rm, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import {
  type GetOptions,
  type ListedObject,
  type ListRequest,
  type ObjectContent,
  type ObjectHead,
  type ObjectName,
  type ObjectRef,
  type ObjectStore,
  ObjectStoreError,
  type ObjectUpload,
} from "@stepwell/engine";
import { filesInKeyOrder } from "./local-listing.ts";
import { fileNames, UPLOAD_PREFIX } from "./local-path.ts";
import { openLocalUpload } from "./local-upload.ts";
import {
  accessDenied,
  fromFileSystem,
  invalidRange,
  invalidRequest,
  noSuchBucket,
  noSuchKey,
  noSuchVersion,
  preconditionFailed,
  unavailable,
} from "./store-errors.ts";

/** Larger chunks are not faster, and their strings grow the heap: measured with a CSV file of a million rows. */
const READ_CHUNK_BYTES = 65_536;
const PAGE_SIZE_MAX = 1000;

export class LocalObjectStore implements ObjectStore {
  readonly #directories: ReadonlyMap<string, string>;
  readonly #accountId: string | undefined;

  /**
   * Absolute directories by bucket. They are made when something is first written to them. All belong to the account;
   * without one they are anybody's.
   */
  constructor(directories: ReadonlyMap<string, string>, accountId?: string) {
    this.#directories = directories;
    this.#accountId = accountId;
  }

  has(bucket: string): boolean {
    return this.#directories.has(bucket);
  }

  async get(ref: ObjectRef, { range, ifMatch, signal }: GetOptions = {}): Promise<ObjectContent> {
    const path = await this.#existing(ref);
    const head = await this.#headOf(path, ref);
    if (ifMatch !== undefined && ifMatch !== head.etag) throw preconditionFailed(ref);
    if (range !== undefined && range.start >= head.bytes) throw invalidRange(ref);
    const end = Math.min(range?.end ?? head.bytes, head.bytes);
    return { ...head, body: readFile(path, ref, head, { start: range?.start ?? 0, end }, signal) };
  }

  async head(ref: ObjectRef): Promise<ObjectHead> {
    return this.#headOf(await this.#existing(ref), ref);
  }

  async *list(request: ListRequest): AsyncGenerator<ListedObject[]> {
    const { bucket, prefix = "", after = "", pageSize, signal } = request;
    const root = await this.#root(bucket);
    this.#checkOwner(request);
    const size = Math.min(pageSize ?? PAGE_SIZE_MAX, PAGE_SIZE_MAX);
    let page: ListedObject[] = [];
    try {
      for await (const { key, path } of filesInKeyOrder(root, prefix, after)) {
        signal?.throwIfAborted();
        const head = await this.#listedHead(path, root, { bucket, key });
        if (head === undefined) continue;
        page.push({ key, ...head, storageClass: "STANDARD" });
        if (page.length === size) {
          yield page;
          page = [];
        }
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw fromFileSystem(error, { bucket });
    }
    if (page.length > 0) yield page;
  }

  async upload(name: ObjectName): Promise<ObjectUpload> {
    return openLocalUpload(name, await this.#writable(name));
  }

  async put(name: ObjectName, content: Uint8Array | string): Promise<void> {
    const upload = await this.upload(name);
    try {
      await upload.write(typeof content === "string" ? Buffer.from(content) : content);
      await upload.commit();
    } catch (error) {
      await upload.abort();
      throw error;
    }
  }

  async delete(name: ObjectName): Promise<void> {
    try {
      await rm(await this.#existing(name));
    } catch (error) {
      const failure = fromFileSystem(error, name);
      if (failure.code !== "NoSuchKey") throw failure;
    }
  }

  async checkWritable(name: ObjectName): Promise<void> {
    const upload = await this.upload(name);
    await upload.abort();
  }

  async discardUploads(bucket: string, folder: string): Promise<void> {
    try {
      const root = await this.#root(bucket);
      const names = fileNames(`${folder}x`);
      if ("problem" in names) return;
      const directory = await realpath(join(root, ...names.slice(0, -1)));
      if (directory !== root && !isInside(directory, root)) return;
      for (const entry of await readdir(directory, { withFileTypes: true })) {
        const isUpload = entry.isFile() && entry.name.startsWith(UPLOAD_PREFIX);
        // Whoever began it may be faster.
        if (isUpload) await rm(join(directory, entry.name), { force: true });
      }
    } catch (error) {
      const failure = fromFileSystem(error, { bucket });
      // Nothing there, nothing to throw away.
      if (failure.statusCode !== 404) throw failure;
    }
  }

  async close(): Promise<void> {}

  /** The bucket's directory without symbolic links. */
  async #root(bucket: string): Promise<string> {
    const directory = this.#directories.get(bucket);
    if (directory === undefined) throw noSuchBucket(bucket);
    try {
      return await realpath(directory);
    } catch (error) {
      const failure = fromFileSystem(error, { bucket });
      throw failure.code === "NoSuchKey" ? noSuchBucket(bucket, error) : failure;
    }
  }

  /** AWS, "Verifying bucket ownership with bucket owner condition". */
  #checkOwner(place: ObjectRef | ListRequest): void {
    const { expectedBucketOwner: expected } = place;
    if (expected !== undefined && this.#accountId !== undefined && expected !== this.#accountId)
      throw accessDenied(place);
  }

  /** The real path of an object's file. */
  async #existing(ref: ObjectRef): Promise<string> {
    const root = await this.#root(ref.bucket);
    this.#checkOwner(ref);
    // Before a bucket has versions, S3 calls the only one "null".
    if (ref.versionId !== undefined && ref.versionId !== "null") throw noSuchVersion(ref);
    const names = fileNames(ref.key);
    if ("problem" in names) throw noSuchKey(ref);
    try {
      const path = await realpath(join(root, ...names));
      if (!isInside(path, root)) throw accessDenied(ref);
      return path;
    } catch (error) {
      throw fromFileSystem(error, ref);
    }
  }

  /** Where an object's file will stand, with its directories made. */
  async #writable(name: ObjectName): Promise<string> {
    const names = fileNames(name.key);
    if ("problem" in names) throw invalidRequest(`${names.problem}: '${name.key.slice(0, 100)}'`, name);
    const directory = this.#directories.get(name.bucket);
    if (directory === undefined) throw noSuchBucket(name.bucket);
    try {
      await mkdir(directory, { recursive: true });
      const root = await realpath(directory);
      let parent = root;
      for (const segment of names.slice(0, -1)) parent = await this.#subdirectory(parent, segment, root, name);
      await access(parent, constants.W_OK);
      const path = join(parent, names.at(-1) as string);
      const isDirectory = (await stat(path).catch(absent))?.isDirectory() === true;
      if (isDirectory) throw invalidRequest(`A local bucket has a directory where the object would be`, name);
      return path;
    } catch (error) {
      const failure = fromFileSystem(error, name);
      if (failure.code !== "NoSuchKey") throw failure;
      throw invalidRequest("A local bucket has a file where the object's directory would be", name, error);
    }
  }

  /** One directory at a time, so that none is made behind a link that leads out. */
  async #subdirectory(parent: string, segment: string, root: string, name: ObjectName): Promise<string> {
    const path = join(parent, segment);
    await mkdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    const real = await realpath(path);
    if (!isInside(real, root)) throw accessDenied(name);
    return real;
  }

  async #headOf(path: string, name: ObjectName): Promise<ObjectHead> {
    try {
      const stats = await stat(path, { bigint: true });
      if (!stats.isFile()) throw noSuchKey(name);
      return headOf(stats);
    } catch (error) {
      throw fromFileSystem(error, name);
    }
  }

  /** `undefined` for what is no object: deleted meanwhile, a link that leads out or nowhere. */
  async #listedHead(path: string, root: string, name: ObjectName): Promise<ObjectHead | undefined> {
    try {
      const real = await realpath(path);
      return isInside(real, root) ? await this.#headOf(real, name) : undefined;
    } catch (error) {
      const failure = fromFileSystem(error, name);
      if (failure.statusCode === 404) return undefined;
      throw failure;
    }
  }
}

function isInside(path: string, root: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

/** The file's size and time stand for its content: reading it all for a checksum would double the work. */
function headOf(stats: BigIntStats): ObjectHead {
  const etag = createHash("md5").update(`${stats.ino}-${stats.size}-${stats.mtimeNs}`).digest("hex");
  return { bytes: Number(stats.size), etag, lastModifiedMs: Number(stats.mtimeMs) };
}

async function* readFile(
  path: string,
  name: ObjectName,
  head: ObjectHead,
  range: { readonly start: number; readonly end: number },
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    // O_NOFOLLOW: the path has no links, unless somebody has put one there since it was looked at.
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    if (headOf(await file.stat({ bigint: true })).etag !== head.etag) throw preconditionFailed(name);
    for (let at = range.start; at < range.end; ) {
      signal?.throwIfAborted();
      const chunk = Buffer.allocUnsafeSlow(Math.min(READ_CHUNK_BYTES, range.end - at));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) throw unavailable("The file became shorter while it was read", name);
      at += bytesRead;
      yield bytesRead === chunk.length ? chunk : chunk.subarray(0, bytesRead);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof ObjectStoreError ? error : fromFileSystem(error, name);
  } finally {
    await file?.close();
  }
}
