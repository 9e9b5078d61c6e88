/**
 * The shapes of `/api/v1` as they go over the wire: types only, shared with the console by `import type`.
 * docs/api-v1.md says what each call does. Times are epoch milliseconds; ARNs in paths are URL-encoded; cursors are opaque.
 */

/** What every refusal and failure of `/api/v1` answers, with status 4xx or 503. */
export interface ApiError {
  /** A word to branch on: `NotFound`, `InvalidRequest`, `AccessDenied`, or the AWS error name where one fits. */
  readonly error: string;
  readonly message: string;
}

export type ApiExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | "PENDING_REDRIVE";

/** GET /session, and the answer of POST /session. */
export interface ApiSession {
  /** Whether requests need a session or a signature. */
  readonly auth: boolean;
  /** Who is logged in; absent without auth, or when nobody is. */
  readonly user?: { readonly accessKeyId: string; readonly name: string };
  /** To be sent as `x-stepwell-csrf` with every request but GET. Present whenever the caller may make such requests. */
  readonly csrfToken?: string;
  readonly version: string;
  readonly accountId: string;
  readonly region: string;
}

/** POST /session. */
export interface ApiLogin {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface ApiWaitingTask {
  readonly executionArn: string;
  readonly stateName: string;
  /** The state's Resource. */
  readonly resource: string;
  /** Who has to answer: the holder of a task token, an activity's worker, or a job Stepwell polls or runs. */
  readonly kind: "token" | "activity" | "job";
  readonly since: number;
  readonly heartbeatDueAt?: number;
  readonly timeoutAt?: number;
  readonly activityArn?: string;
  /** Only of kind "token", or of an activity task that a worker has taken, and only to callers who may send results. */
  readonly taskToken?: string;
}

export interface ApiStatusBucket {
  /** Start of the bucket. */
  readonly at: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly aborted: number;
}

export interface ApiFailingGroup {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly stateName?: string;
  readonly error: string;
  readonly count: number;
  readonly lastExecutionArn: string;
  readonly lastAt: number;
}

export interface ApiNearLimit {
  readonly executionArn: string;
  readonly limit: "history" | "timeout";
  /** Events, or milliseconds. */
  readonly value: number;
  readonly max: number;
}

/** GET /overview. Executions are counted in the bucket they started in. */
export interface ApiOverview {
  readonly buckets: readonly ApiStatusBucket[];
  readonly running: number;
  /** Most frequent first. */
  readonly failing: readonly ApiFailingGroup[];
  /** Longest first. */
  readonly waiting: readonly ApiWaitingTask[];
  readonly nearLimits: readonly ApiNearLimit[];
  /** How many executions were looked at; `isPartial` when there were more in the time asked for than the bound. */
  readonly examined: number;
  readonly isPartial: boolean;
}

export interface ApiMachine {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly type: "STANDARD" | "EXPRESS";
  readonly status: "ACTIVE" | "DELETING";
  readonly creationDate: number;
  /** The number of the newest version; absent when none was published. */
  readonly version?: number;
  readonly running: number;
  /** Of its newest executions (at most 200). */
  readonly recent: {
    readonly succeeded: number;
    readonly failed: number;
    readonly timedOut: number;
    readonly aborted: number;
  };
  /** Duration of the succeeded ones among `recent`, in milliseconds. */
  readonly p50Ms?: number;
  readonly p95Ms?: number;
  readonly last?: { readonly executionArn: string; readonly status: ApiExecutionStatus; readonly startDate: number };
}

/** How a visit of a state ended; RUNNING has not. CAUGHT went on through a catcher. */
export type ApiHeatStatus = "SUCCEEDED" | "CAUGHT" | "FAILED" | "TIMED_OUT" | "ABORTED" | "RUNNING";

/** Visits of one state in one execution. */
export interface ApiHeatCell {
  readonly stateName: string;
  /** Of several visits the worst. */
  readonly status: ApiHeatStatus;
  /** The …StateEntered event of the last visit that ended so. */
  readonly eventId: number;
  readonly visits: number;
  /** Visits that failed or timed out. */
  readonly failed: number;
  /** Attempts after the first of each visit. */
  readonly retries: number;
  /** Of the longest visit that has ended. */
  readonly longestMs?: number;
}

/** Visits of one state in all executions that were looked at. */
export interface ApiHeatState {
  readonly name: string;
  readonly type: string;
  /** Executions that entered it. */
  readonly runs: number;
  readonly visits: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly caught: number;
  readonly aborted: number;
  readonly running: number;
  readonly retries: number;
  /** Of visits that have ended, in milliseconds. */
  readonly p50Ms?: number;
  readonly p95Ms?: number;
}

export interface ApiHeatRun {
  readonly executionArn: string;
  readonly name: string;
  readonly status: ApiExecutionStatus;
  readonly startDate: number;
  readonly stopDate?: number;
  /** Its history is longer than the bound: only the beginning was looked at. */
  readonly isPartial?: true;
  readonly cells: readonly ApiHeatCell[];
}

/** GET /machines/:arn/heat. */
export interface ApiHeat {
  /** In the order in which they were first entered, by the newest execution first. */
  readonly states: readonly ApiHeatState[];
  /** Newest first. */
  readonly runs: readonly ApiHeatRun[];
  /** How many events were looked at. */
  readonly events: number;
  readonly isPartial: boolean;
}

export interface ApiPage<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly cursor?: string;
}

export interface ApiForkOf {
  readonly executionArn: string;
  /** The …StateEntered event of the original from which the fork goes on. */
  readonly eventId?: number;
  readonly stateName: string;
}

export interface ApiExecutionItem {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ApiExecutionStatus;
  readonly startDate: number;
  readonly stopDate?: number;
  readonly error?: string;
  /** The state that failed the execution, where it is known. */
  readonly failedState?: string;
  readonly redriveCount: number;
  readonly mapRunArn?: string;
  readonly forkOf?: ApiForkOf;
}

/** GET /executions. A page may be short, even empty, and still have a cursor: the search looked at its bound of rows. */
export interface ApiExecutionPage extends ApiPage<ApiExecutionItem> {
  readonly examined: number;
}

export interface ApiMapRunItem {
  readonly mapRunArn: string;
  readonly stateName: string;
  readonly status: "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";
}

/** What an execution waits for that the clock ends: a Wait, or the next attempt of a task. */
export interface ApiTimer {
  readonly kind: "wait" | "retry";
  readonly stateName: string;
  /** The …StateEntered event of the visit. */
  readonly eventId: number;
  readonly since: number;
  readonly until: number;
}

/** GET /executions/:arn. */
export interface ApiExecution extends ApiExecutionItem {
  /** JSON text of the revision it runs. */
  readonly definition: string;
  readonly revisionId?: string;
  readonly stateMachineVersionArn?: string;
  readonly stateMachineAliasArn?: string;
  readonly type: "STANDARD" | "EXPRESS";
  /** JSON texts. */
  readonly input: string;
  readonly output?: string;
  readonly cause?: string;
  /** Findings of the linter that would have told of the failure, at most 5. */
  readonly hints?: readonly ApiFinding[];
  readonly redriveDate?: number;
  readonly redriveStatus: "REDRIVABLE" | "NOT_REDRIVABLE" | "REDRIVABLE_BY_MAP_RUN";
  readonly redriveStatusReason?: string;
  /** Executions forked from this one, oldest first, at most 100. */
  readonly forks: readonly string[];
  readonly waitingFor: readonly ApiWaitingTask[];
  /** The first that end, at most 1,000. */
  readonly timers: readonly ApiTimer[];
  readonly mapRuns: readonly ApiMapRunItem[];
  readonly lastEventId: number;
}

/** A history event as in GetExecutionHistory, its timestamp in epoch milliseconds. Details as AWS names them. */
export interface ApiHistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: number;
  readonly type: string;
  /** Some text of the details was longer than 2 KB and is cut; the whole event is at /executions/:arn/events/:id. */
  readonly truncated?: true;
  /** `stateEnteredEventDetails` and its like, one at most. */
  readonly [details: string]: unknown;
}

/** GET /executions/:arn/events. */
export interface ApiEventPage {
  readonly events: readonly ApiHistoryEvent[];
  /** Of the execution when the page was read; the page ends before it when more follow. */
  readonly lastEventId: number;
}

/** POST /executions/:arn/fork. */
export interface ApiFork {
  /** A …StateEntered event, or a state by name: then its last entry. */
  readonly at: { readonly eventId: number } | { readonly stateName: string };
  /** Any JSON value, the input of the state; absent: as recorded. */
  readonly input?: unknown;
  /** JSON text of the definition to run instead; not together with `stateMachineVersionArn`. */
  readonly definition?: string;
  readonly stateMachineVersionArn?: string;
  readonly name?: string;
}

export interface ApiForkAnswer {
  readonly executionArn: string;
  readonly startDate: number;
}

export interface ApiActivity {
  readonly activityArn: string;
  readonly name: string;
  readonly creationDate: number;
  /** Tasks no worker has taken, counted up to 1,000. */
  readonly queued: number;
  readonly oldestSince?: number;
  /** When a worker last asked this server; absent when none has since it started. */
  readonly lastPolledAt?: number;
}

/** POST /lint. */
export interface ApiLint {
  /** JSON text, or YAML when `format` says so. */
  readonly definition: string;
  readonly format?: "json" | "yaml";
  /** Default STANDARD. */
  readonly type?: "STANDARD" | "EXPRESS";
}

export interface ApiFinding {
  readonly code: string;
  readonly severity: "ERROR" | "WARNING" | "INFO";
  /** JSON Pointer into the definition. */
  readonly pointer: string;
  readonly message: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
  /** Where the rule is explained. */
  readonly docs?: string;
}

export interface ApiLintAnswer {
  readonly findings: readonly ApiFinding[];
}

/** `event: history` on /executions/:arn/stream; the SSE id is the last event's. */
export type ApiStreamHistory = readonly ApiHistoryEvent[];
/** `event: status` on /executions/:arn/stream. */
export type ApiStreamStatus = ApiExecutionItem;
/** `event: execution` on /stream. */
export type ApiStreamExecutions = readonly ApiExecutionItem[];
/** `event: missed` on /stream: first, and when something may not have been told. What is shown is to be asked for again. */
export type ApiStreamMissed = Readonly<Record<string, never>>;
