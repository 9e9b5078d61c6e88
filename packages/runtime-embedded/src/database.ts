/**
 * One SQLite file in WAL mode, and nothing of what is stored in it.
 *
 * D1. `transaction` returns only when its writes are as durable as `durability` says.
 * D2. One process at a time: the data directory is locked for as long as the database is open. Among the threads of the
 *     process one writes at a time.
 * D3. Copying the log back into the file (a checkpoint) happens on another thread; a commit waits for it only to take
 *     over the last few pages.
 */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseBackground } from "./database-background.ts";
import { DatabaseFailure } from "./database-failure.ts";
import { lockDirectory } from "./directory-lock.ts";
import { type ConnectionOptions, SqliteConnection, type SqlValue, type Statement } from "./sqlite-connection.ts";
import { WriteLock } from "./write-lock.ts";

export type { SqlValue, Statement } from "./sqlite-connection.ts";

export interface DatabaseOptions {
  /** A directory, made when it is not there, or ":memory:". */
  readonly dataDir: string;
  /**
   * "full" (default): a commit is on the disk when it returns, power loss included. "normal": a commit survives
   * `kill -9`, but a power loss may take the newest ones (never consistency).
   */
  readonly durability?: "full" | "normal";
  /** Page cache in KiB, of each connection; default 16,384. */
  readonly cacheKib?: number;
  /** Reads the whole file once at opening (SQLite's quick_check): some seconds per GB. Default false. */
  readonly checkIntegrity?: boolean;
}

export interface Database {
  /** The file, or ":memory:". */
  readonly path: string;
  prepare<Row extends object = Record<string, SqlValue>>(sql: string): Statement<Row>;
  exec(sql: string): void;
  /**
   * Runs `work` in one transaction: all of it or, when it throws, nothing. `work` is synchronous and short; it never
   * calls `transaction` again.
   */
  transaction<T>(work: () => T): T;
  /** What quick_check finds wrong with the file; empty when it is sound. Reads the whole file. */
  integrityProblems(): string[];
  /** Gives up to `pages` pages of 4 KiB back to the file system; the number given back. */
  shrink(pages: number): number;
  /** Size in bytes of the file without its log, and how much of it is free for reuse. */
  size(): { readonly bytes: number; readonly freeBytes: number };
  close(): void;
  /** For another thread that writes to the same file; `undefined` in memory, which no other thread can reach. */
  readonly sharing: DatabaseSharing | undefined;
}

export interface DatabaseSharing extends ConnectionOptions {
  readonly writeLock: SharedArrayBuffer;
  /** Another connection wrote about so many bytes of log. */
  noteWritten(bytes: number): void;
  /** Called before the database is closed, to close the other connection. */
  onClose(close: () => void): void;
}

/** In the data directory. */
export const DATABASE_FILE = "stepwell.db";

const CACHE_KIB = 16_384;

/** Opens or creates the database of a data directory. Throws `DatabaseFailure`. */
export function openDatabase(options: DatabaseOptions): Database {
  if (options.dataDir === ":memory:") return new SqliteDatabase(":memory:", options, undefined);
  makeDirectory(options.dataDir);
  const lock = lockDirectory(options.dataDir);
  try {
    return new SqliteDatabase(join(options.dataDir, DATABASE_FILE), options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * Brings the tables of one store up to date: runs those of `steps` that this database has not seen under `name`, all in
 * one transaction. Steps are only ever appended: a released step never changes. Throws `DatabaseFailure` ("incompatible")
 * when the database has more steps than are known here.
 */
export function migrate(database: Database, name: string, steps: readonly string[]): void {
  database.exec("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, steps INTEGER NOT NULL) STRICT");
  database.transaction(() => {
    const row = database.prepare<{ steps: number }>("SELECT steps FROM migrations WHERE name = ?").get(name);
    const done = row?.steps ?? 0;
    if (done > steps.length) {
      throw new DatabaseFailure(
        "incompatible",
        `${database.path}: "${name}" has ${done} migration steps, this version knows ${steps.length}; use the newer version`,
      );
    }
    if (done === steps.length) return;
    for (const step of steps.slice(done)) database.exec(step);
    database
      .prepare("INSERT INTO migrations VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET steps = excluded.steps")
      .run(name, steps.length);
  });
}

/** One by one: Node makes missing parents without end where a file system says ENOENT to every mkdir (/proc, autofs). */
function makeDirectory(path: string): void {
  const missing: string[] = [];
  // A root may be missing, too: a drive that is not there.
  for (let at = resolve(path); !existsSync(at) && at !== missing[0]; at = dirname(at)) missing.unshift(at);
  try {
    for (const directory of missing) makeOne(directory);
    // It may be a file.
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new DatabaseFailure("permission", `${path}: the data directory cannot be made`, { cause: error });
  }
}

function makeOne(directory: string): void {
  try {
    mkdirSync(directory);
  } catch (error) {
    // Another process was quicker.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

class SqliteDatabase implements Database {
  readonly path: string;
  readonly sharing: DatabaseSharing | undefined;
  readonly #connection: SqliteConnection;
  readonly #directoryLock: { release(): void } | undefined;
  readonly #writeLock = new WriteLock();
  readonly #background: DatabaseBackground | undefined;
  readonly #beforeClose: (() => void)[] = [];
  #open = true;

  constructor(path: string, options: DatabaseOptions, lock: { release(): void } | undefined) {
    this.path = path;
    this.#directoryLock = lock;
    const connection: ConnectionOptions = {
      path,
      durability: options.durability ?? "full",
      cacheKib: options.cacheKib ?? CACHE_KIB,
    };
    this.#connection = new SqliteConnection(connection);
    if (options.checkIntegrity) this.#refuseDamage();
    if (path === ":memory:") return;
    const background = new DatabaseBackground(path, this.#writeLock.shared, () => this.#connection.checkpoint());
    this.#background = background;
    this.sharing = {
      ...connection,
      writeLock: this.#writeLock.shared,
      noteWritten: (bytes) => background.noteWritten(bytes),
      onClose: (close) => this.#beforeClose.push(close),
    };
  }

  prepare<Row extends object = Record<string, SqlValue>>(sql: string): Statement<Row> {
    return this.#connection.prepare<Row>(sql);
  }

  exec(sql: string): void {
    this.#connection.exec(sql);
  }

  transaction<T>(work: () => T): T {
    const result = this.#writeLock.during(() => this.#connection.transaction(work));
    this.#background?.noteWritten(this.#connection.takeWrittenBytes());
    return result;
  }

  integrityProblems(): string[] {
    return this.prepare<{ quick_check: string }>("PRAGMA quick_check(20)")
      .all()
      .map((row) => row.quick_check)
      .filter((line) => line !== "ok");
  }

  #refuseDamage(): void {
    const problems = this.integrityProblems();
    if (problems.length === 0) return;
    this.#connection.close();
    throw new DatabaseFailure("corrupt", `${this.path}: the file is damaged: ${problems.slice(0, 3).join("; ")}`);
  }

  shrink(pages: number): number {
    const before = this.#connection.pragma("freelist_count");
    this.#writeLock.during(() => this.exec(`PRAGMA incremental_vacuum(${Math.max(1, Math.floor(pages))})`));
    return before - this.#connection.pragma("freelist_count");
  }

  size(): { bytes: number; freeBytes: number } {
    const page = this.#connection.pragma("page_size");
    const pages = this.#connection.pragma("page_count");
    return { bytes: pages * page, freeBytes: this.#connection.pragma("freelist_count") * page };
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const close of this.#beforeClose) close();
    this.#background?.close();
    try {
      // The last connection to leave copies the log into the file and removes it.
      this.#connection.close();
    } finally {
      this.#directoryLock?.release();
    }
  }
}
