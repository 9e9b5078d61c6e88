/** The MapRunStore port on SQLite. R1–R4 of the port hold by SQLite's transactions and the version of the run's row. */
import {
  type BegunAgainChild,
  type BegunChild,
  CHILD_CELLS,
  type ChildDuration,
  type ChildEnd,
  type ChildErrorGroup,
  type ChildQuery,
  type MapRunCommit,
  MapRunConflict,
  type MapRunStore,
  type NewMapRun,
  NO_COUNTS,
  newStoredRun,
  type StatusCounts,
  type StoredChild,
  type StoredMapRun,
} from "@stepwell/engine";
import { ByteBuffers } from "./byte-buffers.ts";
import { CommitThread } from "./commit-thread.ts";
import { type Database, migrate } from "./database.ts";
import { ConstraintViolation } from "./database-failure.ts";
import { ChunkWriter, isPackable } from "./map-run-chunk.ts";
import { MapRunChunks } from "./map-run-chunks.ts";
import {
  CHILD_COLUMNS,
  CHILD_COLUMNS_WITHOUT_TEXTS,
  type ChildRow,
  childOf,
  childStatusCode,
  childStatusOf,
  INDEX_BITS,
  INDEX_MASK,
} from "./map-run-rows.ts";
import { MAP_RUN_SCHEMA } from "./map-run-schema.ts";
import type { SqlValue, Statement } from "./sqlite-connection.ts";
import { perform, scriptBytes, UnexpectedRows, type WriteStep } from "./write-script.ts";

const RUNNING = childStatusCode("RUNNING");
const SUCCEEDED = childStatusCode("SUCCEEDED");
const PENDING_REDRIVE = childStatusCode("PENDING_REDRIVE");
const FAILED_CODES = (["FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"] as const).map(childStatusCode).join(", ");
/** By the codes of statuses. */
const CELL_OF = Uint8Array.from({ length: PENDING_REDRIVE + 1 }, (_, code) => CHILD_CELLS[childStatusOf(code)]);
const CELLS_AT_ONCE = 10_000;
/** From so many bytes on a commit is worth its way to another thread. */
const THREAD_BYTES_MIN = 65_536;
/** It only adds to the end of a table. */
const THREAD_CACHE_KIB = 2_048;

/** Opens the tables of map runs of a database, making them when they are not there. */
export function openMapRunStore(database: Database): MapRunStore {
  migrate(database, "map-runs", MAP_RUN_SCHEMA);
  return new SqliteMapRunStore(database);
}

class SqliteMapRunStore implements MapRunStore {
  readonly #database: Database;
  readonly #chunks: MapRunChunks;
  readonly #packing = new ChunkWriter();
  readonly #thread: CommitThread | undefined;
  readonly #buffers = new ByteBuffers();
  readonly #beginChild: Statement<object>;
  readonly #endChild: Statement<object>;

  constructor(database: Database) {
    this.#database = database;
    this.#chunks = new MapRunChunks(database);
    this.#thread = database.sharing && new CommitThread({ ...database.sharing, cacheKib: THREAD_CACHE_KIB });
    this.#beginChild = database.prepare(
      `INSERT INTO map_run_children (id, status, first_item, items, started, stopped, generation, key, error, cause,
         output, input) VALUES (? << ${INDEX_BITS} | ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#endChild = database.prepare(
      `UPDATE map_run_children SET status = ?1, stopped = ?2, error = ?3, cause = ?4,
         output = CASE WHEN ?5 = input THEN '' ELSE ?5 END
       WHERE id = ?6 << ${INDEX_BITS} | ?7 AND status = ${RUNNING}`,
    );
  }

  async create(run: NewMapRun): Promise<StoredMapRun> {
    return this.#database.transaction(() => {
      const existing = this.#find("arn", run.mapRunArn);
      if (existing !== undefined) return existing;
      const last = this.#database.prepare<{ id: number | null }>("SELECT max(id) AS id FROM map_runs").get();
      const stored = newStoredRun(run, (last?.id ?? 0) + 1);
      this.#database
        .prepare("INSERT INTO map_runs VALUES (?, ?, ?, 1, NULL, ?)")
        .run(stored.key, run.mapRunArn, run.executionArn, JSON.stringify(stored));
      return stored;
    });
  }

  async restore(run: StoredMapRun, children: readonly StoredChild[]): Promise<void> {
    this.#database.transaction(() => {
      this.#database
        .prepare("INSERT OR REPLACE INTO map_runs VALUES (?, ?, ?, ?, ?, ?)")
        .run(run.key, run.mapRunArn, run.executionArn, run.version, stoppedOf(run), JSON.stringify(run));
      for (const child of children) this.#restoreChild(run.key, child);
    });
  }

  #restoreChild(key: number, child: StoredChild): void {
    const { index, firstItem, items, input, startedAt, generation, status, stoppedAt, output, error, cause } = child;
    this.#database
      .prepare(
        `INSERT INTO map_run_children (id, status, first_item, items, started, stopped, redrive_count, redriven, generation,
           key, error, cause, output, input) VALUES (? << ${INDEX_BITS} | ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        key,
        index,
        childStatusCode(status),
        firstItem,
        items,
        startedAt,
        stoppedAt ?? null,
        child.redriveCount,
        child.redrivenAt ?? null,
        generation,
        child.key ?? null,
        error ?? null,
        cause ?? null,
        output === undefined ? null : output === input ? "" : output,
        input,
      );
  }

  async find(mapRunArn: string): Promise<StoredMapRun | undefined> {
    return this.#find("arn", mapRunArn);
  }

  async findByKey(key: number): Promise<StoredMapRun | undefined> {
    return this.#find("id", key);
  }

  #find(column: "arn" | "id", value: SqlValue): StoredMapRun | undefined {
    const row = this.#database.prepare<{ json: string }>(`SELECT json FROM map_runs WHERE ${column} = ?`).get(value);
    return row && (JSON.parse(row.json) as StoredMapRun);
  }

  async commit(commit: MapRunCommit): Promise<void> {
    const { mapRunArn } = commit.run;
    try {
      if (isOfChunks(commit)) await this.#commitChunks(commit.run, commit.begun);
      else this.#database.transaction(() => this.#write(commit));
    } catch (error) {
      const isTaken = error instanceof ConstraintViolation ? error.unique : error instanceof UnexpectedRows;
      throw isTaken ? new MapRunConflict(mapRunArn) : error;
    }
  }

  /**
   * Children that all go into chunks: much to write, and nothing that the next ones need to know. Whether their places
   * are free can be asked before: whoever takes one changes the run's version.
   */
  async #commitChunks(run: StoredMapRun, begun: readonly PackableChild[]): Promise<void> {
    this.#mustBeFree(run, begun);
    const script = [newVersion(run)];
    const buffers: ArrayBuffer[] = [];
    const packing = this.#packing;
    packing.clear();
    const pack = (): void => {
      const chunk = packing.take();
      if (chunk === undefined) return;
      const data = this.#buffers.copyOf(chunk.data);
      buffers.push(data.buffer);
      script.push(this.#chunks.insertion(run.key, { ...chunk, data }));
    };
    for (const child of begun) {
      if (!packing.hasRoomFor(child)) pack();
      packing.add(child);
    }
    pack();
    const thread = scriptBytes(script) >= THREAD_BYTES_MIN && this.#thread?.isReady ? this.#thread : undefined;
    if (thread === undefined) this.#database.transaction(() => perform(this.#database, script));
    this.#buffers.give(thread === undefined ? buffers : await thread.perform(script, buffers));
  }

  #write(commit: MapRunCommit): void {
    const { run } = commit;
    const { key } = run;
    perform(this.#database, [newVersion(run)]);
    if (commit.redrivesFailed) this.#redriveFailed(key);
    this.#beginAll(run, commit.begun ?? []);
    for (const again of commit.begunAgain ?? []) {
      this.#beginAgain(run, again);
      if (again.end !== undefined) this.#end(run, again.index, again.end);
    }
    for (const { index, end } of commit.ended ?? []) this.#end(run, index, end);
  }

  /** Those that have succeeded go into chunks, the others get a row each. */
  #beginAll(run: StoredMapRun, begun: readonly BegunChild[]): void {
    this.#mustBeFree(run, begun);
    const { key } = run;
    const packing = this.#packing;
    packing.clear();
    for (const child of begun) {
      if (!isPackable(child)) {
        this.#begin(key, child);
        continue;
      }
      if (!packing.hasRoomFor(child)) this.#chunks.insert(key, packing.take());
      packing.add(child);
    }
    this.#chunks.insert(key, packing.take());
  }

  #mustBeFree({ key, mapRunArn }: StoredMapRun, begun: readonly BegunChild[]): void {
    for (const { first, last } of spansOf(begun)) {
      const isTaken = this.#chunks.hasAny(key, first, last) || this.#hasRows(key, first, last);
      if (isTaken) throw new MapRunConflict(mapRunArn);
    }
  }

  #hasRows(key: number, first: number, last: number): boolean {
    const row = this.#database
      .prepare(
        `SELECT 1 FROM map_run_children
         WHERE id BETWEEN (?1 << ${INDEX_BITS} | ?2) AND (?1 << ${INDEX_BITS} | ?3) LIMIT 1`,
      )
      .get(key, first, last);
    return row !== undefined;
  }

  #begin(key: number, child: BegunChild): void {
    const { index, firstItem, items, input, startedAt, generation, end } = child;
    this.#beginChild.run(
      key,
      index,
      end === undefined ? RUNNING : childStatusCode(end.status),
      firstItem,
      items,
      startedAt,
      end?.stoppedAt ?? null,
      generation,
      child.key ?? null,
      end?.error ?? null,
      end?.cause ?? null,
      end?.output === undefined ? null : end.output === input ? "" : end.output,
      input,
    );
  }

  #beginAgain({ key, mapRunArn }: StoredMapRun, { index, at, generation }: BegunAgainChild): void {
    const changed = this.#database
      .prepare(
        `UPDATE map_run_children SET status = ${RUNNING}, redrive_count = redrive_count + 1, redriven = ?, generation = ?,
           stopped = NULL,
           error = NULL, cause = NULL, output = NULL WHERE id = ? << ${INDEX_BITS} | ? AND status = ${PENDING_REDRIVE}`,
      )
      .run(at, generation, key, index);
    if (changed !== 1) throw new MapRunConflict(mapRunArn);
  }

  #end({ key, mapRunArn }: StoredMapRun, index: number, end: ChildEnd): void {
    const { status, stoppedAt, output, error, cause } = end;
    const changed = this.#endChild.run(
      childStatusCode(status),
      stoppedAt,
      error ?? null,
      cause ?? null,
      output ?? null,
      key,
      index,
    );
    if (changed !== 1) throw new MapRunConflict(mapRunArn);
  }

  #redriveFailed(key: number): void {
    for (const status of ["FAILED", "TIMED_OUT", "ABORTED"] as const) {
      this.#database
        .prepare(
          `UPDATE map_run_children SET status = ${PENDING_REDRIVE} WHERE status = ?1 AND status > ${SUCCEEDED}
             AND id BETWEEN (?2 << ${INDEX_BITS}) AND (?2 << ${INDEX_BITS} | ${INDEX_MASK})`,
        )
        .run(childStatusCode(status), key);
    }
  }

  async children(key: number, query: ChildQuery): Promise<readonly StoredChild[]> {
    const { statuses, redrive, error, after, newestFirst = false, limit } = query;
    const first = newestFirst ? 0 : (after ?? -1) + 1;
    const last = newestFirst ? (after ?? INDEX_MASK + 1) - 1 : INDEX_MASK;
    if (last < first || limit <= 0) return [];
    const span = { first, last };
    if (statuses !== undefined && !statuses.includes("SUCCEEDED") && !statuses.includes("RUNNING")) {
      const found = statuses.flatMap((status) =>
        this.#rows(key, span, query, `AND status = ${childStatusCode(status)} AND status > ${SUCCEEDED}`),
      );
      return inOrder(found, newestFirst).slice(0, limit);
    }
    const named = statuses === undefined ? "" : `AND status IN (${statuses.map(childStatusCode).join(", ")})`;
    const isOfChunks = statuses === undefined || statuses.includes("SUCCEEDED");
    if (!isOfChunks || redrive === "REDRIVEN" || error !== undefined) return this.#rows(key, span, query, named);
    const packed = this.#chunks.page(key, first, last, query);
    // Behind a full page nothing is of interest.
    const bound = packed.length < limit ? undefined : packed.at(-1)?.index;
    const inside = bound === undefined ? span : newestFirst ? { first: bound, last } : { first, last: bound };
    const rows = this.#rows(key, inside, query, named);
    return rows.length === 0 ? packed : inOrder([...packed, ...rows], newestFirst).slice(0, limit);
  }

  #rows(key: number, { first, last }: Span, query: ChildQuery, filter: string): StoredChild[] {
    const { redrive, error, limit, newestFirst = false, texts } = query;
    const again = redrive === undefined ? "" : `AND redrive_count ${redrive === "REDRIVEN" ? ">" : "="} 0`;
    return this.#database
      .prepare<ChildRow>(
        `SELECT id & ${INDEX_MASK} AS position, ${texts ? CHILD_COLUMNS : CHILD_COLUMNS_WITHOUT_TEXTS} FROM map_run_children
         WHERE id BETWEEN (?1 << ${INDEX_BITS} | ?2) AND (?1 << ${INDEX_BITS} | ?3) ${filter} ${again}
           AND (?5 IS NULL OR error = ?5)
         ORDER BY id ${newestFirst ? "DESC" : ""} LIMIT ?4`,
      )
      .all(key, first, last, limit, error ?? null)
      .map(childOf);
  }

  async count(key: number): Promise<{ children: StatusCounts; items: StatusCounts }> {
    const children = { ...NO_COUNTS };
    const items = { ...NO_COUNTS };
    const rows = this.#database
      .prepare<{ status: number; children: number; items: number }>(
        `SELECT status, count(*) AS children, sum(items) AS items FROM map_run_children
         WHERE id BETWEEN (?1 << ${INDEX_BITS}) AND (?1 << ${INDEX_BITS} | ${INDEX_MASK}) GROUP BY status`,
      )
      .all(key);
    for (const row of rows) {
      children[childStatusOf(row.status)] = row.children;
      items[childStatusOf(row.status)] = row.items;
    }
    const packed = this.#chunks.count(key);
    children.SUCCEEDED += packed.children;
    items.SUCCEEDED += packed.items;
    return { children, items };
  }

  async cells(key: number, first: number, count: number): Promise<Uint8Array> {
    const cells = new Uint8Array(count);
    if (count === 0) return cells;
    this.#chunks.fillCells(key, first, cells);
    for (let at = first; at < first + count; at += CELLS_AT_ONCE) {
      this.#fillCells(key, at, cells.subarray(at - first, at - first + CELLS_AT_ONCE));
    }
    return cells;
  }

  /** Rows mostly follow each other without a gap: then their statuses, as one text, are all that is asked for. */
  #fillCells(key: number, first: number, cells: Uint8Array): void {
    const last = first + cells.length - 1;
    const span = `id BETWEEN (?1 << ${INDEX_BITS} | ?2) AND (?1 << ${INDEX_BITS} | ?3)`;
    const row = this.#database
      .prepare<{ from: number | null; until: number | null; count: number; statuses: string | null }>(
        `SELECT min(id) & ${INDEX_MASK} AS "from", max(id) & ${INDEX_MASK} AS until, count(*) AS count,
           group_concat(status, '') AS statuses FROM (SELECT id, status FROM map_run_children WHERE ${span} ORDER BY id)`,
      )
      .get(key, first, last);
    if (row === undefined || row.from === null || row.until === null) return;
    if (row.until - row.from + 1 === row.count && row.statuses?.length === row.count) {
      for (let i = 0; i < row.count; i++) cells[row.from - first + i] = CELL_OF[Number(row.statuses[i])] ?? 0;
      return;
    }
    const rows = this.#database
      .prepare<{ position: number; status: number }>(
        `SELECT id & ${INDEX_MASK} AS position, status FROM map_run_children WHERE ${span}`,
      )
      .all(key, first, last);
    for (const { position, status } of rows) cells[position - first] = CELL_OF[status] ?? 0;
  }

  /** What has an error has failed, or waits to be redriven: there is an index of those. */
  async errors(key: number, limit: number): Promise<ChildErrorGroup[]> {
    return this.#database
      .prepare<{ error: string; children: number; first: number }>(
        `SELECT error, count(*) AS children, min(id) & ${INDEX_MASK} AS first FROM map_run_children
         WHERE status > ${SUCCEEDED} AND status IN (${FAILED_CODES}) AND error IS NOT NULL
           AND id BETWEEN (?1 << ${INDEX_BITS}) AND (?1 << ${INDEX_BITS} | ${INDEX_MASK})
         GROUP BY error ORDER BY children DESC, first LIMIT ?2`,
      )
      .all(key, limit)
      .map(({ error, children, first }) => ({ error, children, firstIndex: first }));
  }

  async slowest(key: number, limit: number): Promise<ChildDuration[]> {
    const ofRows = this.#database
      .prepare<{ position: number; ms: number }>(
        `SELECT id & ${INDEX_MASK} AS position, stopped - started AS ms FROM map_run_children
         WHERE id BETWEEN (?1 << ${INDEX_BITS}) AND (?1 << ${INDEX_BITS} | ${INDEX_MASK}) AND stopped IS NOT NULL
         ORDER BY ms DESC, id LIMIT ?2`,
      )
      .all(key, limit)
      .map(({ position, ms }) => ({ index: position, durationMs: ms }));
    return [...ofRows, ...this.#chunks.slowest(key, limit)]
      .sort((a, b) => b.durationMs - a.durationMs || a.index - b.index)
      .slice(0, limit);
  }

  async ofExecution(executionArn: string, limit: number, before = Number.MAX_SAFE_INTEGER): Promise<StoredMapRun[]> {
    return this.#runs("execution_arn = ? AND id < ? ORDER BY id DESC LIMIT ?", executionArn, before, limit);
  }

  async running(limit: number, after = 0): Promise<StoredMapRun[]> {
    return this.#runs("stopped IS NULL AND id > ? ORDER BY id LIMIT ?", after, limit);
  }

  #runs(where: string, ...parameters: SqlValue[]): StoredMapRun[] {
    return this.#database
      .prepare<{ json: string }>(`SELECT json FROM map_runs WHERE ${where}`)
      .all(...parameters)
      .map(({ json }) => JSON.parse(json) as StoredMapRun);
  }

  async deleteEnded(endedBefore: number, limit: number): Promise<number> {
    const old = this.#database
      .prepare<{ id: number }>("SELECT id FROM map_runs WHERE stopped < ? ORDER BY stopped LIMIT 10")
      .all(endedBefore);
    let deleted = 0;
    for (const { id } of old) {
      if (deleted >= limit) break;
      const left = limit - deleted;
      const children = this.#deleteChildren(id, left);
      // The run goes when the last of its children has gone.
      deleted += children + (children < left ? this.#database.transaction(() => this.#deleteRun(id)) : 0);
    }
    return deleted;
  }

  #deleteChildren(key: number, limit: number): number {
    return this.#database.transaction(() => {
      const rows = this.#database
        .prepare(
          `DELETE FROM map_run_children WHERE id IN (SELECT id FROM map_run_children
           WHERE id BETWEEN (?1 << ${INDEX_BITS}) AND (?1 << ${INDEX_BITS} | ${INDEX_MASK}) LIMIT ?2)`,
        )
        .run(key, limit);
      return rows < limit ? rows + this.#chunks.delete(key, limit - rows) : rows;
    });
  }

  #deleteRun(key: number): number {
    return this.#database.prepare("DELETE FROM map_runs WHERE id = ?").run(key);
  }
}

interface Span {
  readonly first: number;
  readonly last: number;
}

/** The indexes of children that follow each other. */
function spansOf(begun: readonly BegunChild[]): Span[] {
  const spans: { first: number; last: number }[] = [];
  for (const { index } of begun) {
    const span = spans.at(-1);
    if (span !== undefined && index === span.last + 1) span.last = index;
    else spans.push({ first: index, last: index });
  }
  return spans;
}

function inOrder(children: StoredChild[], newestFirst: boolean): StoredChild[] {
  return children.sort((a, b) => (newestFirst ? b.index - a.index : a.index - b.index));
}

/** What a commit does to the run's row; it changes no row when the run has another version by now. */
function newVersion(run: StoredMapRun): WriteStep {
  const { key, version } = run;
  return {
    sql: "UPDATE map_runs SET version = ?, stopped = ?, json = ? WHERE id = ? AND version = ?",
    parameters: [version + 1, stoppedOf(run), JSON.stringify({ ...run, version: version + 1 }), key, version],
    changes: 1,
  };
}

type PackableChild = Parameters<ChunkWriter["add"]>[0];

function isOfChunks(commit: MapRunCommit): commit is MapRunCommit & { readonly begun: readonly PackableChild[] } {
  const { begun = [], begunAgain = [], ended = [], redrivesFailed = false } = commit;
  return (
    begun.length > 0 && begunAgain.length === 0 && ended.length === 0 && !redrivesFailed && begun.every(isPackable)
  );
}

/** Runs that go on are found by having no time of stopping. */
function stoppedOf(run: StoredMapRun): number | null {
  return run.status === "RUNNING" ? null : (run.stopDate ?? run.startDate);
}
