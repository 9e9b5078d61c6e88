/**
 * Texts that thousands of rows have in common stand once, under an id made of the text itself (16 bytes of its SHA-256):
 * every node gives the same text the same id without asking anybody, and what was stored never has to be looked up to
 * be written.
 */
import { createHash } from "node:crypto";
import { arrayOf } from "./binary-array.ts";
import type { Statements } from "./database.ts";

const ID_BYTES = 16;
const CACHED_MAX = 20_000;

const ids = new Map<string, Buffer>();

export function contentId(text: string): Buffer {
  let id = ids.get(text);
  if (id === undefined) {
    if (ids.size >= CACHED_MAX) ids.clear();
    id = createHash("sha256").update(text).digest().subarray(0, ID_BYTES);
    ids.set(text, id);
  }
  return id;
}

/** A table `(id, text, …)` of such texts. */
export class CommonTexts {
  readonly #database: Statements;
  readonly #table: string;
  readonly #more: readonly string[];
  /** Known to be stored. Nothing is ever deleted there. */
  readonly #stored = new Set<string>();
  readonly #texts = new Map<string, string>();

  constructor(database: Statements, table: string, more: readonly string[] = []) {
    this.#database = database;
    this.#table = table;
    this.#more = more;
  }

  isStored(text: string): boolean {
    return this.#stored.has(text);
  }

  /** Stores rows `[text, ...more]`; those that are there already stay. */
  async store(rows: readonly (readonly string[])[]): Promise<void> {
    if (rows.length === 0) return;
    const columns = ["id", "text", ...this.#more];
    const arrays = columns.map((_, i) => `$${i + 1}::${i === 0 ? "bytea" : "text"}[]`);
    await this.#database.query(
      `INSERT INTO ${this.#table} (${columns.join(", ")}) SELECT * FROM unnest(${arrays.join(", ")}) ON CONFLICT DO NOTHING`,
      [
        arrayOf(
          "bytea",
          rows.map(([text]) => contentId(text as string)),
        ),
        ...columns.slice(1).map((_, i) =>
          arrayOf(
            "text",
            rows.map((row) => row[i] as string),
          ),
        ),
      ],
    );
    if (this.#stored.size > CACHED_MAX) this.#stored.clear();
    for (const [text] of rows) this.#stored.add(text as string);
  }

  /** The texts of ids, fetched together when they are not known. */
  async textsOf(wanted: readonly Buffer[]): Promise<(id: Buffer) => string> {
    const missing = new Map(wanted.map((id) => [id.toString("hex"), id]));
    for (const key of missing.keys()) if (this.#texts.has(key)) missing.delete(key);
    const found = new Map([...wanted].map((id) => [id.toString("hex"), this.#texts.get(id.toString("hex"))]));
    if (missing.size > 0) {
      const rows = await this.#database.query<{ id: Buffer; text: string }>(
        `SELECT id, text FROM ${this.#table} WHERE id = ANY($1::bytea[])`,
        [arrayOf("bytea", missing.values())],
      );
      if (this.#texts.size > CACHED_MAX) this.#texts.clear();
      for (const { id, text } of rows) {
        found.set(id.toString("hex"), text);
        this.#texts.set(id.toString("hex"), text);
      }
    }
    return (id) => {
      const text = found.get(id.toString("hex"));
      if (text === undefined) throw new Error(`a stored row points to a text that is not in ${this.#table}`);
      return text;
    };
  }
}
