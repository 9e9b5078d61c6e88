/** What people look for in executions: searches over all machines, who waits for what, what became of one. Reads only. */
import {
  compileJsonPath,
  type EpochMs,
  type Json,
  type JsonPath,
  JsonPathSyntaxError,
  restoreSnapshot,
  type Snapshot,
  type StateMachine,
  waitingBranches,
} from "@stepwell/core";
import type { MachineSource } from "../catalog/resolved-machine.ts";
import type {
  ExecutionKey,
  ExecutionSearch,
  ExecutionStore,
  FoundExecution,
  LoadedExecution,
  StoredExecution,
} from "../ports/store.ts";
import { Rejection } from "../rejection.ts";
import type { ChangeFeed, ChangeListener } from "./change-feed.ts";
import type { ChangesWanted } from "./execution-change.ts";
import { ExecutionMissing } from "./execution-loop.ts";
import type { ExecutionSummary, Page } from "./executions.ts";
import { failedState } from "./failed-state.ts";
import { payloadHolds } from "./payload-search.ts";
import { doesNotExist } from "./refusals.ts";
import { orWrittenByNewer, WrittenByNewer } from "./written-by-newer.ts";

/** Rows one search looks at. */
const EXAMINED_MAX = 10_000;
/** Rows one search inside payloads looks at, and their characters. */
const PAYLOADS_EXAMINED_MAX = 5_000;
const PAYLOAD_CHARACTERS_MAX = 8 * 1_048_576;
const PAYLOADS_PER_READ = 100;
const FORKS_MAX = 100;
/** Running executions looked at for one page of waiting tasks. */
const RUNNING_EXAMINED_MAX = 200;
/** Tasks of one activity that are counted. */
const QUEUED_COUNTED_MAX = 1_000;

export interface ExecutionQueries {
  /** Newest first. Rejects InvalidToken, and ValidationException for a path that is none. */
  search(query: ExecutionQuery): Promise<ExecutionQueryPage>;
  /** Rejects ExecutionDoesNotExist. */
  lineage(executionArn: string): Promise<ExecutionLineage>;
  /** Which state ended an execution that failed; `undefined` when it did not fail or that is not known. */
  failedState(executionArn: string): Promise<string | undefined>;
  /** Tasks that running executions wait for, those of the oldest executions first. Pages may be short, even empty. */
  waitingTasks(page: { readonly limit: number; readonly cursor?: string }): Promise<WaitingTaskPage>;
  /** Of one execution. Rejects ExecutionDoesNotExist. */
  waitingTasksOf(executionArn: string): Promise<readonly ExecutionTask[]>;
  activity(activityArn: string): Promise<ActivityBacklog>;
  /** Tells what is committed from now on, wherever it is, until the answer is called. */
  changes(wanted: ChangesWanted, listener: ChangeListener): () => void;
}

export interface ExecutionQuery
  extends Pick<
    ExecutionSearch,
    "stateMachineArn" | "statuses" | "startedFrom" | "startedBefore" | "namePrefix" | "errorPart"
  > {
  /** The value at a JSONPath is equal to this one; of a path to many values, one of them. */
  readonly where?: { readonly in: "input" | "output"; readonly path: string; readonly equals: Json };
  readonly limit: number;
  readonly cursor?: string;
}

export interface ExecutionQueryPage extends Page<FoundExecution> {
  /** Rows that were looked at. */
  readonly examined: number;
}

export interface ExecutionLineage {
  readonly lastEventId: number;
  /** ARNs, oldest first; 100 at most. */
  readonly forks: readonly string[];
}

/** A task somebody has to answer. */
export interface ExecutionTask {
  readonly executionArn: string;
  readonly stateName: string;
  readonly resource: string;
  /** "job": Stepwell calls or polls it itself. */
  readonly kind: "token" | "activity" | "job";
  readonly since: EpochMs;
  readonly heartbeatDueAt?: EpochMs;
  readonly timeoutAt?: EpochMs;
  readonly activityArn?: string;
  /** When it was given to somebody outside. */
  readonly taskToken?: string;
}

export interface WaitingTaskPage extends Page<ExecutionTask> {
  /** Running executions that were looked at. */
  readonly executions: readonly RunningExecution[];
}

export interface RunningExecution extends Pick<ExecutionSummary, "executionArn" | "startDate"> {
  readonly lastEventId: number;
  /** Of the whole execution. */
  readonly timeoutSeconds?: number;
}

export interface ActivityBacklog {
  /** Tasks no worker has taken, 1,000 at most. */
  readonly queued: number;
  readonly oldestSince?: EpochMs;
  /** In this process. */
  readonly lastPolledAt?: EpochMs;
}

interface QueryPorts {
  readonly store: ExecutionStore;
  readonly machines: MachineSource;
  readonly feed: Pick<ChangeFeed, "listen">;
  lastPolledAt(activityArn: string): EpochMs | undefined;
}

export class StoredQueries implements ExecutionQueries {
  readonly #ports: QueryPorts;

  constructor(ports: QueryPorts) {
    this.#ports = ports;
  }

  async search({ where, limit, cursor, ...conditions }: ExecutionQuery): Promise<ExecutionQueryPage> {
    const before = cursor === undefined ? undefined : keyOf(cursor);
    if (where !== undefined) return this.#searchPayloads(conditions, where, limit, before);
    const found = await this.#ports.store.search({
      ...conditions,
      limit,
      examinedMax: EXAMINED_MAX,
      ...(before === undefined ? {} : { before }),
    });
    const { items, examined, next } = found;
    return next === undefined ? { items, examined } : { items, examined, cursor: String(next) };
  }

  async #searchPayloads(
    conditions: Omit<ExecutionSearch, "limit" | "examinedMax">,
    where: NonNullable<ExecutionQuery["where"]>,
    limit: number,
    from: ExecutionKey | undefined,
  ): Promise<ExecutionQueryPage> {
    const isHeld = payloadHolds(compiled(where.path), where.equals);
    const items: FoundExecution[] = [];
    let examined = 0;
    let characters = 0;
    for (let before = from; ; ) {
      const page = await this.#ports.store.search({
        ...conditions,
        payload: where.in,
        limit: PAYLOADS_PER_READ,
        examinedMax: EXAMINED_MAX,
        ...(before === undefined ? {} : { before }),
      });
      // What the conditions left out was not parsed: it counts for a tenth.
      examined += page.items.length + Math.ceil((page.examined - page.items.length) / 10);
      for (const { payload = "null", ...item } of page.items) {
        characters += payload.length;
        if (isHeld(payload)) items.push(item);
        const isFull = items.length >= limit || characters >= PAYLOAD_CHARACTERS_MAX;
        if (isFull) return { items, examined, cursor: String(item.key) };
      }
      if (page.next === undefined) return { items, examined };
      before = page.next;
      if (examined >= PAYLOADS_EXAMINED_MAX) return { items, examined, cursor: String(before) };
    }
  }

  async lineage(executionArn: string): Promise<ExecutionLineage> {
    const { lastEventId } = await this.#stored(executionArn);
    return { lastEventId, forks: await this.#ports.store.forks(executionArn, FORKS_MAX) };
  }

  async failedState(executionArn: string): Promise<string | undefined> {
    const { status, lastEventId } = await this.#stored(executionArn);
    return status === "FAILED" ? failedState(this.#ports.store, { executionArn, lastEventId }) : undefined;
  }

  async #stored(executionArn: string): Promise<StoredExecution> {
    const execution = await this.#ports.store.describe(executionArn);
    if (execution === undefined) throw doesNotExist(executionArn);
    return execution;
  }

  async waitingTasks(page: { readonly limit: number; readonly cursor?: string }): Promise<WaitingTaskPage> {
    const { store } = this.#ports;
    const after = page.cursor === undefined ? undefined : keyOf(page.cursor);
    const wanted = Math.min(page.limit, RUNNING_EXAMINED_MAX);
    const running = await store.running(undefined, wanted, after);
    const loaded = await store.load(running.map(({ executionArn }) => executionArn));
    const items: ExecutionTask[] = [];
    const executions: RunningExecution[] = [];
    for (const execution of loaded) {
      if (execution?.status !== "RUNNING") continue;
      const { tasks, timeoutSeconds } = await this.#tasksOf(execution).catch(unreadable);
      items.push(...tasks);
      const { executionArn, startedAt: startDate } = execution.start;
      const { lastEventId } = execution;
      executions.push({
        executionArn,
        startDate,
        lastEventId,
        ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
      });
    }
    const last = running.length === wanted ? running.at(-1) : undefined;
    return last === undefined ? { items, executions } : { items, executions, cursor: String(last.key) };
  }

  async waitingTasksOf(executionArn: string): Promise<readonly ExecutionTask[]> {
    const [execution] = await this.#ports.store.load([executionArn]);
    if (execution === undefined) throw doesNotExist(executionArn);
    return execution.status === "RUNNING" ? (await this.#tasksOf(execution)).tasks : [];
  }

  /** Read off a snapshot of its own: the one in memory belongs to who decides on it. */
  async #tasksOf(execution: LoadedExecution): Promise<{ tasks: ExecutionTask[]; timeoutSeconds: number | undefined }> {
    const { machine } = await this.#ports.machines.machineOfRevision(execution.revisionKey);
    const snapshot = this.#snapshotOf(machine, execution);
    const tasks: ExecutionTask[] = [];
    for (const { stateName, waitsFor, since, task } of waitingBranches(machine, snapshot)) {
      if (task === undefined) continue;
      const { resource, timeoutAt, heartbeatAt, isTokenOut, taskToken } = task;
      tasks.push({
        executionArn: execution.start.executionArn,
        stateName,
        resource,
        kind: waitsFor === "callback" ? "token" : waitsFor === "activity" ? "activity" : "job",
        since,
        ...(timeoutAt === undefined ? {} : { timeoutAt }),
        ...(heartbeatAt === undefined ? {} : { heartbeatDueAt: heartbeatAt }),
        ...(waitsFor === "activity" ? { activityArn: resource } : {}),
        ...(isTokenOut ? { taskToken } : {}),
      });
    }
    return { tasks, timeoutSeconds: machine.timeoutSeconds };
  }

  #snapshotOf(machine: StateMachine, { start, parts }: LoadedExecution): Snapshot {
    try {
      return restoreSnapshot(machine, start, parts);
    } catch (error) {
      throw orWrittenByNewer(error);
    }
  }

  async activity(activityArn: string): Promise<ActivityBacklog> {
    const queue = await this.#ports.store.activityTasks(activityArn, QUEUED_COUNTED_MAX);
    const lastPolledAt = this.#ports.lastPolledAt(activityArn);
    const oldestSince =
      queue[0] === undefined ? undefined : await this.#queuedSince(queue[0].executionArn, activityArn);
    return {
      queued: queue.length,
      ...(oldestSince === undefined ? {} : { oldestSince }),
      ...(lastPolledAt === undefined ? {} : { lastPolledAt }),
    };
  }

  async #queuedSince(executionArn: string, activityArn: string): Promise<EpochMs | undefined> {
    const tasks = await this.waitingTasksOf(executionArn).catch((error: unknown) => {
      // It ended meanwhile.
      if (error instanceof Rejection || error instanceof ExecutionMissing) return [];
      throw error;
    });
    const since = tasks.filter((task) => task.activityArn === activityArn && task.taskToken === undefined);
    return since.length === 0 ? undefined : Math.min(...since.map((task) => task.since));
  }

  changes(wanted: ChangesWanted, listener: ChangeListener): () => void {
    return this.#ports.feed.listen(wanted, listener);
  }
}

/** One that a newer release wrote does not hide what the others wait for. */
function unreadable(error: unknown): { readonly tasks: readonly ExecutionTask[]; readonly timeoutSeconds: undefined } {
  if (error instanceof WrittenByNewer) return { tasks: [], timeoutSeconds: undefined };
  throw error;
}

function keyOf(cursor: string): ExecutionKey {
  if (!/^[1-9][0-9]{0,15}$/.test(cursor)) throw new Rejection("InvalidToken", "Invalid Token: 'Invalid token'");
  return Number(cursor);
}

function compiled(path: string): JsonPath {
  try {
    return compileJsonPath(path);
  } catch (error) {
    if (!(error instanceof JsonPathSyntaxError)) throw error;
    throw new Rejection(
      "ValidationException",
      `path: must be a JSONPath, got "${path.slice(0, 60)}": ${error.message}`,
    );
  }
}
