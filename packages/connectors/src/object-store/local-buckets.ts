/**
 * Calls of S3's API on buckets that are directories, so that `aws-sdk:s3` tasks see the same objects as readers and writers
 * of Distributed Maps. Metadata, tags, versions and rights are not kept there: calls about them are refused by name.
 */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { type ListedObject, type ObjectHead, type ObjectStore, ObjectStoreError } from "@stepwell/engine";
import type { LocalService, ServiceAnswer, ServiceCall } from "../services/aws-clients.ts";
import { jsonOutput } from "../services/sdk-values.ts";
import { ServiceCallError } from "../services/service-call-error.ts";
import { createObjectStore, isLocalBucket, type ObjectStoreOptions } from "./create-object-store.ts";
import { invalidRequest, preconditionFailed } from "./store-errors.ts";

/** Larger than any payload of an execution. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;
const PAGE_MAX = 1_000;
const CONTENT_TYPE = "binary/octet-stream";

type Operation = (buckets: LocalBuckets, input: JsonObject, signal?: AbortSignal) => Promise<JsonObject | Answer>;

/** An answer in the SDK's own values: dates and bytes. */
type Answer = Readonly<Record<string, unknown>>;

export class LocalBuckets implements LocalService {
  readonly service = "s3";
  readonly store: ObjectStore;
  readonly #options: ObjectStoreOptions;

  constructor(options: ObjectStoreOptions) {
    this.#options = options;
    this.store = createObjectStore(options);
  }

  answer({ model, operation, input, times, signal }: ServiceCall): Promise<ServiceAnswer> | undefined {
    if (typeof input["Bucket"] !== "string" || !isLocalBucket(this.#options, input["Bucket"])) return undefined;
    return this.#perform(operation.name, input, signal).then((answer) => ({
      output: operation.output === undefined ? {} : (jsonOutput(model, operation.output, answer, times) as JsonObject),
      statusCode: 200,
      headers: {},
      requestId: "",
    }));
  }

  async close(): Promise<void> {
    await this.store.close();
  }

  async #perform(name: string, input: JsonObject, signal: AbortSignal | undefined): Promise<Answer> {
    const perform = OPERATIONS.get(name);
    const bucket = String(input["Bucket"]);
    try {
      if (perform === undefined) {
        const message = `A bucket that is a local directory has no ${name}`;
        throw new ObjectStoreError("NotImplemented", message, { bucket, statusCode: 501 });
      }
      for (const member of REFUSED) {
        if (input[member] !== undefined && input[member] !== null)
          throw invalidRequest(`A bucket that is a local directory does not know ${member}`, { bucket });
      }
      return await perform(this, input, signal);
    } catch (error) {
      if (!(error instanceof ObjectStoreError)) throw error;
      const { code, message, statusCode = 500 } = error;
      throw new ServiceCallError({ name: code, code, message, statusCode }, error);
    }
  }
}

/** What would change the meaning of a call if it were passed over. */
const REFUSED = ["VersionId", "PartNumber", "IfModifiedSince", "IfUnmodifiedSince", "WriteOffsetBytes"] as const;

const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["GetObject", getObject],
  ["HeadObject", async ({ store }, input) => ({ ...described(await matching(store, input)), Metadata: {} })],
  ["PutObject", putObject],
  ["CopyObject", copyObject],
  ["DeleteObject", deleteObject],
  ["DeleteObjects", deleteObjects],
  ["ListObjectsV2", (buckets, input, signal) => listObjects(buckets, input, "StartAfter", signal)],
  ["ListObjects", (buckets, input, signal) => listObjects(buckets, input, "Marker", signal)],
  ["HeadBucket", async () => ({})],
  ["GetBucketLocation", async () => ({})],
]);

function nameOf(input: JsonObject): { readonly bucket: string; readonly key: string } {
  return { bucket: String(input["Bucket"]), key: String(input["Key"]) };
}

function described({ bytes, etag, lastModifiedMs }: ObjectHead): Answer {
  return {
    AcceptRanges: "bytes",
    ContentLength: bytes,
    ContentType: CONTENT_TYPE,
    ETag: `"${etag}"`,
    LastModified: wholeSeconds(lastModifiedMs),
  };
}

/** S3 keeps no fractions of seconds. */
function wholeSeconds(ms: number): Date {
  return new Date(Math.floor(ms / 1_000) * 1_000);
}

async function matching(store: ObjectStore, input: JsonObject): Promise<ObjectHead> {
  const name = nameOf(input);
  const head = await store.head(name);
  const [wanted, unwanted] = [input["IfMatch"], input["IfNoneMatch"]].map(unquoted);
  if (wanted !== undefined && wanted !== "*" && wanted !== head.etag) throw preconditionFailed(name);
  if (unwanted !== undefined && (unwanted === "*" || unwanted === head.etag)) {
    throw new ObjectStoreError("NotModified", "Not Modified", { ...name, statusCode: 304 });
  }
  return head;
}

function unquoted(etag: Json | undefined): string | undefined {
  return typeof etag === "string" ? etag.replace(/^"(.*)"$/, "$1") : undefined;
}

async function getObject({ store }: LocalBuckets, input: JsonObject, signal?: AbortSignal): Promise<Answer> {
  const name = nameOf(input);
  const head = await matching(store, input);
  const range = rangeOf(input["Range"], head.bytes);
  const length = range === undefined ? head.bytes : range.end - range.start;
  if (length > BODY_BYTES_MAX) throw invalidRequest(`The object has more than ${BODY_BYTES_MAX} bytes`, name);
  const { body } = await store.get(name, {
    ifMatch: head.etag,
    ...(range === undefined ? {} : { range }),
    ...(signal === undefined ? {} : { signal }),
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(Uint8Array.from(chunk));
  return {
    ...described(head),
    ContentLength: length,
    ...(range === undefined ? {} : { ContentRange: `bytes ${range.start}-${range.end - 1}/${head.bytes}` }),
    Metadata: {},
    Body: Buffer.concat(chunks),
  };
}

/** `bytes=0-9`, `bytes=10-`, `bytes=-5`; S3 passes over any other form. RFC 9110, "Range". */
function rangeOf(range: Json | undefined, bytes: number): { readonly start: number; readonly end: number } | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(String(range ?? "")) ?? [];
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === "" || last === "" ? bytes : Number(last) + 1;
  return end <= start ? undefined : { start, end: Math.max(start, Math.min(end, bytes)) };
}

async function putObject({ store }: LocalBuckets, input: JsonObject): Promise<Answer> {
  const name = nameOf(input);
  const isThere = () =>
    store.head(name).then(
      () => true,
      (error: unknown) => {
        if (error instanceof ObjectStoreError && error.code === "NoSuchKey") return false;
        throw error;
      },
    );
  if (input["IfNoneMatch"] === "*" && (await isThere())) throw preconditionFailed(name);
  if (input["IfMatch"] !== undefined) await matching(store, input);
  await store.put(name, String(input["Body"] ?? ""));
  return { ETag: `"${(await store.head(name)).etag}"` };
}

async function copyObject({ store }: LocalBuckets, input: JsonObject, signal?: AbortSignal): Promise<Answer> {
  const target = nameOf(input);
  const source = sourceOf(String(input["CopySource"] ?? ""));
  if (source === undefined) throw invalidRequest("Copy Source must mention the source bucket and key", target);
  const { body } = await store.get(source, signal === undefined ? {} : { signal });
  const upload = await store.upload(target);
  try {
    for await (const chunk of body) await upload.write(chunk);
    await upload.commit();
  } catch (error) {
    await upload.abort();
    throw error;
  }
  const { etag, lastModifiedMs } = await store.head(target);
  return { CopyObjectResult: { ETag: `"${etag}"`, LastModified: wholeSeconds(lastModifiedMs) } };
}

/** `bucket/key`, percent-encoded, perhaps with a slash before it. */
function sourceOf(text: string): { readonly bucket: string; readonly key: string } | undefined {
  const [, bucket = "", key = ""] = /^\/?([^/?]+)\/([^?]+)$/.exec(text) ?? [];
  if (key === "") return undefined;
  try {
    return { bucket, key: decodeURIComponent(key.replaceAll("+", " ")) };
  } catch {
    return undefined;
  }
}

async function deleteObject({ store }: LocalBuckets, input: JsonObject): Promise<Answer> {
  await store.delete(nameOf(input));
  return {};
}

async function deleteObjects({ store }: LocalBuckets, input: JsonObject): Promise<Answer> {
  const bucket = String(input["Bucket"]);
  const request = isJsonObject(input["Delete"] ?? null) ? (input["Delete"] as JsonObject) : {};
  const objects = isJsonArray(request["Objects"] ?? null) ? (request["Objects"] as readonly Json[]) : [];
  if (objects.length === 0 || objects.length > PAGE_MAX)
    throw invalidRequest(`Delete must name 1 to ${PAGE_MAX} objects`, { bucket });
  const Deleted: Answer[] = [];
  const Errors: Answer[] = [];
  for (const object of objects) {
    const Key = String(isJsonObject(object) ? object["Key"] : "");
    try {
      await store.delete({ bucket, key: Key });
      Deleted.push({ Key });
    } catch (error) {
      if (!(error instanceof ObjectStoreError)) throw error;
      Errors.push({ Key, Code: error.code, Message: error.message });
    }
  }
  const isQuiet = request["Quiet"] === true;
  return { ...(isQuiet || Deleted.length === 0 ? {} : { Deleted }), ...(Errors.length === 0 ? {} : { Errors }) };
}

async function listObjects(
  { store }: LocalBuckets,
  input: JsonObject,
  afterMember: "StartAfter" | "Marker",
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const { Bucket, Prefix = "", Delimiter = "", MaxKeys = PAGE_MAX, ContinuationToken } = input;
  const bucket = String(Bucket);
  const [prefix, delimiter] = [String(Prefix ?? ""), String(Delimiter ?? "")];
  const size = Math.max(0, Math.min(Number(MaxKeys ?? PAGE_MAX), PAGE_MAX));
  const token = typeof ContinuationToken === "string" ? Buffer.from(ContinuationToken, "base64url").toString() : "";
  const page = new Page(prefix, delimiter, size);
  const request = { bucket, prefix, after: token || String(input[afterMember] ?? ""), pageSize: PAGE_MAX };
  if (size > 0) {
    for await (const objects of store.list({ ...request, ...(signal === undefined ? {} : { signal }) }))
      if (!objects.every((object) => page.take(object))) break;
  }
  const { contents, prefixes, last, isTruncated } = page;
  const isV2 = afterMember === "StartAfter";
  return {
    ...(contents.length === 0 ? {} : { Contents: contents }),
    ...(prefixes.size === 0 ? {} : { CommonPrefixes: [...prefixes].map((Prefix) => ({ Prefix })) }),
    ...(delimiter === "" ? {} : { Delimiter: delimiter }),
    IsTruncated: isTruncated,
    MaxKeys: size,
    Name: bucket,
    Prefix: prefix,
    ...(isV2 ? { KeyCount: contents.length + prefixes.size } : { Marker: String(input[afterMember] ?? "") }),
    ...(isV2 && typeof ContinuationToken === "string" ? { ContinuationToken } : {}),
    ...(isV2 && input["StartAfter"] !== undefined ? { StartAfter: input["StartAfter"] } : {}),
    ...(isTruncated
      ? { [isV2 ? "NextContinuationToken" : "NextMarker"]: isV2 ? Buffer.from(last).toString("base64url") : last }
      : {}),
  };
}

/** What has been listed so far: objects, and what stands for all keys that begin alike up to the delimiter. */
class Page {
  readonly contents: Answer[] = [];
  readonly prefixes = new Set<string>();
  /** The next page begins behind it. */
  last = "";
  isTruncated = false;
  readonly #prefix: string;
  readonly #delimiter: string;
  readonly #size: number;

  constructor(prefix: string, delimiter: string, size: number) {
    this.#prefix = prefix;
    this.#delimiter = delimiter;
    this.#size = size;
  }

  /** False when the page was full before it. */
  take({ key, bytes, etag, lastModifiedMs, storageClass }: ListedObject): boolean {
    const end = this.#delimiter === "" ? -1 : key.indexOf(this.#delimiter, this.#prefix.length);
    const common = end < 0 ? undefined : key.slice(0, end + this.#delimiter.length);
    if (common !== undefined && this.prefixes.has(common)) return true;
    if (this.contents.length + this.prefixes.size >= this.#size) {
      this.isTruncated = true;
      return false;
    }
    if (common === undefined) {
      const LastModified = wholeSeconds(lastModifiedMs);
      this.contents.push({ Key: key, LastModified, ETag: `"${etag}"`, Size: bytes, StorageClass: storageClass });
      this.last = key;
    } else {
      this.prefixes.add(common);
      // Behind all keys that it stands for.
      this.last = `${common}\u{10ffff}`;
    }
    return true;
  }
}
