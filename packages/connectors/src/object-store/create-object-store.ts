import { resolve } from "node:path";
import type { ObjectStore } from "@stepwell/engine";
import type { AwsSettings } from "../services/aws-settings.ts";
import { LocalObjectStore } from "./local-object-store.ts";
import { S3ObjectStore } from "./s3-object-store.ts";

/** Where S3 is, and who calls it, is AWS's as for every service; relative directories begin at `baseDirectory`. */
export interface ObjectStoreOptions extends AwsSettings {
  /** Buckets that are directories of this machine, by name. All others are S3's. */
  readonly buckets?: Readonly<Record<string, string>>;
  /** More of them, asked for at each use: absolute directories by bucket, weaker than `buckets`. */
  readonly moreBuckets?: ReadonlyMap<string, string>;
  /** Whose the directories are. Without it no `ExpectedBucketOwner` is wrong there. */
  readonly accountId?: string;
}

/** True for buckets that are directories. */
export function isLocalBucket({ buckets = {}, moreBuckets }: ObjectStoreOptions, bucket: string): boolean {
  return Object.hasOwn(buckets, bucket) || moreBuckets?.has(bucket) === true;
}

/**
 * Objects by bucket: local directories where configured, else S3. Nothing is opened before the first object is asked for,
 * and the AWS SDK is not loaded before the first one that is S3's.
 */
export function createObjectStore(options: ObjectStoreOptions = {}): ObjectStore {
  const { baseDirectory = ".", buckets = {}, accountId, ...settings } = options;
  const env = settings.env ?? process.env;
  const region = settings.region ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "us-east-1";
  const directories = Object.entries(buckets).map(([name, path]) => [name, resolve(baseDirectory, path)] as const);
  const local = new LocalObjectStore(new Map(directories), accountId);
  const s3 = new S3ObjectStore({ ...settings, region });
  const more = new LocalObjectStore(options.moreBuckets ?? new Map(), accountId);
  const of = (bucket: string): ObjectStore => (local.has(bucket) ? local : more.has(bucket) ? more : s3);
  return {
    get: (ref, getOptions) => of(ref.bucket).get(ref, getOptions),
    head: (ref) => of(ref.bucket).head(ref),
    list: (request) => of(request.bucket).list(request),
    upload: (name, contentType) => of(name.bucket).upload(name, contentType),
    put: (name, content, contentType) => of(name.bucket).put(name, content, contentType),
    delete: (name) => of(name.bucket).delete(name),
    checkWritable: (name) => of(name.bucket).checkWritable(name),
    discardUploads: (bucket, folder) => of(bucket).discardUploads(bucket, folder),
    close: () => s3.close(),
  };
}
