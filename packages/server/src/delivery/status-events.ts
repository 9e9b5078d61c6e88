/**
 * EventBridge-shaped events of what happens to Standard executions, from the store's outbox to their sink.
 *
 * V1. An event is stored by the commit that it tells of (`announcementsOf`): none is lost, whatever dies when.
 * V2. It is taken off when the sink has taken or refused it: each comes at least once, those of one execution in order.
 * V3. What the sink does not take for a day is given up, and counted, as EventBridge does.
 */
import type { CommittedChange, ExecutionStore } from "@stepwell/engine";
import { DropReport, type DropReportOptions } from "./drop-report.ts";
import type { EventSink } from "./event-sink.ts";
import { type StatusEvent, type StatusEventOptions, statusEventsOf } from "./status-event.ts";

/** Where events wait: the store of the executions. */
export type Outbox = Pick<ExecutionStore, "announcements" | "forgetAnnouncements">;

export interface StatusEventsOptions extends StatusEventOptions, Pick<DropReportOptions, "onProblem"> {
  readonly sink: EventSink;
  readonly outbox: Outbox;
  /** Which events are wanted. Default: all. */
  readonly wants?: (event: StatusEvent) => boolean;
  /** Counts events that were lost. */
  readonly dropped?: (count: number) => void;
  readonly now?: () => number;
  /** The pause before a second attempt; each further one is twice as long, up to a minute. Default 250. */
  readonly pauseMs?: number;
  /** Looks into the outbox so often without being told: where another process may have left something. Default: never. */
  readonly lookEveryMs?: number;
}

export interface StatusEvents {
  /** For `announcementsOf`. */
  announcementsOf(change: CommittedChange): readonly string[];
  /** For `onCommitted`: there may be something to send. */
  committed(change: CommittedChange): void;
  /** Waits for what is being sent, so long at most. What is left is sent after the next start. */
  close(timeoutMs: number): Promise<void>;
}

const BATCH_MAX = 500;
const PAUSE_MS = 250;
const PAUSE_MAX_MS = 60_000;
/** EventBridge tries for 24 hours. */
const AGE_MAX_MS = 24 * 3_600_000;

/** Begins with what an earlier process left. */
export function createStatusEvents(options: StatusEventsOptions): StatusEvents {
  const sender = new OutboxSender(options);
  sender.wake();
  const { lookEveryMs } = options;
  const looking = lookEveryMs === undefined ? undefined : setInterval(() => sender.wake(), lookEveryMs);
  looking?.unref();
  return {
    announcementsOf: (change) =>
      statusEventsOf(change, options)
        .filter((event) => options.wants?.(event) ?? true)
        .map((event) => JSON.stringify(event)),
    committed(change) {
      const isNews = change.started || change.redriven || change.end !== undefined;
      if (isNews && change.start.type !== "EXPRESS") sender.wake();
    },
    async close(timeoutMs) {
      clearInterval(looking);
      await sender.close(timeoutMs);
      await options.sink.close?.();
    },
  };
}

interface Waiting {
  readonly position: number;
  readonly event: StatusEvent;
}

class OutboxSender {
  readonly #options: StatusEventsOptions;
  readonly #report: DropReport;
  #running: Promise<void> | undefined;
  #isNews = false;
  #stopped = false;
  #attempts = 0;
  #endPause: (() => void) | undefined;

  constructor(options: StatusEventsOptions) {
    const { onProblem, dropped } = options;
    this.#options = options;
    this.#report = new DropReport({
      what: "status events",
      ...(onProblem === undefined ? {} : { onProblem }),
      ...(dropped === undefined ? {} : { count: dropped }),
    });
  }

  wake(): void {
    this.#isNews = true;
    if (this.#running !== undefined || this.#stopped) return;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (this.#isNews) this.wake();
    });
  }

  async close(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.#running ?? Promise.resolve(), timeout]);
    clearTimeout(timer);
    this.#stopped = true;
    this.#endPause?.();
  }

  async #run(): Promise<void> {
    // What the same turn commits goes in one batch.
    await new Promise<void>((resolve) => void setImmediate(resolve));
    while (this.#isNews && !this.#stopped) {
      this.#isNews = false;
      try {
        while (!this.#stopped && (await this.#sendBatch())) this.#attempts = 0;
      } catch (error) {
        // The sink, or the store, is away: what waits stays where it is.
        this.#isNews = true;
        this.#attempts += 1;
        await this.#giveUpOld(error).catch(() => undefined);
        await this.#pause();
      }
    }
  }

  /** False when nothing is left. Rejects when the sink took less than it was given. */
  async #sendBatch(): Promise<boolean> {
    const batch = await this.#waiting();
    if (batch.length === 0) return false;
    const left = new Set(
      await this.#options.sink.send(
        batch.map(({ event }) => event),
        (count, reason) => this.#report.dropped(count, reason),
      ),
    );
    await this.#forget(batch.filter(({ event }) => !left.has(event)));
    // A sink that takes some is there: what it does not take makes nobody else wait longer.
    if (left.size < batch.length) this.#attempts = 0;
    if (left.size > 0) throw new Error(`${left.size} of ${batch.length} status events were not taken`);
    return true;
  }

  async #waiting(): Promise<Waiting[]> {
    const rows = await this.#options.outbox.announcements(BATCH_MAX);
    return rows.map(({ position, text }) => ({ position, event: JSON.parse(text) as StatusEvent }));
  }

  async #forget(sent: readonly Waiting[]): Promise<void> {
    if (sent.length > 0) await this.#options.outbox.forgetAnnouncements(sent.map(({ position }) => position));
  }

  async #giveUpOld(reason: unknown): Promise<void> {
    const { now = Date.now } = this.#options;
    const old = (await this.#waiting()).filter(({ event }) => now() - Date.parse(event.time) > AGE_MAX_MS);
    await this.#forget(old);
    if (old.length > 0) this.#report.dropped(old.length, reason);
  }

  #pause(): Promise<void> {
    const delayMs = Math.min((this.#options.pauseMs ?? PAUSE_MS) * 2 ** (this.#attempts - 1), PAUSE_MAX_MS);
    return new Promise((resolve) => {
      if (this.#stopped) return resolve();
      const timer = setTimeout(resolve, delayMs);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
