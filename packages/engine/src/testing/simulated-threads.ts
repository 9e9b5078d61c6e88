import { Fifo } from "../executions/fifo.ts";
import type { Clock } from "../ports/clock.ts";
import { type WorkKinds, WorkLost, type WorkThreadStats, type WorkThreads } from "../ports/work-threads.ts";
import { WorkPerformer } from "../threads/perform-work.ts";

export interface SimulatedThreadOptions {
  readonly atOnce?: number;
  /** How long the next piece of work takes of the clock's time; default 0: no time, but a turn. */
  readonly delayMs?: () => number;
  /** What becomes of the next piece of work; default `done`. */
  readonly fate?: () => "done" | "lost" | "failed";
}

/** Threads in simulated time: the same work, done on the test's own thread when the clock says so. */
export class SimulatedThreads implements WorkThreads {
  readonly atOnce: number;
  readonly performed: Record<keyof WorkKinds, number> = {
    decision: 0,
    item: 0,
    stateTest: 0,
    forkContext: 0,
    flowInput: 0,
  };
  /** How many transitions were asked for in each decision. */
  readonly transitionsAsked: number[] = [];
  readonly #clock: Clock;
  readonly #options: SimulatedThreadOptions;
  readonly #performer = new WorkPerformer();
  readonly #waiting = new Fifo<() => void>();
  #running = 0;
  #lost = 0;

  constructor(clock: Clock, options: SimulatedThreadOptions = {}) {
    this.atOnce = options.atOnce ?? 1;
    this.#clock = clock;
    this.#options = options;
  }

  get stats(): WorkThreadStats {
    return {
      performed: this.performed,
      busyMs: 0,
      lost: this.#lost,
      running: this.#running,
      waiting: this.#waiting.length,
    };
  }

  async perform<Kind extends keyof WorkKinds>(
    kind: Kind,
    asked: WorkKinds[Kind]["asked"],
  ): Promise<WorkKinds[Kind]["answer"]> {
    const received = structuredClone(asked);
    if ("transitions" in asked) this.transitionsAsked.push(asked.transitions.length);
    if (this.#running >= this.atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
    try {
      return await this.#work(kind, received);
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #work<Kind extends keyof WorkKinds>(
    kind: Kind,
    asked: WorkKinds[Kind]["asked"],
  ): Promise<WorkKinds[Kind]["answer"]> {
    const { delayMs, fate } = this.#options;
    const ms = delayMs?.() ?? 0;
    const end = fate?.() ?? "done";
    if (ms > 0) await new Promise<void>((resolve) => this.#clock.wakeAt(this.#clock.now() + ms, resolve));
    if (end === "lost") {
      this.#lost += 1;
      throw new WorkLost("simulated: the thread is gone");
    }
    if (end === "failed") throw new Error("simulated: there is no thread");
    this.performed[kind] += 1;
    return structuredClone(this.#performer.perform(kind, asked));
  }

  async close(): Promise<void> {
    // Nothing of it outlives the test.
  }
}
