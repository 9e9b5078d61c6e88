/**
 * The ExecutionStore port on SQLite. All calls are answered at once; they are asynchronous only because the port is.
 * Invariants S1–S4 of the port hold by SQLite's transactions and the single connection that writes.
 */

import type {
  Announcement,
  DueExecution,
  ExecutionCommit,
  ExecutionKey,
  ExecutionSearch,
  ExecutionSearchPage,
  ExecutionStore,
  ExecutionSummary,
  HistoryChunk,
  HistoryRange,
  JobPlace,
  LoadedExecution,
  QueuedActivityTask,
  RedriveToken,
  StoredExecution,
  StoredJobToStop,
  StoreListQuery,
  SubmittedTask,
} from "@stepwell/engine";
import { CommitThread } from "./commit-thread.ts";
import { Committer } from "./committer.ts";
import { type CommonTexts, commonTexts } from "./common-texts.ts";
import { type Database, migrate } from "./database.ts";
import { ExecutionList } from "./execution-list.ts";
import { EXECUTION_COLUMNS, type ExecutionRow, executionOf, known, RUNNING, splitArn } from "./execution-rows.ts";
import { EXECUTION_SCHEMA } from "./execution-schema.ts";
import { ExecutionSearches } from "./execution-search.ts";

/** A page of history stops after about this many characters, however many events were asked for. */
const HISTORY_CHARACTERS_MAX = 8 * 1_048_576;
/** As many bytes of announcements are read at once, or one announcement. */
const ANNOUNCED_BYTES_MAX = 8 * 1_048_576;
const NUMBER_MASK = 0xffffff;

export interface ExecutionStoreOptions {
  /**
   * Commits on a thread of its own, so that a slow disk never holds up the thread that decides and answers. Where the
   * disk is quick it costs more than it gives (docs/benchmarks.md). Default false; never in memory.
   */
  readonly commitThread?: boolean;
}

/** Opens the execution tables of a database, making them when they are not there. */
export function openExecutionStore(database: Database, options: ExecutionStoreOptions = {}): ExecutionStore {
  migrate(database, "executions", EXECUTION_SCHEMA);
  const { sharing } = database;
  const isThreaded = options.commitThread === true && sharing !== undefined;
  return new SqliteExecutionStore(database, isThreaded ? new CommitThread(sharing) : undefined);
}

interface Announced {
  readonly position: number;
  readonly text: string;
}

interface LoadedRow extends ExecutionRow {
  readonly wake_at: number | null;
  readonly more: number | null;
  readonly part0: string | null;
  readonly part1: string | null;
}

class SqliteExecutionStore implements ExecutionStore {
  readonly #database: Database;
  readonly #texts: CommonTexts;
  readonly #committer: Committer;
  readonly #thread: CommitThread | undefined;
  readonly #list: ExecutionList;
  readonly #searches: ExecutionSearches;
  readonly commitsAtOnce: number;

  constructor(database: Database, thread: CommitThread | undefined) {
    this.#database = database;
    this.#texts = commonTexts(database);
    this.#committer = new Committer(database, this.#texts);
    this.#thread = thread;
    this.#list = new ExecutionList(database, this.#texts);
    this.#searches = new ExecutionSearches(database, this.#texts);
    // With a thread, one group is written while the next one is decided.
    this.commitsAtOnce = thread === undefined ? 1 : 2;
  }

  async commit(batch: readonly ExecutionCommit[]): Promise<readonly ExecutionKey[]> {
    return this.#thread === undefined ? this.#committer.commit(batch) : this.#thread.commit(batch);
  }

  async describe(executionArn: string): Promise<StoredExecution | undefined> {
    return this.#describe(executionArn);
  }

  async describeAll(executionArns: readonly string[]): Promise<(StoredExecution | undefined)[]> {
    return executionArns.map((arn) => this.#describe(arn));
  }

  #describe(executionArn: string): StoredExecution | undefined {
    const arn = splitArn(executionArn);
    const scope = arn && this.#texts.scopes.find(arn.prefix);
    if (arn === undefined || scope === undefined) return undefined;
    const row = this.#database
      .prepare<ExecutionRow>(
        `SELECT ${EXECUTION_COLUMNS} FROM executions e LEFT JOIN running r ON r.id = e.id WHERE e.scope = ? AND e.name = ?`,
      )
      .get(scope, arn.name);
    return row && this.#executionOf(row, arn.prefix);
  }

  #executionOf(row: ExecutionRow, prefix: string): StoredExecution {
    const origin = this.#texts.originOf(row.origin);
    return executionOf(row, prefix, origin, origin.isFork === true ? this.#searches.fork(row.id) : undefined);
  }

  async load(executionArns: readonly string[]): Promise<readonly (LoadedExecution | undefined)[]> {
    return executionArns.map((arn) => this.#load(arn));
  }

  #load(executionArn: string): LoadedExecution | undefined {
    const arn = splitArn(executionArn);
    const scope = arn && this.#texts.scopes.find(arn.prefix);
    if (arn === undefined || scope === undefined) return undefined;
    const row = this.#database
      .prepare<LoadedRow>(
        `SELECT ${EXECUTION_COLUMNS}, r.wake_at, r.more, r.part0, r.part1
         FROM executions e LEFT JOIN running r ON r.id = e.id WHERE e.scope = ? AND e.name = ?`,
      )
      .get(scope, arn.name);
    if (row === undefined) return undefined;
    // Nothing says what an ended execution has kept.
    const more = row.more ?? 3;
    return {
      ...this.#executionOf(row, arn.prefix),
      parts: this.#parts(row, (more & 1) !== 0),
      submittedTasks: (more & 2) === 0 ? [] : this.#submittedTasks(row.id),
      ...(row.wake_at === null ? {} : { wakeAt: row.wake_at }),
    };
  }

  /** Parts 0 and 1 in the running row count, wherever else they may have been before. */
  #parts({ id, part0, part1 }: LoadedRow, hasRows: boolean): { part: number; json: string }[] {
    const parts = [part0, part1].flatMap((json, part) => (json === null ? [] : [{ part, json }]));
    if (!hasRows) return parts;
    const rows = this.#database
      .prepare<{ part: number; json: string }>(
        `SELECT id & ${NUMBER_MASK} AS part, json FROM execution_parts
         WHERE id BETWEEN (?1 << 24) AND (?1 << 24 | ${NUMBER_MASK})`,
      )
      .all(id)
      .filter(({ part }) => part > 1 || (part === 0 ? part0 : part1) === null);
    return [...parts, ...rows].sort((a, b) => a.part - b.part);
  }

  #submittedTasks(key: ExecutionKey): SubmittedTask[] {
    return this.#database
      .prepare<{ task: number; handle: string | null }>("SELECT task, handle FROM submitted_tasks WHERE execution = ?")
      .all(key)
      .map(({ task, handle }) => (handle === null ? { taskId: task } : { taskId: task, handle }));
  }

  async all(limit: number, after: ExecutionKey = 0): Promise<readonly { key: number; executionArn: string }[]> {
    return this.#database
      .prepare<{ id: number; scope: number; name: string }>(
        "SELECT id, scope, name FROM executions WHERE id > ? ORDER BY id LIMIT ?",
      )
      .all(after, limit)
      .map((row) => ({ key: row.id, executionArn: this.#arnOf(row) }));
  }

  async list(query: StoreListQuery): Promise<{ items: readonly ExecutionSummary[]; cursor?: string }> {
    return this.#list.page(query);
  }

  async search(query: ExecutionSearch): Promise<ExecutionSearchPage> {
    return this.#searches.search(query);
  }

  async forks(executionArn: string, limit: number): Promise<readonly string[]> {
    const key = this.#keyOf(executionArn);
    return key === undefined ? [] : this.#searches.forksOf(key, limit);
  }

  async countRunning(stateMachineArn?: string): Promise<number> {
    if (stateMachineArn === undefined) return this.#count("SELECT count(*) AS count FROM running");
    return this.#list
      .scopesOf(stateMachineArn)
      .reduce(
        (sum, scope) =>
          sum + this.#count("SELECT count(*) AS count FROM executions WHERE scope = ? AND status = ?", scope, RUNNING),
        0,
      );
  }

  #count(sql: string, ...parameters: number[]): number {
    return this.#database.prepare<{ count: number }>(sql).get(...parameters)?.count ?? 0;
  }

  async history(executionArn: string, page: HistoryRange): Promise<readonly HistoryChunk[]> {
    const key = this.#keyOf(executionArn);
    const chunks: HistoryChunk[] = [];
    if (key === undefined) return chunks;
    let chunk = this.#chunkWith(key, page.from);
    let events = 0;
    let characters = 0;
    while (chunk !== undefined && events < page.limit && characters < HISTORY_CHARACTERS_MAX) {
      if (page.reverse || chunk.lastId >= page.from) {
        chunks.push(chunk);
        events += chunk.lastId - chunk.firstId + 1;
        characters += chunk.text.length;
      }
      chunk = page.reverse ? this.#chunkWith(key, chunk.firstId - 1) : this.#chunkAfter(key, chunk.lastId);
    }
    return chunks;
  }

  /** The chunk with the event of this id, or the last one before it. */
  #chunkWith(key: ExecutionKey, id: number): HistoryChunk | undefined {
    return this.#database
      .prepare<{ firstId: number; lastId: number; text: string }>(
        `SELECT id & ${NUMBER_MASK} AS firstId, last_id AS lastId, text FROM history_chunks
         WHERE id BETWEEN (?1 << 24) AND (?1 << 24 | ?2) ORDER BY id DESC LIMIT 1`,
      )
      .get(key, Math.max(0, Math.min(id, NUMBER_MASK)));
  }

  #chunkAfter(key: ExecutionKey, id: number): HistoryChunk | undefined {
    return this.#database
      .prepare<{ firstId: number; lastId: number; text: string }>(
        `SELECT id & ${NUMBER_MASK} AS firstId, last_id AS lastId, text FROM history_chunks
         WHERE id BETWEEN (?1 << 24 | ?2) AND (?1 << 24 | ${NUMBER_MASK}) ORDER BY id LIMIT 1`,
      )
      .get(key, Math.min(id + 1, NUMBER_MASK));
  }

  #keyOf(executionArn: string): ExecutionKey | undefined {
    const arn = splitArn(executionArn);
    const scope = arn && this.#texts.scopes.find(arn.prefix);
    if (arn === undefined || scope === undefined) return undefined;
    return this.#database
      .prepare<{ id: number }>("SELECT id FROM executions WHERE scope = ? AND name = ?")
      .get(scope, arn.name)?.id;
  }

  async due(until: number, limit: number, after?: DueExecution): Promise<readonly DueExecution[]> {
    const rows = this.#database
      .prepare<{ wake_at: number; id: number; scope: number; name: string }>(
        `SELECT r.wake_at, r.id, e.scope, e.name FROM running r INDEXED BY running_by_wake
         JOIN executions e ON e.id = r.id
         WHERE (r.wake_at, r.id) > (?, ?) AND r.wake_at <= ? ORDER BY r.wake_at, r.id LIMIT ?`,
      )
      .all(after?.wakeAt ?? -1, after?.key ?? 0, until, limit);
    return rows.map((row) => ({ wakeAt: row.wake_at, key: row.id, executionArn: this.#arnOf(row) }));
  }

  async nextWake(): Promise<number | undefined> {
    const row = this.#database
      .prepare<{ at: number | null }>("SELECT min(wake_at) AS at FROM running WHERE wake_at IS NOT NULL")
      .get();
    return row?.at ?? undefined;
  }

  async outstanding(limit: number, after: ExecutionKey = 0): Promise<readonly { key: number; executionArn: string }[]> {
    return this.#database
      .prepare<{ id: number; scope: number; name: string }>(
        `SELECT e.id, e.scope, e.name FROM running r INDEXED BY running_outstanding JOIN executions e ON e.id = r.id
         WHERE r.outstanding > 0 AND r.id > ? ORDER BY r.id LIMIT ?`,
      )
      .all(after, limit)
      .map((row) => ({ key: row.id, executionArn: this.#arnOf(row) }));
  }

  async running(
    stateMachineArn: string | undefined,
    limit: number,
    after: ExecutionKey = 0,
  ): Promise<readonly { key: number; executionArn: string }[]> {
    if (stateMachineArn === undefined) return this.#allRunning(limit, after);
    return this.#list
      .scopesOf(stateMachineArn)
      .flatMap((scope) =>
        this.#database
          .prepare<{ id: number; scope: number; name: string }>(
            `SELECT id, scope, name FROM executions INDEXED BY executions_by_status
             WHERE scope = ? AND status = ? AND id > ? ORDER BY id LIMIT ?`,
          )
          .all(scope, RUNNING, after, limit),
      )
      .sort((a, b) => a.id - b.id)
      .slice(0, limit)
      .map((row) => ({ key: row.id, executionArn: this.#arnOf(row) }));
  }

  #allRunning(limit: number, after: ExecutionKey): { key: number; executionArn: string }[] {
    return this.#database
      .prepare<{ id: number; scope: number; name: string }>(
        `SELECT e.id, e.scope, e.name FROM running r CROSS JOIN executions e ON e.id = r.id
         WHERE r.id > ? ORDER BY r.id LIMIT ?`,
      )
      .all(after, limit)
      .map((row) => ({ key: row.id, executionArn: this.#arnOf(row) }));
  }

  async activityTasks(activityArn: string, limit: number, after = 0): Promise<readonly QueuedActivityTask[]> {
    const activity = this.#texts.arns.find(activityArn);
    if (activity === undefined) return [];
    return this.#database
      .prepare<{ position: number; task: number; scope: number; name: string }>(
        `SELECT a.position, a.task, e.scope, e.name FROM activity_tasks a JOIN executions e ON e.id = a.execution
         WHERE a.activity = ? AND a.position > ? ORDER BY a.position LIMIT ?`,
      )
      .all(activity, after, limit)
      .map((row) => ({ position: row.position, executionArn: this.#arnOf(row), taskId: row.task }));
  }

  async announcements(limit: number, after = 0): Promise<readonly Announcement[]> {
    const sizes = this.#database
      .prepare<{ size: number }>(
        "SELECT octet_length(text) AS size FROM announcements WHERE position > ? ORDER BY position LIMIT ?",
      )
      .all(after, limit);
    let bytes = 0;
    const fitting = sizes.findIndex(({ size }) => {
      bytes += size;
      return bytes >= ANNOUNCED_BYTES_MAX;
    });
    return this.#database
      .prepare<Announced>("SELECT position, text FROM announcements WHERE position > ? ORDER BY position LIMIT ?")
      .all(after, fitting < 0 ? sizes.length : fitting + 1);
  }

  async announcementsAt(positions: readonly number[]): Promise<readonly Announcement[]> {
    const at = this.#database.prepare<Announced>("SELECT position, text FROM announcements WHERE position = ?");
    return [...positions].sort((a, b) => a - b).flatMap((position) => at.get(position) ?? []);
  }

  async countAnnouncements(): Promise<number> {
    return this.#database.prepare<{ n: number }>("SELECT count(*) AS n FROM announcements").get()?.n ?? 0;
  }

  async forgetAnnouncements(positions: readonly number[]): Promise<void> {
    this.#committer.forgetAnnouncements(positions);
  }

  async jobsToStop(limit: number, after: JobPlace = { key: 0, taskId: 0 }): Promise<readonly StoredJobToStop[]> {
    return this.#database
      .prepare<{ execution: number; task: number; since: number; request: string; handle: string | null }>(
        `SELECT execution, task, since, request, handle FROM jobs_to_stop
         WHERE (execution, task) > (?, ?) ORDER BY execution, task LIMIT ?`,
      )
      .all(after.key, after.taskId, limit)
      .map(({ execution, task, since, request, handle }) => ({
        key: execution,
        taskId: task,
        since,
        request,
        ...(handle === null ? {} : { handle }),
      }));
  }

  async forgetJobsToStop(jobs: readonly JobPlace[]): Promise<void> {
    this.#committer.forgetJobsToStop(jobs);
  }

  async redriveTokens(executionArn: string): Promise<readonly RedriveToken[]> {
    const key = this.#keyOf(executionArn);
    if (key === undefined) return [];
    return this.#database
      .prepare<{ token: string; redriven: number }>(
        "SELECT token, redriven FROM redrive_tokens WHERE execution = ? ORDER BY redrive DESC",
      )
      .all(key)
      .map(({ token, redriven }) => ({ clientToken: token, redriveDate: redriven }));
  }

  async delete(executionArns: readonly string[]): Promise<void> {
    const keys = executionArns.flatMap((arn) => {
      const execution = this.#describe(arn);
      return execution === undefined || execution.status === "RUNNING" ? [] : [execution.key];
    });
    if (keys.length > 0) this.#committer.delete(keys);
  }

  async deleteEnded(
    endedBefore: number,
    limit: number,
    after: ExecutionKey = 0,
  ): Promise<{ deleted: number; next?: ExecutionKey }> {
    const rows = this.#database
      .prepare<{ id: number; stopped: number | null }>(
        "SELECT id, stopped FROM executions WHERE id > ? AND started < ? ORDER BY id LIMIT ?",
      )
      .all(after, endedBefore, limit);
    const old = rows.filter(({ stopped }) => stopped !== null && stopped < endedBefore);
    if (old.length > 0) this.#committer.delete(old.map(({ id }) => id));
    const last = rows.length === limit ? rows.at(-1) : undefined;
    return last === undefined ? { deleted: old.length } : { deleted: old.length, next: last.id };
  }

  #arnOf(row: { readonly scope: number; readonly name: string }): string {
    return `${known(this.#texts.scopes.textOf(row.scope))}:${row.name}`;
  }
}
