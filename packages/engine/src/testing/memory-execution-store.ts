/** The ExecutionStore port in memory, for tests and simulations: simple enough to be believed at sight. */
import type { ExecutionStatus, ExecutionSummary } from "../executions/executions.ts";
import type { HistoryChunk } from "../history/history-chunk.ts";
import {
  type Announcement,
  CommitConflict,
  type DueExecution,
  type ExecutionCommit,
  type ExecutionKey,
  type ExecutionSearch,
  type ExecutionSearchPage,
  type ExecutionStore,
  type FoundExecution,
  type HistoryRange,
  type JobPlace,
  type LoadedExecution,
  type QueuedActivityTask,
  type RedriveToken,
  type StoredExecution,
  type StoredJobToStop,
  type StoreListQuery,
  type SubmittedTask,
} from "../ports/store.ts";
import { Rejection } from "../rejection.ts";

const REDRIVE_TOKENS_MAX = 10;

interface Record {
  execution: StoredExecution;
  wakeAt: number | undefined;
  outstanding: number;
  readonly parts: Map<number, string>;
  readonly chunks: HistoryChunk[];
  readonly submitted: Map<number, SubmittedTask>;
  readonly tokens: RedriveToken[];
}

export class MemoryExecutionStore implements ExecutionStore {
  readonly #byArn = new Map<string, Record>();
  readonly #queue: { position: number; activityArn: string; executionArn: string; taskId: number }[] = [];
  #nextKey = 1;
  #nextPosition = 1;
  #announcements: Announcement[] = [];
  #jobsToStop: StoredJobToStop[] = [];

  async commit(batch: readonly ExecutionCommit[]): Promise<readonly ExecutionKey[]> {
    const conflicts = batch.filter((commit) => !this.#isAsSeen(commit)).map((commit) => commit.executionArn);
    if (conflicts.length > 0) throw new CommitConflict(conflicts);
    return batch.map((commit) => this.#write(commit));
  }

  #isAsSeen({ executionArn, over, redrive }: ExecutionCommit): boolean {
    const record = this.#byArn.get(executionArn);
    if (over.kind === "create") return record === undefined;
    const isRunning = record?.execution.status === "RUNNING";
    return record?.execution.version === over.version && isRunning === (redrive === undefined);
  }

  #write(commit: ExecutionCommit): ExecutionKey {
    const { over, executionArn } = commit;
    if (over.kind === "create") this.#byArn.set(executionArn, this.#created(over));
    const record = this.#record(executionArn);
    record.execution = changed(record.execution, commit);
    record.chunks.push(...commit.history);
    if (commit.wakeAt !== undefined) record.wakeAt = commit.wakeAt ?? undefined;
    if (commit.outstandingTasks !== undefined) record.outstanding = commit.outstandingTasks;
    for (const { part, json } of commit.parts) {
      if (json === null) record.parts.delete(part);
      else record.parts.set(part, json);
    }
    for (const task of commit.tasksSubmitted) record.submitted.set(task.taskId, task);
    for (const taskId of commit.tasksSettled) record.submitted.delete(taskId);
    for (const { activityArn, taskId } of commit.activityTasksQueued) {
      this.#queue.push({ position: this.#nextPosition++, activityArn, executionArn, taskId });
    }
    for (const text of commit.announcements ?? []) this.#announcements.push({ position: this.#nextPosition++, text });
    const { key } = record.execution;
    for (const job of commit.jobsToStop ?? []) {
      this.#jobsToStop = [...this.#jobsToStop.filter((other) => !isAt(other, { ...job, key })), { ...job, key }];
    }
    for (const taskId of commit.activityTasksRemoved) {
      const at = this.#queue.findIndex((task) => task.executionArn === executionArn && task.taskId === taskId);
      if (at >= 0) this.#queue.splice(at, 1);
    }
    if (commit.end !== undefined) {
      record.wakeAt = undefined;
      record.outstanding = 0;
    }
    if (commit.redrive?.clientToken !== undefined) {
      const { clientToken, redriveDate } = commit.redrive;
      record.tokens.unshift({ clientToken, redriveDate });
      record.tokens.length = Math.min(record.tokens.length, REDRIVE_TOKENS_MAX);
    }
    return record.execution.key;
  }

  #created({ start, revisionKey, traceHeader }: Extract<ExecutionCommit["over"], { kind: "create" }>): Record {
    const execution: StoredExecution = {
      key: this.#nextKey++,
      version: 0,
      lastEventId: 0,
      start,
      revisionKey,
      ...(traceHeader === undefined ? {} : { traceHeader }),
      status: "RUNNING",
      redriveCount: 0,
    };
    return {
      execution,
      wakeAt: undefined,
      outstanding: 0,
      parts: new Map(),
      chunks: [],
      submitted: new Map(),
      tokens: [],
    };
  }

  #record(executionArn: string): Record {
    const record = this.#byArn.get(executionArn);
    if (record === undefined) throw new Error(`${executionArn} was checked to exist`);
    return record;
  }

  async describe(executionArn: string): Promise<StoredExecution | undefined> {
    return this.#byArn.get(executionArn)?.execution;
  }

  async describeAll(executionArns: readonly string[]): Promise<(StoredExecution | undefined)[]> {
    return executionArns.map((arn) => this.#byArn.get(arn)?.execution);
  }

  async load(executionArns: readonly string[]): Promise<readonly (LoadedExecution | undefined)[]> {
    return executionArns.map((arn) => {
      const record = this.#byArn.get(arn);
      if (record === undefined) return undefined;
      return {
        ...record.execution,
        parts: [...record.parts].sort(([a], [b]) => a - b).map(([part, json]) => ({ part, json })),
        submittedTasks: [...record.submitted.values()],
        ...(record.wakeAt === undefined ? {} : { wakeAt: record.wakeAt }),
      };
    });
  }

  async all(limit: number, after = 0): Promise<readonly { key: number; executionArn: string }[]> {
    return this.#named(() => true, limit, after);
  }

  async list(query: StoreListQuery): Promise<{ items: readonly ExecutionSummary[]; cursor?: string }> {
    const before = query.cursor === undefined ? Number.POSITIVE_INFINITY : Number(query.cursor);
    if (!(before > 0)) throw new Rejection("InvalidToken", "Invalid Token: 'Invalid token'");
    const found = this.#sorted((record) => matches(record.execution, query) && record.execution.key < before).reverse();
    const items = found.slice(0, query.limit).map((record) => summary(record.execution));
    const last = found[query.limit - 1];
    return found.length > query.limit && last !== undefined ? { items, cursor: String(last.execution.key) } : { items };
  }

  async search(query: ExecutionSearch): Promise<ExecutionSearchPage> {
    const { before = Number.POSITIVE_INFINITY, limit, examinedMax } = query;
    const items: FoundExecution[] = [];
    let examined = 0;
    for (const { execution } of this.#sorted((record) => record.execution.key < before).reverse()) {
      examined += 1;
      if (isFound(execution, query)) items.push(foundExecution(execution, query.payload));
      if (items.length === limit || examined === examinedMax) return { items, examined, next: execution.key };
    }
    return { items, examined };
  }

  async forks(executionArn: string, limit: number): Promise<readonly string[]> {
    const original = this.#byArn.get(executionArn)?.execution;
    return this.#sorted(({ execution: { start, key } }) => {
      // Not those of an earlier execution of the same name.
      return start.forkOf?.executionArn === executionArn && original !== undefined && key > original.key;
    })
      .slice(0, limit)
      .map(({ execution }) => execution.start.executionArn);
  }

  async countRunning(stateMachineArn?: string): Promise<number> {
    return this.#sorted((record) => isRunning(record, stateMachineArn)).length;
  }

  async history(executionArn: string, page: HistoryRange): Promise<readonly HistoryChunk[]> {
    const chunks = this.#byArn.get(executionArn)?.chunks ?? [];
    const inRange = page.reverse
      ? chunks.filter((chunk) => chunk.firstId <= page.from).reverse()
      : chunks.filter((chunk) => chunk.lastId >= page.from);
    let events = 0;
    return inRange.filter((chunk) => {
      const wanted = events < page.limit;
      events += chunk.lastId - chunk.firstId + 1;
      return wanted;
    });
  }

  async due(until: number, limit: number, after?: DueExecution): Promise<readonly DueExecution[]> {
    const isAfter = ({ wakeAt, key }: DueExecution): boolean =>
      after === undefined || wakeAt > after.wakeAt || (wakeAt === after.wakeAt && key > after.key);
    return this.#sorted((record) => record.wakeAt !== undefined && record.wakeAt <= until)
      .map(({ wakeAt, execution }) => ({
        wakeAt: wakeAt as number,
        key: execution.key,
        executionArn: execution.start.executionArn,
      }))
      .sort((a, b) => a.wakeAt - b.wakeAt || a.key - b.key)
      .filter(isAfter)
      .slice(0, limit);
  }

  async nextWake(): Promise<number | undefined> {
    let next: number | undefined;
    for (const { wakeAt } of this.#byArn.values()) {
      if (wakeAt !== undefined && (next === undefined || wakeAt < next)) next = wakeAt;
    }
    return next;
  }

  async outstanding(limit: number, after = 0): Promise<readonly { key: number; executionArn: string }[]> {
    return this.#named((record) => record.outstanding > 0, limit, after);
  }

  async running(
    stateMachineArn: string | undefined,
    limit: number,
    after = 0,
  ): Promise<readonly { key: number; executionArn: string }[]> {
    return this.#named((record) => isRunning(record, stateMachineArn), limit, after);
  }

  #named(wanted: (record: Record) => boolean, limit: number, after: number): { key: number; executionArn: string }[] {
    return this.#sorted((record) => record.execution.key > after && wanted(record))
      .slice(0, limit)
      .map(({ execution }) => ({ key: execution.key, executionArn: execution.start.executionArn }));
  }

  async activityTasks(activityArn: string, limit: number, after = 0): Promise<readonly QueuedActivityTask[]> {
    return this.#queue
      .filter((task) => task.activityArn === activityArn && task.position > after)
      .slice(0, limit)
      .map(({ position, executionArn, taskId }) => ({ position, executionArn, taskId }));
  }

  async announcements(limit: number, after = 0): Promise<readonly Announcement[]> {
    return this.#announcements.filter(({ position }) => position > after).slice(0, limit);
  }

  async announcementsAt(positions: readonly number[]): Promise<readonly Announcement[]> {
    return this.#announcements.filter(({ position }) => positions.includes(position));
  }

  async countAnnouncements(): Promise<number> {
    return this.#announcements.length;
  }

  async forgetAnnouncements(positions: readonly number[]): Promise<void> {
    this.#announcements = this.#announcements.filter(({ position }) => !positions.includes(position));
  }

  async jobsToStop(limit: number, after: JobPlace = { key: 0, taskId: 0 }): Promise<readonly StoredJobToStop[]> {
    return this.#jobsToStop
      .filter(({ key, taskId }) => key > after.key || (key === after.key && taskId > after.taskId))
      .sort((a, b) => a.key - b.key || a.taskId - b.taskId)
      .slice(0, limit);
  }

  async forgetJobsToStop(jobs: readonly JobPlace[]): Promise<void> {
    this.#jobsToStop = this.#jobsToStop.filter((job) => !jobs.some((place) => isAt(job, place)));
  }

  async redriveTokens(executionArn: string): Promise<readonly RedriveToken[]> {
    return [...(this.#byArn.get(executionArn)?.tokens ?? [])];
  }

  async delete(executionArns: readonly string[]): Promise<void> {
    for (const arn of executionArns) if (this.#byArn.get(arn)?.execution.status !== "RUNNING") this.#byArn.delete(arn);
  }

  async deleteEnded(endedBefore: number, limit: number, after = 0): Promise<{ deleted: number; next?: ExecutionKey }> {
    const seen = this.#sorted((record) => record.execution.key > after).slice(0, limit);
    const old = seen.filter(({ execution }) => execution.stopDate !== undefined && execution.stopDate < endedBefore);
    for (const { execution } of old) this.#byArn.delete(execution.start.executionArn);
    const last = seen.length === limit ? seen.at(-1) : undefined;
    return last === undefined ? { deleted: old.length } : { deleted: old.length, next: last.execution.key };
  }

  #sorted(wanted: (record: Record) => boolean): Record[] {
    return [...this.#byArn.values()].filter(wanted).sort((a, b) => a.execution.key - b.execution.key);
  }
}

function isAt(job: JobPlace, { key, taskId }: JobPlace): boolean {
  return job.key === key && job.taskId === taskId;
}

function changed(execution: StoredExecution, commit: ExecutionCommit): StoredExecution {
  const { end, redrive } = commit;
  let next: StoredExecution = { ...execution, version: execution.version + 1, lastEventId: commit.lastEventId };
  if (redrive !== undefined) {
    const { stopDate: _, output: _o, error: _e, cause: _c, ...kept } = next;
    next = { ...kept, status: "RUNNING", redriveCount: redrive.redriveCount, redriveDate: redrive.redriveDate };
  }
  return end === undefined ? next : { ...next, ...end };
}

function matches(execution: StoredExecution, query: StoreListQuery): boolean {
  const { start, status, redriveCount } = execution;
  return (
    start.stateMachineArn === query.stateMachineArn &&
    (query.status === undefined || status === (query.status satisfies ExecutionStatus)) &&
    (query.redrive === undefined || redriveCount > 0 === (query.redrive === "REDRIVEN")) &&
    (query.qualifiedArn === undefined ||
      start.stateMachineAliasArn === query.qualifiedArn ||
      start.stateMachineVersionArn === query.qualifiedArn)
  );
}

function isFound(execution: StoredExecution, query: ExecutionSearch): boolean {
  const { start, status, error = "" } = execution;
  const { stateMachineArn, statuses, startedFrom = 0, startedBefore = Number.POSITIVE_INFINITY } = query;
  const ofMachine =
    stateMachineArn === undefined ? !start.stateMachineArn.includes("/") : start.stateMachineArn === stateMachineArn;
  return (
    ofMachine &&
    (statuses === undefined || statuses.includes(status)) &&
    start.startedAt >= startedFrom &&
    start.startedAt < startedBefore &&
    summary(execution).name.startsWith(query.namePrefix ?? "") &&
    error.includes(query.errorPart ?? "") &&
    (query.payload !== "output" || execution.output !== undefined)
  );
}

function foundExecution(execution: StoredExecution, payload: ExecutionSearch["payload"]): FoundExecution {
  const { key, error, start } = execution;
  const text = payload === "input" ? start.input : execution.output;
  return {
    ...summary(execution),
    key,
    ...(error === undefined ? {} : { error }),
    ...(start.mapRunArn === undefined ? {} : { mapRunArn: start.mapRunArn }),
    ...(start.forkOf === undefined ? {} : { forkOf: start.forkOf }),
    ...(payload === undefined || text === undefined ? {} : { payload: text }),
  };
}

function isRunning({ execution }: Record, stateMachineArn: string | undefined): boolean {
  const ofMachine = stateMachineArn === undefined || execution.start.stateMachineArn === stateMachineArn;
  return ofMachine && execution.status === "RUNNING";
}

function summary(execution: StoredExecution): ExecutionSummary {
  const { start, status, stopDate, redriveCount, redriveDate } = execution;
  const { stateMachineVersionArn, stateMachineAliasArn } = start;
  return {
    executionArn: start.executionArn,
    stateMachineArn: start.stateMachineArn,
    name: start.executionArn.split(":").slice(7).join(":"),
    status,
    startDate: start.startedAt,
    redriveCount,
    ...(stopDate === undefined ? {} : { stopDate }),
    ...(redriveDate === undefined ? {} : { redriveDate }),
    ...(stateMachineVersionArn === undefined ? {} : { stateMachineVersionArn }),
    ...(stateMachineAliasArn === undefined ? {} : { stateMachineAliasArn }),
  };
}
