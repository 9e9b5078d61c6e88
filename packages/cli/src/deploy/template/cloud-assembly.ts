/** `cdk.out`: which stacks it holds, in which order, and where the files of their assets lie. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { pathInside, readBounded } from "./bounded-file.ts";

/** A file or folder that a template names by the key it would have in S3. */
export interface Asset {
  /** Real path inside the assembly. */
  readonly path: string;
  /** `zip`: the folder is the content of the archive that the key names. */
  readonly packaging: "file" | "zip";
  /** The bucket it would go to; may hold `${AWS::AccountId}` and the like. */
  readonly bucket: string;
  readonly objectKey: string;
}

export interface AssemblyStack {
  /** What CloudFormation would call the stack. */
  readonly stackName: string;
  readonly templateFile: string;
  /** By object key. */
  readonly assets: ReadonlyMap<string, Asset>;
  readonly dependencies: readonly string[];
  /** `aws://123456789012/us-east-1`; `unknown-account`, `unknown-region` where it is open. */
  readonly environment: string;
  readonly parameters: JsonObject;
}

const ARTIFACTS_MAX = 500;
const NESTED_MAX = 5;

/** Throws with the file's name when the assembly is not as the CDK writes it or names a file outside of it. */
export async function readCloudAssembly(directory: string): Promise<readonly AssemblyStack[]> {
  return readAssembly(resolve(directory), resolve(directory), 0);
}

async function readAssembly(directory: string, root: string, depth: number): Promise<readonly AssemblyStack[]> {
  if (depth > NESTED_MAX) throw new Error(`${directory}: assemblies are nested deeper than ${NESTED_MAX}`);
  const manifestFile = join(directory, "manifest.json");
  const artifacts = Object.entries(object((await readJson(manifestFile))["artifacts"]));
  if (artifacts.length > ARTIFACTS_MAX) throw new Error(`${manifestFile}: has more than ${ARTIFACTS_MAX} artifacts`);
  const stacks: AssemblyStack[] = [];
  for (const [id, value] of artifacts) {
    const artifact = object(value);
    const properties = object(artifact["properties"]);
    if (artifact["type"] === "cdk:cloud-assembly") {
      const nested = pathInside(text(properties["directoryName"], manifestFile), [directory, root]);
      stacks.push(...(await readAssembly(nested, root, depth + 1)));
    }
    if (artifact["type"] !== "aws:cloudformation:stack") continue;
    stacks.push({
      stackName: typeof properties["stackName"] === "string" ? properties["stackName"] : id,
      templateFile: pathInside(text(properties["templateFile"], manifestFile), [directory, root]),
      assets: await assetsOf(directory, root, id, artifact, object(Object.fromEntries(artifacts))),
      dependencies: list(artifact["dependencies"]).map(String),
      environment: String(artifact["environment"] ?? "aws://unknown-account/unknown-region"),
      parameters: object(properties["parameters"]),
    });
  }
  // Dependencies name artifacts; stacks are known by their names from here on.
  const nameOf = new Map(
    artifacts.map(([id, value]) => [id, String(object(object(value)["properties"])["stackName"] ?? id)]),
  );
  return stacks.map((stack) => ({ ...stack, dependencies: stack.dependencies.map((id) => nameOf.get(id) ?? id) }));
}

/** Of the asset manifests that a stack depends on, else of the file that lies beside its template. */
async function assetsOf(
  directory: string,
  root: string,
  id: string,
  artifact: JsonObject,
  artifacts: JsonObject,
): Promise<ReadonlyMap<string, Asset>> {
  const files = list(artifact["dependencies"])
    .map((dependency) => object(artifacts[String(dependency)]))
    .filter((other) => other["type"] === "cdk:asset-manifest")
    .map((other) => String(object(other["properties"])["file"]));
  const beside = `${id}.assets.json`;
  if (files.length === 0 && existsSync(join(directory, beside))) files.push(beside);
  const assets = new Map<string, Asset>();
  for (const file of files) {
    const path = pathInside(file, [directory, root]);
    for (const asset of fileAssets(await readJson(path), dirname(path), root)) assets.set(asset.objectKey, asset);
  }
  return assets;
}

function fileAssets(manifest: JsonObject, directory: string, root: string): Asset[] {
  return Object.values(object(manifest["files"])).flatMap((value) => {
    const source = object(object(value)["source"]);
    // A source that is made by running a program is not run.
    if (typeof source["path"] !== "string") return [];
    const path = pathInside(source["path"], [directory, root]);
    const packaging = source["packaging"] === "zip" ? "zip" : "file";
    return Object.values(object(object(value)["destinations"])).map((destination) => ({
      path,
      packaging: packaging as Asset["packaging"],
      bucket: String(object(destination)["bucketName"] ?? ""),
      objectKey: String(object(destination)["objectKey"] ?? ""),
    }));
  });
}

async function readJson(file: string): Promise<JsonObject> {
  const source = await readBounded(file);
  try {
    return object(JSON.parse(source) as Json);
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`);
  }
}

function object(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function text(value: Json | undefined, file: string): string {
  if (typeof value === "string") return value;
  throw new Error(`${file}: must name a file, got ${JSON.stringify(value)}`);
}
