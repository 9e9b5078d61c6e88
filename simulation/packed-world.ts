/**
 * Processes that share a Distributed Map's Express children, from one seed: calls between them are slow, lost, or answered
 * too late, processes die and come back, and the one that performs the run is not always told at once that it does no
 * longer. Every look at a clock takes time, so that children cost something.
 */
import type { EpochMs } from "@stepwell/core";
import {
  type ChildPack,
  type Cluster,
  type ClusterNode,
  type CommittedChange,
  createExecutions,
  createMapRuns,
  type ExecutionEngine,
  NotOwned,
  type PackAnswer,
  type PeerCall,
  StoreUnavailable,
  VirtualClock,
} from "@stepwell/engine";
import {
  FixedMachines,
  MemoryExecutionStore,
  MemoryMapRunStore,
  SeededIds,
  SimulatedTasks,
  succeeded,
  Turns,
} from "@stepwell/engine/testing";
import { must, Violation } from "./checkers.ts";
import { Life } from "./faulty-store.ts";
import { SimulatedResults } from "./simulated-results.ts";

const T0: EpochMs = 1_769_860_800_000;
/** What looking at a clock takes. */
const LOOK_MS = 10;
/** After so long a process that is gone is taken over from, and no longer among the others. */
const LEASE_MS = 5_000;
/** After so long nobody waits for an answer. */
const ANSWER_MS = 10_000;

/** Probabilities of one call between two processes. */
export interface CallFaults {
  readonly lost: number;
  readonly answerLost: number;
  readonly late: number;
}

interface Member {
  readonly name: string;
  readonly life: Life;
  readonly engine: ExecutionEngine;
  /** Milliseconds that looking at the clock has taken so far. */
  spent: number;
  node: ClusterNode | undefined;
}

export class PackedWorld {
  readonly clock: VirtualClock = new VirtualClock(T0);
  readonly chance: SeededIds;
  readonly machines: FixedMachines = new FixedMachines();
  readonly executions: MemoryExecutionStore = new MemoryExecutionStore();
  readonly mapRuns: MemoryMapRunStore = new MemoryMapRunStore();
  /** How often the beginning of each child was told, and by whom last. */
  readonly told: Map<string, { times: number; by: string }> = new Map();
  readonly results: SimulatedResults;
  readonly problems: unknown[] = [];
  /** Packs lent so far, by the names of their helpers. */
  readonly lent: string[] = [];
  faults: CallFaults = { lost: 0, answerLost: 0, late: 0 };
  /** Processes that take calls and never answer. */
  readonly frozen: Set<string> = new Set();
  /** The most helpers that had packs of one run at once. */
  helpersAtOnce = 0;
  violation: unknown;
  readonly #turns = new Turns();
  readonly #members = new Map<string, Member>();
  readonly #busy = new Map<string, number>();
  #owner = "p0";

  constructor(seed: number, names: readonly string[]) {
    this.chance = new SeededIds(seed);
    this.results = new SimulatedResults(seed, (ms) => this.#pass(ms));
    for (const name of names) this.#boot(name);
  }

  get owner(): string {
    return this.#owner;
  }

  get names(): string[] {
    return [...this.#members.keys()];
  }

  engineOf(name: string): ExecutionEngine {
    const member = this.#members.get(name);
    if (member === undefined) throw new Error(`there is no process ${name}`);
    return member.engine;
  }

  #boot(name: string): void {
    const life = new Life();
    const { chance } = this;
    const clock = {
      now: () => {
        member.spent += LOOK_MS;
        return this.clock.now() + member.spent;
      },
      wakeAt: (at: EpochMs, wake: () => void) =>
        this.clock.wakeAt(at - member.spent, () => {
          if (!life.isOver) wake();
        }),
    };
    const later = (run: () => void): void => {
      const alive = (): void => {
        if (!life.isOver) run();
      };
      if (chance.chance(0.5)) this.#turns.later(alive);
      else this.clock.wakeAt(this.clock.now() + 1 + chance.below(20), alive);
    };
    const member: Member = {
      name,
      life,
      spent: 0,
      node: undefined,
      engine: undefined as unknown as ExecutionEngine,
    };
    const engine = createExecutions(
      {
        store: this.#fenced(this.executions, member),
        machines: this.machines,
        activities: this.machines,
        router: new SimulatedTasks(clock, { start: () => succeeded("ok") }),
        clock,
        ids: new SeededIds(chance.below(2 ** 31)),
        mapRuns: createMapRuns({ store: this.#fenced(this.mapRuns, member), io: this.results.of(life) }),
        cluster: this.#clusterOf(member),
      },
      {
        later,
        onProblem: (problem) => this.problems.push(problem),
        onCommitted: (change) => this.#note(name, change),
      },
    );
    Object.assign(member, { engine });
    this.#members.set(name, member);
    engine.resume().catch((error: unknown) => this.problems.push(error));
  }

  #note(name: string, { started, start }: CommittedChange): void {
    if (!started || start.mapRunArn === undefined) return;
    const times = (this.told.get(start.executionArn)?.times ?? 0) + 1;
    this.told.set(start.executionArn, { times, by: name });
    try {
      must(times === 1, 4, `${start.executionArn} was told ${times} times`);
    } catch (violation) {
      this.violation ??= violation;
    }
  }

  /** Only the owner commits; nobody hears anything after its end. */
  #fenced<Store extends object>(store: Store, member: Member): Store {
    return new Proxy(store, {
      get: (target, name): unknown => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return async (...parameters: unknown[]): Promise<unknown> => {
          const { life } = member;
          if (life.isOver) return never();
          if (name === "commit" && this.#owner !== member.name) throw new NotOwned();
          const answer: unknown = await method.apply(target, parameters);
          if (life.isOver) return never();
          if (name === "commit" && this.chance.chance(this.faults.lost)) throw new StoreUnavailable("simulated");
          return answer;
        };
      },
    });
  }

  #clusterOf(member: Member): Cluster {
    const ask = (name: string, call: PeerCall): Promise<unknown> => this.#call(member, name, call);
    const others = (): ReadonlySet<string> => new Set(this.names.filter((name) => name !== member.name));
    return {
      owns: () => this.#owner === member.name && !member.life.isOver,
      ask: (_, call) => (this.#owner === member.name ? Promise.reject(new NotOwned()) : ask(this.#owner, call)),
      get others() {
        return others();
      },
      askOther: ask,
      tell: () => undefined,
      hear: () => ({ ready: Promise.resolve(), stop: () => undefined }),
      leave: async () => undefined,
      attach: (node) => {
        member.node = node;
      },
    };
  }

  async #call(from: Member, to: string, call: PeerCall): Promise<unknown> {
    const { faults, chance } = this;
    const isPack = call.method === "runPack";
    if (isPack) this.#lent(to, 1);
    try {
      await this.#pass(1 + chance.below(20));
      if (this.frozen.has(to) || chance.chance(faults.lost)) {
        await this.#pass(ANSWER_MS);
        throw new StoreUnavailable("simulated: no answer");
      }
      const answer = await this.#answerOf(to, call);
      await this.#pass(1 + chance.below(20));
      if (chance.chance(faults.late)) await this.#pass(chance.below(2 * ANSWER_MS));
      if (chance.chance(faults.answerLost)) throw new StoreUnavailable("simulated: the answer was lost");
      return from.life.isOver ? await never() : answer;
    } catch (error) {
      if (from.life.isOver) return await never();
      throw error;
    } finally {
      if (isPack) this.#lent(to, -1);
    }
  }

  async #answerOf(to: string, call: PeerCall): Promise<unknown> {
    const target = this.#members.get(to);
    if (target === undefined || target.life.isOver || target.node === undefined) throw new NotOwned();
    const { method, args } = travelled(call);
    // JSON has no undefined among the members of an array.
    const asked = { method, args: args.map((arg) => arg ?? undefined) };
    const answer = (await target.node.answer(asked)) as PackAnswer | undefined;
    if (target.life.isOver) throw new NotOwned();
    if (call.method === "runPack") {
      const [pack] = call.args as [ChildPack];
      must((answer?.ends.length ?? 0) <= pack.inputs.length, 7, "there are more ends than children");
    }
    return travelled(answer);
  }

  #lent(helper: string, change: number): void {
    if (change > 0) this.lent.push(helper);
    this.#busy.set(helper, (this.#busy.get(helper) ?? 0) + change);
    this.helpersAtOnce = Math.max(this.helpersAtOnce, [...this.#busy.values()].filter((count) => count > 0).length);
  }

  #pass(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.wakeAt(this.clock.now() + ms, resolve));
  }

  /** kill -9. Another one takes over after a while, and later the process comes back. */
  kill(name: string): void {
    const member = this.#members.get(name);
    if (member === undefined || member.life.isOver) return;
    member.life.end();
    this.clock.wakeAt(this.clock.now() + LEASE_MS, () => this.#takenOver(name));
    this.clock.wakeAt(this.clock.now() + LEASE_MS + this.chance.below(LEASE_MS), () => this.#boot(name));
  }

  /** Its lease is over while it goes on, and it learns of it only later. */
  outlive(name: string): void {
    const member = this.#members.get(name);
    if (member === undefined || member.life.isOver) return;
    this.#takenOver(name);
    this.clock.wakeAt(this.clock.now() + this.chance.below(LEASE_MS), () => {
      if (!member.life.isOver) member.node?.lost().catch((error: unknown) => this.problems.push(error));
    });
  }

  #takenOver(name: string): void {
    if (this.#owner !== name) return;
    const heirs = [...this.#members.values()].filter((member) => !member.life.isOver && member.name !== name);
    // Nobody is there: whoever comes back first.
    const heir = heirs.length > 0 ? this.chance.pick(heirs) : undefined;
    if (heir === undefined) {
      this.clock.wakeAt(this.clock.now() + LEASE_MS, () => this.#takenOver(name));
      return;
    }
    this.#owner = heir.name;
    heir.node?.acquired();
  }

  async passFor(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    await this.#turns.settle();
    while ((this.clock.next ?? Number.POSITIVE_INFINITY) <= until) {
      this.clock.advance();
      await this.#turns.settle();
    }
  }

  /** Lets time pass until `isOver`; `act` may do something between two moments. */
  async until(isOver: () => Promise<boolean>, act: () => void, stepsMax: number): Promise<void> {
    for (let step = 0; ; step++) {
      await this.#turns.settle();
      if (this.violation !== undefined) throw this.violation;
      if (await isOver()) return;
      if (step > stepsMax) throw new Error(`not over after ${stepsMax} steps`);
      act();
      if (!this.clock.advance()) throw new Violation(10, "everybody waits for ever");
    }
  }
}

/** As JSON: what else a value had does not arrive. */
function travelled<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
