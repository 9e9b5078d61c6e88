/**
 * Keeps a second process (or a second runtime of this process) out of a data directory.
 *
 * Node has no flock, and a file with a process id in it outlives the process. SQLite's own file locks do not: they are
 * the operating system's, gone with the process however it dies. So the lock is an exclusive transaction on a small
 * database of its own, held for as long as the directory is open. The main file stays readable for backups.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DatabaseFailure, mapSqliteError } from "./database-failure.ts";

const BUSY = 5;

export function lockDirectory(directory: string): { release(): void } {
  const lockPath = join(directory, "stepwell.lock");
  const holderPath = join(directory, "stepwell.pid");
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(lockPath, { timeout: 0 });
    // A journal in memory: nothing is ever written, and no journal file is left behind.
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    lock?.close();
    if (error instanceof Error && "errcode" in error && Number(error.errcode) % 256 === BUSY) {
      throw new DatabaseFailure(
        "in-use",
        `${directory}: the data directory is in use by ${holder(holderPath)}; stop it or choose another directory`,
        { cause: error },
      );
    }
    throw mapSqliteError(error, lockPath);
  }
  writeFileSync(holderPath, `${process.pid} ${hostname()}\n`);
  const held = lock;
  return {
    release(): void {
      held.close();
    },
  };
}

function holder(path: string): string {
  try {
    const [pid, host] = readFileSync(path, "utf8").trim().split(" ");
    return pid ? `process ${pid}${host ? ` on ${host}` : ""}` : "another process";
  } catch {
    // The name of the holder is only for the message; the lock itself has already said no.
    return "another process";
  }
}
