/**
 * Fires timers. The store keeps, for each execution, when its earliest timer is due; here only the earliest of all is
 * known. When it comes, the due executions are taken from the store's index page by page, so a million parked
 * executions cost no memory, and nothing has to be loaded to start.
 *
 * W1. A timer fires at or after its time by the engine's clock, never before (design invariant 6).
 * W2. A clock that jumps forward fires what it jumped over; one that jumps back fires nothing twice, since a fired
 *     timer is gone with the commit of what it caused.
 */
import type { EpochMs } from "@stepwell/core";
import type { ExecutionSettings } from "../executions/engine-options.ts";
import { type ExecutionLoop, ExecutionMissing } from "../executions/execution-loop.ts";
import type { LiveExecution } from "../executions/live-execution.ts";
import type { WorkCounter } from "../executions/work-counter.ts";
import type { Clock } from "../ports/clock.ts";
import { NotOwned } from "../ports/cluster.ts";
import type { DueExecution, ExecutionStore } from "../ports/store.ts";

const PAGE = 256;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 3_000;

export interface WakePorts {
  readonly store: ExecutionStore;
  readonly clock: Clock;
  readonly loop: ExecutionLoop;
  readonly settings: ExecutionSettings;
  readonly work: WorkCounter;
}

export class Wakes {
  readonly #ports: WakePorts;
  #armedAt: EpochMs | undefined;
  #disarm: (() => void) | undefined;
  #sweeping = false;
  /** The earliest time noted while a sweep was on. */
  #noted: EpochMs | undefined;
  #backoffMs = 0;
  #stopped = false;

  constructor(ports: WakePorts) {
    this.#ports = ports;
  }

  /** Begins with what the store knows; again, when executions came from another process. */
  resume(): Promise<void> {
    return this.#ports.work.during(this.#rearm(undefined));
  }

  /** An execution with this earliest timer was committed. */
  note(live: LiveExecution): void {
    const at = live.wakeAt;
    if (at === undefined || this.#stopped) return;
    // Due at once and in memory: no need to ask the store.
    if (at <= this.#ports.clock.now()) void this.#fire(live.executionArn);
    else this.#noteTime(at);
  }

  #noteTime(at: EpochMs): void {
    if (this.#sweeping) {
      if (this.#noted === undefined || at < this.#noted) this.#noted = at;
    } else if (this.#armedAt === undefined || at < this.#armedAt) this.#arm(at);
  }

  #fire(executionArn: string): Promise<boolean> {
    return this.#ports.loop
      .deliver(executionArn, (live) => {
        if (live.isRunning) live.fireDueTimers();
      })
      .then(
        () => true,
        (error: unknown) => {
          // Deleted meanwhile, or another process's: nothing is due here any more.
          if (error instanceof ExecutionMissing || error instanceof NotOwned) return true;
          this.#ports.settings.onProblem(error, executionArn);
          return false;
        },
      );
  }

  #arm(at: EpochMs): void {
    this.#disarm?.();
    this.#armedAt = at;
    this.#disarm = this.#ports.clock.wakeAt(at, () => {
      this.#armedAt = undefined;
      this.#disarm = undefined;
      void this.#ports.work.during(this.#sweep());
    });
  }

  async #sweep(): Promise<void> {
    this.#sweeping = true;
    const firedAll = await this.#fireAllDue().catch((error: unknown) => {
      this.#ports.settings.onProblem(error, "timers");
      return false;
    });
    this.#sweeping = false;
    const noted = this.#noted;
    this.#noted = undefined;
    if (firedAll) this.#backoffMs = 0;
    else this.#backoffMs = Math.min(Math.max(BACKOFF_FIRST_MS, this.#backoffMs * 2), BACKOFF_MAX_MS);
    await this.#rearm(noted);
  }

  /** False when something that was due could not be fired. */
  async #fireAllDue(): Promise<boolean> {
    const { store, clock } = this.#ports;
    const now = clock.now();
    let firedAll = true;
    let before: Promise<boolean[]> = Promise.resolve([]);
    let after: DueExecution | undefined;
    do {
      const due = await store.due(now, PAGE, after);
      after = due.length < PAGE ? undefined : due.at(-1);
      // One page is fetched while the one before it is being decided.
      firedAll = (await before).every((fired) => fired) && firedAll;
      before = Promise.all(due.map(({ executionArn }) => this.#fire(executionArn)));
    } while (after !== undefined && !this.#stopped);
    return (await before).every((fired) => fired) && firedAll;
  }

  async #rearm(noted: EpochMs | undefined): Promise<void> {
    if (this.#stopped) return;
    const { store, clock } = this.#ports;
    const now = clock.now();
    let next: EpochMs | undefined;
    try {
      next = await store.nextWake();
    } catch (error) {
      this.#ports.settings.onProblem(error, "timers");
      this.#backoffMs = Math.min(Math.max(BACKOFF_FIRST_MS, this.#backoffMs * 2), BACKOFF_MAX_MS);
      next = now;
    }
    if (noted !== undefined && (next === undefined || noted < next)) next = noted;
    if (next !== undefined) this.#noteTime(Math.max(next, now + this.#backoffMs));
  }

  stop(): void {
    this.#stopped = true;
    this.#disarm?.();
  }
}
