/** The MapRunStore port on PostgreSQL. R1–R3 of the port hold by the commit statement (map-run-statement.ts). */
import {
  CHILD_CELLS,
  type ChildDuration,
  type ChildErrorGroup,
  type ChildQuery,
  type MapRunCommit,
  MapRunConflict,
  type MapRunStore,
  type NewMapRun,
  NO_COUNTS,
  NotOwned,
  newStoredRun,
  type StatusCounts,
  type StoredChild,
  type StoredMapRun,
} from "@stepwell/engine";
import { arrayOf } from "./binary-array.ts";
import type { Postgres, Value } from "./database.ts";
import { tookItselfBack, violatedConstraint } from "./database-failure.ts";
import { type Fence, shardOf } from "./fence.ts";
import { type ChildRow, childColumns, childOf, childStatusCode, childStatusOf } from "./map-run-rows.ts";
import { MAP_RUN_COMMITS, mapRunParameters, restoredChildren, stoppedOf } from "./map-run-statement.ts";

const INDEX_MAX = 2 ** 31 - 1;
/** Runs whose children are deleted in one statement. */
const RUNS_TOGETHER = 10;

interface RunRow {
  readonly id: number;
  readonly json: string;
}

/** The tables of map runs, which `migrate` has made. */
export function openMapRunStore(database: Postgres, fence: Fence): MapRunStore {
  return new PostgresMapRunStore(database, fence);
}

class PostgresMapRunStore implements MapRunStore {
  readonly #database: Postgres;
  readonly #fence: Fence;

  constructor(database: Postgres, fence: Fence) {
    this.#database = database;
    this.#fence = fence;
  }

  async create(run: NewMapRun): Promise<StoredMapRun> {
    const { mapRunArn, executionArn } = run;
    await this.#database.query(
      `INSERT INTO map_runs (arn, execution_arn, shard, version, json) VALUES ($1, $2, $3, 1, $4)
       ON CONFLICT (arn) DO NOTHING`,
      // The key is the row's own.
      [mapRunArn, executionArn, shardOf(executionArn), JSON.stringify(newStoredRun(run, 0))],
    );
    const stored = await this.find(mapRunArn);
    if (stored === undefined) throw new MapRunConflict(mapRunArn);
    return stored;
  }

  async restore(run: StoredMapRun, children: readonly StoredChild[]): Promise<void> {
    const { key, mapRunArn, executionArn, version } = run;
    await this.#database.transaction(async ({ query }) => {
      await query(
        `INSERT INTO map_runs (id, arn, execution_arn, shard, version, stopped, json) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO NOTHING`,
        [key, mapRunArn, executionArn, shardOf(executionArn), version, stoppedOf(run), JSON.stringify(run)],
      );
      await query("SELECT setval(pg_get_serial_sequence('map_runs', 'id'), (SELECT max(id) FROM map_runs))");
      const columns = restoredChildren(children);
      if (columns !== undefined) await query(columns.text, [key, ...columns.values]);
    });
  }

  async find(mapRunArn: string): Promise<StoredMapRun | undefined> {
    return (await this.#runs("arn = $1", mapRunArn))[0];
  }

  async findByKey(key: number): Promise<StoredMapRun | undefined> {
    return (await this.#runs("id = $1", key))[0];
  }

  async #runs(where: string, ...values: Value[]): Promise<StoredMapRun[]> {
    const rows = await this.#database.query<RunRow>(`SELECT id, json FROM map_runs WHERE ${where}`, values);
    return rows.map(({ id, json }) => ({ ...(JSON.parse(json) as StoredMapRun), key: id }));
  }

  async commit(commit: MapRunCommit): Promise<void> {
    const { epoch } = this.#fence.lease();
    const text = commit.redrivesFailed === true ? MAP_RUN_COMMITS.redriving : MAP_RUN_COMMITS.plain;
    try {
      const [row] = await this.#database.query<{ held: boolean; may: boolean }>(text, mapRunParameters(epoch, commit));
      if (row?.held !== true) {
        this.#fence.refused(epoch);
        throw new NotOwned();
      }
      if (!row.may) throw new MapRunConflict(commit.run.mapRunArn);
    } catch (error) {
      if (violatedConstraint(error) === undefined && !tookItselfBack(error)) throw error;
      throw new MapRunConflict(commit.run.mapRunArn);
    }
  }

  async children(key: number, query: ChildQuery): Promise<readonly StoredChild[]> {
    const { statuses, redrive, error, limit, after, newestFirst = false, texts } = query;
    const behind = newestFirst ? "position < $2" : "position > $2";
    const values: Value[] = [key, after ?? (newestFirst ? INDEX_MAX : -1), limit];
    let where = `run = $1 AND ${behind}`;
    if (statuses !== undefined) {
      values.push(arrayOf("int4", statuses.map(childStatusCode)));
      where += ` AND status = ANY($${values.length}::int[])`;
      // Only what failed is indexed.
      if (!statuses.includes("SUCCEEDED") && !statuses.includes("RUNNING")) where += " AND status > 1";
    }
    if (redrive !== undefined) where += ` AND redrive_count ${redrive === "REDRIVEN" ? ">" : "="} 0`;
    if (error !== undefined) {
      values.push(Buffer.from(error));
      where += ` AND error = $${values.length}`;
    }
    const rows = await this.#database.query<ChildRow>(
      `SELECT ${childColumns(texts)} FROM map_run_children WHERE ${where}
       ORDER BY position ${newestFirst ? "DESC" : ""} LIMIT $3`,
      values,
    );
    return rows.map(childOf);
  }

  async count(key: number): Promise<{ children: StatusCounts; items: StatusCounts }> {
    const children = { ...NO_COUNTS };
    const items = { ...NO_COUNTS };
    const rows = await this.#database.query<{ status: number; children: number; items: number }>(
      `SELECT status, count(*) AS children, sum(items)::bigint AS items FROM map_run_children
       WHERE run = $1 GROUP BY status`,
      [key],
    );
    for (const row of rows) {
      children[childStatusOf(row.status)] = row.children;
      items[childStatusOf(row.status)] = row.items;
    }
    return { children, items };
  }

  async cells(key: number, first: number, count: number): Promise<Uint8Array> {
    const cells = new Uint8Array(count);
    const rows = await this.#database.query<{ position: number; status: number }>(
      "SELECT position, status FROM map_run_children WHERE run = $1 AND position BETWEEN $2 AND $3",
      [key, first, first + count - 1],
    );
    for (const { position, status } of rows) cells[position - first] = CHILD_CELLS[childStatusOf(status)];
    return cells;
  }

  async errors(key: number, limit: number): Promise<ChildErrorGroup[]> {
    const rows = await this.#database.query<{ error: Buffer; children: number; first: number }>(
      `SELECT error, count(*) AS children, min(position) AS first FROM map_run_children
       WHERE run = $1 AND error IS NOT NULL GROUP BY error ORDER BY children DESC, first LIMIT $2`,
      [key, limit],
    );
    return rows.map(({ error, children, first }) => ({ error: error.toString(), children, firstIndex: first }));
  }

  async slowest(key: number, limit: number): Promise<ChildDuration[]> {
    const rows = await this.#database.query<{ position: number; ms: number }>(
      `SELECT position, stopped - started AS ms FROM map_run_children WHERE run = $1 AND stopped IS NOT NULL
       ORDER BY ms DESC, position LIMIT $2`,
      [key, limit],
    );
    return rows.map(({ position, ms }) => ({ index: position, durationMs: ms }));
  }

  async ofExecution(executionArn: string, limit: number, before = Number.MAX_SAFE_INTEGER): Promise<StoredMapRun[]> {
    return this.#runs("execution_arn = $1 AND id < $2 ORDER BY id DESC LIMIT $3", executionArn, before, limit);
  }

  async running(limit: number, after = 0): Promise<StoredMapRun[]> {
    const shards = arrayOf("int4", this.#fence.shards());
    return this.#runs(
      "stopped IS NULL AND id > $1 AND shard = ANY($2::int[]) ORDER BY id LIMIT $3",
      after,
      shards,
      limit,
    );
  }

  async deleteEnded(endedBefore: number, limit: number): Promise<number> {
    const old = await this.#database.query<{ id: number }>(
      `SELECT id FROM map_runs WHERE stopped < $1 ORDER BY stopped LIMIT ${RUNS_TOGETHER}`,
      [endedBefore],
    );
    let deleted = 0;
    for (const { id } of old) {
      if (deleted >= limit) break;
      const left = limit - deleted;
      const children = await this.#database.query(
        `DELETE FROM map_run_children WHERE run = $1 AND position IN
           (SELECT position FROM map_run_children WHERE run = $1 LIMIT $2) RETURNING position`,
        [id, left],
      );
      deleted += children.length;
      // The run goes when the last of its children has gone.
      if (children.length < left) {
        deleted += (await this.#database.query("DELETE FROM map_runs WHERE id = $1 RETURNING id", [id])).length;
      }
    }
    return deleted;
  }
}
