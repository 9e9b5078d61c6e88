/**
 * Where everything that happens to executions comes in, is decided, and is committed.
 *
 * E1. An execution is decided on by one group at a time; what happens to it meanwhile waits in its inbox, in order.
 * E2. Everything ready is decided and committed together, bounded in number and size. Alone, nothing waits for company.
 * E3. Commands are performed, and callers answered, only after the commit (design invariants 1 and 8).
 * E4. When a commit fails, what was decided is forgotten: the executions are loaded and decided on again, a bounded
 *     number of times. A commit whose outcome is unknown is never repeated blindly.
 * E5. Nothing is decided on an execution that another process owns; who asked is told `NotOwned`.
 * E6. A decision that takes long is made on another thread (see long-decisions.ts). For the execution it is as if its
 *     commit took longer: nothing else happens to it meanwhile, and nothing of it is seen before it is committed.
 */
import { AllowanceSpent, operationsSpent, type StateMachine, withSmallerBound } from "@stepwell/core";
import type { MachineSource } from "../catalog/resolved-machine.ts";
import type { Clock } from "../ports/clock.ts";
import { NotOwned } from "../ports/cluster.ts";
import { CommitConflict, type ExecutionCommit, type ExecutionStore, type LoadedExecution } from "../ports/store.ts";
import { WorkThreadsClosed } from "../ports/work-threads.ts";
import { Rejection } from "../rejection.ts";
import { LOST_OPERATIONS_MAX } from "../threads/here-or-elsewhere.ts";
import { assert } from "./assert.ts";
import type { ActivitySource, ExecutionSettings } from "./engine-options.ts";
import { Fifo } from "./fifo.ts";
import { type DecisionContext, LiveExecution } from "./live-execution.ts";
import { type Beginning, type Delivery, LiveExecutions, type Slot, type SlotState } from "./live-executions.ts";
import type { GivenUp, LongDecisions } from "./long-decisions.ts";
import { missingActivities, namesActivities } from "./missing-activities.ts";
import type { Consequences } from "./uncommitted.ts";
import type { WorkCounter } from "./work-counter.ts";
import { orWrittenByNewer, WrittenByNewer } from "./written-by-newer.ts";

const ATTEMPTS_MAX = 6;
const PAUSE_MS = 25;
const LOADED_TOGETHER_MAX = 256;
/** A group is not made smaller than this to share out what is ready. */
const GROUP_MIN = 16;
/** Of one execution in one group. */
const DELIVERIES_MAX = 64;

/** The store has no such execution. */
export class ExecutionMissing extends Error {
  override readonly name = "ExecutionMissing";
}

/** What the loop works with. */
export interface LoopPorts {
  readonly store: ExecutionStore;
  readonly machines: MachineSource;
  readonly activities: ActivitySource;
  readonly clock: Clock;
  readonly settings: ExecutionSettings;
  readonly context: DecisionContext;
  readonly work: WorkCounter;
  /** Whether this process decides on an execution; absent: on all. */
  readonly owns?: ((executionArn: string) => boolean) | undefined;
  /** Right after a commit, before its callers are answered. Must not throw. */
  committed(live: LiveExecution, consequences: Consequences): void;
  /** A commit may have been written or not. */
  unsure(): void;
  /** An execution came into memory. */
  loaded(live: LiveExecution): void;
}

interface Answer {
  readonly delivery: Pick<Delivery, "done" | "failed">;
  readonly refusal: Rejection | undefined;
}

interface Member {
  readonly slot: Slot;
  readonly live: LiveExecution;
  readonly commit: ExecutionCommit;
  readonly answers: readonly Answer[];
  /** For another try. */
  readonly deliveries: readonly Delivery[];
}

export class ExecutionLoop {
  readonly #ports: LoopPorts;
  readonly #executions: LiveExecutions;
  readonly #ready = new Fifo<Slot>();
  readonly #toLoad = new Fifo<Slot>();
  #pumpPlanned = false;
  #loadPlanned = false;
  #commitsInFlight = 0;
  readonly #commits = new Set<Promise<void>>();

  constructor(ports: LoopPorts) {
    this.#ports = ports;
    const { cachedExecutionsMax, cachedCharactersMax } = ports.settings;
    this.#executions = new LiveExecutions(cachedExecutionsMax, cachedCharactersMax);
  }

  /** How many executions are in memory. */
  get cached(): number {
    return this.#executions.loaded;
  }

  /**
   * Calls `decide` on the execution when its turn comes, and resolves to what it gave once that is durable. `decide` may
   * be called again, on the execution as it then is. Rejects with the `Rejection` it throws, with `ExecutionMissing`,
   * `NotOwned`, or with `StoreUnavailable`.
   */
  deliver<T>(executionArn: string, decide: (live: LiveExecution) => T): Promise<T> {
    if (!this.#owns(executionArn)) return Promise.reject(new NotOwned(executionArn));
    return new Promise((resolve, reject) => {
      let result: T;
      const slot = this.#executions.use(executionArn);
      slot.inbox.push({
        attempts: 0,
        decide: (live) => {
          result = decide(live);
        },
        done: () => resolve(result),
        failed: reject,
      });
      if (slot.state === "resting") this.#wake(slot);
    });
  }

  /**
   * Starts an execution. Resolves when that is durable, to the execution as it was begun. Rejects with `CommitConflict`
   * when there is one of this name.
   */
  begin(
    executionArn: string,
    machine: StateMachine,
    begin: (missingActivities: ReadonlySet<string> | undefined) => LiveExecution,
  ): Promise<LiveExecution> {
    if (!this.#owns(executionArn)) return Promise.reject(new NotOwned(executionArn));
    return new Promise((resolve, reject) => {
      const slot = this.#executions.use(executionArn);
      if (slot.beginning !== undefined || slot.live !== undefined) {
        reject(new CommitConflict([executionArn]));
        return;
      }
      slot.beginning = { machine, begin, done: resolve, failed: reject, attempts: 0, begun: undefined };
      if (slot.state === "resting") this.#makeReady(slot);
    });
  }

  #owns(executionArn: string): boolean {
    return this.#ports.owns === undefined || this.#ports.owns(executionArn);
  }

  /**
   * Executions went to another process: forgets what is in memory of them. Resolves when none of them is being committed
   * any more.
   */
  async disown(): Promise<void> {
    for (const slot of this.#executions.resting()) if (!this.#owns(slot.executionArn)) this.#executions.drop(slot);
    await Promise.all(this.#commits);
  }

  #setState(slot: Slot, state: SlotState): void {
    const wasBusy = slot.state !== "resting" && slot.state !== "paused";
    const isBusy = state !== "resting" && state !== "paused";
    slot.state = state;
    if (isBusy && !wasBusy) this.#ports.work.begin();
    else if (wasBusy && !isBusy) this.#ports.work.end();
  }

  /** On to the next thing the slot needs. */
  #wake(slot: Slot): void {
    if (slot.live !== undefined) this.#makeReady(slot);
    else this.#load(slot);
  }

  #makeReady(slot: Slot): void {
    const machine = slot.live?.machine ?? slot.beginning?.machine;
    if (machine === undefined || !namesActivities(machine)) {
      this.#enqueue(slot);
      return;
    }
    this.#setState(slot, "loading");
    missingActivities(machine, this.#ports.activities).then(
      (missing) => {
        slot.missingActivities = missing;
        this.#enqueue(slot);
      },
      (error: unknown) => this.#tryAgain(slot, error),
    );
  }

  #enqueue(slot: Slot): void {
    this.#setState(slot, "ready");
    this.#ready.push(slot);
    this.#planPump();
  }

  #planPump(): void {
    if (this.#pumpPlanned || this.#commitsInFlight >= this.#ports.settings.commitsInFlightMax) return;
    this.#pumpPlanned = true;
    this.#ports.settings.later(() => {
      this.#pumpPlanned = false;
      this.#pump();
    });
  }

  #pump(): void {
    const turnOperations = this.#ports.context.long?.turnOperations ?? Number.POSITIVE_INFINITY;
    const operationsMax = operationsSpent() + turnOperations;
    while (this.#ready.length > 0 && this.#commitsInFlight < this.#ports.settings.commitsInFlightMax) {
      const group = this.#decideGroup(operationsMax);
      if (group.length > 0) this.#send(group);
      if (operationsSpent() <= operationsMax) continue;
      // Others have their turn.
      this.#planPump();
      return;
    }
  }

  #send(group: readonly Member[]): void {
    this.#commitsInFlight += 1;
    const commit = this.#commit(group).finally(() => {
      this.#commits.delete(commit);
      this.#commitsInFlight -= 1;
      if (this.#ready.length > 0) this.#planPump();
    });
    this.#commits.add(commit);
  }

  #decideGroup(operationsMax: number): Member[] {
    const { groupExecutionsMax, groupCharactersMax, commitsInFlightMax } = this.#ports.settings;
    // What is ready is shared out among the commits that may be sent now: one is written while the next is decided.
    const free = commitsInFlightMax - this.#commitsInFlight;
    const share = free === 1 ? groupExecutionsMax : Math.ceil(this.#ready.length / free);
    const executionsMax = Math.min(groupExecutionsMax, Math.max(share, GROUP_MIN));
    const group: Member[] = [];
    let characters = 0;
    while (group.length < executionsMax && characters < groupCharactersMax && operationsSpent() <= operationsMax) {
      const slot = this.#ready.shift();
      if (slot === undefined) break;
      const member = this.#decide(slot);
      if (member === undefined) continue;
      group.push(member);
      characters += sizeOf(member.commit);
    }
    return group;
  }

  #decide(slot: Slot): Member | undefined {
    this.#setState(slot, "committing");
    if (!this.#owns(slot.executionArn)) {
      this.#executions.unload(slot);
      this.#fail(slot, new NotOwned(slot.executionArn));
      return undefined;
    }
    // Until it has begun there is nothing that could be decided elsewhere.
    const deliveries = slot.inbox.splice(0, slot.beginning === undefined ? this.#deliveriesMax(slot) : 0);
    const answers: Answer[] = [];
    let current: Pick<Delivery, "failed"> | undefined = slot.beginning;
    try {
      const live = slot.live ?? this.#begin(slot);
      live.missingActivities = slot.missingActivities;
      this.#bounded(slot, live.machine, () => {
        for (const delivery of deliveries) {
          current = delivery;
          answers.push({ delivery, refusal: decideOne(delivery, live) });
        }
      });
      current = undefined;
      const commit = live.commit();
      if (commit !== undefined) return { slot, live, commit, answers, deliveries };
      for (const answer of answers) give(answer);
      this.#rest(slot);
    } catch (bug) {
      if (bug instanceof AllowanceSpent) this.#giveUp(slot, deliveries, answers.length + 1);
      else this.#broken(slot, deliveries, current, bug);
    }
    return undefined;
  }

  #deliveriesMax(slot: Slot): number {
    const { deliveriesMax } = slot;
    slot.deliveriesMax = Number.POSITIVE_INFINITY;
    return Math.min(deliveriesMax, DELIVERIES_MAX);
  }

  #bounded(slot: Slot, machine: StateMachine, decide: () => void): void {
    const { long } = this.#ports.context;
    const { mode } = slot;
    slot.mode = "quick";
    if (long === undefined || mode === "whole") decide();
    else if (mode === "bounded") withSmallerBound(LOST_OPERATIONS_MAX, decide);
    else long.within(machine, decide);
  }

  /** What was decided is forgotten. The deliveries up to the one that took too long come again when a thread decided them. */
  #giveUp(slot: Slot, deliveries: readonly Delivery[], deliveriesMax: number): void {
    const { live } = slot;
    const { long } = this.#ports.context;
    assert(live !== undefined && long !== undefined, "only a decision within an allowance is given up");
    const givenUp = live.asked;
    slot.inbox.unshift(...deliveries);
    slot.deliveriesMax = deliveriesMax;
    slot.givenUp += 1;
    this.#executions.unload(slot);
    this.#setState(slot, "deciding");
    long.queue(() => this.#decideElsewhere(slot, long, givenUp));
  }

  async #decideElsewhere(slot: Slot, long: LongDecisions, givenUp: GivenUp): Promise<void> {
    try {
      const [loaded] = await this.#ports.store.load([slot.executionArn]);
      if (loaded === undefined) {
        this.#fail(slot, new ExecutionMissing(`${slot.executionArn} does not exist`));
        return;
      }
      const { machine } = await this.#ports.machines.machineOfRevision(loaded.revisionKey);
      const prepared = await long.prepare(machine, loaded, givenUp, slot.givenUp);
      if (!this.#owns(slot.executionArn)) {
        this.#fail(slot, new NotOwned(slot.executionArn));
        return;
      }
      const live = LiveExecution.restore(this.#ports.context, machine, loaded);
      live.prepare(prepared.transitions);
      slot.mode = prepared.mode;
      this.#take(slot, live);
    } catch (error) {
      // The process ends; what was given up is in the store as it was.
      if (!(error instanceof WorkThreadsClosed)) this.#notRestored(slot, orWrittenByNewer(error));
    }
  }

  #begin(slot: Slot): LiveExecution {
    const { beginning } = slot;
    if (beginning === undefined) throw new ExecutionMissing(`${slot.executionArn} is not in memory`);
    const begin = (): LiveExecution => beginning.begin(slot.missingActivities);
    const { long } = this.#ports.context;
    const live = long === undefined ? begin() : long.within(beginning.machine, begin);
    beginning.begun = live;
    slot.live = live;
    return live;
  }

  /** Deciding threw what is no refusal: nothing of it may be committed. Whoever caused it is told, the others go on. */
  #broken(
    slot: Slot,
    deliveries: readonly Delivery[],
    cause: Pick<Delivery, "failed"> | undefined,
    bug: unknown,
  ): void {
    this.#ports.settings.onProblem(bug, slot.executionArn);
    this.#executions.unload(slot);
    if (cause === undefined || cause === slot.beginning) {
      slot.inbox.unshift(...deliveries);
      this.#fail(slot, bug);
      return;
    }
    slot.inbox.unshift(...deliveries.filter((delivery) => delivery !== cause));
    cause.failed(bug);
    this.#rest(slot);
  }

  async #commit(group: readonly Member[]): Promise<void> {
    let members = group;
    while (members.length > 0) {
      const commits = members.map((member) => member.commit);
      const outcome = await this.#ports.store.commit(commits).then(
        (keys) => ({ keys }),
        (error: unknown) => ({ error }),
      );
      if ("keys" in outcome) {
        members.forEach((member, i) => {
          this.#committed(member, outcome.keys[i] as number);
        });
        return;
      }
      const { error } = outcome;
      if (!(error instanceof CommitConflict || error instanceof NotOwned)) this.#ports.unsure();
      const out = membersOut(members, outcome.error);
      for (const member of out) this.#notCommitted(member, outcome.error);
      members = members.filter((member) => !out.includes(member));
    }
  }

  #committed(member: Member, key: number): void {
    const { slot, live } = member;
    const { beginning } = slot;
    const consequences = live.committed(key);
    slot.givenUp = 0;
    this.#executions.measure(slot);
    this.#ports.committed(live, consequences);
    if (beginning !== undefined) {
      slot.beginning = undefined;
      beginning.done(live);
    }
    for (const answer of member.answers) give(answer);
    this.#rest(slot);
  }

  #notCommitted(member: Member, error: unknown): void {
    const { slot } = member;
    slot.inbox.unshift(...member.deliveries);
    this.#executions.unload(slot);
    if (error instanceof NotOwned) {
      this.#fail(slot, error);
      return;
    }
    if (slot.beginning !== undefined && error instanceof CommitConflict) {
      const { beginning } = slot;
      slot.beginning = undefined;
      beginning.failed(error);
      this.#rest(slot);
      return;
    }
    this.#tryAgain(slot, error);
  }

  /** Once more after a little while, those that have not been tried too often. */
  #tryAgain(slot: Slot, error: unknown): void {
    const { beginning } = slot;
    this.#ports.settings.onProblem(error, slot.executionArn);
    const attempts = Math.max(beginning?.attempts ?? 0, ...slot.inbox.map((delivery) => delivery.attempts)) + 1;
    if (beginning !== undefined) {
      beginning.attempts += 1;
      if (beginning.attempts >= ATTEMPTS_MAX) {
        slot.beginning = undefined;
        beginning.failed(error);
      }
    }
    const tired: Delivery[] = [];
    for (const delivery of slot.inbox.splice(0)) {
      delivery.attempts += 1;
      if (delivery.attempts >= ATTEMPTS_MAX) tired.push(delivery);
      else slot.inbox.push(delivery);
    }
    for (const delivery of tired) delivery.failed(error);
    this.#setState(slot, "paused");
    const { clock } = this.#ports;
    clock.wakeAt(clock.now() + PAUSE_MS * 2 ** Math.min(attempts, ATTEMPTS_MAX), () => this.#rest(slot));
  }

  #fail(slot: Slot, error: unknown): void {
    const { beginning } = slot;
    slot.beginning = undefined;
    beginning?.failed(error);
    for (const delivery of slot.inbox.splice(0)) delivery.failed(error);
    this.#rest(slot);
  }

  /** Nothing of it is on the way: on with what came meanwhile, or rest. */
  #rest(slot: Slot): void {
    if (slot.inbox.length > 0 || slot.beginning !== undefined) {
      this.#wake(slot);
      return;
    }
    this.#setState(slot, "resting");
    if (slot.live?.isRunning !== true) this.#executions.drop(slot);
    this.#executions.shrink();
  }

  #load(slot: Slot): void {
    this.#setState(slot, "loading");
    this.#toLoad.push(slot);
    if (this.#loadPlanned) return;
    this.#loadPlanned = true;
    this.#ports.settings.later(() => {
      this.#loadPlanned = false;
      while (this.#toLoad.length > 0) this.#loadBatch(this.#toLoad.take(LOADED_TOGETHER_MAX));
    });
  }

  #loadBatch(slots: readonly Slot[]): void {
    this.#ports.store.load(slots.map((slot) => slot.executionArn)).then(
      (loaded) => {
        slots.forEach((slot, i) => {
          this.#restore(slot, loaded[i]).catch((error: unknown) => this.#notRestored(slot, orWrittenByNewer(error)));
        });
      },
      (error: unknown) => {
        for (const slot of slots) this.#tryAgain(slot, error);
      },
    );
  }

  /** What cannot be read here is somebody else's to go on with. */
  #notRestored(slot: Slot, error: unknown): void {
    if (error instanceof WrittenByNewer) this.#fail(slot, error);
    else this.#tryAgain(slot, error);
  }

  async #restore(slot: Slot, loaded: LoadedExecution | undefined): Promise<void> {
    if (loaded === undefined) {
      if (slot.beginning === undefined) this.#fail(slot, new ExecutionMissing(`${slot.executionArn} does not exist`));
      else this.#makeReady(slot);
      return;
    }
    const { machine } = await this.#ports.machines.machineOfRevision(loaded.revisionKey);
    this.#take(slot, LiveExecution.restore(this.#ports.context, machine, loaded));
  }

  /** It is in memory again. */
  #take(slot: Slot, live: LiveExecution): void {
    slot.live = live;
    this.#executions.measure(slot);
    if (slot.beginning !== undefined) this.#recognise(slot, slot.beginning, live);
    this.#ports.loaded(live);
    this.#rest(slot);
  }

  /** There is an execution of the name that was to begin: ours, from a commit whose answer was lost, or another. */
  #recognise(slot: Slot, beginning: Beginning, live: LiveExecution): void {
    const begun = beginning.begun?.start;
    slot.beginning = undefined;
    if (begun !== undefined && begun.startedAt === live.start.startedAt && begun.input === live.start.input) {
      beginning.done(live);
    } else beginning.failed(new CommitConflict([slot.executionArn]));
  }
}

/** The refusal, if it is refused. */
function decideOne(delivery: Delivery, live: LiveExecution): Rejection | undefined {
  try {
    delivery.decide(live);
    return undefined;
  } catch (error) {
    if (error instanceof Rejection) return error;
    throw error;
  }
}

/** After a conflict nothing was written: the others are committed as they are. After anything else all are out. */
function membersOut(members: readonly Member[], error: unknown): readonly Member[] {
  if (!(error instanceof CommitConflict)) return members;
  const named = new Set(error.executionArns);
  const out = members.filter((member) => named.has(member.slot.executionArn));
  return out.length > 0 ? out : members;
}

function give({ delivery, refusal }: Answer): void {
  if (refusal === undefined) delivery.done();
  else delivery.failed(refusal);
}

function sizeOf(commit: ExecutionCommit): number {
  let characters = 0;
  for (const { text } of commit.history) characters += text.length;
  for (const { json } of commit.parts) characters += json?.length ?? 0;
  return characters;
}
