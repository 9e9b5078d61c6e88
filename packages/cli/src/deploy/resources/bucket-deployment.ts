/** Custom::CDKBucketDeployment: the files of assets, put into a bucket. Its own function, which would do it on AWS, is not asked. */

import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isJsonArray, type Json } from "@stepwell/core";
import { CODE_BYTES_MAX, CODE_FILES_MAX } from "../code/code-bundle.ts";
import { type FileTree, treeOf } from "../code/file-tree.ts";
import { shown } from "../problem.ts";
import { isBucketName } from "./physical-name.ts";
import type { PlanContext, PlannedResource, ResourceKind } from "./resource-kind.ts";

export const bucketDeployment: ResourceKind = {
  async plan(context): Promise<PlannedResource> {
    const { properties, stackName, declaration, identity } = context;
    const bucket = properties["DestinationBucketName"];
    if (typeof bucket !== "string" || !isBucketName(bucket))
      context.problem("DestinationBucketName", `must be a bucket's name, got ${shown(bucket)}`);
    const markers = properties["SourceMarkers"];
    if (isJsonArray(markers ?? null) && (markers as readonly Json[]).some((marker) => JSON.stringify(marker) !== "{}"))
      context.problem("SourceMarkers", "values that are known only when the stack is deployed are not put into files");
    if (String(properties["Extract"] ?? "true") !== "true")
      context.problem("Extract", "assets that stay archives are not supported");
    const trees = await treesOf(context);
    const prefix = String(properties["DestinationBucketKeyPrefix"] ?? "").replace(/^\/|\/$/g, "");
    const name = `${stackName}-${declaration.logicalId}`;
    return {
      physicalId: name,
      reference: name,
      attributes: {
        DestinationBucketArn: `arn:${identity.partition}:s3:::${String(bucket)}`,
        SourceObjectKeys: properties["SourceObjectKeys"] ?? [],
      },
      desired: { bucket: String(bucket), prefix, trees: trees.map(({ hash }) => hash) },
      where: `files in the bucket ${String(bucket)}`,
      async apply({ local, endpoints }) {
        const url = endpoints.of("s3");
        const buckets = url === undefined ? { [String(bucket)]: await local.setBucket(String(bucket)) } : {};
        const store = endpoints.objectStore(buckets);
        try {
          for (const { root, files } of trees) {
            for (const { path } of files) {
              const key = prefix === "" ? path : `${prefix}/${path}`;
              await store.put(
                { bucket: String(bucket), key },
                await readFile(join(root, path)),
                "application/octet-stream",
              );
            }
          }
        } finally {
          await store.close();
        }
        return undefined;
      },
    };
  },
};

async function treesOf({ properties, code, problem }: PlanContext): Promise<readonly FileTree[]> {
  const keys = properties["SourceObjectKeys"];
  const trees: FileTree[] = [];
  for (const key of isJsonArray(keys ?? null) ? (keys as readonly Json[]) : []) {
    try {
      const path = code.pathOf({ S3Key: key });
      if (!statSync(path).isDirectory()) throw new Error(`${path}: must be a folder`);
      trees.push(await treeOf(path, { filesMax: CODE_FILES_MAX, bytesMax: CODE_BYTES_MAX }));
    } catch (error) {
      problem("SourceObjectKeys", (error as Error).message);
    }
  }
  return trees;
}
