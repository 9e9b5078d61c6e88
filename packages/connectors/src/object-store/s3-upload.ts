import type { CompletedPart, S3Client } from "@aws-sdk/client-s3";
import type { ObjectName, ObjectUpload } from "@stepwell/engine";
import { fromSdk } from "./s3-errors.ts";

/** S3 takes parts of 5 MiB and more, 10,000 of them: files up to 80 GiB. */
const PART_BYTES = 8 * 1024 * 1024;

/** One PutObject when all fits into a part, else a multipart upload. S3 shows neither before it is complete. */
export class S3Upload implements ObjectUpload {
  readonly #client: S3Client;
  readonly #name: ObjectName;
  readonly #contentType: string | undefined;
  readonly #parts: CompletedPart[] = [];
  #part: Buffer<ArrayBuffer> = Buffer.allocUnsafe(0);
  #filled = 0;
  #uploadId: string | undefined;
  #isOver = false;

  constructor(client: S3Client, name: ObjectName, contentType: string | undefined) {
    this.#client = client;
    this.#name = name;
    this.#contentType = contentType;
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      if (this.#filled === PART_BYTES) await this.#sendPart();
      const count = Math.min(PART_BYTES - this.#filled, chunk.length - at);
      this.#reserve(this.#filled + count);
      this.#part.set(chunk.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
    }
  }

  async commit(): Promise<void> {
    if (this.#uploadId === undefined) await this.#putWhole();
    else await this.#complete();
    this.#isOver = true;
  }

  async abort(): Promise<void> {
    if (this.#isOver || this.#uploadId === undefined) return;
    this.#isOver = true;
    await abortMultipartUpload(this.#client, this.#name, this.#uploadId);
  }

  /** Small objects, of which there may be many at once, do not hold a whole part's memory. */
  #reserve(bytes: number): void {
    if (bytes <= this.#part.length) return;
    const grown = Buffer.allocUnsafe(Math.min(PART_BYTES, Math.max(bytes, 2 * this.#part.length, 65_536)));
    grown.set(this.#part.subarray(0, this.#filled));
    this.#part = grown;
  }

  async #putWhole(): Promise<void> {
    const { PutObjectCommand } = await import("@aws-sdk/client-s3");
    const body = this.#part.subarray(0, this.#filled);
    await this.#try(() => this.#client.send(new PutObjectCommand({ ...this.#target(), Body: body })));
  }

  async #sendPart(): Promise<void> {
    const { UploadPartCommand } = await import("@aws-sdk/client-s3");
    this.#uploadId ??= await startMultipartUpload(this.#client, this.#name, this.#contentType);
    const PartNumber = this.#parts.length + 1;
    const { bucket: Bucket, key: Key } = this.#name;
    const Body = this.#part.subarray(0, this.#filled);
    const command = new UploadPartCommand({ Bucket, Key, UploadId: this.#uploadId, PartNumber, Body });
    const { ETag } = await this.#try(() => this.#client.send(command));
    this.#parts.push({ PartNumber, ...(ETag === undefined ? {} : { ETag }) });
    this.#filled = 0;
  }

  async #complete(): Promise<void> {
    if (this.#filled > 0) await this.#sendPart();
    const { CompleteMultipartUploadCommand } = await import("@aws-sdk/client-s3");
    const { bucket: Bucket, key: Key } = this.#name;
    const MultipartUpload = { Parts: this.#parts };
    const command = new CompleteMultipartUploadCommand({ Bucket, Key, UploadId: this.#uploadId, MultipartUpload });
    await this.#try(() => this.#client.send(command));
  }

  #target(): { Bucket: string; Key: string; ContentType?: string } {
    const { bucket: Bucket, key: Key } = this.#name;
    return { Bucket, Key, ...(this.#contentType === undefined ? {} : { ContentType: this.#contentType }) };
  }

  async #try<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw fromSdk(error, this.#name);
    }
  }
}

export async function startMultipartUpload(
  client: S3Client,
  name: ObjectName,
  contentType?: string,
): Promise<string | undefined> {
  const { CreateMultipartUploadCommand } = await import("@aws-sdk/client-s3");
  const type = contentType === undefined ? {} : { ContentType: contentType };
  try {
    const command = new CreateMultipartUploadCommand({ Bucket: name.bucket, Key: name.key, ...type });
    return (await client.send(command)).UploadId;
  } catch (error) {
    throw fromSdk(error, name);
  }
}

export async function abortMultipartUpload(
  client: S3Client,
  name: ObjectName,
  uploadId: string | undefined,
): Promise<void> {
  const { AbortMultipartUploadCommand } = await import("@aws-sdk/client-s3");
  try {
    const command = new AbortMultipartUploadCommand({ Bucket: name.bucket, Key: name.key, UploadId: uploadId });
    await client.send(command);
  } catch (error) {
    const failure = fromSdk(error, name);
    // Somebody else was faster.
    if (failure.statusCode !== 404) throw failure;
  }
}
