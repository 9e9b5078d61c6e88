/** What is known of a deployed stack: what it owns and what it gave others. Kept in the data directory, one folder a stack. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Json, JsonObject } from "@stepwell/core";
import { UsageError } from "../usage-error.ts";

export interface ResourceRecord {
  readonly type: string;
  readonly physicalId: string;
  /** What `Ref` gives. */
  readonly reference: string;
  readonly attributes: Readonly<Record<string, Json>>;
  /** Of all that matters of it. */
  readonly fingerprint: string;
  readonly where: string;
  readonly deletionPolicy: string;
  readonly details?: JsonObject;
}

export interface StackRecord {
  readonly format: 1;
  readonly stackName: string;
  readonly source: string;
  readonly deployedAt: string;
  /** By logical id, in the order they were made. */
  readonly resources: Readonly<Record<string, ResourceRecord>>;
  /** What was replaced and is still to be removed. */
  readonly leftovers?: readonly ResourceRecord[];
  readonly outputs: Readonly<Record<string, Json>>;
  readonly exports: Readonly<Record<string, Json>>;
  /** Names of exports of other stacks that this one uses, and `<stack>.<output>`. */
  readonly imports: readonly string[];
}

const RECORD_FILE = "stack.json";
const STACKS_MAX = 1_000;

export function isStackName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(name);
}

/** The folder `<data>/deployed`. */
export class StackRecords {
  readonly directory: string;

  constructor(dataDirectory: string) {
    this.directory = join(dataDirectory, "deployed");
  }

  stackDirectory(stackName: string): string {
    if (!isStackName(stackName))
      throw new UsageError(`the stack's name must be a letter, then letters, digits and -, got ${stackName}`);
    return join(this.directory, stackName);
  }

  async read(stackName: string): Promise<StackRecord | undefined> {
    const file = join(this.stackDirectory(stackName), RECORD_FILE);
    if (!existsSync(file)) return undefined;
    try {
      const record = JSON.parse(await readFile(file, "utf8")) as StackRecord;
      if (record.format !== 1) throw new Error(`the format must be 1, got ${JSON.stringify(record.format)}`);
      return record;
    } catch (error) {
      throw new UsageError(`${file}: ${(error as Error).message}`);
    }
  }

  async all(): Promise<readonly StackRecord[]> {
    if (!existsSync(this.directory)) return [];
    const names = (await readdir(this.directory)).filter(isStackName).slice(0, STACKS_MAX);
    const records = await Promise.all(names.map((name) => this.read(name)));
    return records.filter((record) => record !== undefined);
  }

  async write(record: StackRecord): Promise<void> {
    const directory = this.stackDirectory(record.stackName);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeWhole(join(directory, RECORD_FILE), `${JSON.stringify(record, null, 2)}\n`);
  }

  async remove(stackName: string): Promise<void> {
    await rm(this.stackDirectory(stackName), { recursive: true, force: true });
  }
}

/** A reader sees the file before or after, never half of it. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, file);
}
