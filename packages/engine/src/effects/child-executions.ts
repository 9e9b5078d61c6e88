/** The children of Distributed Maps, run by the engine as any execution is, in its groups. */
import {
  AllowanceSpent,
  type EndExecution,
  type EpochMs,
  type ExecutionStart,
  evaluationFacts,
  type Facts,
  type HistoryEvent,
  type Json,
  OPERATIONS_PER_MS,
  operationsSpent,
  type PassThrough,
  passThrough,
  type Step,
  selectItem,
  startExecution,
} from "@stepwell/core";
import type { MachineSource } from "../catalog/resolved-machine.ts";
import { assert } from "../executions/assert.ts";
import type { CommittedChange, ExecutionSettings } from "../executions/engine-options.ts";
import { type ExecutionLoop, ExecutionMissing } from "../executions/execution-loop.ts";
import { type DecisionContext, LiveExecution } from "../executions/live-execution.ts";
import type { WorkCounter } from "../executions/work-counter.ts";
import { childFamily } from "../map-runs/child-machine.ts";
import type { Clock, Ids } from "../ports/clock.ts";
import type {
  ChildExecutions,
  ChildFamily,
  ChildState,
  EndedExecution,
  ImmediateChild,
} from "../ports/map-run-host.ts";
import { CommitConflict, type EndRecord, type ExecutionStore, type StoredExecution } from "../ports/store.ts";

export interface ChildExecutionsPorts {
  readonly loop: ExecutionLoop;
  readonly store: ExecutionStore;
  readonly machines: MachineSource;
  readonly context: DecisionContext;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly settings: ExecutionSettings;
  readonly work: WorkCounter;
}

/** The engine as the runs of Distributed Maps use it. */
export function childExecutions(ports: ChildExecutionsPorts): ChildExecutions {
  const { loop, store, machines, context, clock, ids, settings, work } = ports;
  const begin = (family: ChildFamily, start: ExecutionStart, missing?: ReadonlySet<string>): LiveExecution =>
    LiveExecution.begin(context, family.machine, { start, revisionKey: family.revisionKey }, context.facts(missing));
  const tellers: Tellers = new WeakMap();
  return {
    selectItem: (machine, stateName, plan, item) => {
      const facts = new LazyFacts(clock.now(), ids);
      const here = (): Json => selectItem(machine, stateName, plan, item, evaluationFacts(facts));
      if (context.long === undefined) return here();
      return context.long.hereOrElsewhere(
        machine,
        "item",
        (text) => {
          const { scope } = plan;
          return { machine: text, stateName, plan: { scope }, item, facts: { now: facts.now, seed: facts.seed } };
        },
        here,
      );
    },
    runAtOnce: (family, start, of) => runAtOnce(ports, tellers, family, start, of),
    async begin(family, start): Promise<void> {
      try {
        await loop.begin(start.executionArn, family.machine, (missing) => begin(family, start, missing));
      } catch (error) {
        if (!(error instanceof CommitConflict)) throw error;
      }
    },
    redrive: (executionArn) =>
      loop.deliver(executionArn, (live) => {
        if (!live.isRunning) live.redrive(undefined);
      }),
    forget: (executionArns) => store.delete(executionArns),
    stop: (executionArn) =>
      loop.deliver(executionArn, (live) => {
        if (live.isRunning) live.apply({ kind: "Stopped" });
      }),
    async find(executionArn): Promise<ChildState | undefined> {
      const execution = await store.describe(executionArn);
      return execution && stateOf(execution);
    },
    async familyOf(revisionKey, stateName): Promise<ChildFamily> {
      const { machine } = await machines.machineOfRevision(revisionKey);
      return childFamily(machine, revisionKey, stateName);
    },
    async awaits(executionArn, mapRunArn): Promise<boolean> {
      try {
        return await loop.deliver(executionArn, (live) => live.isRunning && live.awaitsMapRun(mapRunArn));
      } catch (error) {
        if (error instanceof ExecutionMissing) return false;
        throw error;
      }
    },
    during: (promise) => work.during(promise),
    later: (run) => settings.later(run),
    now: () => clock.now(),
    wakeAt: (at, wake) => clock.wakeAt(at, wake),
    seed: () => ids.seed(),
    uuid: () => ids.uuid(),
    payloadBytesMax: settings.limits.payloadBytesMax,
    problem: (problem, about) => settings.onProblem(problem, about),
  };
}

/** Without the bookkeeping of an execution that lives on: a run may have a million of such children. */
function runAtOnce(
  ports: ChildExecutionsPorts,
  tellers: Tellers,
  family: ChildFamily,
  start: ExecutionStart,
  of: { readonly value: Json } | undefined,
): ImmediateChild | undefined {
  const { context } = ports;
  const { onCommitted } = ports.settings;
  // Texts that were not made of the input may be written otherwise than states see them.
  const through = of === undefined ? undefined : passThrough(family.machine, start.input, context.limits);
  if (through !== undefined) return handOn(ports, tellers, family, start, through);
  const operations = operationsSpent();
  const step = firstStep(ports, family, start, of?.value);
  // What takes long is an execution of its own, which a thread decides.
  if (step === undefined || step.snapshot.head.status === "RUNNING") return undefined;
  const { commands, history } = step;
  const tookLong = operationsSpent() - operations >= OPERATIONS_PER_MS;
  const last = commands.at(-1);
  assert(last?.kind === "EndExecution", "the last word of a child that is over must be how it ended");
  const end = endRecord(last, start.startedAt);
  if (onCommitted === undefined) return { end, tookLong };
  const parts = { revisionKey: family.revisionKey, end: () => end, history: () => history };
  return { end, tookLong, tell: (begun, at) => onCommitted(new ImmediateChange(parts, begun, at)) };
}

function firstStep(
  { context, ids, settings }: ChildExecutionsPorts,
  { machine }: ChildFamily,
  start: ExecutionStart,
  input: Json | undefined,
): Step | undefined {
  const decide = (): Step =>
    startExecution(machine, start, new LazyFacts(start.startedAt, ids), context.limits, {
      // Thousands of children wait for one commit: what nobody asks for is not made.
      ...(settings.onCommitted === undefined ? WITHOUT_HISTORY : undefined),
      ...(input === undefined ? undefined : { input }),
    });
  if (context.long === undefined) return decide();
  try {
    return context.long.within(machine, decide);
  } catch (error) {
    if (!(error instanceof AllowanceSpent)) throw error;
    return undefined;
  }
}

type Teller = NonNullable<ImmediateChild["tell"]>;

/** All there is to tell of a child that hands its input on is what it began with: nothing else of it waits for its commit. */
type Tellers = WeakMap<ChildFamily, Teller>;

function handOn(
  ports: ChildExecutionsPorts,
  tellers: Tellers,
  family: ChildFamily,
  start: ExecutionStart,
  through: PassThrough,
): ImmediateChild {
  const { onCommitted } = ports.settings;
  const end = handedOn(start);
  if (onCommitted === undefined) return { end };
  let tell = tellers.get(family);
  if (tell === undefined) {
    const parts = handingOn(ports, family, through);
    tell = (begun, at) => onCommitted(new ImmediateChange(parts, begun, at));
    tellers.set(family, tell);
  }
  return { end, tell };
}

function handedOn({ startedAt, input }: ExecutionStart): EndRecord {
  return { status: "SUCCEEDED", stopDate: startedAt, output: input };
}

/** History is decided on when somebody reads it. */
function handingOn(
  { context, ids }: ChildExecutionsPorts,
  { machine, revisionKey }: ChildFamily,
  { historyTypes }: PassThrough,
): ImmediateParts {
  const history = (start: ExecutionStart): readonly HistoryEvent[] =>
    startExecution(machine, start, new LazyFacts(start.startedAt, ids), context.limits).history;
  return { revisionKey, historyTypes, end: handedOn, history };
}

const WITHOUT_HISTORY = { withoutHistory: true } as const;

function endRecord({ status, output, error, cause }: EndExecution, stopDate: EpochMs): EndRecord {
  if (status === "SUCCEEDED" && output !== undefined) return { status, stopDate, output };
  return {
    status,
    stopDate,
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
}

/** Of one transition. A seed is drawn only when something random is asked for. */
class LazyFacts implements Facts {
  readonly now: EpochMs;
  readonly #ids: Ids;
  #seed: string | undefined;

  constructor(now: EpochMs, ids: Ids) {
    this.now = now;
    this.#ids = ids;
  }

  get seed(): string {
    this.#seed ??= this.#ids.seed();
    return this.#seed;
  }
}

/** What is known of a child, or of all children of a family, but what it began with. */
interface ImmediateParts extends Pick<CommittedChange, "revisionKey" | "historyTypes"> {
  end(start: ExecutionStart): EndRecord;
  history(start: ExecutionStart): readonly HistoryEvent[];
}

/** What the observers of a child see; its names, and its history, are made when they are asked for. */
class ImmediateChange implements CommittedChange {
  readonly started = true;
  readonly redriven = false;
  readonly redriveCount = 0;
  readonly start: ExecutionStart;
  readonly committedAt: EpochMs;
  readonly #parts: ImmediateParts;
  #history: readonly HistoryEvent[] | undefined;

  constructor(parts: ImmediateParts, start: ExecutionStart, committedAt: EpochMs) {
    this.#parts = parts;
    this.start = start;
    this.committedAt = committedAt;
  }

  get revisionKey(): string {
    return this.#parts.revisionKey;
  }

  get end(): EndRecord {
    return this.#parts.end(this.start);
  }

  get history(): readonly HistoryEvent[] {
    this.#history ??= this.#parts.history(this.start);
    return this.#history;
  }

  get historyTypes(): readonly string[] | undefined {
    return this.#parts.historyTypes;
  }

  get executionArn(): string {
    return this.start.executionArn;
  }

  get stateMachineArn(): string {
    return this.start.stateMachineArn;
  }
}

/** An execution that has ended; `undefined` while it runs. */
export function endedOf(execution: StoredExecution): EndedExecution | undefined {
  const { start, redriveCount, end } = stateOf(execution);
  return end === undefined ? undefined : { start, redriveCount, end };
}

function stateOf({ start, redriveCount, status, stopDate, output, error, cause }: StoredExecution): ChildState {
  if (status === "RUNNING" || status === "PENDING_REDRIVE") return { start, redriveCount };
  const end: EndRecord = {
    status,
    stopDate: stopDate ?? start.startedAt,
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
  return { start, redriveCount, end };
}
