/** An engine in a small simulated world: virtual time, a store in memory, tasks from a script, and crashes. */
import type { EpochMs, HistoryEvent, Json } from "@stepwell/core";
import type { Clock } from "../ports/clock.ts";
import type { ExecutionStore } from "../ports/store.ts";
import { VirtualClock } from "../ports/virtual-clock.ts";
import type { WorkThreads } from "../ports/work-threads.ts";
import { FixedMachines } from "../testing/fixed-machines.ts";
import { MemoryExecutionStore } from "../testing/memory-execution-store.ts";
import { SeededIds } from "../testing/seeded-ids.ts";
import { type SimulatedTaskOptions, SimulatedTasks, succeeded } from "../testing/simulated-tasks.ts";
import { Turns } from "../testing/turns.ts";
import { createExecutions, type ExecutionEngine } from "./create-executions.ts";
import type { ExecutionOptions } from "./engine-options.ts";

export const T0: EpochMs = 1_769_860_800_000;

export interface WorldOptions extends Partial<SimulatedTaskOptions> {
  readonly options?: ExecutionOptions;
  readonly store?: ExecutionStore;
  readonly threads?: (clock: Clock) => WorkThreads;
}

export class World {
  readonly clock: VirtualClock = new VirtualClock(T0);
  readonly ids: SeededIds = new SeededIds(1);
  readonly turns: Turns = new Turns();
  readonly machines: FixedMachines = new FixedMachines();
  readonly store: ExecutionStore;
  readonly problems: unknown[] = [];
  tasks: SimulatedTasks;
  engine: ExecutionEngine;
  readonly #options: WorldOptions;
  #life: { alive: boolean };

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.store = options.store ?? new MemoryExecutionStore();
    [this.tasks, this.engine, this.#life] = this.#boot();
  }

  #boot(): [SimulatedTasks, ExecutionEngine, { alive: boolean }] {
    const life = { alive: true };
    const clock = {
      now: () => this.clock.now(),
      wakeAt: (at: EpochMs, wake: () => void) => this.clock.wakeAt(at, () => life.alive && wake()),
    };
    const start = this.#options.start ?? (() => succeeded("ok"));
    const { poll, lane, cancel, recover } = this.#options;
    const tasks = new SimulatedTasks(clock, {
      start,
      ...(poll && { poll }),
      ...(lane && { lane }),
      ...(cancel && { cancel }),
      ...(recover && { recover }),
    });
    const engine = createExecutions(
      {
        store: mortal(this.store, life),
        machines: this.machines,
        activities: this.machines,
        router: tasks,
        clock,
        ids: this.ids,
        ...(this.#options.threads && { threads: this.#options.threads(clock) }),
      },
      {
        later: this.turns.later,
        onProblem: (problem) => this.problems.push(problem),
        ...this.#options.options,
      },
    );
    return [tasks, engine, life];
  }

  /** The process dies: nothing it had under way gets any further. Another one takes over. */
  async restart(): Promise<void> {
    this.#life.alive = false;
    await this.turns.settle();
    [this.tasks, this.engine, this.#life] = this.#boot();
    await this.await(this.engine.resume());
  }

  /** Lets everything happen that needs no time. */
  settle(): Promise<void> {
    return this.turns.settle();
  }

  /** Awaits something of the engine without letting time pass. */
  async await<T>(promise: Promise<T>): Promise<T> {
    const settled = promise.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    await this.settle();
    const pending = Symbol("pending");
    const outcome = await Promise.race([settled, Promise.resolve(pending)]);
    if (outcome === pending) throw new Error("it waits for time to pass, or for ever");
    const known = outcome as { value: T } | { error: unknown };
    if ("error" in known) throw known.error;
    return known.value;
  }

  /** Lets time pass until `until`, in jumps from one wake to the next. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    await this.settle();
    for (let next = this.clock.next; next !== undefined && next <= until; next = this.clock.next) {
      this.clock.advance();
      await this.settle();
    }
    this.clock.advanceTo(until);
    await this.settle();
  }

  async start(stateMachineArn: string, input: Json = {}, name?: string): Promise<string> {
    const request = { stateMachineArn, input: JSON.stringify(input), ...(name === undefined ? {} : { name }) };
    return (await this.await(this.engine.start(request))).executionArn;
  }

  async history(executionArn: string): Promise<HistoryEvent[]> {
    const page = await this.await(this.engine.history(executionArn, { limit: 1_000, reverse: false }));
    return [...page.items];
  }

  async types(executionArn: string): Promise<string[]> {
    return (await this.history(executionArn)).map((event) => event.type);
  }

  async status(executionArn: string): Promise<string> {
    return (await this.await(this.engine.describe(executionArn))).status;
  }
}

/** A store that answers only while the process lives. */
function mortal(store: ExecutionStore, life: { readonly alive: boolean }): ExecutionStore {
  return new Proxy(store, {
    get(target, member, receiver): unknown {
      const method: unknown = Reflect.get(target, member, receiver);
      if (typeof method !== "function") return method;
      return async (...parameters: unknown[]): Promise<unknown> => {
        if (!life.alive) return new Promise(() => undefined);
        const answer: unknown = await method.apply(target, parameters);
        return life.alive ? answer : new Promise(() => undefined);
      };
    },
  });
}

/** A definition that is one line of states, each going on to the next. */
export function line(...states: readonly object[]): object {
  const named = states.map((state, i) => {
    const isLast = i === states.length - 1;
    return [`S${i + 1}`, isLast ? { ...state, End: true } : { ...state, Next: `S${i + 2}` }] as const;
  });
  return { StartAt: "S1", States: Object.fromEntries(named) };
}

export const PASS = { Type: "Pass" } as const;
export const TASK = { Type: "Task", Resource: "arn:aws:lambda:us-east-1:123456789012:function:f" } as const;
export const SYNC = {
  Type: "Task",
  Resource: "arn:aws:states:::glue:startJobRun.sync",
  Parameters: { JobName: "j" },
} as const;
export const CALLBACK = {
  Type: "Task",
  Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
  Parameters: { QueueUrl: "q", MessageBody: { "Token.$": "$$.Task.Token" } },
} as const;

export function wait(seconds: number): object {
  return { Type: "Wait", Seconds: seconds };
}
