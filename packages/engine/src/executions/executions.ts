import type { EpochMs, ForkOrigin, HistoryEvent, StateMachineType, WaitingBranch } from "@stepwell/core";
import type { MapRuns } from "../map-runs/map-runs.ts";
import type { ExecutionQueries } from "./execution-queries.ts";

/** The data plane: what the server and the CLI ask of executions. Refusals are thrown as `Rejection`. */
export interface Executions {
  /** Answers only after the start is committed. Idempotent by name as StartExecution (features.md C.3). */
  start(request: StartRequest): Promise<{ readonly executionArn: string; readonly startDate: EpochMs }>;
  /** Runs an Express execution to its end. */
  startSync(request: StartRequest): Promise<ExecutionDescription>;
  describe(executionArn: string): Promise<ExecutionDescription>;
  list(query: ListQuery): Promise<Page<ExecutionSummary>>;
  stop(executionArn: string, error?: string, cause?: string): Promise<{ readonly stopDate: EpochMs }>;
  redrive(executionArn: string, clientToken?: string): Promise<{ readonly redriveDate: EpochMs }>;
  /**
   * Starts a new execution where another one once entered a state, which stays as it is. Idempotent by name: the same
   * fork again is answered with the one there is, running or ended. Rejects ExecutionDoesNotExist, ExecutionAlreadyExists,
   * and ValidationException when there is no such point or the machine it is to run has no such state.
   */
  fork(request: ForkRequest): Promise<{ readonly executionArn: string; readonly startDate: EpochMs }>;
  /** Rejects ExecutionDoesNotExist. `after` is the id of the last event of the page before, in the chosen direction. */
  history(executionArn: string, page: { limit: number; after?: number; reverse: boolean }): Promise<Page<HistoryEvent>>;
  /** History events as they are committed, from `after` on, until the execution has ended or `signal` aborts. */
  watch(executionArn: string, after: number, signal: AbortSignal): AsyncIterable<HistoryEvent>;
  waiting(executionArn: string): Promise<WaitingBranch[]>;

  sendTaskSuccess(taskToken: string, output: string): Promise<void>;
  sendTaskFailure(taskToken: string, error?: string, cause?: string): Promise<void>;
  sendTaskHeartbeat(taskToken: string): Promise<void>;
  /** Long poll; `undefined` after `waitMs` without a task or when `signal` aborts. First come, first served among pollers. */
  getActivityTask(
    activityArn: string,
    workerName: string | undefined,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly taskToken: string; readonly input: string } | undefined>;

  /** The runs of Distributed Maps; absent where there are none. */
  readonly mapRuns?: MapRuns | undefined;
  /** What people look for in executions; absent where nobody looks. */
  readonly queries?: ExecutionQueries | undefined;

  /** Executions that have not ended, of one state machine. */
  countRunning(stateMachineArn?: string): Promise<number>;
  /** Makes every running execution of a deleted machine fail at its next transition. */
  stateMachineDeleted(stateMachineArn: string, name: string): Promise<void>;
  /** Stops taking work, waits for what is in flight (bounded), flushes. */
  drain(timeoutMs: number): Promise<void>;
}

export interface StartRequest {
  /** Machine, version or alias ARN. */
  readonly stateMachineArn: string;
  readonly name?: string;
  /** JSON text as the caller gave it; default `{}`. */
  readonly input?: string;
  readonly traceHeader?: string;
}

export interface ForkRequest {
  /** The original. */
  readonly executionArn: string;
  /** A …StateEntered event of its history, or a state by name: then its last entry. */
  readonly at: { readonly eventId: number } | { readonly stateName: string };
  /** JSON text of the state's input; default: as it was recorded. */
  readonly input?: string;
  /** Of the same state machine, to be run instead of the original's revision; one of them at most. */
  readonly stateMachineVersionArn?: string;
  readonly revisionKey?: string;
  readonly name?: string;
}

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | "PENDING_REDRIVE";

export interface ExecutionSummary {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly startDate: EpochMs;
  readonly stopDate?: EpochMs;
  readonly stateMachineVersionArn?: string;
  readonly stateMachineAliasArn?: string;
  /** Of the run whose child it is. */
  readonly mapRunArn?: string;
  readonly redriveCount: number;
  readonly redriveDate?: EpochMs;
  /** Of a fork: where it begins in its original. */
  readonly forkOf?: ForkOrigin;
}

export interface ExecutionDescription extends ExecutionSummary {
  readonly type: StateMachineType;
  /** JSON text, as the caller wrote it. */
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly traceHeader?: string;
  readonly redriveStatus: "REDRIVABLE" | "NOT_REDRIVABLE" | "REDRIVABLE_BY_MAP_RUN";
  readonly redriveStatusReason?: string;
  readonly revisionKey: string;
}

export interface ListQuery {
  readonly stateMachineArn: string;
  /** Narrows to executions started through one version or alias. */
  readonly qualifiedArn?: string;
  readonly status?: ExecutionStatus;
  readonly redrive?: "REDRIVEN" | "NOT_REDRIVEN";
  readonly limit: number;
  /** Opaque cursor of the page before. */
  readonly cursor?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly cursor?: string;
}
