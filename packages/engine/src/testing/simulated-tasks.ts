import type { EpochMs, Json } from "@stepwell/core";
import type { Clock } from "../ports/clock.ts";
import type { Connector, RecoveredJob, TaskOutcome, TaskRequest, TaskRouter } from "../ports/connector.ts";

/** What a simulated task does: an outcome, after some time of the clock. "silence": it never answers. */
export type SimulatedOutcome = (TaskOutcome & { readonly afterMs?: number }) | "silence";

export interface SimulatedTaskOptions {
  /** `call` counts the starts of this request's state from 1. */
  readonly start: (request: TaskRequest, call: number) => SimulatedOutcome | Promise<SimulatedOutcome>;
  readonly lane?: (task: Pick<TaskRequest, "input">) => string;
  readonly poll?: (request: TaskRequest, handle: string, call: number) => TaskOutcome | undefined;
  /** Throws what a service says that does not stop the job; `call` counts from 1. */
  readonly cancel?: (request: TaskRequest, handle: string | undefined, call: number) => void;
  readonly recover?: (request: TaskRequest) => RecoveredJob;
}

/** A connector for everything, answering from a script, that remembers what was asked of it. */
export class SimulatedTasks implements TaskRouter, Connector {
  readonly started: TaskRequest[] = [];
  readonly polled: string[] = [];
  readonly cancelled: { readonly request: TaskRequest; readonly handle: string | undefined }[] = [];
  /** The most starts that were under way at once. */
  mostAtOnce = 0;
  readonly #options: SimulatedTaskOptions;
  readonly #clock: Clock;
  #atOnce = 0;

  constructor(clock: Clock, options: SimulatedTaskOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  connectorFor(): Connector {
    return this;
  }

  handles(): boolean {
    return true;
  }

  lane(task: Pick<TaskRequest, "input">): string {
    return this.#options.lane?.(task) ?? "";
  }

  async start(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    this.started.push(request);
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    try {
      const call = this.started.filter(({ stateName }) => stateName === request.stateName).length;
      const outcome = await this.#options.start(request, call);
      if (outcome === "silence") return await never(signal);
      const { afterMs = 0, ...given } = outcome;
      if (afterMs > 0) await this.#pass(this.#clock.now() + afterMs, signal);
      return given;
    } finally {
      this.#atOnce -= 1;
    }
  }

  async poll(request: TaskRequest, handle: string): Promise<TaskOutcome | undefined> {
    this.polled.push(handle);
    return this.#options.poll?.(request, handle, this.polled.filter((polled) => polled === handle).length);
  }

  async cancel(request: TaskRequest, handle: string | undefined): Promise<void> {
    this.cancelled.push({ request, handle });
    this.#options.cancel?.(request, handle, this.cancelled.length);
  }

  async recover(request: TaskRequest): Promise<RecoveredJob> {
    return this.#options.recover?.(request) ?? { kind: "unknown" };
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  #pass(until: EpochMs, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const takeBack = this.#clock.wakeAt(until, resolve);
      signal.addEventListener("abort", () => {
        takeBack();
        reject(signal.reason);
      });
    });
  }
}

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

/** What a task says on success. */
export function succeeded(output: Json, afterMs = 0): SimulatedOutcome {
  return { kind: "succeeded", output: JSON.stringify(output), afterMs };
}
