import type { SqliteConnection } from "./sqlite-connection.ts";

type Connection = Pick<SqliteConnection, "prepare">;

const CACHED_MAX = 10_000;

/**
 * Texts that many rows have in common, each stored once: `table(id, column UNIQUE)`. Ids given inside a transaction that
 * is rolled back are void: call `forget` then.
 */
export class Interned {
  readonly #database: Connection;
  readonly #select: string;
  readonly #selectById: string;
  readonly #insert: string;
  readonly #ids = new Map<string, number>();
  readonly #texts = new Map<number, string>();

  constructor(database: Connection, table: string, column: string, moreColumns: readonly string[] = []) {
    this.#database = database;
    this.#select = `SELECT id FROM ${table} WHERE ${column} = ?`;
    this.#selectById = `SELECT ${column} AS text FROM ${table} WHERE id = ?`;
    const columns = [column, ...moreColumns];
    this.#insert = `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
  }

  /** The id of a text, `undefined` when it was never stored. */
  find(text: string): number | undefined {
    const cached = this.#ids.get(text);
    if (cached !== undefined) return cached;
    const row = this.#database.prepare<{ id: number }>(this.#select).get(text);
    if (row !== undefined) this.#remember(row.id, text);
    return row?.id;
  }

  /** The id of a text, stored now when it is new; only inside a transaction. */
  idOf(text: string, ...more: readonly string[]): number {
    const found = this.find(text);
    if (found !== undefined) return found;
    this.#database.prepare(this.#insert).run(text, ...more);
    return this.find(text) as number;
  }

  textOf(id: number): string | undefined {
    const cached = this.#texts.get(id);
    if (cached !== undefined) return cached;
    const text = this.#database.prepare<{ text: string }>(this.#selectById).get(id)?.text;
    if (text !== undefined) this.#remember(id, text);
    return text;
  }

  forget(): void {
    this.#ids.clear();
    this.#texts.clear();
  }

  #remember(id: number, text: string): void {
    if (this.#ids.size >= CACHED_MAX) this.forget();
    this.#ids.set(text, id);
    this.#texts.set(id, text);
  }
}
