/** One connection to the file: the small adapter between `node:sqlite` and everything else here. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { DatabaseFailure, mapSqliteError } from "./database-failure.ts";

export type SqlValue = null | number | bigint | string | Uint8Array;

/** A prepared statement, kept for the life of the connection. Parameters are positional. */
export interface Statement<Row extends object> {
  /** Number of rows changed. */
  run(...parameters: SqlValue[]): number;
  get(...parameters: SqlValue[]): Row | undefined;
  /** All rows at once: give the statement a LIMIT. */
  all(...parameters: SqlValue[]): Row[];
}

export interface ConnectionOptions {
  readonly path: string;
  readonly durability: "full" | "normal";
  readonly cacheKib: number;
}

/** "Stpw" in the file's header: this file is ours. https://www.sqlite.org/pragma.html#pragma_application_id */
const APPLICATION_ID = 0x53747077;
const STATEMENTS_MAX = 1_000;
const BUSY_TIMEOUT_MS = 5_000;
/** The log of a small commit is mostly whole pages of indexes, whatever the bytes in its rows. */
const LOG_BYTES_PER_COMMIT = 24_576;

export class SqliteConnection {
  readonly path: string;
  readonly #sqlite: DatabaseSync;
  readonly #statements = new Map<string, Statement<object>>();
  readonly #begin: Statement<object>;
  readonly #commit: Statement<object>;
  #writtenBytes = 0;

  constructor(options: ConnectionOptions) {
    this.path = options.path;
    this.#sqlite = this.#mapped(() => new DatabaseSync(options.path, { timeout: BUSY_TIMEOUT_MS }));
    try {
      this.#mapped(() => this.#configure(options));
      this.#begin = this.prepare("BEGIN IMMEDIATE");
      this.#commit = this.prepare("COMMIT");
    } catch (error) {
      this.#sqlite.close();
      throw error;
    }
  }

  #configure({ durability, cacheKib }: ConnectionOptions): void {
    const id = this.pragma("application_id");
    const isEmpty = this.#sqlite.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
    if (id !== APPLICATION_ID && !(id === 0 && isEmpty)) {
      throw new DatabaseFailure("incompatible", `${this.path}: this database belongs to another program`);
    }
    // auto_vacuum counts only before the first table; both are kept in the file.
    if (isEmpty) this.#sqlite.exec(`PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = ${APPLICATION_ID}`);
    this.#sqlite.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = ${durability === "normal" ? "NORMAL" : "FULL"};
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA journal_size_limit = 67108864;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -${Math.max(1_024, Math.floor(cacheKib))};
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
        this.#writtenBytes += sizeOf(parameters);
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

  /** All that `work` writes, or nothing of it when it throws. */
  transaction<T>(work: () => T): T {
    this.#begin.run();
    try {
      const result = work();
      this.#commit.run();
      this.#writtenBytes += LOG_BYTES_PER_COMMIT;
      return result;
    } catch (error) {
      // After a full disk or an I/O error SQLite may have rolled back by itself.
      if (this.#sqlite.isOpen && this.#sqlite.isTransaction) this.exec("ROLLBACK");
      throw error;
    }
  }

  /** About how many bytes of log were written since this was asked last. */
  takeWrittenBytes(): number {
    const bytes = this.#writtenBytes;
    this.#writtenBytes = 0;
    return bytes;
  }

  /** Copies the log into the file, as far as nobody is in the way. */
  checkpoint(): void {
    this.exec("PRAGMA wal_checkpoint(PASSIVE)");
  }

  pragma(name: string): number {
    const row = this.#mapped(() => this.#sqlite.prepare(`PRAGMA ${name}`).get());
    return Number(row?.[name] ?? 0);
  }

  close(): void {
    this.#statements.clear();
    this.#mapped(() => this.#sqlite.close());
  }

  #mapped<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw mapSqliteError(error, this.path);
    }
  }
}

/** In bytes, about. */
export function sizeOf(parameters: readonly SqlValue[]): number {
  let bytes = 0;
  for (const value of parameters) {
    bytes += typeof value === "string" ? value.length : value instanceof Uint8Array ? value.byteLength : 8;
  }
  return bytes;
}
