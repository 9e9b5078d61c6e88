/** Where the template's code and definitions lie: assets of a cloud assembly, files beside the template. */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { isJsonObject, type Json } from "@stepwell/core";
import { pathInside, readBounded } from "../template/bounded-file.ts";
import type { Asset } from "../template/cloud-assembly.ts";
import { type CodeBundle, directoryBundle, zipBundle } from "./code-bundle.ts";

/** A file that holds a definition may be as large as AWS's quota for definitions, and a little more for blanks. */
const DEFINITION_BYTES_MAX = 8 * 1024 * 1024;

export class CodeSources {
  readonly #assets: ReadonlyMap<string, Asset>;
  /** What local paths may reach: the template's directory, and the one the command was typed in. */
  readonly #directories: readonly string[];

  constructor(templateFile: string, assets: ReadonlyMap<string, Asset>, outside: readonly string[] = []) {
    this.#assets = assets;
    this.#directories = [dirname(templateFile), ...outside];
  }

  /**
   * The file or folder that `{ S3Bucket, S3Key }` (or `Bucket`, `Key`) or a local path names. Throws, in words for the one
   * who deploys, when there is none.
   */
  pathOf(place: Json): string {
    if (typeof place === "string") {
      const key = /^(?:s3:\/\/[^/]+|https:\/\/[^/]+(?:\/[^/]*assets[^/]*)?)\/(.+)$/.exec(place)?.[1];
      if (key !== undefined) return this.#asset(key);
      return pathInside(place, this.#directories);
    }
    const fields = isJsonObject(place) ? place : {};
    const key = fields["S3Key"] ?? fields["Key"] ?? fields["ObjectKey"];
    if (typeof key !== "string") throw new Error(`must name an asset or a local path, got ${JSON.stringify(place)}`);
    return this.#asset(key);
  }

  #asset(key: string): string {
    const asset = this.#assets.get(key);
    if (asset !== undefined) return asset.path;
    throw new Error(`the object ${key} is not among the assets of this stack, and S3 is not asked`);
  }

  async text(place: Json): Promise<{ readonly path: string; readonly text: string }> {
    const path = this.pathOf(place);
    return { path, text: await readBounded(path, DEFINITION_BYTES_MAX) };
  }

  async bundle(place: Json): Promise<CodeBundle> {
    const path = this.pathOf(place);
    if (statSync(path).isDirectory()) return directoryBundle(path);
    if (/\.(zip|jar)$/i.test(path)) return zipBundle(path);
    throw new Error(`${path}: must be a folder or a .zip file`);
  }

  /** Assets that templates read as objects of S3, not as code: single files. */
  get fileAssets(): readonly Asset[] {
    return [...this.#assets.values()].filter(
      ({ packaging, path }) => packaging === "file" && !/\.template\.json$|\.zip$/.test(path),
    );
  }
}
