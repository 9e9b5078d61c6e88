import {
  type EpochMs,
  type ExecutionLimits,
  type ExecutionStart,
  type HistoryEvent,
  STRICT_LIMITS,
} from "@stepwell/core";
import type { MachineSource } from "../catalog/resolved-machine.ts";
import type { MapRuns } from "../map-runs/map-runs.ts";
import type { Clock, Ids } from "../ports/clock.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { TaskRouter } from "../ports/connector.ts";
import type { MapRunHost } from "../ports/map-run-host.ts";
import type { EndRecord, ExecutionStore } from "../ports/store.ts";
import type { WorkThreads } from "../ports/work-threads.ts";

/** Whether an activity exists; the catalog knows. */
export interface ActivitySource {
  hasActivity(activityArn: string): Promise<boolean>;
}

/** The world as the data plane sees it. */
export interface ExecutionPorts {
  readonly store: ExecutionStore;
  readonly machines: MachineSource;
  readonly activities: ActivitySource;
  readonly router: TaskRouter;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Absent: Distributed Maps fail. */
  readonly mapRuns?: MapRunHost & MapRuns;
  /** Absent: this process decides on all executions. */
  readonly cluster?: Cluster;
  /** Absent: every decision is made on the calling thread, however long it takes. Closed by whoever opened them. */
  readonly threads?: WorkThreads;
}

/** What was committed, told right after the commit, in its order. For logs, metrics and events; must not throw or wait. */
export interface CommittedChange {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly revisionKey: string;
  readonly start: ExecutionStart;
  /** X-Amzn-Trace-Id of the start. */
  readonly traceHeader?: string;
  readonly history: readonly HistoryEvent[];
  /** The types of `history`, where they are known without it: the same array for all children of a machine. */
  readonly historyTypes?: readonly string[] | undefined;
  readonly started: boolean;
  readonly redriven: boolean;
  readonly redriveCount: number;
  /** Of the last redrive. */
  readonly redriveDate?: EpochMs;
  readonly end?: EndRecord;
  readonly committedAt: EpochMs;
}

/** One visit of a state, as traces know it. */
export interface StateVisit extends Pick<CommittedChange, "executionArn" | "redriveCount" | "traceHeader"> {
  readonly enteredEventId: number;
}

export interface ExecutionOptions {
  /** Default: AWS's. */
  readonly limits?: ExecutionLimits;
  /** Executions in one commit; default 512. */
  readonly groupExecutionsMax?: number;
  /** Characters of history and memory after which a commit is closed; default 8 Mi. */
  readonly groupCharactersMax?: number;
  /** Commits on their way at once; default: what the store says. */
  readonly commitsInFlightMax?: number;
  /** Executions kept in memory; default 2,000. */
  readonly cachedExecutionsMax?: number;
  /** Characters of memory of the executions kept; default 64 Mi. */
  readonly cachedCharactersMax?: number;
  /** Calls of one connector under way at once; default 256. */
  readonly connectorCallsMax?: number;
  /**
   * Tasks held in memory for connectors that are busy; default 4,096, and a quarter of that for each host, function or
   * service that is called. The rest waits in the store.
   */
  readonly queuedTasksMax?: number;
  /** Jobs of cancelled tasks that are held in memory until they are stopped; default 5,000. The rest waits in the store. */
  readonly jobsToStopMax?: number;
  /** GetActivityTask calls waiting on one activity; default 1,000, as AWS. */
  readonly activityPollersMax?: number;
  /** Evaluation, in milliseconds, after which a decision goes to a thread, where there are any; default 10. */
  readonly quickMs?: number;
  /** Executions that have not ended; default 1,000,000, as AWS. */
  readonly openExecutionsMax?: number;
  /** How long ended executions are kept; default 90 days, as AWS. */
  readonly retentionMs?: number;
  /**
   * What is to be told outside of a change, asked for before it is committed: the texts are stored with it, and stay until
   * they are taken off (`ExecutionStore.announcements`). May be asked again for a change that was not committed.
   */
  readonly announcementsOf?: (change: CommittedChange) => readonly string[];
  /** Told of what was committed. */
  readonly onCommitted?: (change: CommittedChange) => void;
  /** Names the span of a state, for the tasks it starts; see `TaskRequest.traceparent`. */
  readonly traceparentOf?: (visit: StateVisit) => string | undefined;
  /** Told of what went wrong behind the scenes and was survived. */
  readonly onProblem?: (problem: unknown, about: string) => void;
  /** Called when nothing can happen any more but by time passing or from outside. */
  readonly onIdle?: () => void;
  /** Runs something after what is under way in this turn; default `setImmediate`. */
  readonly later?: (run: () => void) => void;
}

export interface ExecutionSettings
  extends Required<Omit<ExecutionOptions, "announcementsOf" | "onCommitted" | "onIdle" | "traceparentOf">> {
  readonly announcementsOf: ((change: CommittedChange) => readonly string[]) | undefined;
  readonly onCommitted: ((change: CommittedChange) => void) | undefined;
  readonly traceparentOf: ((visit: StateVisit) => string | undefined) | undefined;
}

const DAY_MS = 86_400_000;

export function settingsOf(options: ExecutionOptions, store: ExecutionStore): ExecutionSettings {
  return {
    limits: options.limits ?? STRICT_LIMITS,
    groupExecutionsMax: options.groupExecutionsMax ?? 512,
    groupCharactersMax: options.groupCharactersMax ?? 8 * 1_048_576,
    commitsInFlightMax: options.commitsInFlightMax ?? store.commitsAtOnce ?? 1,
    cachedExecutionsMax: options.cachedExecutionsMax ?? 2_000,
    cachedCharactersMax: options.cachedCharactersMax ?? 64 * 1_048_576,
    connectorCallsMax: options.connectorCallsMax ?? 256,
    queuedTasksMax: options.queuedTasksMax ?? 4_096,
    jobsToStopMax: options.jobsToStopMax ?? 5_000,
    activityPollersMax: options.activityPollersMax ?? 1_000,
    quickMs: options.quickMs ?? 10,
    openExecutionsMax: options.openExecutionsMax ?? 1_000_000,
    retentionMs: options.retentionMs ?? 90 * DAY_MS,
    announcementsOf: options.announcementsOf,
    onCommitted: options.onCommitted,
    traceparentOf: options.traceparentOf,
    onProblem: options.onProblem ?? (() => undefined),
    later: options.later ?? ((run) => void setImmediate(run)),
  };
}
