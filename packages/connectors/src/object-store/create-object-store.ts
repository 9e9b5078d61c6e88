import { resolve } from "node:path";
import type { ObjectStore } from "@stepwell/engine";
import type { Environment } from "../functions/environment.ts";
import { LocalObjectStore } from "./local-object-store.ts";
import { S3ObjectStore } from "./s3-object-store.ts";

export interface ObjectStoreOptions {
  /** Buckets that are directories of this machine, by name. All others are S3's. */
  readonly buckets?: Readonly<Record<string, string>>;
  /** Where relative directories begin: the directory of `stepwell.yaml`. Default: the working directory. */
  readonly baseDirectory?: string;
  /** Where AWS endpoints and credentials are read. Default: `process.env`. */
  readonly env?: Environment;
  /** Default: AWS_REGION, AWS_DEFAULT_REGION, else us-east-1. */
  readonly region?: string;
  /** Of S3 or what stands in for it. Default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, else AWS. */
  readonly endpoint?: string;
}

/**
 * Objects by bucket: local directories where configured, else S3. Nothing is opened before the first object is asked for,
 * and the AWS SDK is not loaded before the first one that is S3's.
 */
export function createObjectStore(options: ObjectStoreOptions = {}): ObjectStore {
  const { env = process.env, baseDirectory = ".", buckets = {}, endpoint } = options;
  const region = options.region ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "us-east-1";
  const directories = Object.entries(buckets).map(([name, path]) => [name, resolve(baseDirectory, path)] as const);
  const local = new LocalObjectStore(new Map(directories));
  const s3 = new S3ObjectStore({ env, region, ...(endpoint === undefined ? {} : { endpoint }) });
  const of = (bucket: string): ObjectStore => (local.has(bucket) ? local : s3);
  return {
    get: (ref, getOptions) => of(ref.bucket).get(ref, getOptions),
    head: (ref) => of(ref.bucket).head(ref),
    list: (request) => of(request.bucket).list(request),
    upload: (name, contentType) => of(name.bucket).upload(name, contentType),
    put: (name, content, contentType) => of(name.bucket).put(name, content, contentType),
    delete: (name) => of(name.bucket).delete(name),
    checkWritable: (name) => of(name.bucket).checkWritable(name),
    discardUploads: (bucket, prefix) => of(bucket).discardUploads(bucket, prefix),
    close: () => s3.close(),
  };
}
