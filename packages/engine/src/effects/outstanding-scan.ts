/**
 * Goes through the executions that have tasks to start or to poll, and sees to it that these are under way: after a
 * restart, and when there is room again for tasks that had to wait in the store.
 */
import type { ExecutionSettings } from "../executions/engine-options.ts";
import { type ExecutionLoop, ExecutionMissing } from "../executions/execution-loop.ts";
import type { LiveExecution } from "../executions/live-execution.ts";
import type { WorkCounter } from "../executions/work-counter.ts";
import type { Clock } from "../ports/clock.ts";
import { NotOwned } from "../ports/cluster.ts";
import type { ExecutionKey, ExecutionStore } from "../ports/store.ts";
import type { TaskEffects } from "./task-effects.ts";

const PAGE = 128;
const RETRY_MS = 1_000;

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
  /** Something was left out before the place where the scan is: once around again. */
  #again = false;
  #stopped = false;

  constructor(ports: ScanPorts) {
    this.#ports = ports;
  }

  /** Something has to wait in the store: a scan is due when there is room. */
  leftOut(): void {
    this.#again = true;
  }

  /** Scans for as long as there is room. */
  run(): void {
    if (this.#scanning || this.#stopped) return;
    this.#scanning = true;
    void this.#ports.work.during(this.#scan());
  }

  async #scan(): Promise<void> {
    const { store, effects, settings, clock } = this.#ports;
    try {
      while (effects.hasRoom && !this.#stopped) {
        const page = await store.outstanding(PAGE, this.#after);
        await Promise.all(page.map(({ executionArn }) => this.#ensure(executionArn)));
        this.#after = page.length < PAGE ? undefined : page.at(-1)?.key;
        if (this.#after !== undefined) continue;
        if (!this.#again) return;
        this.#again = false;
      }
    } catch (error) {
      settings.onProblem(error, "outstanding tasks");
      clock.wakeAt(clock.now() + RETRY_MS, () => this.run());
    } finally {
      this.#scanning = false;
    }
  }

  /** What comes into memory is seen to by that; what is there already, here. */
  async #ensure(executionArn: string): Promise<void> {
    const { loop, ensure } = this.#ports;
    try {
      await loop.deliver(executionArn, ensure);
    } catch (error) {
      if (!(error instanceof ExecutionMissing || error instanceof NotOwned)) throw error;
    }
  }

  stop(): void {
    this.#stopped = true;
  }
}
