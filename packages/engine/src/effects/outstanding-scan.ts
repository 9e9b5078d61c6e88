/**
 * Goes through the executions that have tasks to start or to poll, and sees to it that these are under way: once through
 * all of them after a restart; on from where it stopped when there is room again for tasks that had to wait in the store.
 */
import type { ExecutionSettings } from "../executions/engine-options.ts";
import { type ExecutionLoop, ExecutionMissing } from "../executions/execution-loop.ts";
import type { LiveExecution } from "../executions/live-execution.ts";
import type { WorkCounter } from "../executions/work-counter.ts";
import { WrittenByNewer } from "../executions/written-by-newer.ts";
import type { Clock } from "../ports/clock.ts";
import { NotOwned } from "../ports/cluster.ts";
import type { ExecutionKey, ExecutionStore } from "../ports/store.ts";
import type { TaskEffects } from "./task-effects.ts";

const PAGE = 128;
const RETRY_MS = 1_000;
/** How often an execution is asked for that is decided on again before it can be looked at; then its commits see to it. */
const TRIES_MAX = 10;

export interface ScanPorts {
  readonly store: ExecutionStore;
  readonly loop: ExecutionLoop;
  readonly effects: TaskEffects;
  /** Sees to it that what an execution waits for is under way. */
  ensure(live: LiveExecution): void;
  readonly clock: Clock;
  readonly settings: ExecutionSettings;
  readonly work: WorkCounter;
}

export class OutstandingScan {
  readonly #ports: ScanPorts;
  /** Where to go on; `undefined`: at the beginning. */
  #after: ExecutionKey | undefined;
  #scanning = false;
  /** So often the end has still to be reached, whoever has room. */
  #rounds = 0;
  #stopped = false;

  constructor(ports: ScanPorts) {
    this.#ports = ports;
  }

  /** Looks at everything. */
  all(): void {
    this.#rounds = this.#scanning || this.#after !== undefined ? 2 : 1;
    this.run();
  }

  /** Scans for as long as there is room for those that are to be found. */
  run(): void {
    if (this.#scanning || this.#stopped) return;
    this.#scanning = true;
    void this.#ports.work.during(this.#scan());
  }

  async #scan(): Promise<void> {
    const { store, effects, settings, clock } = this.#ports;
    try {
      while (!this.#stopped && ((this.#rounds > 0 && effects.room.hasRoom) || effects.room.isHungry)) {
        const page = await store.outstanding(PAGE, this.#after);
        await Promise.all(page.map(({ executionArn }) => this.#ensure(executionArn)));
        this.#after = page.length < PAGE ? undefined : page.at(-1)?.key;
        if (this.#after !== undefined) continue;
        this.#rounds = Math.max(0, this.#rounds - 1);
        effects.room.roundEnded();
      }
    } catch (error) {
      settings.onProblem(error, "outstanding tasks");
      clock.wakeAt(clock.now() + RETRY_MS, () => this.run());
    } finally {
      this.#scanning = false;
    }
  }

  /**
   * What comes into memory is seen to by that; what is there already, here: as it was committed, since what is only decided
   * may yet be forgotten, and with it that a task has its result.
   */
  async #ensure(executionArn: string): Promise<void> {
    const { loop, ensure, settings } = this.#ports;
    try {
      for (let tries = 1; tries <= TRIES_MAX; tries++) {
        const live = await loop.deliver(executionArn, (one) => one);
        if (!live.isAsCommitted) continue;
        ensure(live);
        return;
      }
    } catch (error) {
      if (error instanceof ExecutionMissing || error instanceof NotOwned) return;
      // The others have their turn; a process that can read it takes it up.
      if (!(error instanceof WrittenByNewer)) throw error;
      settings.onProblem(error, executionArn);
    }
  }

  stop(): void {
    this.#stopped = true;
  }
}
