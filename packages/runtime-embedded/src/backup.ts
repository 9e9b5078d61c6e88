import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DATABASE_FILE } from "./database.ts";
import { DatabaseFailure, mapSqliteError } from "./database-failure.ts";

/** How long a busy service may keep a backup waiting to begin. */
const BUSY_MS = 10_000;

/**
 * Writes a consistent, compact copy of a data directory's database to `target`, which must not exist, while a service may
 * be writing to it. The copy is checked, and is there whole or not at all. Throws DatabaseFailure.
 */
export function backupDatabase(dataDir: string, target: string): { readonly bytes: number } {
  const path = join(dataDir, DATABASE_FILE);
  if (!existsSync(path)) throw new DatabaseFailure("permission", `${path}: there is no such database`);
  if (existsSync(target)) throw new DatabaseFailure("in-use", `${target}: exists already; name a new file`);
  const written = `${target}.part`;
  rmSync(written, { force: true });
  try {
    const database = new DatabaseSync(path, { timeout: BUSY_MS });
    try {
      database.prepare("VACUUM INTO ?").run(written);
    } finally {
      database.close();
    }
    const bytes = check(written);
    renameSync(written, target);
    return { bytes };
  } catch (error) {
    rmSync(written, { force: true });
    throw error instanceof DatabaseFailure ? error : mapSqliteError(error, path);
  }
}

/** Durable, and sound; its size. */
function check(path: string): number {
  const file = openSync(path, "r+");
  fsyncSync(file);
  closeSync(file);
  const copy = new DatabaseSync(path);
  try {
    const [first] = copy.prepare("PRAGMA quick_check(1)").all() as { quick_check: string }[];
    if (first?.quick_check !== "ok")
      throw new DatabaseFailure("corrupt", `${path}: the copy is damaged: ${first?.quick_check}`);
    const pages = copy.prepare("PRAGMA page_count").get() as { page_count: number };
    const size = copy.prepare("PRAGMA page_size").get() as { page_size: number };
    return pages.page_count * size.page_size;
  } finally {
    copy.close();
  }
}
