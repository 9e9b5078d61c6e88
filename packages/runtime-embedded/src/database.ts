/**
 * One SQLite file in WAL mode, the only connection that writes to it, and nothing of what is stored in it.
 *
 * D1. `transaction` resolves (returns) only when its writes are as durable as `durability` says.
 * D2. One process at a time: the data directory is locked for as long as the database is open.
 * D3. Copying the log back into the file (a checkpoint) happens on another thread; a commit waits for it only to take
 *     over the last few pages.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { DatabaseBackground } from "./database-background.ts";
import { DatabaseFailure, mapSqliteError } from "./database-failure.ts";
import { lockDirectory } from "./directory-lock.ts";

export type SqlValue = null | number | bigint | string | Uint8Array;

/** A prepared statement, kept for the life of the database. Parameters are positional. */
export interface Statement<Row extends object> {
  /** Number of rows changed. */
  run(...parameters: SqlValue[]): number;
  get(...parameters: SqlValue[]): Row | undefined;
  /** All rows at once: give the statement a LIMIT. */
  all(...parameters: SqlValue[]): Row[];
}

export interface DatabaseOptions {
  /** A directory, made when it is not there, or ":memory:". */
  readonly dataDir: string;
  /**
   * "full" (default): a commit is on the disk when it returns, power loss included. "normal": a commit survives
   * `kill -9`, but a power loss may take the newest ones (never consistency).
   */
  readonly durability?: "full" | "normal";
  /** Page cache in KiB; default 65,536. */
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
  /** Writes a consistent, compact copy to `path`, which must not exist, while everything goes on. */
  backup(path: string): Promise<void>;
  close(): void;
}

/** "Stpw" in the file's header: this file is ours. https://www.sqlite.org/pragma.html#pragma_application_id */
const APPLICATION_ID = 0x53747077;
const STATEMENTS_MAX = 1_000;
/** The log of a small commit is mostly whole pages of indexes, whatever the bytes in its rows. */
const LOG_BYTES_PER_COMMIT = 24_576;
const BUSY_TIMEOUT_MS = 5_000;

/** Opens or creates the database of a data directory. Throws `DatabaseFailure`. */
export function openDatabase(options: DatabaseOptions): Database {
  if (options.dataDir === ":memory:") return new SqliteDatabase(":memory:", options, undefined);
  makeDirectory(options.dataDir);
  const lock = lockDirectory(options.dataDir);
  try {
    return new SqliteDatabase(join(options.dataDir, "stepwell.db"), options, lock);
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

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new DatabaseFailure("permission", `${path}: the data directory cannot be made`, { cause: error });
  }
}

class SqliteDatabase implements Database {
  readonly path: string;
  readonly #sqlite: DatabaseSync;
  readonly #statements = new Map<string, Statement<object>>();
  readonly #lock: { release(): void } | undefined;
  readonly #background: DatabaseBackground | undefined;
  #logBytes = 0;
  #open = true;

  constructor(path: string, options: DatabaseOptions, lock: { release(): void } | undefined) {
    this.path = path;
    this.#lock = lock;
    this.#sqlite = this.#mapped(() => new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS }));
    try {
      this.#mapped(() => this.#configure(options));
      if (options.checkIntegrity) this.#refuseDamage();
    } catch (error) {
      this.#sqlite.close();
      throw error;
    }
    this.#background =
      path === ":memory:" ? undefined : new DatabaseBackground(path, () => this.#sqlite.exec(CHECKPOINT));
  }

  #configure(options: DatabaseOptions): void {
    const id = this.#pragma("application_id");
    const isEmpty = this.#sqlite.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
    if (id !== APPLICATION_ID && !(id === 0 && isEmpty)) {
      throw new DatabaseFailure("incompatible", `${this.path}: this database belongs to another program`);
    }
    // auto_vacuum counts only before the first table; both are kept in the file.
    if (isEmpty) this.#sqlite.exec(`PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = ${APPLICATION_ID}`);
    this.#sqlite.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = ${options.durability === "normal" ? "NORMAL" : "FULL"};
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA journal_size_limit = 67108864;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -${Math.max(1_024, Math.floor(options.cacheKib ?? 65_536))};
    `);
  }

  prepare<Row extends object = Record<string, SqlValue>>(sql: string): Statement<Row> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size >= STATEMENTS_MAX) this.#statements.clear();
      statement = this.#prepare(sql);
      this.#statements.set(sql, statement);
    }
    // The row's type is the caller's word about its own SQL: the one place where it is taken.
    return statement as Statement<Row>;
  }

  #prepare(sql: string): Statement<object> {
    const prepared: StatementSync = this.#mapped(() => this.#sqlite.prepare(sql));
    const fail = (error: unknown): never => {
      throw mapSqliteError(error, this.path);
    };
    return {
      run: (...parameters) => {
        this.#logBytes += sizeOf(parameters);
        try {
          return Number(prepared.run(...parameters).changes);
        } catch (error) {
          return fail(error);
        }
      },
      get: (...parameters) => {
        try {
          return prepared.get(...parameters);
        } catch (error) {
          return fail(error);
        }
      },
      all: (...parameters) => {
        try {
          return prepared.all(...parameters);
        } catch (error) {
          return fail(error);
        }
      },
    };
  }

  exec(sql: string): void {
    this.#mapped(() => this.#sqlite.exec(sql));
  }

  transaction<T>(work: () => T): T {
    this.exec("BEGIN IMMEDIATE");
    let result: T;
    try {
      result = work();
      this.exec("COMMIT");
    } catch (error) {
      // After a full disk or an I/O error SQLite may have rolled back by itself.
      if (this.#sqlite.isOpen && this.#sqlite.isTransaction) this.exec("ROLLBACK");
      throw error;
    }
    this.#logBytes += LOG_BYTES_PER_COMMIT;
    if (this.#background?.noteWritten(this.#logBytes)) this.#logBytes = 0;
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
    if (problems.length > 0) {
      throw new DatabaseFailure("corrupt", `${this.path}: the file is damaged: ${problems.slice(0, 3).join("; ")}`);
    }
  }

  shrink(pages: number): number {
    const before = this.#pragma("freelist_count");
    this.exec(`PRAGMA incremental_vacuum(${Math.max(1, Math.floor(pages))})`);
    return before - this.#pragma("freelist_count");
  }

  size(): { bytes: number; freeBytes: number } {
    const page = this.#pragma("page_size");
    return { bytes: this.#pragma("page_count") * page, freeBytes: this.#pragma("freelist_count") * page };
  }

  async backup(path: string): Promise<void> {
    if (this.#background !== undefined) return this.#background.backup(path);
    this.prepare("VACUUM INTO ?").run(path);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#background?.close();
    this.#statements.clear();
    try {
      // The last connection to leave copies the log into the file and removes it.
      this.#sqlite.close();
    } finally {
      this.#lock?.release();
    }
  }

  #pragma(name: string): number {
    const row = this.#sqlite.prepare(`PRAGMA ${name}`).get();
    return Number(row?.[name] ?? 0);
  }

  #mapped<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw mapSqliteError(error, this.path);
    }
  }
}

const CHECKPOINT = "PRAGMA wal_checkpoint(PASSIVE)";

function sizeOf(parameters: readonly SqlValue[]): number {
  let bytes = 0;
  for (const value of parameters) {
    bytes += typeof value === "string" ? value.length : value instanceof Uint8Array ? value.byteLength : 8;
  }
  return bytes;
}
