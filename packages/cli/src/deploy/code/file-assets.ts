/** Files of an assembly that a template names as objects of the asset bucket: put where the service reads objects. */
import { readFile, stat } from "node:fs/promises";
import type { AwsIdentity } from "@stepwell/engine";
import { UsageError } from "../../usage-error.ts";
import { type AwsEndpoints, EndpointRefusal } from "../aws-endpoints.ts";
import { isBucketName } from "../resources/physical-name.ts";
import type { Deployer } from "../resources/resource-kind.ts";
import type { StackSource } from "../stack-source.ts";

const FILE_BYTES_MAX = 256 * 1024 * 1024;

export async function publishFileAssets(
  { code }: StackSource,
  { identity, endpoints }: { readonly identity: AwsIdentity; readonly endpoints: AwsEndpoints },
  { local }: Deployer,
): Promise<void> {
  const url = endpoints.of("s3");
  for (const { path, bucket, objectKey } of code.fileAssets) {
    const name = bucketName(bucket, identity);
    if (!isBucketName(name))
      throw new UsageError(`${path}: the asset's bucket must be the name of a bucket, got ${name}`);
    if ((await stat(path)).size > FILE_BYTES_MAX) throw new Error(`${path}: must be at most ${FILE_BYTES_MAX} bytes`);
    if (url !== undefined) await endpoints.call("s3", "createBucket", { Bucket: name }).catch(owned);
    const buckets = url === undefined ? { [name]: await local.setBucket(name) } : {};
    const store = endpoints.objectStore(buckets);
    try {
      await store.put({ bucket: name, key: objectKey }, await readFile(path), "application/octet-stream");
    } finally {
      await store.close();
    }
  }
}

function owned(error: unknown): void {
  if (!(error instanceof EndpointRefusal && /BucketAlready/.test(error.code))) throw error;
}

function bucketName(bucket: string, { accountId, region, partition }: AwsIdentity): string {
  const values: Readonly<Record<string, string>> = {
    "AWS::AccountId": accountId,
    "AWS::Region": region,
    "AWS::Partition": partition,
  };
  return bucket.replace(/\$\{([^}]+)\}/g, (whole, name: string) => values[name] ?? whole);
}
