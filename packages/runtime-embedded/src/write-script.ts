/** Writes as data: statements of one transaction, which any connection of this process can perform. */
import { ConstraintViolation } from "./database-failure.ts";
import { type SqliteConnection, type SqlValue, sizeOf } from "./sqlite-connection.ts";

export interface WriteStep {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
  /** Rows that it must change, when that is known. */
  readonly changes?: number;
}

/** A step changed other rows than it must, or a row was there already: nothing of the script was kept. */
export class UnexpectedRows extends Error {
  override readonly name = "UnexpectedRows";
}

/** Within a transaction. Throws UnexpectedRows, and what the connection throws. */
export function perform(connection: Pick<SqliteConnection, "prepare">, script: readonly WriteStep[]): void {
  for (const { sql, parameters, changes } of script) {
    const changed = run(connection, sql, parameters);
    if (changes !== undefined && changed !== changes) {
      throw new UnexpectedRows(`${changed} rows instead of ${changes} were changed by ${sql}`);
    }
  }
}

function run(connection: Pick<SqliteConnection, "prepare">, sql: string, parameters: readonly SqlValue[]): number {
  try {
    return connection.prepare(sql).run(...parameters);
  } catch (error) {
    if (error instanceof ConstraintViolation && error.unique) throw new UnexpectedRows(error.message, { cause: error });
    throw error;
  }
}

/** Bytes of the parameters, about. */
export function scriptBytes(script: readonly WriteStep[]): number {
  return script.reduce((bytes, { parameters }) => bytes + sizeOf(parameters), 0);
}
