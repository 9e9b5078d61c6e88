/**
 * The one border between SQLite's result codes and ours. Everything SQLite refuses for a reason outside the request
 * (another process, no room, a damaged file) becomes a `DatabaseFailure`; a broken constraint becomes a
 * `ConstraintViolation`, which a store may expect; anything else is a bug in a statement and stays as it is.
 */
import { StoreUnavailable } from "@stepwell/engine/failures";

export type DatabaseFailureReason =
  /** Another process holds the data directory or the file. */
  | "in-use"
  /** A lock was not given in time. */
  | "busy"
  /** No room on the disk, or the configured size is reached. */
  | "full"
  /** The file is damaged or is no database. */
  | "corrupt"
  /** Written by a newer version, or by another program. */
  | "incompatible"
  /** May not be written, opened or read. */
  | "permission"
  /** The disk failed to read or write. */
  | "io"
  | "closed";

/** The database cannot serve now. `reason` says why; the message says where and what to do about it. */
export class DatabaseFailure extends StoreUnavailable {
  readonly reason: DatabaseFailureReason;
  /** SQLite's extended result code, when SQLite said no. */
  readonly code: number | undefined;

  constructor(reason: DatabaseFailureReason, message: string, options: { code?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.reason = reason;
    this.code = options.code;
  }
}

/** A UNIQUE, PRIMARY KEY, CHECK, NOT NULL or FOREIGN KEY constraint said no; nothing of the transaction was written. */
export class ConstraintViolation extends Error {
  override readonly name = "ConstraintViolation";
  /** True for UNIQUE and PRIMARY KEY. */
  readonly unique: boolean;

  constructor(message: string, unique: boolean, cause: unknown) {
    super(message, { cause });
    this.unique = unique;
  }
}

// https://www.sqlite.org/rescode.html, primary codes: the low byte of the extended code.
const REASONS: ReadonlyMap<number, readonly [DatabaseFailureReason, string]> = new Map([
  [3, ["permission", "access was denied; check the owner and the mode of the data directory"]],
  [5, ["busy", "another connection holds a lock"]],
  [6, ["busy", "another statement holds a lock"]],
  [7, ["io", "SQLite could not get memory"]],
  [8, ["permission", "the file is read-only; check the owner and the mode of the data directory"]],
  [10, ["io", "reading or writing the disk failed"]],
  [11, ["corrupt", "the file is damaged; restore it from a backup"]],
  [13, ["full", "the disk is full"]],
  [14, ["permission", "the file cannot be opened; check that the data directory exists and may be written"]],
  [15, ["busy", "another process works on the file in a way that excludes this one"]],
  [26, ["corrupt", "the file is not a SQLite database, or is damaged"]],
]);
const CONSTRAINT = 19;
const CONSTRAINT_PRIMARY_KEY = 1555;
const CONSTRAINT_UNIQUE = 2067;
const CONSTRAINT_ROWID = 2579;

/** What to throw instead of `error`, which came from `node:sqlite` while working on `path`. */
export function mapSqliteError(error: unknown, path: string): unknown {
  if (!(error instanceof Error)) return error;
  const code = sqliteCode(error);
  if (code === undefined) {
    return /database is not open/.test(error.message)
      ? new DatabaseFailure("closed", `${path}: the database is closed`, { cause: error })
      : error;
  }
  if ((code & 0xff) === CONSTRAINT) {
    const unique = code === CONSTRAINT_UNIQUE || code === CONSTRAINT_PRIMARY_KEY || code === CONSTRAINT_ROWID;
    return new ConstraintViolation(error.message, unique, error);
  }
  const known = REASONS.get(code & 0xff);
  if (known === undefined) return error;
  const [reason, advice] = known;
  return new DatabaseFailure(reason, `${path}: ${advice} (SQLite ${code}: ${error.message})`, { code, cause: error });
}

function sqliteCode(error: Error): number | undefined {
  const code = "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" ? code : undefined;
}
