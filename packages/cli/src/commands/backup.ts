import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { backupDatabase, DATABASE_FILE } from "@stepwell/runtime-embedded";
import { loadConfig } from "../config/load-config.ts";
import { UsageError } from "../usage-error.ts";

/** What of a data directory is copied beside the database, where it is there: what `stepwell deploy` put into it. */
const BESIDE = ["deployed", "buckets"];

/** `stepwell backup`. */
export async function backup(target: string, { data }: { readonly data?: string }): Promise<number> {
  const dataDir = data ?? (await loadConfig(undefined, process.env)).data;
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new UsageError(`${target}: must be empty, or not be there`);
  mkdirSync(target, { recursive: true });
  const { bytes } = backupDatabase(dataDir, join(target, DATABASE_FILE));
  for (const name of BESIDE) {
    if (existsSync(join(dataDir, name))) cpSync(join(dataDir, name), join(target, name), { recursive: true });
  }
  process.stdout.write(`${target}: ${bytes} bytes; stepwell start --data ${target} goes on from here\n`);
  return 0;
}
