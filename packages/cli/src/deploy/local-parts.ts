/**
 * What a stack has on this machine: code of functions and directories of buckets, with the file that tells the service of
 * them.
 *
 * D1. The service reads `<data>/deployed/<stack>/service.json`; it is written whole, after all that it names is there.
 * D2. `<data>/deployed/revision` changes after each change of such a file; the service writes the revision it has applied to
 *     `applied` beside it.
 */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { FunctionConfig } from "@stepwell/connectors";
import type { CodeBundle } from "./code/code-bundle.ts";
import { APPLIED_FILE, REVISION_FILE, SERVICE_FILE, type ServiceFile } from "./service/service-file.ts";
import { type StackRecords, writeWhole } from "./stack-record.ts";

const ACKNOWLEDGED_MS = 15_000;
const LOOK_AGAIN_MS = 50;

interface Parts {
  readonly functions: Map<string, FunctionConfig>;
  readonly buckets: Map<string, string>;
}

export class LocalParts {
  readonly #records: StackRecords;
  readonly #directory: string;
  #parts: Parts | undefined;
  #changed = false;

  constructor(records: StackRecords, stackName: string) {
    this.#records = records;
    this.#directory = records.stackDirectory(stackName);
  }

  /** Where the code of a function lies. Code of one hash is put there once. */
  async installCode(
    functionName: string,
    bundle: CodeBundle,
    shims: Readonly<Record<string, string>>,
  ): Promise<string> {
    const holder = join(this.#directory, "functions", functionName);
    const directory = join(holder, bundle.hash.slice(0, 16));
    if (existsSync(directory)) return relative(this.#directory, directory);
    const making = join(holder, `.making-${randomUUID()}`);
    await mkdir(making, { recursive: true, mode: 0o700 });
    try {
      await bundle.unpack(making);
      for (const [name, text] of Object.entries(shims)) await writeWhole(join(making, name), text);
      await rename(making, directory);
    } catch (error) {
      await rm(making, { recursive: true, force: true });
      throw error;
    }
    return relative(this.#directory, directory);
  }

  async setFunction(name: string, config: FunctionConfig): Promise<void> {
    (await this.#read()).functions.set(name, config);
    this.#changed = true;
  }

  async removeFunction(name: string): Promise<void> {
    (await this.#read()).functions.delete(name);
    this.#changed = true;
  }

  /** Made when it is not there. */
  async setBucket(name: string): Promise<string> {
    const directory = this.bucketDirectory(name);
    await mkdir(directory, { recursive: true });
    (await this.#read()).buckets.set(name, relative(this.#directory, directory));
    this.#changed = true;
    return directory;
  }

  bucketDirectory(name: string): string {
    return join(this.#records.directory, "..", "buckets", name);
  }

  async removeBucket(name: string, withContent: boolean): Promise<void> {
    (await this.#read()).buckets.delete(name);
    this.#changed = true;
    if (withContent) await rm(this.bucketDirectory(name), { recursive: true, force: true });
  }

  async isBucketEmpty(name: string): Promise<boolean> {
    const directory = this.bucketDirectory(name);
    return !existsSync(directory) || (await readdir(directory)).length === 0;
  }

  /** Tells the service of the changes since the last time. */
  async publish(): Promise<void> {
    if (!this.#changed || this.#parts === undefined) return;
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const file: ServiceFile = {
      format: 1,
      functions: Object.fromEntries(this.#parts.functions),
      buckets: Object.fromEntries(this.#parts.buckets),
    };
    await writeWhole(join(this.#directory, SERVICE_FILE), `${JSON.stringify(file, null, 2)}\n`);
    this.#changed = false;
    await newRevision(this.#records.directory);
  }

  /** Removes code that no function uses any more. */
  async sweep(): Promise<void> {
    const { functions } = await this.#read();
    const holder = join(this.#directory, "functions");
    if (!existsSync(holder)) return;
    const used = [...functions.values()].map((config) => JSON.stringify(config));
    for (const name of await readdir(holder)) {
      for (const hash of await readdir(join(holder, name))) {
        const path = relative(this.#directory, join(holder, name, hash));
        if (!used.some((config) => config.includes(path)))
          await rm(join(holder, name, hash), { recursive: true, force: true });
      }
      if ((await readdir(join(holder, name))).length === 0) await rm(join(holder, name), { recursive: true });
    }
  }

  async #read(): Promise<Parts> {
    if (this.#parts !== undefined) return this.#parts;
    const file = join(this.#directory, SERVICE_FILE);
    const { functions, buckets } = existsSync(file)
      ? (JSON.parse(await readFile(file, "utf8")) as ServiceFile)
      : { functions: {}, buckets: {} };
    this.#parts = { functions: new Map(Object.entries(functions)), buckets: new Map(Object.entries(buckets)) };
    return this.#parts;
  }
}

async function newRevision(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const revision = randomUUID();
  await writeWhole(join(directory, REVISION_FILE), revision);
  return revision;
}

/** Whether the running service reads this data directory: it acknowledges a new revision. */
export async function isRead(records: StackRecords): Promise<boolean> {
  await newRevision(records.directory);
  return acknowledged(records);
}

/** Waits until the service has applied the last revision; false when it does not within 15 seconds. */
export async function acknowledged(records: StackRecords): Promise<boolean> {
  const revision = await readFile(join(records.directory, REVISION_FILE), "utf8").catch(absent);
  for (let waited = 0; waited < ACKNOWLEDGED_MS; waited += LOOK_AGAIN_MS) {
    if ((await readFile(join(records.directory, APPLIED_FILE), "utf8").catch(absent)) === revision) return true;
    await sleep(LOOK_AGAIN_MS);
  }
  return false;
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
