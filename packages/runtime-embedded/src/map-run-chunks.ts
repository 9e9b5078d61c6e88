import { CHILD_CELLS, type ChildDuration, type ChildQuery, type StoredChild } from "@stepwell/engine";
import type { Database } from "./database.ts";
import { type Chunk, unpackChunk } from "./map-run-chunk.ts";
import { INDEX_BITS, INDEX_MASK } from "./map-run-rows.ts";
import { perform, type WriteStep } from "./write-script.ts";

const COLUMNS = `id & ${INDEX_MASK} AS first, first_item AS firstItem, generation, started, children, data`;

const INSERT = `INSERT INTO map_run_chunks (id, first_item, generation, started, children, items, slowest_ms, data)
  VALUES (? << ${INDEX_BITS} | ?, ?, ?, ?, ?, ?, ?, ?)`;

type ChunkRow = Omit<Chunk, "items" | "slowest_ms">;

interface Unpacked {
  readonly key: number;
  readonly first: number;
  readonly withTexts: boolean;
  readonly children: readonly StoredChild[];
}

/** The table of chunks: children that succeeded as soon as they had begun (map-run-chunk.ts). */
export class MapRunChunks {
  readonly #database: Database;
  /** The chunk that was read last: the next page mostly begins in it. Chunks never change. */
  #last: Unpacked | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  insert(key: number, chunk: Chunk | undefined): void {
    if (chunk !== undefined) perform(this.#database, [this.insertion(key, chunk)]);
  }

  /** How the chunk is inserted. */
  insertion(key: number, chunk: Chunk): WriteStep {
    const { first, firstItem, generation, started, children, items, slowest_ms, data } = chunk;
    return { sql: INSERT, parameters: [key, first, firstItem, generation, started, children, items, slowest_ms, data] };
  }

  /** Whether a child with an index from `first` to `last` is in a chunk. */
  hasAny(key: number, first: number, last: number): boolean {
    const row = this.#database
      .prepare<{ end: number }>(
        `SELECT (id & ${INDEX_MASK}) + children AS end FROM map_run_chunks
         WHERE id BETWEEN (?1 << ${INDEX_BITS}) AND (?1 << ${INDEX_BITS} | ?2) ORDER BY id DESC LIMIT 1`,
      )
      .get(key, last);
    return row !== undefined && row.end > first;
  }

  /** Up to `limit` children with an index from `first` to `last`, from one end or the other. */
  page(
    key: number,
    first: number,
    last: number,
    query: Pick<ChildQuery, "limit" | "newestFirst" | "texts">,
  ): StoredChild[] {
    const { limit, newestFirst = false, texts } = query;
    const found: StoredChild[] = [];
    let [from, to] = [first, last];
    while (found.length < limit && from <= to) {
      const chunk = newestFirst ? this.#at(key, to, from, texts) : this.#from(key, from, to, texts);
      if (chunk === undefined) break;
      const inside = chunk.children.filter(({ index }) => index >= from && index <= to);
      found.push(...(newestFirst ? inside.reverse() : inside).slice(0, limit - found.length));
      if (newestFirst) to = chunk.first - 1;
      else from = chunk.first + chunk.children.length;
    }
    return found;
  }

  /** The first chunk with a child from `first` on. */
  #from(key: number, first: number, last: number, withTexts: boolean): Unpacked | undefined {
    const known = this.#last;
    if (known?.key === key && known.withTexts === withTexts && isIn(known, first)) return known;
    const row = this.#database
      .prepare<ChunkRow>(
        `SELECT ${COLUMNS} FROM map_run_chunks
         WHERE id BETWEEN coalesce((SELECT max(id) FROM map_run_chunks
             WHERE id BETWEEN (?1 << ${INDEX_BITS}) AND (?1 << ${INDEX_BITS} | ?2)
               AND (id & ${INDEX_MASK}) + children > ?2), ?1 << ${INDEX_BITS} | ?2)
           AND (?1 << ${INDEX_BITS} | ?3) ORDER BY id LIMIT 1`,
      )
      .get(key, first, last);
    return row && this.#unpack(key, row, withTexts);
  }

  /** The last chunk with a child up to `last`. */
  #at(key: number, last: number, first: number, withTexts: boolean): Unpacked | undefined {
    const row = this.#database
      .prepare<ChunkRow>(
        `SELECT ${COLUMNS} FROM map_run_chunks WHERE id BETWEEN (?1 << ${INDEX_BITS}) AND (?1 << ${INDEX_BITS} | ?2)
         ORDER BY id DESC LIMIT 1`,
      )
      .get(key, last);
    return row === undefined || row.first + row.children <= first ? undefined : this.#unpack(key, row, withTexts);
  }

  #unpack(key: number, row: ChunkRow, withTexts: boolean): Unpacked {
    this.#last = { key, first: row.first, withTexts, children: unpackChunk(row, withTexts) };
    return this.#last;
  }

  count(key: number): { readonly children: number; readonly items: number } {
    const row = this.#database
      .prepare<{ children: number; items: number }>(
        `SELECT coalesce(sum(children), 0) AS children, coalesce(sum(items), 0) AS items FROM map_run_chunks
         WHERE id BETWEEN (?1 << ${INDEX_BITS}) AND (?1 << ${INDEX_BITS} | ${INDEX_MASK})`,
      )
      .get(key);
    return row ?? { children: 0, items: 0 };
  }

  /** Fills in the cells of children in chunks; `cells[0]` is that of the child `first`. */
  fillCells(key: number, first: number, cells: Uint8Array): void {
    const rows = this.#database
      .prepare<{ first: number; end: number }>(
        `SELECT id & ${INDEX_MASK} AS first, (id & ${INDEX_MASK}) + children AS end FROM map_run_chunks
         WHERE id BETWEEN (?1 << ${INDEX_BITS}) AND (?1 << ${INDEX_BITS} | ?2) AND (id & ${INDEX_MASK}) + children > ?3`,
      )
      .all(key, first + cells.length - 1, first);
    for (const chunk of rows) cells.fill(CHILD_CELLS.SUCCEEDED, Math.max(0, chunk.first - first), chunk.end - first);
  }

  /** They are in as many of the chunks whose slowest child is slowest. */
  slowest(key: number, limit: number): ChildDuration[] {
    return this.#database
      .prepare<ChunkRow>(
        `SELECT ${COLUMNS} FROM map_run_chunks
         WHERE id BETWEEN (?1 << ${INDEX_BITS}) AND (?1 << ${INDEX_BITS} | ${INDEX_MASK})
         ORDER BY slowest_ms DESC, id LIMIT ?2`,
      )
      .all(key, limit)
      .flatMap((row) => unpackChunk(row, false))
      .map(({ index, startedAt, stoppedAt = startedAt }) => ({ index, durationMs: stoppedAt - startedAt }));
  }

  /** Deletes chunks with about so many children; how many. */
  delete(key: number, children: number): number {
    const rows = this.#database
      .prepare<{ id: number; children: number }>(
        `SELECT id, children FROM map_run_chunks
         WHERE id BETWEEN (?1 << ${INDEX_BITS}) AND (?1 << ${INDEX_BITS} | ${INDEX_MASK}) ORDER BY id LIMIT ?2`,
      )
      .all(key, children);
    let deleted = 0;
    let last: number | undefined;
    for (const row of rows) {
      if (deleted >= children) break;
      deleted += row.children;
      last = row.id;
    }
    if (last === undefined) return 0;
    this.#database.prepare(`DELETE FROM map_run_chunks WHERE id BETWEEN (?1 << ${INDEX_BITS}) AND ?2`).run(key, last);
    this.#last = undefined;
    return deleted;
  }
}

function isIn({ first, children }: Unpacked, index: number): boolean {
  return index >= first && index < first + children.length;
}
