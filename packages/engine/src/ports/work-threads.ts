import type {
  Command,
  ExecutionEvent,
  ExecutionLimits,
  ExecutionStart,
  Facts,
  ForkContext,
  ForkPoint,
  HistoryEvent,
  Json,
  JsonObject,
  MapRunItem,
  MapRunPlan,
  ParseOptions,
  SnapshotPart,
  StartTask,
  StatesError,
  StateTestProgress,
  StateTestRequest,
  StateTestSurroundings,
} from "@stepwell/core";

/** How a parsed state machine is made once more, on another thread. */
export interface MachineText {
  /** Equal keys, equal machines. */
  readonly key: string;
  readonly definition: string;
  readonly options: ParseOptions;
  /** The machine is the one that the children of this Map run. */
  readonly mapState?: string;
}

export interface AskedTransition {
  readonly event: ExecutionEvent;
  readonly facts: Facts;
}

/** Transitions of one execution, one after the other. */
export interface AskedDecision {
  readonly machine: MachineText;
  readonly start: ExecutionStart;
  /** The whole snapshot before the first of them, as `restoreSnapshot` takes it. */
  readonly parts: readonly { readonly part: number; readonly json: string }[];
  readonly transitions: readonly AskedTransition[];
  readonly limits: ExecutionLimits;
  /**
   * Known problems of tasks' parameters; no task is asked about when it is absent. Who performs tasks is not known to
   * threads: what is not listed is taken to be fine, and told in `Decided.assumed`.
   */
  readonly problems?: readonly ParametersProblem[];
}

/** What a task was to be started with. */
export interface TaskParameters {
  readonly stateName: string;
  /** JSON text. */
  readonly parameters: string;
}

export interface ParametersProblem extends TaskParameters {
  readonly problem: string;
}

export interface DecidedTransition {
  readonly history: readonly HistoryEvent[];
  readonly commands: readonly Command[];
  /** For `adoptChanges`. */
  readonly changes: readonly SnapshotPart[];
}

/** One that was decided elsewhere. */
export interface PreparedTransition extends AskedTransition, DecidedTransition {}

export interface Decided {
  /** As many as were asked for. */
  readonly transitions: readonly DecidedTransition[];
  /** What they took of evaluation, in operations of about 10 ns. */
  readonly operations: number;
  /** That nothing is wrong with these. When something is, this is not the decision. */
  readonly assumed: readonly TaskParameters[];
}

/** A test of a state from its beginning: what is done elsewhere is thrown away where it waits, and done again. */
export interface AskedStateTest {
  readonly request: StateTestRequest;
  /** The mock was checked before. */
  readonly surroundings: Omit<StateTestSurroundings, "mockResultProblem">;
  /** What came of what the state waited for. */
  readonly outcome?:
    | { readonly kind: "succeeded"; readonly output: string }
    | { readonly kind: "failed"; readonly error: StatesError }
    | { readonly kind: "over" };
}

/** As `StateTestProgress`, without its functions: to go on, ask again with `outcome`. */
export type StateTested =
  | Extract<StateTestProgress, { readonly kind: "refused" | "ended" }>
  | {
      readonly kind: "task";
      readonly command: StartTask;
      readonly executionArn: string;
      readonly executionName: string;
      readonly stateMachineArn: string;
    }
  | { readonly kind: "wait"; readonly until: number };

/** What may be asked of a thread, and what it answers. All of it is plain data, and equal requests have equal answers. */
export interface WorkKinds {
  /** Transitions of an execution. */
  readonly decision: { readonly asked: AskedDecision; readonly answer: Decided };
  readonly stateTest: { readonly asked: AskedStateTest; readonly answer: StateTested };
  /** What an item of a Distributed Map becomes: `selectItem`. */
  readonly item: {
    readonly asked: {
      readonly machine: MachineText;
      readonly stateName: string;
      readonly plan: Pick<MapRunPlan, "scope">;
      readonly item: MapRunItem;
      readonly facts: Facts;
    };
    readonly answer: Json;
  };
  /** What a fork begins with: `forkContextOf`. */
  readonly forkContext: {
    readonly asked: {
      readonly machine: MachineText;
      readonly original: ExecutionStart;
      readonly point: ForkPoint;
      readonly input: string;
      readonly facts: Facts;
      readonly limits: ExecutionLimits;
    };
    readonly answer: ForkContext;
  };
  /** What a flow's step was given: `evaluateFlowInput`. */
  readonly flowInput: {
    readonly asked: { readonly expression: string; readonly input: Json; readonly context: JsonObject };
    readonly answer: Json;
  };
}

/**
 * Threads for decisions that take longer than the engine's own thread, which also answers requests and keeps leases, has
 * for one of them. They know nothing but what they are sent, and what comes back counts only when it is committed.
 */
export interface WorkThreads {
  /** How many are used at once; more requests wait in line. */
  readonly atOnce: number;
  readonly stats: WorkThreadStats;
  /**
   * Rejects with the `StatesErrorSignal` that an evaluation failed with, with `WorkLost` when the work made its thread end or took too long; with `WorkThreadsClosed` after `close`, and
   * with anything else when it cannot be done on a thread.
   */
  perform<Kind extends keyof WorkKinds>(
    kind: Kind,
    asked: WorkKinds[Kind]["asked"],
  ): Promise<WorkKinds[Kind]["answer"]>;
  close(): Promise<void>;
}

export interface WorkThreadStats {
  /** By kind, since the start. */
  readonly performed: Readonly<Record<keyof WorkKinds, number>>;
  /** On threads, since the start. */
  readonly busyMs: number;
  /** Since the start. */
  readonly lost: number;
  /** Now. */
  readonly running: number;
  readonly waiting: number;
}

/** The thread that did it ran out of memory or of time. To try again would end in the same way. */
export class WorkLost extends Error {
  override readonly name = "WorkLost";
}

export class WorkThreadsClosed extends Error {
  override readonly name = "WorkThreadsClosed";

  constructor() {
    super("the threads are closed");
  }
}
