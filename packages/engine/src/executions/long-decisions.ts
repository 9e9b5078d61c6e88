/**
 * Which decisions the engine's own thread makes, and which ones others make for it.
 *
 * D1. Every decision is begun here, within an allowance of evaluation. What the allowance does not suffice for is given up
 *     without a trace and asked of a thread, with the same events, the same time and the same chance.
 * D2. At most as many executions are asked about as there are threads; the others wait in line with their inboxes.
 * D3. A machine whose decisions were given up gets less to try with, until its decisions turn out to be short again: what
 *     is tried in vain is time taken from everybody else.
 */
import {
  AllowanceSpent,
  type ExecutionLimits,
  OPERATIONS_PER_MS,
  type StateMachine,
  withAllowance,
} from "@stepwell/core";
import { machineTextOf } from "../catalog/machine-text.ts";
import type { LoadedExecution } from "../ports/store.ts";
import {
  type AskedDecision,
  type AskedTransition,
  type Decided,
  type MachineText,
  type ParametersProblem,
  type PreparedTransition,
  type TaskParameters,
  type WorkKinds,
  WorkLost,
  type WorkThreads,
  WorkThreadsClosed,
} from "../ports/work-threads.ts";
import { hereOrElsewhere, type LongWork } from "../threads/here-or-elsewhere.ts";
import { assert } from "./assert.ts";
import type { ExecutionSettings } from "./engine-options.ts";
import { Fifo } from "./fifo.ts";

/** How much of its allowance a machine is left with when a decision was given up, and the least that is left. */
const LESS = 4;
const LEAST_OPERATIONS = OPERATIONS_PER_MS / 2;
/** How often one execution is given up without a commit between; then it is decided here whatever it takes. */
const TIMES_MAX = 4;
/** Tasks that cannot be started for what they would be started with, in one decision; then it is made here. */
const PROBLEMS_MAX = 8;

/** How an execution's next turn is decided. */
export type DecisionMode =
  /** Within the allowance. */
  | "quick"
  /** To the end, however long that takes: no thread can do it. */
  | "whole"
  /** A thread tried, and could not: expressions that take long fail. */
  | "bounded";

/** How a turn is decided that could not be decided here. */
interface Prepared {
  readonly transitions: readonly PreparedTransition[];
  readonly mode: DecisionMode;
}

/** What was decided of an execution after `version`, up to what was given up. */
export interface GivenUp {
  readonly version: number;
  readonly transitions: readonly AskedTransition[];
}

export class LongDecisions {
  readonly #threads: WorkThreads;
  readonly #limits: ExecutionLimits;
  readonly #quickOperations: number;
  readonly #work: LongWork;
  /** Of machines that have less than others. */
  readonly #allowances = new WeakMap<StateMachine, number>();
  readonly #waiting = new Fifo<() => Promise<void>>();
  #underWay = 0;
  /** The process ends. */
  #isOver = false;

  constructor(
    threads: WorkThreads,
    { limits, quickMs, onProblem }: Pick<ExecutionSettings, "limits" | "quickMs" | "onProblem">,
  ) {
    this.#threads = threads;
    this.#limits = limits;
    this.#work = { threads, quickMs, report: onProblem };
    this.#quickOperations = Math.round(quickMs * OPERATIONS_PER_MS);
  }

  /** What one turn of the engine may spend on evaluation before others have theirs. */
  get turnOperations(): number {
    return this.#quickOperations;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Throws AllowanceSpent. */
  within<T>(machine: StateMachine, decide: () => T): T {
    try {
      return withAllowance(this.#allowances.get(machine) ?? this.#quickOperations, decide);
    } catch (error) {
      if (error instanceof AllowanceSpent) this.#gaveUp(machine);
      throw error;
    }
  }

  #gaveUp(machine: StateMachine): void {
    const allowance = this.#allowances.get(machine) ?? this.#quickOperations;
    this.#allowances.set(machine, Math.min(allowance, Math.max(LEAST_OPERATIONS, Math.round(allowance / LESS))));
  }

  #took(machine: StateMachine, operations: number): void {
    const allowance = this.#allowances.get(machine);
    if (allowance === undefined || operations > this.#quickOperations) return;
    if (allowance * 2 < this.#quickOperations) this.#allowances.set(machine, allowance * 2);
    else this.#allowances.delete(machine);
  }

  /**
   * What `here` gives, or when that takes long what a thread gives that is asked the same. Throws, or rejects, with what
   * `here` throws.
   */
  hereOrElsewhere<Kind extends Exclude<keyof WorkKinds, "decision">>(
    machine: StateMachine,
    kind: Kind,
    asked: (text: MachineText) => WorkKinds[Kind]["asked"],
    here: () => WorkKinds[Kind]["answer"],
  ): WorkKinds[Kind]["answer"] | Promise<WorkKinds[Kind]["answer"]> {
    const text = machineTextOf(machine);
    if (text === undefined) return here();
    return hereOrElsewhere(
      this.#work,
      kind,
      () => asked(text),
      here,
      (decide) => this.within(machine, decide),
    );
  }

  /** Runs `decide` when it is its turn: see D2. */
  queue(decide: () => Promise<void>): void {
    this.#waiting.push(decide);
    this.#next();
  }

  #next(): void {
    while (!this.#isOver && this.#underWay < this.#threads.atOnce) {
      const decide = this.#waiting.shift();
      if (decide === undefined) return;
      this.#underWay += 1;
      const over = (): void => {
        this.#underWay -= 1;
        this.#next();
      };
      decide().then(over, over);
    }
  }

  /**
   * What the next turn of an execution that was given up begins with. `times`: how often that was, without a commit between.
   * Rejects with `WorkThreadsClosed` alone.
   */
  async prepare(
    machine: StateMachine,
    loaded: LoadedExecution,
    { version, transitions }: GivenUp,
    times: number,
  ): Promise<Prepared> {
    // Another process had it meanwhile: it is another decision now.
    if (loaded.version !== version) return { transitions: [], mode: "quick" };
    try {
      if (times > TIMES_MAX) throw new Error("its decision was given up again and again");
      return { transitions: await this.#decide(machine, loaded, transitions), mode: "quick" };
    } catch (error) {
      if (error instanceof WorkThreadsClosed) {
        this.#isOver = true;
        throw error;
      }
      this.#work.report(error, loaded.start.executionArn);
      return { transitions: [], mode: error instanceof WorkLost ? "bounded" : "whole" };
    }
  }

  async #decide(
    machine: StateMachine,
    { start, parts }: Pick<LoadedExecution, "start" | "parts">,
    transitions: readonly AskedTransition[],
  ): Promise<readonly PreparedTransition[]> {
    const text = machineTextOf(machine);
    if (text === undefined) throw new Error("only this thread knows the machine");
    const asked = { machine: text, start, parts, transitions, limits: this.#limits };
    const decided = await this.#decideWithTasks(machine, asked);
    assert(decided.transitions.length === transitions.length, "a thread must decide what it was asked");
    this.#took(machine, decided.operations);
    return transitions.map((transition, i) => ({ ...transition, ...decided.transitions[i]! }));
  }

  /** Whoever performs the tasks looks at what they would be started with; mostly nothing is wrong with that. */
  async #decideWithTasks(machine: StateMachine, asked: AskedDecision): Promise<Decided> {
    if (machine.parametersProblem === undefined) return this.#threads.perform("decision", asked);
    const problems: ParametersProblem[] = [];
    while (problems.length < PROBLEMS_MAX) {
      const decided = await this.#threads.perform("decision", { ...asked, problems });
      const found = decided.assumed.flatMap((task) => problemOf(machine, task));
      if (found.length === 0) return decided;
      // Those after the first are of a decision that is not made.
      problems.push(...found.slice(0, 1));
    }
    throw new Error(`the parameters of ${PROBLEMS_MAX} tasks are wrong`);
  }
}

function problemOf(machine: StateMachine, { stateName, parameters }: TaskParameters): ParametersProblem[] {
  const state = machine.states.get(stateName);
  const problem = state?.type === "Task" ? machine.parametersProblem?.(state, parameters) : undefined;
  return problem === undefined ? [] : [{ stateName, parameters, problem }];
}
