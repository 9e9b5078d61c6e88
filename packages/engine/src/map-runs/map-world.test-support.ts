/** An engine with a host of map runs in a small simulated world: virtual time, stores in memory, and crashes. */
import type { EpochMs, HistoryEvent, Json, StateMachineType } from "@stepwell/core";
import { createExecutions, type ExecutionEngine } from "../executions/create-executions.ts";
import type { CommittedChange } from "../executions/engine-options.ts";
import type { Clock } from "../ports/clock.ts";
import { NotOwned } from "../ports/cluster.ts";
import type { MapRunHost } from "../ports/map-run-host.ts";
import type { MapRunIo } from "../ports/map-run-io.ts";
import type { MapRunStore } from "../ports/map-run-store.ts";
import { VirtualClock } from "../ports/virtual-clock.ts";
import type { WorkThreads } from "../ports/work-threads.ts";
import { FixedMachines } from "../testing/fixed-machines.ts";
import { MemoryExecutionStore } from "../testing/memory-execution-store.ts";
import { MemoryMapRunStore } from "../testing/memory-map-run-store.ts";
import { SeededIds } from "../testing/seeded-ids.ts";
import { type SimulatedTaskOptions, SimulatedTasks, succeeded } from "../testing/simulated-tasks.ts";
import { Turns } from "../testing/turns.ts";
import { createMapRuns } from "./create-map-runs.ts";
import type { MapRunDescription, MapRuns } from "./map-runs.ts";

const T0: EpochMs = 1_769_860_800_000;

export interface MapWorldOptions extends Partial<SimulatedTaskOptions> {
  readonly onCommitted?: (change: CommittedChange) => void;
  readonly io?: MapRunIo;
  readonly threads?: (clock: Clock) => WorkThreads;
  readonly quickMs?: number;
  /** Called before each commit of map runs and executions; `true` kills the process instead of it. */
  readonly dies?: () => boolean;
}

/** Of one process. */
interface Life {
  alive: boolean;
  /** It does nothing before this resolves, and does not know it. */
  frozen?: Promise<void>;
  /** Another has taken over. */
  isFenced: boolean;
}

export class MapWorld {
  readonly clock: VirtualClock = new VirtualClock(T0);
  readonly ids: SeededIds = new SeededIds(1);
  readonly turns: Turns = new Turns();
  readonly machines: FixedMachines = new FixedMachines();
  readonly executionStore: MemoryExecutionStore = new MemoryExecutionStore();
  readonly mapRunStore: MemoryMapRunStore = new MemoryMapRunStore();
  readonly problems: unknown[] = [];
  readonly #options: MapWorldOptions;
  engine: ExecutionEngine;
  mapRuns: MapRunHost & MapRuns;
  #life: Life;

  constructor(options: MapWorldOptions = {}) {
    this.#options = options;
    [this.engine, this.mapRuns, this.#life] = this.#boot();
  }

  #boot(): [ExecutionEngine, MapRunHost & MapRuns, Life] {
    const life: Life = { alive: true, isFenced: false };
    const { threads, quickMs } = this.#options;
    const { io, poll, onCommitted, dies = () => false, start = () => succeeded("ok") } = this.#options;
    const clock = {
      now: () => this.clock.now(),
      wakeAt: (at: EpochMs, wake: () => void) => this.clock.wakeAt(at, () => whenAwake(life, wake)),
    };
    const mortals = { life, dies };
    const store: MapRunStore = mortal(this.mapRunStore, mortals);
    const mapRuns = createMapRuns({ store, ...(io === undefined ? {} : { io }) });
    const engine = createExecutions(
      {
        store: mortal(this.executionStore, mortals),
        machines: this.machines,
        activities: this.machines,
        router: new SimulatedTasks(clock, poll === undefined ? { start } : { start, poll }),
        clock,
        ids: this.ids,
        mapRuns,
        ...(threads && { threads: threads(clock) }),
      },
      {
        later: (run) => this.turns.later(() => whenAwake(life, run)),
        onProblem: (problem) => this.problems.push(problem),
        ...(onCommitted && { onCommitted }),
        ...(quickMs === undefined ? {} : { quickMs }),
      },
    );
    return [engine, mapRuns, life];
  }

  get isAlive(): boolean {
    return this.#life.alive;
  }

  /** The process dies: nothing it had under way gets any further. Another one takes over. */
  async restart(): Promise<void> {
    this.#life.alive = false;
    await this.turns.settle();
    [this.engine, this.mapRuns, this.#life] = this.#boot();
    void this.engine.resume();
    await this.settle();
  }

  /**
   * The process stands still, and another one takes over. Gives what wakes the first one up: its commits are refused then, as
   * those of a node without a lease.
   */
  freeze(): () => void {
    const life = this.#life;
    const { promise, resolve } = Promise.withResolvers<void>();
    life.frozen = promise;
    life.isFenced = true;
    [this.engine, this.mapRuns, this.#life] = this.#boot();
    void this.engine.resume();
    return () => {
      delete life.frozen;
      resolve();
    };
  }

  settle(): Promise<void> {
    return this.turns.settle();
  }

  /** Lets time pass until nobody waits for any, in jumps from one wake to the next. */
  async passAll(): Promise<void> {
    await this.settle();
    while (this.#life.alive && this.clock.next !== undefined) {
      this.clock.advance();
      await this.settle();
    }
  }

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

  /** Starts an execution of a machine with the one Map state "M", and lets happen what needs no time. */
  async startMap(map: object, input: Json): Promise<string> {
    const machine = this.machines.define("maps", { StartAt: "M", States: { M: { Type: "Map", End: true, ...map } } });
    const started = this.engine.start({ stateMachineArn: machine, input: JSON.stringify(input), name: "parent" });
    started.catch((error: unknown) => this.problems.push(error));
    await this.settle();
    return "arn:aws:states:us-east-1:123456789012:execution:maps:parent";
  }

  async types(executionArn: string): Promise<string[]> {
    const page = await this.engine.history(executionArn, { limit: 1_000, reverse: false });
    return page.items.map((event: HistoryEvent) => event.type);
  }

  async run(executionArn: string): Promise<MapRunDescription> {
    const [run] = (await this.mapRuns.list(executionArn, { limit: 1 })).items;
    if (run === undefined) throw new Error("there is no map run");
    return run;
  }
}

/** A processor of these states in distributed mode. */
export function processor(states: Record<string, object>, type: StateMachineType = "STANDARD"): object {
  const ProcessorConfig = { Mode: "DISTRIBUTED", ExecutionType: type };
  return { ProcessorConfig, StartAt: Object.keys(states)[0], States: states };
}

export const PASS = { P: { Type: "Pass", End: true } } as const;

function whenAwake(life: Life, run: () => void): void {
  if (!life.alive) return;
  if (life.frozen === undefined) run();
  else void life.frozen.then(run);
}

/** A store that answers only while the process lives, and may be what it dies of. */
function mortal<Store extends object>(
  store: Store,
  { life, dies }: { readonly life: Life; readonly dies: () => boolean },
): Store {
  return new Proxy(store, {
    get(target, member, receiver): unknown {
      const method: unknown = Reflect.get(target, member, receiver);
      if (typeof method !== "function") return method;
      return async (...parameters: unknown[]): Promise<unknown> => {
        if (member === "commit" && life.alive && dies()) life.alive = false;
        if (!life.alive) return new Promise(() => undefined);
        if (life.frozen !== undefined) await life.frozen;
        if (life.isFenced && member === "commit") throw new NotOwned();
        const answer: unknown = await method.apply(target, parameters);
        if (life.frozen !== undefined) await life.frozen;
        if (member === "commit" && dies()) life.alive = false;
        return life.alive ? answer : new Promise(() => undefined);
      };
    },
  });
}
