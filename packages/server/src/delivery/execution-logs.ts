/**
 * Execution logs: what a state machine's loggingConfiguration asks for, from committed history to a sink.
 *
 * An execution logs as the revision it started with says. The configuration of a revision is read once; until it is
 * there, what the revision's executions do waits here, in order and bounded.
 */
import { createHash } from "node:crypto";
import type { Catalog, CommittedChange, LoggingConfiguration } from "@stepwell/engine";
import { DeliveryQueue } from "./delivery-queue.ts";
import { DropReport, type DropReportOptions } from "./drop-report.ts";
import { logEntryOf } from "./log-entry.ts";
import { isLogged } from "./log-level.ts";
import type { LogRecord, LogSink } from "./log-sink.ts";

export interface ExecutionLogsOptions extends Pick<DropReportOptions, "onProblem"> {
  readonly sink: LogSink;
  readonly revisions: Pick<Catalog, "describeRevision">;
  /** Counts entries that were lost. */
  readonly dropped?: (count: number) => void;
}

export interface ExecutionLogs {
  /** For `onCommitted`. */
  committed(change: CommittedChange): void;
  close(timeoutMs: number): Promise<void>;
}

const REVISIONS_REMEMBERED_MAX = 2_000;
/** Commits that wait for the configuration of their revision. */
const WAITING_MAX = 10_000;

type Wanted = { readonly level: LoggingConfiguration["level"]; readonly includeData: boolean; readonly group: string };

export function createExecutionLogs(options: ExecutionLogsOptions): ExecutionLogs {
  return new RevisionLogs(options);
}

class RevisionLogs implements ExecutionLogs {
  readonly #options: ExecutionLogsOptions;
  readonly #queue: DeliveryQueue<LogRecord>;
  readonly #report: DropReport;
  /** In order of first use; `null`: nothing is logged. */
  readonly #wanted = new Map<string, Wanted | null>();
  readonly #waiting = new Map<string, CommittedChange[]>();
  #waitingCount = 0;

  constructor(options: ExecutionLogsOptions) {
    this.#options = options;
    const { sink, onProblem, dropped } = options;
    this.#report = new DropReport({
      what: "execution log entries",
      ...(onProblem === undefined ? {} : { onProblem }),
      ...(dropped === undefined ? {} : { count: dropped }),
    });
    const lost = (count: number, reason: unknown): void => this.#report.dropped(count, reason);
    this.#queue = new DeliveryQueue({
      send: (batch) => sink.send(batch, lost),
      sizeOf: ({ message }) => message.length,
      dropped: lost,
    });
  }

  committed(change: CommittedChange): void {
    const wanted = this.#wanted.get(change.revisionKey);
    if (wanted === null) return;
    if (wanted === undefined) this.#wait(change);
    else this.#log(change, wanted);
  }

  #wait(change: CommittedChange): void {
    const { revisionKey } = change;
    const waiting = this.#waiting.get(revisionKey);
    if (this.#waitingCount >= WAITING_MAX) {
      this.#report.dropped(change.history.length, new Error("too many wait for their logging configuration"));
      return;
    }
    this.#waitingCount += 1;
    if (waiting !== undefined) {
      waiting.push(change);
      return;
    }
    this.#waiting.set(revisionKey, [change]);
    void this.#find(revisionKey);
  }

  async #find(revisionKey: string): Promise<void> {
    let wanted: Wanted | null | undefined;
    let problem: unknown;
    try {
      wanted = wantedOf((await this.#options.revisions.describeRevision(revisionKey)).loggingConfiguration);
    } catch (error) {
      problem = error;
    }
    const changes = this.#waiting.get(revisionKey) ?? [];
    this.#waiting.delete(revisionKey);
    this.#waitingCount -= changes.length;
    if (wanted === undefined) {
      const events = changes.reduce((sum, { history }) => sum + history.length, 0);
      this.#report.dropped(events, problem);
      return;
    }
    this.#remember(revisionKey, wanted);
    if (wanted === null) return;
    for (const change of changes) this.#log(change, wanted);
  }

  #remember(revisionKey: string, wanted: Wanted | null): void {
    const [oldest] = this.#wanted.keys();
    if (this.#wanted.size >= REVISIONS_REMEMBERED_MAX && oldest !== undefined) this.#wanted.delete(oldest);
    this.#wanted.set(revisionKey, wanted);
  }

  #log(change: CommittedChange, { level, includeData, group }: Wanted): void {
    let logStream: string | undefined;
    for (const event of change.history) {
      if (!isLogged(level, event.type)) continue;
      logStream ??= logStreamOf(change);
      this.#queue.push({
        logGroupArn: group,
        logStream,
        timestamp: event.timestamp,
        message: logEntryOf(change, event, includeData),
      });
    }
  }

  async close(timeoutMs: number): Promise<void> {
    await this.#queue.close(timeoutMs);
    await this.#options.sink.close?.();
  }
}

function wantedOf({ level, includeExecutionData, destinations }: LoggingConfiguration): Wanted | null {
  const group = destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn;
  return level === "OFF" || group === undefined ? null : { level, includeData: includeExecutionData, group };
}

/** One stream for each execution, named as AWS names them: `states/<state machine>/<hour of its start>/<digest>`. */
function logStreamOf({ executionArn, start }: CommittedChange): string {
  const hour = new Date(start.startedAt).toISOString().slice(0, 13).replace("T", "-");
  const digest = createHash("sha256").update(executionArn).digest("hex").slice(0, 16);
  return `states/${start.stateMachineName}/${hour}/${digest}`;
}
