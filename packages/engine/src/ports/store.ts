/**
 * What the engine asks of a place that remembers executions. Nothing here assumes one process, one writer or a
 * synchronous store.
 *
 * S1. `commit` writes all of its batch or nothing, and resolves only when it is durable.
 * S2. An execution is written only over the version the writer has seen; anything else is a `CommitConflict`.
 * S3. Every method rejects with `StoreUnavailable` when the store cannot answer now. After a `commit` rejected so, what
 *     was written is unknown: load the executions again and go on from what is there.
 *     `NotOwned` says that this process may not commit: nothing was written (ports/cluster.ts).
 * S4. What is read is what was committed, never part of a commit.
 */
import type { EpochMs, ExecutionStart, ForkOrigin, SnapshotPart } from "@stepwell/core";
import type { ExecutionStatus, ExecutionSummary } from "../executions/executions.ts";
import type { HistoryChunk } from "../history/history-chunk.ts";

/** An execution's place in its store; given by the store when the execution is created, in order of creation. */
export type ExecutionKey = number;

export interface ExecutionStore {
  /** How many commits the store takes at once with profit; 1 when absent. */
  readonly commitsAtOnce?: number;
  /**
   * Resolves to the executions' keys in the order of the batch, which names an execution once. Rejects with
   * `CommitConflict` when an execution is not at the version seen, or a new one exists: then nothing was written.
   */
  commit(batch: readonly ExecutionCommit[]): Promise<readonly ExecutionKey[]>;

  /** One execution without its memory; `undefined` when there is none. */
  describe(executionArn: string): Promise<StoredExecution | undefined>;
  /** Many of them, in the order asked for; `undefined` where there is none. */
  describeAll(executionArns: readonly string[]): Promise<readonly (StoredExecution | undefined)[]>;
  /** Executions with all that is needed to go on, in the order asked for; `undefined` where there is none. */
  load(executionArns: readonly string[]): Promise<readonly (LoadedExecution | undefined)[]>;
  /** All executions, children of map runs too, in order of key. */
  all(limit: number, after?: ExecutionKey): Promise<readonly { key: ExecutionKey; executionArn: string }[]>;
  /** Newest first. Throws `Rejection` InvalidToken when the cursor is not one of this store's. */
  list(query: StoreListQuery): Promise<{ readonly items: readonly ExecutionSummary[]; readonly cursor?: string }>;
  /**
   * Executions of one or all state machines, newest first, as `ExecutionSearch` says. Never looks at more than
   * `examinedMax` rows: then a page is short, even empty, and `next` says where to go on.
   */
  search(query: ExecutionSearch): Promise<ExecutionSearchPage>;
  /** ARNs of executions forked from this one, oldest first. */
  forks(executionArn: string, limit: number): Promise<readonly string[]>;
  countRunning(stateMachineArn?: string): Promise<number>;
  /** Chunks that hold events from `from` on (back to 1 when `reverse`), about `limit` events, in reading order. */
  history(executionArn: string, page: HistoryRange): Promise<readonly HistoryChunk[]>;

  /** Running executions whose `wakeAt` is at or before `until`, earliest first, after `after`. */
  due(until: EpochMs, limit: number, after?: DueExecution): Promise<readonly DueExecution[]>;
  /** The earliest `wakeAt` of all. */
  nextWake(): Promise<EpochMs | undefined>;
  /** Running executions with tasks to start or to poll again after a restart, in order of key. */
  outstanding(limit: number, after?: ExecutionKey): Promise<readonly { key: ExecutionKey; executionArn: string }[]>;
  /** Running executions of a state machine, or of all (children of map runs too), in order of key. */
  running(
    stateMachineArn: string | undefined,
    limit: number,
    after?: ExecutionKey,
  ): Promise<readonly { key: ExecutionKey; executionArn: string }[]>;
  /** Activity tasks that no worker has taken, oldest first, after `after`. */
  activityTasks(activityArn: string, limit: number, after?: number): Promise<readonly QueuedActivityTask[]>;
  /**
   * What commits announced and nobody has taken off yet, after a position, oldest first; those of one execution in their
   * order. A page may be shorter than asked for, but is empty only when there is no more. While commits are under way,
   * others' announcements may still appear before a position that was read.
   */
  announcements(limit: number, after?: number): Promise<readonly Announcement[]>;
  /** Those at these positions that are still there, in order of position. */
  announcementsAt(positions: readonly number[]): Promise<readonly Announcement[]>;
  /** How many announcements nobody has taken off. */
  countAnnouncements(): Promise<number>;
  /** Takes announcements off; those that are no longer there are left out. */
  forgetAnnouncements(positions: readonly number[]): Promise<void>;
  /** Jobs that commits asked to stop and that nobody has taken off yet, in order of execution and task. */
  jobsToStop(limit: number, after?: JobPlace): Promise<readonly StoredJobToStop[]>;
  /** Takes jobs off; those that are no longer there are left out. */
  forgetJobsToStop(jobs: readonly JobPlace[]): Promise<void>;
  /** The client tokens of an execution's last redrives, newest first. */
  redriveTokens(executionArn: string): Promise<readonly RedriveToken[]>;

  /** Deletes executions that have ended; those that run, or are not there, are left alone. */
  delete(executionArns: readonly string[]): Promise<void>;
  /**
   * Deletes executions that ended before `endedBefore`, looking at no more than `limit` executions from `after` on.
   * `next` is where to go on; absent when all were looked at.
   */
  deleteEnded(
    endedBefore: EpochMs,
    limit: number,
    after?: ExecutionKey,
  ): Promise<{ readonly deleted: number; readonly next?: ExecutionKey }>;
}

/** All that one group of transitions changes in one execution. */
export interface ExecutionCommit {
  readonly executionArn: string;
  readonly over: OverNothing | OverVersion;
  /** Id of the newest history event. */
  readonly lastEventId: number;
  /** In order of id, following what is stored. */
  readonly history: readonly HistoryChunk[];
  readonly parts: readonly SnapshotPart[];
  /** When its earliest timer is due; `null`: none is set. Absent: as it was (none, for a new execution). */
  readonly wakeAt?: EpochMs | null;
  /** How many tasks a restart has to start or poll again. Absent: as it was (0, for a new execution). */
  readonly outstandingTasks?: number;
  readonly tasksSubmitted: readonly SubmittedTask[];
  /** Submitted tasks that no longer count. */
  readonly tasksSettled: readonly number[];
  readonly activityTasksQueued: readonly { readonly activityArn: string; readonly taskId: number }[];
  /** Activity tasks that were taken by a worker or no longer count. */
  readonly activityTasksRemoved: readonly number[];
  /** Texts for somebody outside, kept until they are taken off: the outbox (design invariant 2). */
  readonly announcements?: readonly string[];
  /** Jobs of tasks that no longer count, kept until they are taken off: they outlive the execution. */
  readonly jobsToStop?: readonly JobToStop[];
  /** The execution has ended. The commit also settles and removes all of its tasks; parts it does not name stay. */
  readonly end?: EndRecord;
  /** The execution runs again. */
  readonly redrive?: RedriveRecord;
}

export interface OverNothing {
  readonly kind: "create";
  /** With `forkOf`, the commit also links the execution to its original (`ExecutionStore.forks`). */
  readonly start: ExecutionStart;
  readonly revisionKey: string;
  readonly traceHeader?: string;
}

export interface OverVersion {
  readonly kind: "advance";
  readonly key: ExecutionKey;
  /** The commit makes it one more. */
  readonly version: number;
}

export interface EndRecord {
  readonly status: "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  readonly stopDate: EpochMs;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

export interface RedriveRecord {
  readonly redriveCount: number;
  readonly redriveDate: EpochMs;
  readonly clientToken?: string;
}

export interface RedriveToken {
  readonly clientToken: string;
  readonly redriveDate: EpochMs;
}

/** The work of a task was accepted elsewhere (TaskSubmitted). */
export interface SubmittedTask {
  readonly taskId: number;
  /** JSON text for polling and cancelling; absent when only its token can end the task. */
  readonly handle?: string;
}

export interface StoredExecution {
  readonly key: ExecutionKey;
  /** 1 after the start; grows by one with each commit. */
  readonly version: number;
  readonly lastEventId: number;
  readonly start: ExecutionStart;
  readonly revisionKey: string;
  readonly traceHeader?: string;
  readonly status: ExecutionStatus;
  readonly stopDate?: EpochMs;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly redriveCount: number;
  readonly redriveDate?: EpochMs;
}

export interface LoadedExecution extends StoredExecution {
  readonly parts: readonly { readonly part: number; readonly json: string }[];
  readonly submittedTasks: readonly SubmittedTask[];
  readonly wakeAt?: EpochMs;
}

export interface StoreListQuery {
  readonly stateMachineArn: string;
  readonly qualifiedArn?: string;
  readonly status?: ExecutionStatus;
  readonly redrive?: "REDRIVEN" | "NOT_REDRIVEN";
  readonly limit: number;
  readonly cursor?: string;
}

/** What a search is narrowed to; conditions that are absent narrow nothing, those that are given hold together. */
export interface ExecutionSearch {
  /** Unqualified. Absent: those of all machines but the children of map runs, which are found by their machine alone. */
  readonly stateMachineArn?: string;
  /** Any of these. */
  readonly statuses?: readonly ExecutionStatus[];
  /** Started at or after. */
  readonly startedFrom?: EpochMs;
  /** Started before. */
  readonly startedBefore?: EpochMs;
  /** Of the name in its ARN, case-sensitive. */
  readonly namePrefix?: string;
  /** Stands somewhere in the error, case-sensitive. */
  readonly errorPart?: string;
  /** Found executions carry this text; those that have none are left out. */
  readonly payload?: "input" | "output";
  /** Only executions created before this one: `next` of the page before. */
  readonly before?: ExecutionKey;
  /** At least 1. */
  readonly limit: number;
  readonly examinedMax: number;
}

export interface FoundExecution extends ExecutionSummary {
  readonly key: ExecutionKey;
  readonly error?: string;
  readonly forkOf?: ForkOrigin;
  /** The text that `ExecutionSearch.payload` asked for. */
  readonly payload?: string;
}

export interface ExecutionSearchPage {
  /** By key, descending. */
  readonly items: readonly FoundExecution[];
  /** Rows that were looked at. */
  readonly examined: number;
  /** `before` of the next page; absent when everything was looked at. */
  readonly next?: ExecutionKey;
}

export interface HistoryRange {
  readonly from: number;
  readonly limit: number;
  readonly reverse: boolean;
}

export interface DueExecution {
  readonly wakeAt: EpochMs;
  readonly key: ExecutionKey;
  readonly executionArn: string;
}

export interface QueuedActivityTask {
  /** Grows with each task queued. */
  readonly position: number;
  readonly executionArn: string;
  readonly taskId: number;
}

/** A text that waits to be told outside. */
export interface Announcement {
  /** Names it in its store; grows. */
  readonly position: number;
  readonly text: string;
}

/** Where a job to stop is found. */
export interface JobPlace {
  readonly key: ExecutionKey;
  readonly taskId: number;
}

/** The job of a task that nobody waits for any more. */
export interface JobToStop {
  readonly taskId: number;
  /** When it was asked to be stopped. */
  readonly since: EpochMs;
  /** JSON text of the task's request: all that a connector must know. */
  readonly request: string;
  /** As of `SubmittedTask`; absent when it is unknown whether a job was started. */
  readonly handle?: string;
}

export interface StoredJobToStop extends JobToStop, JobPlace {}

/**
 * Some executions of a batch were not at the version the writer had seen, or existed already: nothing was written.
 * The rest of the batch may be committed as it is.
 */
export class CommitConflict extends Error {
  override readonly name = "CommitConflict";
  readonly executionArns: readonly string[];

  constructor(executionArns: readonly string[]) {
    super(`changed by somebody else meanwhile: ${executionArns.slice(0, 5).join(", ")}`);
    this.executionArns = executionArns;
  }
}
