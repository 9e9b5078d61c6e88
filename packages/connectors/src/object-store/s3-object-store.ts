import type { GetObjectCommandOutput, ListObjectsV2CommandOutput, S3Client } from "@aws-sdk/client-s3";
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
import type { AwsSettings } from "../services/aws-settings.ts";
import { isS3Configured, newS3Client } from "./s3-client.ts";
import { fromSdk } from "./s3-errors.ts";
import { abortMultipartUpload, S3Upload, startMultipartUpload } from "./s3-upload.ts";
import { unavailable } from "./store-errors.ts";

const PAGE_SIZE_MAX = 1000;
/** Unfinished uploads looked at in one folder: each process that dies of a map run leaves three at most. */
const DISCARDED_MAX = 1000;

/** S3, or any store that speaks its protocol. */
export class S3ObjectStore implements ObjectStore {
  readonly #settings: AwsSettings;
  #client: Promise<S3Client> | undefined;

  constructor(settings: AwsSettings) {
    this.#settings = settings;
  }

  async get(ref: ObjectRef, { range, ifMatch, signal }: GetOptions = {}): Promise<ObjectContent> {
    const { GetObjectCommand } = await import("@aws-sdk/client-s3");
    const command = new GetObjectCommand({
      ...refParameters(ref),
      ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` }),
      ...(ifMatch === undefined ? {} : { IfMatch: `"${ifMatch}"` }),
    });
    const answer = await this.#send(ref, signal, (client, options) => client.send(command, options));
    const bytes = Number(/\/(\d+)$/.exec(answer.ContentRange ?? "")?.[1] ?? answer.ContentLength);
    return { ...headOf(answer, bytes), body: bodyOf(answer, ref, signal) };
  }

  async head(ref: ObjectRef): Promise<ObjectHead> {
    const { HeadObjectCommand } = await import("@aws-sdk/client-s3");
    const command = new HeadObjectCommand(refParameters(ref));
    const answer = await this.#send(ref, undefined, (client) => client.send(command));
    return headOf(answer, answer.ContentLength ?? 0);
  }

  async *list(request: ListRequest): AsyncGenerator<ListedObject[]> {
    const { ListObjectsV2Command } = await import("@aws-sdk/client-s3");
    const { bucket, prefix, after, pageSize, expectedBucketOwner, signal } = request;
    let next: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: bucket,
        MaxKeys: Math.min(pageSize ?? PAGE_SIZE_MAX, PAGE_SIZE_MAX),
        // XML cannot say every character that a key may have.
        EncodingType: "url",
        ...(prefix === undefined ? {} : { Prefix: prefix }),
        ...(after === undefined ? {} : { StartAfter: after }),
        ...(expectedBucketOwner === undefined ? {} : { ExpectedBucketOwner: expectedBucketOwner }),
        ...(next === undefined ? {} : { ContinuationToken: next }),
      });
      const page = await this.#send({ bucket }, signal, (client, options) => client.send(command, options));
      const objects = listedObjects(page);
      if (objects.length > 0) yield objects;
      next = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (next !== undefined);
  }

  async upload(name: ObjectName, contentType?: string): Promise<ObjectUpload> {
    return new S3Upload(await this.#connected(name), name, contentType);
  }

  async put(name: ObjectName, content: Uint8Array | string, contentType?: string): Promise<void> {
    const upload = await this.upload(name, contentType);
    try {
      await upload.write(typeof content === "string" ? Buffer.from(content) : content);
      await upload.commit();
    } catch (error) {
      await upload.abort();
      throw error;
    }
  }

  async delete(name: ObjectName): Promise<void> {
    const { DeleteObjectCommand } = await import("@aws-sdk/client-s3");
    const command = new DeleteObjectCommand({ Bucket: name.bucket, Key: name.key });
    await this.#send(name, undefined, (client) => client.send(command));
  }

  /** An upload begun and given up asks for the same right as a write. */
  async checkWritable(name: ObjectName): Promise<void> {
    const client = await this.#connected(name);
    await abortMultipartUpload(client, name, await startMultipartUpload(client, name));
  }

  async discardUploads(bucket: string, folder: string): Promise<void> {
    const { ListMultipartUploadsCommand } = await import("@aws-sdk/client-s3");
    const command = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: folder, MaxUploads: DISCARDED_MAX });
    try {
      const { Uploads = [] } = await this.#send({ bucket }, undefined, (client) => client.send(command));
      const client = await this.#connected({ bucket });
      for (const { Key, UploadId } of Uploads) {
        const isInside = Key?.startsWith(folder) === true && !Key.includes("/", folder.length);
        if (isInside) await abortMultipartUpload(client, { bucket, key: Key }, UploadId);
      }
    } catch (error) {
      // Tidying up: roles that may only write are not told what lies about, and some stores cannot tell.
      if (!(error instanceof ObjectStoreError) || ![403, 404, 405, 501].includes(error.statusCode ?? 0)) throw error;
    }
  }

  async close(): Promise<void> {
    (await this.#client)?.destroy();
    this.#client = undefined;
  }

  async #connected(place: Partial<ObjectName> & { readonly bucket: string }): Promise<S3Client> {
    if (this.#client === undefined && !isS3Configured(this.#settings)) {
      const problem = "it is not among the local buckets, and there is no AWS endpoint and no sign of AWS credentials";
      throw unavailable(`The bucket '${place.bucket}' cannot be reached: ${problem}`, place);
    }
    this.#client ??= newS3Client(this.#settings);
    return this.#client;
  }

  async #send<T>(
    place: Partial<ObjectName> & { readonly bucket: string },
    signal: AbortSignal | undefined,
    request: (client: S3Client, options: { abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const client = await this.#connected(place);
    try {
      return await request(client, signal === undefined ? {} : { abortSignal: signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw fromSdk(error, place);
    }
  }
}

function refParameters({ bucket, key, versionId, expectedBucketOwner }: ObjectRef): {
  Bucket: string;
  Key: string;
  VersionId?: string;
  ExpectedBucketOwner?: string;
} {
  return {
    Bucket: bucket,
    Key: key,
    ...(versionId === undefined ? {} : { VersionId: versionId }),
    ...(expectedBucketOwner === undefined ? {} : { ExpectedBucketOwner: expectedBucketOwner }),
  };
}

function headOf(answer: { ETag?: string | undefined; LastModified?: Date | undefined }, bytes: number): ObjectHead {
  return { bytes, etag: unquoted(answer.ETag), lastModifiedMs: answer.LastModified?.getTime() ?? 0 };
}

function unquoted(etag = ""): string {
  return etag.replace(/^"|"$/g, "");
}

async function* bodyOf(
  answer: GetObjectCommandOutput,
  ref: ObjectRef,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* answer.Body as unknown as AsyncIterable<Uint8Array>;
  } catch (error) {
    signal?.throwIfAborted();
    throw fromSdk(error, ref);
  }
}

function listedObjects({ Contents = [] }: ListObjectsV2CommandOutput): ListedObject[] {
  return Contents.map(({ Key = "", Size = 0, StorageClass = "STANDARD", ETag, LastModified }) => ({
    key: decodeURIComponent(Key.replaceAll("+", " ")),
    bytes: Size,
    etag: unquoted(ETag),
    lastModifiedMs: LastModified?.getTime() ?? 0,
    storageClass: StorageClass,
  }));
}
