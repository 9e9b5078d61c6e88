import type { StartTask } from "@stepwell/core";

/** What a connector is told about a task. */
export interface TaskRequest extends StartTask {
  readonly executionArn: string;
  readonly executionName: string;
  readonly stateMachineArn: string;
  /** The alias it was started through, or `<state machine>#<test case>` where its tasks are mocked. */
  readonly stateMachineAliasArn?: string;
  readonly roleArn: string;
  readonly startedAtMs: number;
  /** W3C Trace Context, where executions are traced: what the task does belongs to its state's span. */
  readonly traceparent?: string;
  /** In a test of a state, of HTTP tasks alone. */
  readonly httpInspection?: HttpInspection;
}

/** Whom an HTTP task tells what it sent and got. API reference, "TestState", inspectionLevel TRACE. */
export interface HttpInspection {
  /** Whether what a connection adds to the request is shown, credentials among it. */
  readonly revealSecrets: boolean;
  /** Told once for each request that was sent: the last one counts. */
  exchanged(exchange: HttpExchange): void;
}

/** API reference, "InspectionDataRequest" and "InspectionDataResponse". */
export interface HttpExchange {
  readonly request: {
    /** "http" or "https". */
    readonly protocol: string;
    readonly method: string;
    readonly url: string;
    /** `[name: value, name: value]`. */
    readonly headers: string;
    readonly body?: string;
  };
  /** Absent when nothing answered. */
  readonly response?: {
    readonly protocol: string;
    readonly statusCode: string;
    readonly statusMessage: string;
    readonly headers: string;
    readonly body: string;
  };
}

export type TaskOutcome =
  /** `output` is JSON text, as the history must show it. */
  | { readonly kind: "succeeded"; readonly output: string }
  | { readonly kind: "failed"; readonly error?: string; readonly cause?: string }
  /** `.sync`: the job runs; `handle` is JSON text that `poll` and `cancel` need after a restart. `.waitForTaskToken`: sent. */
  | { readonly kind: "submitted"; readonly output: string; readonly handle?: string };

/** What is known of a job whose start was not answered. */
export type RecoveredJob =
  | { readonly kind: "found"; readonly handle: string }
  | { readonly kind: "none" }
  /** There may be one that nobody can find. */
  | { readonly kind: "unknown" };

/**
 * One task integration. May be asked for the same task again after a restart (at least once, same token); the engine
 * counts one result. Never throws for what the workflow did wrong: that is `failed`.
 */
export interface Connector {
  /** True when this connector performs the resource. */
  handles(request: Pick<StartTask, "resource" | "stateName">): boolean;
  /** Whose calls these are, where a connector calls many (a host, a function): none of them waits for another. */
  lane?(task: Pick<TaskRequest, "resource" | "input">): string;
  /** What keeps a task with this input from being started, in AWS's words; told without calling anybody. */
  parametersProblem?(task: Pick<TaskRequest, "resource" | "input">): string | undefined;
  start(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome>;
  /** `.sync` only: undefined while the job runs. */
  poll?(request: TaskRequest, handle: string, signal: AbortSignal): Promise<TaskOutcome | undefined>;
  /**
   * Stops the job; resolves too when it has ended or is not there. May be called again. A rejection means: try again
   * later, unless `poll` says that the job has ended.
   */
  cancel?(request: TaskRequest, handle: string | undefined): Promise<void>;
  /**
   * Finds the job that an earlier `start` of this very task made, whose answer got lost. May start it again where that
   * gives the same job. Absent: nobody can tell.
   */
  recover?(request: TaskRequest, signal: AbortSignal): Promise<RecoveredJob>;
  close?(): Promise<void>;
}

/** Finds who performs a task: the first connector that handles it. */
export interface TaskRouter {
  connectorFor(request: Pick<StartTask, "resource" | "stateName">): Connector | undefined;
  /** Why there is no connector, when more can be said than that: a part of a sentence, without a period. */
  whyNobody?(resource: StartTask["resource"]): string | undefined;
  close(): Promise<void>;
}
