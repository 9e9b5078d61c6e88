/** AWS::S3::Bucket: a directory of the data directory, or a bucket behind the endpoint that stands for S3. */
import { existsSync } from "node:fs";
import { isJsonArray, isJsonObject, type Json } from "@stepwell/core";
import { UsageError } from "../../usage-error.ts";
import { type AwsEndpoints, EndpointRefusal } from "../aws-endpoints.ts";
import { shown } from "../problem.ts";
import { urlSuffix } from "../resolve/pseudo-parameters.ts";

import { isBucketName } from "./physical-name.ts";
import type { PlannedResource, ResourceKind } from "./resource-kind.ts";

/** The tag with which the CDK marks buckets whose objects go with them. */
const AUTO_DELETE_TAG = "aws-cdk:auto-delete-objects";

export const bucket: ResourceKind = {
  plan(context): PlannedResource {
    const { properties, identity, endpoints } = context;
    const name = context.name(properties["BucketName"], { lengthMax: 63, lowerCase: true });
    if (!isBucketName(name)) context.problem("BucketName", `must be the name of a bucket, got ${shown(name)}`);
    const suffix = urlSuffix(identity.partition);
    const host = `${name}.s3.${suffix}`;
    const url = endpoints.of("s3");
    const where = url === undefined ? "local directory" : `at ${url}`;
    if (properties["NotificationConfiguration"] !== undefined)
      context.warn("NotificationConfiguration: no function is called when objects change");
    return {
      physicalId: name,
      reference: name,
      attributes: {
        Arn: `arn:${identity.partition}:s3:::${name}`,
        DomainName: host,
        RegionalDomainName: `${name}.s3.${identity.region}.${suffix}`,
        DualStackDomainName: `${name}.s3.dualstack.${identity.region}.${suffix}`,
        WebsiteURL: `http://${name}.s3-website-${identity.region}.${suffix}`,
      },
      desired: { name, where },
      details: { autoDelete: hasAutoDelete(properties["Tags"]) },
      where,
      async apply({ local, endpoints: services, notice }) {
        if (url === undefined) {
          const directory = await local.setBucket(name);
          notice(`the bucket ${name} is the directory ${directory}`);
        } else {
          await services.call("s3", "createBucket", { Bucket: name }).catch(owned);
          // A directory of that name would be stronger; what lies in it stays there.
          await local.removeBucket(name, false);
        }
        return undefined;
      },
    };
  },
  async exists({ physicalId }, { endpoints }) {
    if (endpoints.of("s3") === undefined) return true;
    try {
      await endpoints.call("s3", "headBucket", { Bucket: physicalId });
      return true;
    } catch (error) {
      if (error instanceof EndpointRefusal) return !/NotFound|NoSuchBucket|404/.test(error.code);
      throw error;
    }
  },
  async remove({ physicalId, where, details }, { local, endpoints, notice }) {
    const withContent = details?.["autoDelete"] === true;
    if (where !== "local directory") {
      if (endpoints.of("s3") === undefined) notice(`the bucket ${physicalId} stays: no endpoint for s3 is named now`);
      else {
        if (withContent) await emptied(physicalId, endpoints);
        await endpoints.call("s3", "deleteBucket", { Bucket: physicalId }).catch(gone);
      }
      return;
    }
    if (!withContent && !(await local.isBucketEmpty(physicalId)))
      throw new UsageError(`the bucket ${physicalId} is not empty: ${local.bucketDirectory(physicalId)}`);
    if (existsSync(local.bucketDirectory(physicalId))) await local.removeBucket(physicalId, true);
    else await local.removeBucket(physicalId, false);
  },
};

/** What `autoDeleteObjects` asks for. */
async function emptied(name: string, endpoints: AwsEndpoints): Promise<void> {
  const store = endpoints.objectStore();
  try {
    for await (const page of store.list({ bucket: name }))
      for (const { key } of page) await store.delete({ bucket: name, key });
  } finally {
    await store.close();
  }
}

function hasAutoDelete(tags: Json | undefined): boolean {
  return (
    isJsonArray(tags ?? null) &&
    (tags as readonly Json[]).some(
      (tag) => isJsonObject(tag) && tag["Key"] === AUTO_DELETE_TAG && String(tag["Value"]) === "true",
    )
  );
}

function owned(error: unknown): void {
  if (!(error instanceof EndpointRefusal && /BucketAlready/.test(error.code))) throw error;
}

function gone(error: unknown): void {
  if (!(error instanceof EndpointRefusal && /NoSuchBucket/.test(error.code))) throw error;
}
