/**
 * The ExecutionStore port on PostgreSQL. S1 and S2 of the port hold by the commit statement (commit-statement.ts); S4
 * because every method reads with one statement, or reads what never changes.
 */
import {
  type Announcement,
  CommitConflict,
  type DueExecution,
  type ExecutionCommit,
  type ExecutionKey,
  type ExecutionSearch,
  type ExecutionSearchPage,
  type ExecutionStore,
  type ExecutionSummary,
  type HistoryChunk,
  type HistoryRange,
  type JobPlace,
  type LoadedExecution,
  NotOwned,
  type QueuedActivityTask,
  type RedriveToken,
  Rejection,
  type StoredExecution,
  type StoredJobToStop,
  type StoreListQuery,
  type SubmittedTask,
} from "@stepwell/engine";
import { arrayOf } from "./binary-array.ts";
import { CommitPlan } from "./commit-plan.ts";
import { commitStatement, isNamed } from "./commit-statement.ts";
import { CommonTexts, contentId } from "./content-ids.ts";
import type { Postgres } from "./database.ts";
import { tookItselfBack, violatedConstraint } from "./database-failure.ts";
import { forkOriginOf, forksAmong } from "./execution-forks.ts";
import { ExecutionKeys } from "./execution-keys.ts";
import {
  EXECUTION_COLUMNS,
  type ExecutionRow,
  executionOf,
  type Origin,
  RUNNING,
  STATUS_CODES,
  SUMMARY_COLUMNS,
  type SummaryRow,
  splitArn,
  statusCode,
  summaryOf,
} from "./execution-rows.ts";
import { searchExecutions } from "./execution-search.ts";
import type { Fence } from "./fence.ts";

/** A page of history stops after about this many characters, however many events were asked for. */
const HISTORY_CHARACTERS_MAX = 8 * 1_048_576;
/** As many bytes of announcements are read at once, or one announcement. */
const ANNOUNCED_BYTES_MAX = 8 * 1_048_576;
const CHUNKS_TOGETHER = 32;
const PARSED_MAX = 20_000;
/** Another key, when the one made is taken: clocks that were set back. */
const KEY_ATTEMPTS_MAX = 5;

interface LoadedRow extends ExecutionRow {
  readonly ordinality: number;
  readonly wake_at: number | null;
  readonly more: number | null;
  readonly part0: string | null;
  readonly part1: string | null;
}

interface NamedRow {
  readonly id: number;
  readonly scope: Buffer;
  readonly name: string;
}

interface CommitRow {
  readonly held: boolean;
  readonly may: boolean;
  readonly stale: string | null;
}

/** The execution tables of a database, which `migrate` has made. What this node may commit, `fence` knows. */
export function openExecutionStore(database: Postgres, fence: Fence): ExecutionStore {
  return new PostgresExecutionStore(database, fence);
}

class PostgresExecutionStore implements ExecutionStore {
  readonly commitsAtOnce: number;
  readonly #database: Postgres;
  readonly #fence: Fence;
  readonly #keys = new ExecutionKeys();
  readonly #scopes: CommonTexts;
  readonly #origins: CommonTexts;
  readonly #parsed = new Map<string, Origin>();

  constructor(database: Postgres, fence: Fence) {
    this.#database = database;
    this.#fence = fence;
    this.#scopes = new CommonTexts(database, "execution_scopes", ["state_machine_arn"]);
    this.#origins = new CommonTexts(database, "execution_origins");
    this.commitsAtOnce = database.commitConnections;
  }

  async commit(batch: readonly ExecutionCommit[]): Promise<readonly ExecutionKey[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#commit(batch);
      } catch (error) {
        const constraint = violatedConstraint(error);
        if (constraint === "executions_pkey" && attempt < KEY_ATTEMPTS_MAX) continue;
        if (constraint === undefined && !tookItselfBack(error)) throw error;
        throw new CommitConflict(await this.#changed(batch));
      }
    }
  }

  async #commit(batch: readonly ExecutionCommit[]): Promise<readonly ExecutionKey[]> {
    const { epoch, slot } = this.#fence.lease();
    const plan = new CommitPlan(batch, () => this.#keys.next(slot));
    await this.#storeTexts(plan);
    const { sections } = plan;
    const [row] = await this.#database.commits.query<CommitRow>(commitStatement(sections), [
      epoch,
      ...plan.parameters(),
    ]);
    if (row?.held !== true) {
      this.#fence.refused(epoch);
      throw new NotOwned();
    }
    if (row.may) return plan.keys;
    const stale = new Set((row.stale ?? "").split(",").map(Number));
    throw new CommitConflict(batch.filter((_, i) => stale.has(plan.keys[i] as number)).map((one) => one.executionArn));
  }

  /** Nearly always they are there already. */
  async #storeTexts(plan: CommitPlan): Promise<void> {
    const common = [...plan.common];
    const scopes = common.filter(({ scope }) => !this.#scopes.isStored(scope));
    const origins = common.filter(({ origin }) => !this.#origins.isStored(origin));
    if (scopes.length > 0)
      await this.#scopes.store(scopes.map(({ scope, stateMachineArn }) => [scope, stateMachineArn]));
    if (origins.length > 0) await this.#origins.store(origins.map(({ origin }) => [origin]));
  }

  /** Which executions of a batch are not as they were seen. All of them, when it cannot be told. */
  async #changed(batch: readonly ExecutionCommit[]): Promise<string[]> {
    const arns = batch.map((commit) => commit.executionArn);
    const stored = await this.describeAll(arns);
    const changed = batch.filter(({ over, redrive }, i) => {
      const execution = stored[i];
      if (over.kind === "create") return execution !== undefined;
      const isRunning = execution?.status === "RUNNING";
      return execution?.version !== over.version || isRunning !== (redrive === undefined);
    });
    return changed.length === 0 ? arns : changed.map((commit) => commit.executionArn);
  }

  async describe(executionArn: string): Promise<StoredExecution | undefined> {
    return (await this.describeAll([executionArn]))[0];
  }

  async describeAll(executionArns: readonly string[]): Promise<(StoredExecution | undefined)[]> {
    const rows = await this.#rows<LoadedRow>(executionArns, EXECUTION_COLUMNS);
    const make = await this.#maker(rows);
    const found = new Map(rows.map((row) => [row.ordinality, make(row)]));
    return executionArns.map((_, i) => found.get(i + 1));
  }

  async load(executionArns: readonly string[]): Promise<readonly (LoadedExecution | undefined)[]> {
    const columns = `${EXECUTION_COLUMNS}, r.wake_at, r.more, r.part0, r.part1`;
    const rows = await this.#rows<LoadedRow>(executionArns, columns);
    // Nothing says what an ended execution has kept.
    const ids = (bit: number): number[] => rows.filter(({ more }) => ((more ?? 3) & bit) !== 0).map(({ id }) => id);
    const [make, parts, tasks] = await Promise.all([this.#maker(rows), this.#partRows(ids(1)), this.#taskRows(ids(2))]);
    const found = new Map(
      rows.map((row): [number, LoadedExecution] => [
        row.ordinality,
        {
          ...make(row),
          parts: partsOf(row, parts.get(row.id) ?? []),
          submittedTasks: tasks.get(row.id) ?? [],
          ...(row.wake_at === null ? {} : { wakeAt: row.wake_at }),
        },
      ]),
    );
    return executionArns.map((_, i) => found.get(i + 1));
  }

  async #rows<R extends object>(executionArns: readonly string[], columns: string): Promise<R[]> {
    const split = executionArns.map((arn) => splitArn(arn));
    if (executionArns.length === 0) return [];
    return this.#database.query<R>(
      // Looked up one by one, whatever the tables were like when this was planned.
      `SELECT a.ordinality, ${columns} FROM unnest($1::bytea[], $2::text[]) WITH ORDINALITY AS a(scope, name, ordinality)
       CROSS JOIN LATERAL (SELECT * FROM executions WHERE scope = a.scope AND ${isNamed("a.name")}) e
       LEFT JOIN LATERAL (SELECT * FROM running WHERE id = e.id LIMIT 1) r ON true`,
      [
        arrayOf(
          "bytea",
          split.map((arn) => (arn === undefined ? null : contentId(arn.prefix))),
        ),
        arrayOf(
          "text",
          split.map((arn) => (arn === undefined || arn.name.includes("\0") ? null : arn.name)),
        ),
      ],
    );
  }

  /** Makes executions of rows, with what they have in common. */
  async #maker(rows: readonly ExecutionRow[]): Promise<(row: ExecutionRow) => StoredExecution> {
    const [prefixOf, originOf] = await this.#commonOf(rows);
    const forks = await forksAmong(this.#database, idsOfForks(rows, originOf));
    return (row) => executionOf(row, prefixOf(row.scope), originOf(row.origin), forks.get(row.id));
  }

  async #commonOf(
    rows: readonly Pick<ExecutionRow, "scope" | "origin">[],
  ): Promise<[(id: Buffer) => string, (id: Buffer) => Origin]> {
    const prefixOf = await this.#scopes.textsOf(rows.map(({ scope }) => scope));
    const textOf = await this.#origins.textsOf(rows.map(({ origin }) => origin));
    return [prefixOf, (id) => this.#parse(textOf(id))];
  }

  #parse(text: string): Origin {
    let origin = this.#parsed.get(text);
    if (origin === undefined) {
      if (this.#parsed.size >= PARSED_MAX) this.#parsed.clear();
      origin = JSON.parse(text) as Origin;
      this.#parsed.set(text, origin);
    }
    return origin;
  }

  async #partRows(ids: readonly number[]): Promise<Map<number, { part: number; json: string }[]>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#database.query<{ execution: number; part: number; json: string }>(
      `SELECT execution, part, json FROM execution_parts WHERE execution = ANY($1::bigint[]) ORDER BY execution, part`,
      [arrayOf("int8", ids)],
    );
    return grouped(rows, ({ part, json }) => ({ part, json }));
  }

  async #taskRows(ids: readonly number[]): Promise<Map<number, SubmittedTask[]>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#database.query<{ execution: number; task: number; handle: string | null }>(
      `SELECT execution, task, handle FROM submitted_tasks WHERE execution = ANY($1::bigint[]) ORDER BY execution, task`,
      [arrayOf("int8", ids)],
    );
    return grouped(rows, ({ task, handle }) => (handle === null ? { taskId: task } : { taskId: task, handle }));
  }

  all(limit: number, after: ExecutionKey = 0): Promise<readonly { key: number; executionArn: string }[]> {
    return this.#named("SELECT id, scope, name FROM executions WHERE id > $1 ORDER BY id LIMIT $2", [after, limit]);
  }

  async list(query: StoreListQuery): Promise<{ items: readonly ExecutionSummary[]; cursor?: string }> {
    const before = query.cursor === undefined ? Number.MAX_SAFE_INTEGER : parseCursor(query.cursor);
    const [column, values] = await this.#rangesOf(query);
    const statuses = query.status === undefined ? STATUS_CODES : [statusCode(query.status)];
    // The newest of each range of the index, merged: the cost is that of the page, whatever was stored before.
    const rows = await this.#database.query<SummaryRow>(
      `SELECT x.* FROM unnest($1::bytea[]) AS v(value) CROSS JOIN unnest($2::int[]) AS s(status) CROSS JOIN LATERAL (
         SELECT ${SUMMARY_COLUMNS} FROM executions e
         WHERE e.${column} = v.value AND e.status = s.status AND e.id < $3 ${redriveFilter(query)}
         ORDER BY e.id DESC LIMIT $4) x
       ORDER BY x.id DESC LIMIT $4`,
      [arrayOf("bytea", values), arrayOf("int4", statuses), before, query.limit + 1],
    );
    const shown = rows.slice(0, query.limit);
    const [prefixOf, originOf] = await this.#commonOf(shown);
    const items = shown.map((row) => summaryOf(row, prefixOf(row.scope), originOf(row.origin)));
    const last = shown.at(-1);
    return rows.length > query.limit && last !== undefined ? { items, cursor: String(last.id) } : { items };
  }

  async search(query: ExecutionSearch): Promise<ExecutionSearchPage> {
    const { stateMachineArn } = query;
    const scopes = stateMachineArn === undefined ? undefined : await this.#scopesOf(stateMachineArn);
    const { rows, ...page } = await searchExecutions(this.#database, query, scopes);
    const [prefixOf, originOf] = await this.#commonOf(rows);
    const forks = await forksAmong(this.#database, idsOfForks(rows, originOf));
    const items = rows.map((row) => {
      const origin = originOf(row.origin);
      const fork = forks.get(row.id);
      return {
        ...summaryOf(row, prefixOf(row.scope), origin),
        key: row.id,
        ...(row.error === null ? {} : { error: row.error.toString() }),
        ...(row.payload === null ? {} : { payload: row.payload }),
        ...(origin.mapRunArn === undefined ? {} : { mapRunArn: origin.mapRunArn }),
        ...(fork === undefined ? {} : { forkOf: forkOriginOf(fork) }),
      };
    });
    return { items, ...page };
  }

  async forks(executionArn: string, limit: number): Promise<readonly string[]> {
    const key = await this.#keyOf(executionArn);
    if (key === undefined) return [];
    const rows = await this.#named(
      `SELECT e.id, e.scope, e.name FROM execution_forks f JOIN executions e ON e.id = f.id
       WHERE f.original = $1 ORDER BY f.id LIMIT $2`,
      [key, limit],
    );
    return rows.map((row) => row.executionArn);
  }

  async #rangesOf({ qualifiedArn, stateMachineArn }: StoreListQuery): Promise<[column: string, values: Buffer[]]> {
    if (qualifiedArn === undefined) return ["scope", await this.#scopesOf(stateMachineArn)];
    return [/:[0-9]+$/.test(qualifiedArn) ? "machine_version" : "machine_alias", [contentId(qualifiedArn)]];
  }

  async #scopesOf(stateMachineArn: string): Promise<Buffer[]> {
    const sql = "SELECT id FROM execution_scopes WHERE state_machine_arn = $1 ORDER BY id LIMIT 10";
    return (await this.#database.query<{ id: Buffer }>(sql, [stateMachineArn])).map(({ id }) => id);
  }

  async countRunning(stateMachineArn?: string): Promise<number> {
    const [row] = await (stateMachineArn === undefined
      ? this.#database.query<{ count: number }>("SELECT count(*) AS count FROM running")
      : this.#database.query<{ count: number }>(
          `SELECT count(*) AS count FROM executions WHERE status = ${RUNNING} AND scope = ANY($1::bytea[])`,
          [arrayOf("bytea", await this.#scopesOf(stateMachineArn))],
        ));
    return row?.count ?? 0;
  }

  async history(executionArn: string, page: HistoryRange): Promise<readonly HistoryChunk[]> {
    const key = await this.#keyOf(executionArn);
    const chunks: HistoryChunk[] = [];
    if (key === undefined) return chunks;
    let from = Math.min(page.from, 2 ** 31 - 1);
    let events = 0;
    let characters = 0;
    while (events < page.limit && characters < HISTORY_CHARACTERS_MAX) {
      const rows = await this.#chunks(key, from, page.reverse);
      for (const { first_id: firstId, last_id: lastId, text } of rows) {
        if (events >= page.limit || characters >= HISTORY_CHARACTERS_MAX) break;
        if (!page.reverse && lastId < from) continue;
        chunks.push({ firstId, lastId, text });
        events += lastId - firstId + 1;
        characters += text.length;
      }
      const last = rows.at(-1);
      if (rows.length < CHUNKS_TOGETHER || last === undefined) break;
      from = page.reverse ? last.first_id - 1 : last.last_id + 1;
    }
    return chunks;
  }

  #chunks(
    key: ExecutionKey,
    from: number,
    reverse: boolean,
  ): Promise<{ first_id: number; last_id: number; text: string }[]> {
    // Forwards: from the chunk that holds the event on.
    const range = reverse
      ? "first_id <= $2 ORDER BY first_id DESC"
      : `first_id >= coalesce((SELECT max(first_id) FROM history_chunks WHERE execution = $1 AND first_id <= $2), 0)
         ORDER BY first_id`;
    return this.#database.query(
      `SELECT first_id, last_id, text FROM history_chunks WHERE execution = $1 AND ${range} LIMIT ${CHUNKS_TOGETHER}`,
      [key, from],
    );
  }

  async #keyOf(executionArn: string): Promise<ExecutionKey | undefined> {
    return (await this.#rows<{ id: number }>([executionArn], "e.id"))[0]?.id;
  }

  async due(until: number, limit: number, after?: DueExecution): Promise<readonly DueExecution[]> {
    const rows = await this.#database.query<NamedRow & { wake_at: number }>(
      `SELECT r.wake_at, r.id, e.scope, e.name FROM running r JOIN executions e ON e.id = r.id
       WHERE (r.wake_at, r.id) > ($1, $2) AND r.wake_at <= $3 AND r.shard = ANY($4::int[])
       ORDER BY r.wake_at, r.id LIMIT $5`,
      [after?.wakeAt ?? -1, after?.key ?? 0, until, this.#shards(), limit],
    );
    const arnOf = await this.#arnsOf(rows);
    return rows.map((row) => ({ wakeAt: row.wake_at, key: row.id, executionArn: arnOf(row) }));
  }

  async nextWake(): Promise<number | undefined> {
    const [row] = await this.#database.query<{ at: number }>(
      `SELECT wake_at AS at FROM running WHERE wake_at IS NOT NULL AND shard = ANY($1::int[])
       ORDER BY wake_at, id LIMIT 1`,
      [this.#shards()],
    );
    return row?.at;
  }

  async outstanding(limit: number, after: ExecutionKey = 0): Promise<readonly { key: number; executionArn: string }[]> {
    return this.#named(
      `SELECT r.id, e.scope, e.name FROM running r JOIN executions e ON e.id = r.id
       WHERE r.outstanding > 0 AND r.id > $1 AND r.shard = ANY($2::int[]) ORDER BY r.id LIMIT $3`,
      [after, this.#shards(), limit],
    );
  }

  async running(
    stateMachineArn: string | undefined,
    limit: number,
    after: ExecutionKey = 0,
  ): Promise<readonly { key: number; executionArn: string }[]> {
    if (stateMachineArn === undefined) {
      const sql = `SELECT e.id, e.scope, e.name FROM running r JOIN executions e ON e.id = r.id
        WHERE r.id > $1 ORDER BY r.id LIMIT $2`;
      return this.#named(sql, [after, limit]);
    }
    return this.#named(
      `SELECT id, scope, name FROM executions
       WHERE scope = ANY($1::bytea[]) AND status = ${RUNNING} AND id > $2 ORDER BY id LIMIT $3`,
      [arrayOf("bytea", await this.#scopesOf(stateMachineArn)), after, limit],
    );
  }

  async #named(sql: string, values: (number | Buffer)[]): Promise<{ key: number; executionArn: string }[]> {
    const rows = await this.#database.query<NamedRow>(sql, values);
    const arnOf = await this.#arnsOf(rows);
    return rows.map((row) => ({ key: row.id, executionArn: arnOf(row) }));
  }

  async #arnsOf(rows: readonly NamedRow[]): Promise<(row: Pick<NamedRow, "scope" | "name">) => string> {
    const prefixOf = await this.#scopes.textsOf(rows.map(({ scope }) => scope));
    return ({ scope, name }) => `${prefixOf(scope)}:${name}`;
  }

  #shards(): Buffer {
    return arrayOf("int4", this.#fence.shards());
  }

  async activityTasks(activityArn: string, limit: number, after = 0): Promise<readonly QueuedActivityTask[]> {
    const rows = await this.#database.query<NamedRow & { position: number; task: number }>(
      `SELECT a.position, a.task, e.id, e.scope, e.name FROM activity_tasks a JOIN executions e ON e.id = a.execution
       WHERE a.activity = $1 AND a.position > $2 ORDER BY a.position LIMIT $3`,
      [contentId(activityArn), after, limit],
    );
    const arnOf = await this.#arnsOf(rows);
    return rows.map((row) => ({ position: row.position, executionArn: arnOf(row), taskId: row.task }));
  }

  announcements(limit: number, after = 0): Promise<readonly Announcement[]> {
    return this.#database.query(
      `SELECT a.position, a.text
       FROM (SELECT position, sum(size) OVER (ORDER BY position) - size AS before
         FROM (SELECT position, octet_length(text) AS size FROM announcements
           WHERE shard = ANY($1::int[]) AND position > $2 ORDER BY position LIMIT $3) first) page
       JOIN announcements a ON a.position = page.position WHERE page.before < $4 ORDER BY a.position`,
      [this.#shards(), after, limit, ANNOUNCED_BYTES_MAX],
    );
  }

  announcementsAt(positions: readonly number[]): Promise<readonly Announcement[]> {
    return this.#database.query(
      `SELECT position, text FROM announcements
       WHERE position = ANY($1::bigint[]) AND shard = ANY($2::int[]) ORDER BY position`,
      [arrayOf("int8", positions), this.#shards()],
    );
  }

  async countAnnouncements(): Promise<number> {
    const sql = "SELECT count(*) AS count FROM announcements WHERE shard = ANY($1::int[])";
    return (await this.#database.query<{ count: number }>(sql, [this.#shards()]))[0]?.count ?? 0;
  }

  async forgetAnnouncements(positions: readonly number[]): Promise<void> {
    const sql = "DELETE FROM announcements WHERE position = ANY($1::bigint[])";
    await this.#database.query(sql, [arrayOf("int8", positions)]);
  }

  async jobsToStop(limit: number, after: JobPlace = { key: 0, taskId: 0 }): Promise<readonly StoredJobToStop[]> {
    const rows = await this.#database.query<
      Omit<StoredJobToStop, "handle"> & { readonly id: number; readonly handle: string | null }
    >(
      `SELECT execution AS id, task AS "taskId", since, request, handle FROM jobs_to_stop
       WHERE (execution, task) > ($1, $2) AND shard = ANY($3::int[]) ORDER BY execution, task LIMIT $4`,
      [after.key, after.taskId, this.#shards(), limit],
    );
    return rows.map(({ id, handle, taskId, since, request }) => ({
      key: id,
      taskId,
      since,
      request,
      ...(handle === null ? {} : { handle }),
    }));
  }

  async forgetJobsToStop(jobs: readonly JobPlace[]): Promise<void> {
    const places = [
      arrayOf(
        "int8",
        jobs.map(({ key }) => key),
      ),
      arrayOf(
        "int4",
        jobs.map(({ taskId }) => taskId),
      ),
    ];
    await this.#database.query(
      `DELETE FROM jobs_to_stop j USING unnest($1::bigint[], $2::int[]) AS n(execution, task)
       WHERE j.execution = n.execution AND j.task = n.task`,
      places,
    );
  }

  async redriveTokens(executionArn: string): Promise<readonly RedriveToken[]> {
    const key = await this.#keyOf(executionArn);
    if (key === undefined) return [];
    const rows = await this.#database.query<{ token: Buffer; redriven: number }>(
      "SELECT token, redriven FROM redrive_tokens WHERE execution = $1 ORDER BY redrive DESC",
      [key],
    );
    return rows.map(({ token, redriven }) => ({ clientToken: token.toString(), redriveDate: redriven }));
  }

  async delete(executionArns: readonly string[]): Promise<void> {
    const rows = await this.#rows<{ id: number }>(executionArns, "e.id");
    await this.#delete(rows.map(({ id }) => id));
  }

  async deleteEnded(
    endedBefore: number,
    limit: number,
    after: ExecutionKey = 0,
  ): Promise<{ deleted: number; next?: ExecutionKey }> {
    const rows = await this.#database.query<{ id: number; stopped: number | null }>(
      "SELECT id, stopped FROM executions WHERE id > $1 AND started < $2 ORDER BY id LIMIT $3",
      [after, endedBefore, limit],
    );
    const old = rows.filter(({ stopped }) => stopped !== null && stopped < endedBefore);
    const deleted = await this.#delete(old.map(({ id }) => id));
    const last = rows.length === limit ? rows.at(-1) : undefined;
    return last === undefined ? { deleted } : { deleted, next: last.id };
  }

  /** Those that have ended, with all that belongs to them. */
  async #delete(ids: readonly number[]): Promise<number> {
    if (ids.length === 0) return 0;
    const [row] = await this.#database.query<{ count: number }>(
      `WITH gone AS (DELETE FROM executions WHERE id = ANY($1::bigint[]) AND status <> ${RUNNING} RETURNING id),
       chunks AS (DELETE FROM history_chunks c USING gone g WHERE c.execution = g.id),
       parts AS (DELETE FROM execution_parts p USING gone g WHERE p.execution = g.id),
       tokens AS (DELETE FROM redrive_tokens t USING gone g WHERE t.execution = g.id),
       forks AS (DELETE FROM execution_forks f USING gone g WHERE f.id = g.id),
       originals AS (UPDATE execution_forks f SET original = NULL FROM gone g
         WHERE f.original = g.id AND f.id NOT IN (SELECT id FROM gone))
       SELECT count(*) AS count FROM gone`,
      [arrayOf("int8", ids)],
    );
    return row?.count ?? 0;
  }
}

function idsOfForks(rows: readonly Pick<ExecutionRow, "id" | "origin">[], originOf: (id: Buffer) => Origin): number[] {
  return rows.filter(({ origin }) => originOf(origin).isFork === true).map(({ id }) => id);
}

/** Parts 0 and 1 in the running row count, wherever else they may have been before. */
function partsOf(
  { part0, part1 }: LoadedRow,
  rows: readonly { part: number; json: string }[],
): { part: number; json: string }[] {
  const columns = [part0, part1].flatMap((json, part) => (json === null ? [] : [{ part, json }]));
  const others = rows.filter(({ part }) => part > 1 || (part === 0 ? part0 : part1) === null);
  return [...columns, ...others].sort((a, b) => a.part - b.part);
}

function grouped<R extends { readonly execution: number }, T>(
  rows: readonly R[],
  make: (row: R) => T,
): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const row of rows) {
    const group = groups.get(row.execution);
    if (group === undefined) groups.set(row.execution, [make(row)]);
    else group.push(make(row));
  }
  return groups;
}

function redriveFilter({ redrive }: StoreListQuery): string {
  if (redrive === undefined) return "";
  return redrive === "REDRIVEN" ? "AND e.redrive_count > 0" : "AND e.redrive_count = 0";
}

function parseCursor(cursor: string): number {
  if (!/^[1-9][0-9]{0,15}$/.test(cursor)) throw new Rejection("InvalidToken", "Invalid Token: 'Invalid token'");
  return Number(cursor);
}
