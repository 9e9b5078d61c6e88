/**
 * Everything around the engine, from one seed: workers, jobs, people who call back, a clock that jumps, a store that
 * fails, a process that dies. What a seed does is the same every time: nothing here asks the real clock or real chance.
 */
import type { StateMachine } from "@stepwell/core";
import {
  type Clock,
  type Connector,
  createExecutions,
  type ExecutionEngine,
  type ExecutionStore,
  Rejection,
  StoreUnavailable,
  type TaskOutcome,
  type TaskRequest,
  VirtualClock,
} from "@stepwell/engine";
import { FixedMachines, SeededIds, SimulatedThreads, Turns } from "@stepwell/engine/testing";
import { Checkers, must, statusChanges, Violation } from "./checkers.ts";
import { type FaultRates, faultyStore, Life, NO_FAULTS } from "./faulty-store.ts";
import {
  ACTIVITY,
  answer,
  KINDS,
  type Kind,
  MAP_CONCURRENCY,
  QUICK_MS,
  UNLUCKY_ATTEMPTS_MAX,
  type WorkInput,
} from "./workload.ts";

const T0 = 1_769_860_800_000;
const WORKERS = 3;
const CACHED_MAX = 12;
const THREAD_FATES = [...Array<"done">(17).fill("done"), "lost", "failed"] as const;

interface Started {
  readonly kind: Kind;
  readonly input: WorkInput;
  readonly name: string;
}

/** What a `.sync` task started; it goes on whether or not anybody knows of it. */
interface Job {
  readonly executionArn: string;
  readonly until: number;
  isStopped: boolean;
}

export class SimulatedWorld {
  readonly chance: SeededIds;
  readonly checkers: Checkers;
  readonly machines: FixedMachines = new FixedMachines();
  readonly clock: VirtualClock = new VirtualClock(T0);
  /** Acknowledged starts. */
  readonly started: Map<string, Started> = new Map();
  /** Acknowledged stops. */
  readonly stopped: Set<string> = new Set();
  /** Results the API acknowledged, by execution. */
  readonly acknowledged: { readonly executionArn: string; readonly output: string }[] = [];
  readonly problems: unknown[] = [];
  violation: unknown;
  crashes = 0;
  /** Decisions that threads were asked for. */
  decidedElsewhere = 0;
  faults: FaultRates = NO_FAULTS;
  readonly #store: ExecutionStore;
  readonly #turns = new Turns();
  readonly #kindArns = new Map<string, Kind>();
  readonly #attempts = new Map<string, Map<number, number>>();
  readonly #jobs = new Map<string, Job>();
  readonly #mapTasks = new Map<string, number>();
  /** What to do about calls of this process's life that were not answered when it ended. */
  readonly #unanswered: (() => void)[] = [];
  #life = new Life();
  #engine: ExecutionEngine;
  #names = 0;

  constructor(seed: number, store: ExecutionStore) {
    this.chance = new SeededIds(seed);
    this.#store = store;
    const compiled = new Map<string, StateMachine>();
    for (const kind of KINDS) this.#kindArns.set(this.machines.define(kind.name, kind.definition), kind);
    this.checkers = new Checkers((arn) => {
      const machine = compiled.get(arn);
      if (machine === undefined) throw new Violation(4, `${arn} is no machine`);
      return machine;
    });
    this.#ready = Promise.all(
      [...this.#kindArns.keys()].map(async (arn) => compiled.set(arn, (await this.machines.resolve(arn)).machine)),
    );
    this.#engine = this.#boot();
  }

  readonly #ready: Promise<unknown>;

  async begin(): Promise<void> {
    await this.#ready;
    this.#hold(this.#engine.resume(), this.#life);
    await this.settle();
  }

  #threads(clock: Clock): SimulatedThreads {
    const { chance } = this;
    return new SimulatedThreads(clock, {
      atOnce: 2,
      // Some are quick, some late, and some are never heard of again.
      delayMs: () => (chance.chance(0.5) ? 0 : chance.below(chance.chance(0.1) ? 90_000 : 3_000)),
      fate: () => {
        this.decidedElsewhere += 1;
        return chance.pick(THREAD_FATES);
      },
    });
  }

  #boot(): ExecutionEngine {
    const life = new Life();
    this.#life = life;
    this.#mapTasks.clear();
    const store = faultyStore({
      store: this.#store,
      life,
      chance: this.chance,
      rates: () => this.faults,
      committed: (batch) => this.#check(() => this.checkers.committed(batch)),
    });
    const clock = {
      now: () => this.clock.now(),
      wakeAt: (at: number, wake: () => void) => this.clock.wakeAt(at, () => life.isOver || wake()),
    };
    const connector = this.#connector(life);
    const engine = createExecutions(
      {
        store,
        machines: this.machines,
        activities: this.machines,
        router: { connectorFor: () => connector, close: async () => undefined },
        clock,
        ids: this.chance,
        threads: this.#threads(clock),
      },
      {
        later: (run) => this.#turns.later(() => life.isOver || run()),
        onProblem: (problem) => this.problems.push(problem),
        cachedExecutionsMax: CACHED_MAX,
        groupExecutionsMax: 8,
        connectorCallsMax: 10,
        quickMs: QUICK_MS,
        queuedTasksMax: 4,
        commitsInFlightMax: 1 + this.chance.below(2),
        announcementsOf: ({ executionArn, history }) => statusChanges(executionArn, history),
      },
    );
    for (let worker = 0; worker < WORKERS; worker++) void this.#work(engine, life, `worker-${worker}`);
    return engine;
  }

  /** The process is gone; another one takes its place. */
  async reboot(): Promise<void> {
    this.#life.end();
    this.crashes += 1;
    await this.settle();
    for (const lost of this.#unanswered.splice(0)) lost();
    this.#engine = this.#boot();
    this.#hold(this.#engine.resume(), this.#life);
    await this.settle();
  }

  get isDown(): boolean {
    return this.#life.isOver;
  }

  settle(): Promise<void> {
    return this.#turns.settle();
  }

  #check(check: () => void): void {
    try {
      check();
    } catch (violation) {
      this.violation ??= violation;
    }
  }

  /** Keeps an eye on a call of the API: refusals and a store that is away are part of the game, anything else is not. */
  #hold<T>(call: Promise<T>, life: Life, done?: (value: T) => void): void {
    call.then(
      (value) => {
        if (!life.isOver) done?.(value);
      },
      (error: unknown) => {
        if (!(error instanceof Rejection) && !(error instanceof StoreUnavailable)) this.violation ??= error;
      },
    );
  }

  start(): void {
    const [stateMachineArn, kind] = this.chance.pick([...this.#kindArns]);
    const name = `e${this.#names++}`;
    const items = Array.from({ length: this.chance.below(9) }, () => this.chance.below(100));
    const input: WorkInput = { n: this.chance.below(1_000), items };
    const request = { stateMachineArn, name, input: JSON.stringify(input) };
    const life = this.#life;
    const begun = ({ executionArn }: { executionArn: string }): void => {
      this.started.set(executionArn, { kind, input, name });
    };
    this.#hold(this.#engine.start(request), life, begun);
    // A client that did not get its answer in time asks again.
    if (this.chance.chance(0.2)) this.#hold(this.#engine.start(request), life, begun);
  }

  stop(): void {
    if (this.started.size === 0) return;
    const executionArn = this.chance.pick([...this.started.keys()]);
    this.#hold(this.#engine.stop(executionArn, "Stopped", "by the simulation"), this.#life, () => {
      this.stopped.add(executionArn);
    });
  }

  /** Tries again what failed or was stopped, some of it with a token that may come twice. */
  redrive(): void {
    const ended = [...this.started.keys()].filter((executionArn) => this.checkers.hasEnded(executionArn));
    if (ended.length === 0) return;
    const executionArn = this.chance.pick(ended);
    // Whether it reaches the engine or not: from here on it may run again.
    this.stopped.delete(executionArn);
    const token = this.chance.chance(0.5) ? `token-${this.chance.below(3)}` : undefined;
    this.#hold(this.#engine.redrive(executionArn, token), this.#life);
    if (this.chance.chance(0.3)) this.#hold(this.#engine.redrive(executionArn, token), this.#life);
  }

  /** After some time of the clock, if the process still lives then (people and jobs live on when it does not). */
  #after(ms: number, then: () => void): void {
    this.clock.wakeAt(this.clock.now() + ms, then);
  }

  #connector(life: Life): Connector {
    return {
      handles: () => true,
      start: (request, signal) => this.#startTask(request, signal, life),
      poll: async (request, handle) => {
        const job = this.#jobs.get(handle);
        if (this.chance.chance(0.05)) throw new Error("simulated: the poll failed");
        if (job === undefined || this.clock.now() < job.until) return undefined;
        return succeeded(inputNumber(request));
      },
      cancel: async (_request, handle) => {
        if (life.isOver) return never(new AbortController().signal);
        if (this.chance.chance(0.1)) throw new Error("simulated: it could not be stopped");
        const job = this.#jobs.get(handle ?? "");
        if (job !== undefined) job.isStopped = true;
        // Done, but nobody gets to know.
        if (this.chance.chance(0.1)) throw new Error("simulated: the answer was lost");
      },
      recover: async (request) => {
        const handle = handleOf(request);
        return this.#jobs.has(handle) ? { kind: "found", handle } : { kind: "none" };
      },
    };
  }

  async #startTask(request: TaskRequest, signal: AbortSignal, life: Life): Promise<TaskOutcome> {
    if (life.isOver) return never(signal);
    this.#check(() => this.checkers.taskStarts(request));
    const unlucky = this.#attempt(request) <= UNLUCKY_ATTEMPTS_MAX;
    const isMap = request.stateName === "T";
    if (isMap) this.#countMapTask(request.executionArn, 1);
    try {
      const isPatient = request.stateName.startsWith("Patient");
      const isSilent = unlucky && !isPatient && this.chance.chance(0.15);
      // Who knows a repeated request answers with the job.
      const fails = unlucky && !isSilent && this.chance.chance(0.3) && !this.#jobs.has(handleOf(request));
      // The request may be quick and its answer slow, or the other way round.
      if (isJob(request) && !fails && this.chance.chance(0.5)) this.#startJob(request);
      await this.#delay(this.chance.below(20_000), signal);
      if (isSilent || life.isOver) return await never(signal);
      if (fails) return { kind: "failed", error: "Flaky", cause: "sometimes" };
      if (request.resource.arn.endsWith("-boom")) return { kind: "failed", error: "Boom", cause: "as always" };
      return this.#finishStart(request);
    } finally {
      if (isMap && !life.isOver) this.#countMapTask(request.executionArn, -1);
    }
  }

  #finishStart(request: TaskRequest): TaskOutcome {
    if (request.resource.kind !== "service") return succeeded(inputNumber(request));
    if (isJob(request)) {
      this.#startJob(request);
      return { kind: "submitted", output: '{"JobRunId":"j"}', handle: handleOf(request) };
    }
    this.#callBack(request);
    return { kind: "submitted", output: '{"MessageId":"m"}' };
  }

  /** A repeated request finds the job of the first one. */
  #startJob(request: TaskRequest): void {
    const { executionArn, stateName } = request;
    if (this.#jobs.has(handleOf(request))) return;
    const until = stateName.startsWith("Endless") ? Infinity : this.clock.now() + this.chance.below(60_000);
    this.#jobs.set(handleOf(request), { executionArn, until, isStopped: false });
  }

  /** Jobs that go on though their execution has ended. */
  strayJobs(): string[] {
    return [...this.#jobs].flatMap(([handle, { executionArn, until, isStopped }]) =>
      !isStopped && until > this.clock.now() && this.checkers.hasEnded(executionArn) ? [handle] : [],
    );
  }

  /** Jobs that somebody has still to stop. */
  async jobsToStop(): Promise<number> {
    return (await this.#store.jobsToStop(1_000)).length;
  }

  /** Somebody gets the token and answers: in time, too late, twice. */
  #callBack(request: TaskRequest): void {
    const answers = this.chance.chance(0.3) ? 2 : 1;
    for (let i = 0; i < answers; i++) {
      const ms = this.chance.below(this.chance.chance(0.1) ? 200_000 : 60_000);
      this.#after(ms, () => this.#answerToken(request));
    }
  }

  /** Whoever answers goes on asking until there is an answer. */
  #answerToken(request: TaskRequest): void {
    const { executionArn, taskToken } = request;
    const output = JSON.stringify(answer(inputNumber(request)));
    const life = this.#life;
    const later = (): void => this.#after(5_000, () => this.#answerToken(request));
    if (life.isOver) {
      later();
      return;
    }
    let isAnswered = false;
    this.#engine.sendTaskSuccess(taskToken, output).then(
      () => {
        isAnswered = true;
        this.acknowledged.push({ executionArn, output });
      },
      (error: unknown) => {
        isAnswered = true;
        if (error instanceof StoreUnavailable) later();
        else if (!(error instanceof Rejection)) this.violation ??= error;
      },
    );
    this.#unanswered.push(() => isAnswered || later());
  }

  async #work(engine: ExecutionEngine, life: Life, name: string): Promise<void> {
    while (!life.isOver) {
      try {
        const task = await engine.getActivityTask(ACTIVITY, name, 60_000, new AbortController().signal);
        if (task === undefined) continue;
        await this.#delay(this.chance.below(30_000));
        if (this.chance.chance(0.2)) continue; // It forgot.
        await engine.sendTaskHeartbeat(task.taskToken);
        await this.#delay(this.chance.below(30_000));
        await engine.sendTaskSuccess(task.taskToken, JSON.stringify(answer(JSON.parse(task.input).n)));
      } catch (error) {
        if (!(error instanceof Rejection) && !(error instanceof StoreUnavailable)) this.violation ??= error;
        await this.#delay(1_000);
      }
    }
  }

  #delay(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const takeBack = this.clock.wakeAt(this.clock.now() + ms, resolve);
      signal?.addEventListener("abort", () => {
        takeBack();
        reject(signal.reason);
      });
    });
  }

  /** Which attempt of its state a task is; the same task started again is the same attempt. */
  #attempt({ executionArn, stateName, taskId }: TaskRequest): number {
    const key = stateName === "T" ? `${executionArn}/${stateName}/${taskId}` : `${executionArn}/${stateName}`;
    const seen = this.#attempts.get(key) ?? new Map<number, number>();
    this.#attempts.set(key, seen);
    const attempt = seen.get(taskId) ?? seen.size + 1;
    seen.set(taskId, attempt);
    return attempt;
  }

  #countMapTask(executionArn: string, change: number): void {
    const count = (this.#mapTasks.get(executionArn) ?? 0) + change;
    this.#mapTasks.set(executionArn, count);
    this.#check(() => must(count <= MAP_CONCURRENCY, 7, `${executionArn}: ${count} iterations at once`));
  }

  /** Nobody is busy: memory is bounded, and everything that runs says what it waits for. */
  async checkAtRest(): Promise<void> {
    const { cachedExecutions } = this.#engine.stats;
    must(cachedExecutions <= CACHED_MAX, 9, `${cachedExecutions} executions are in memory`);
    if (this.started.size === 0) return;
    const executionArn = this.chance.pick([...this.started.keys()]);
    await this.checkers.historyIsKept(this.#store, executionArn);
    const execution = await this.#store.describe(executionArn);
    must(execution !== undefined, 8, `${executionArn} was acknowledged and is gone`);
    if (execution?.status !== "RUNNING") return;
    this.#hold(this.#engine.waiting(executionArn), this.#life, (branches) => {
      // Something that was on its way may have ended it before it was asked.
      const waits = branches.length > 0 || this.checkers.hasEnded(executionArn);
      this.#check(() => must(waits, 10, `${executionArn} waits for nothing`));
    });
  }

  unfinished(): string[] {
    return [...this.started.keys()].filter((executionArn) => !this.checkers.hasEnded(executionArn));
  }

  /** How everything ended. */
  async checkEnds(): Promise<void> {
    await this.checkers.outboxIsWhole(this.#store);
    for (const [executionArn, { kind, input }] of this.started) {
      const execution = await this.#store.describe(executionArn);
      if (execution === undefined) throw new Violation(8, `${executionArn} was acknowledged and is gone`);
      await this.checkers.historyIsKept(this.#store, executionArn);
      this.checkers.atTheEnd(executionArn);
      const wasStopped = execution.status === "ABORTED";
      if (this.stopped.has(executionArn))
        must(execution.status !== "RUNNING", 8, `${executionArn} was stopped and runs`);
      const expected = kind.expected(input);
      if (wasStopped) continue;
      const status = expected === "FAILED" ? "FAILED" : "SUCCEEDED";
      const cause = execution.cause ?? execution.error ?? "";
      must(execution.status === status, 5, `${executionArn} (${kind.name}) is ${execution.status} ${cause}`);
      const output = JSON.stringify(expected === "FAILED" ? undefined : expected);
      must(execution.output === output, 5, `${executionArn} (${kind.name}) gave ${execution.output}, not ${output}`);
    }
    for (const { executionArn, output } of this.acknowledged) {
      const found = this.checkers.executions
        .get(executionArn)
        ?.events.some(({ type, details }) => type === "TaskSucceeded" && details?.["output"] === output);
      must(found === true, 8, `${executionArn}: a result was acknowledged and is not in the history`);
    }
  }
}

function isJob({ resource }: TaskRequest): boolean {
  return resource.kind === "service" && resource.pattern === "sync";
}

function handleOf({ executionArn, taskId }: TaskRequest): string {
  return JSON.stringify({ job: `${executionArn}#${taskId}` });
}

function inputNumber(request: { readonly input: string }): number {
  return Number(JSON.parse(request.input).n);
}

function succeeded(n: number): TaskOutcome {
  return { kind: "succeeded", output: JSON.stringify(answer(n)) };
}

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}
