/**
 * The decision: (state machine, snapshot, event, facts) → (snapshot, history, commands). Nothing else in Stepwell decides
 * what a workflow does. Deterministic and synchronous; no I/O, clock or chance of its own.
 *
 * T1. Equal arguments give equal steps.
 * T2. An event about something that is no longer waited for changes nothing and is recorded nowhere.
 * T3. A timer never counts before its time, whoever fires it.
 * T4. Synchronous states are stepped until the execution waits, ends, has entered `statesPerTransitionMax` states, or has
 *     spent `operationsPerTransitionMax` operations on expressions.
 * T5. Within an allowance (`withAllowance`) a step is the same as without one, or `AllowanceSpent` is thrown.
 */
import { operationsSpent } from "../data/allowance.ts";
import type { MapState, State, StateMachine, TaskState } from "../definition/state-machine.ts";
import type { Json } from "../json.ts";
import { STATE_KINDS } from "../states/index.ts";
import type { StateKind } from "../states/state-kind.ts";
import { assert } from "./assert.ts";
import { endBranch, startBranch } from "./branches.ts";
import { Chance } from "./chance.ts";
import type { Command } from "./command.ts";
import { variableBytes, variablesHolder } from "./data-flow.ts";
import { abortExecution, failExecution, timeOutExecution } from "./ending.ts";
import type { ExecutionEvent, Facts } from "./execution-event.ts";
import { type Caught, fail, stateOf } from "./failure.ts";
import { type ForkContext, itemOfIteration, startFork } from "./fork.ts";
import type { ForkPoint } from "./fork-trace.ts";
import type { HistoryEvent } from "./history-event.ts";
import { type ExecutionLimits, FLOW_LIMITS } from "./limits.ts";
import { failMapRun, type MapRunBranch, succeedMapRun } from "./map-runs.ts";
import { attempt, type Outcome } from "./outcome.ts";
import { textOf } from "./payload.ts";
import { redrive } from "./redrive.ts";
import { type Branch, type ExecutionStart, newHead, Snapshot } from "./snapshot.ts";
import { advance, HistoryFull, record, type Step } from "./step.ts";
import { beat, failTask, startTask, submitTask, succeedTask, type TaskBranch, timeOutTask } from "./tasks.ts";
import { branchTimer, clearTimer, EXECUTION_TIMER, lastMoment, setTimer } from "./waits.ts";

/** What a transition decided. */
export interface StepResult {
  readonly snapshot: Snapshot;
  /** In order of id, without gaps; empty when the event changed nothing. */
  readonly history: readonly HistoryEvent[];
  /** In order. To be performed after the commit. */
  readonly commands: readonly Command[];
}

/** AWS's cap on an Express execution: five minutes. features.md D.1. */
const EXPRESS_SECONDS_MAX = 300;

/** What the caller of `startExecution` knows, so that it need not be made. */
export interface StartHints {
  /** What `start.input` was made of, by JSON.stringify: it is not parsed, and its text not made again. */
  readonly input?: Json;
  /** Nobody will ask for the history: it stays empty. Events are counted all the same. */
  readonly withoutHistory?: true;
}

/** The first transition of an execution. */
export function startExecution(
  machine: StateMachine,
  start: ExecutionStart,
  facts: Facts,
  limits: ExecutionLimits,
  { input, withoutHistory }: StartHints = NO_HINTS,
): StepResult {
  const step = newStep(machine, new Snapshot(start, newHead(), input), facts, limits, withoutHistory);
  return finish(step, () => {
    record(step, "ExecutionStarted", 0, {
      input: start.input,
      roleArn: start.roleArn,
      ...(start.stateMachineAliasArn === undefined ? {} : { stateMachineAliasArn: start.stateMachineAliasArn }),
      ...(start.stateMachineVersionArn === undefined ? {} : { stateMachineVersionArn: start.stateMachineVersionArn }),
    });
    setExecutionTimer(step);
    if (start.forkOf !== undefined) {
      startFork(step, start.forkOf, start.forkContext ?? "{}", JSON.parse(start.input) as Json);
      return;
    }
    // ExecutionStarted shows the caller's text, states see compact JSON (recorded-behaviour.md, fact 46).
    const value = step.snapshot.executionInput;
    const payload = input === undefined ? { value } : { value, text: start.input };
    // The first state is linked to nothing, not to ExecutionStarted (recorded-behaviour.md, fact 1).
    startBranch(step, { parent: 0, index: 0, startAt: machine.root.startAt, input: payload, lastEventId: 0 });
  });
}

/**
 * What a fork of `original` at a point of its history begins with. `input`: JSON text of the first state's input; where
 * that state was given the execution's own input, the fork's takes its place in `$$.Execution.Input` too.
 */
export function forkContextOf(
  machine: StateMachine,
  original: ExecutionStart,
  point: ForkPoint,
  input: string,
  facts: Facts,
  limits: ExecutionLimits,
): ForkContext {
  const inherited = original.forkContext === undefined ? undefined : (JSON.parse(original.forkContext) as ForkContext);
  const snapshot = new Snapshot(original, newHead());
  const isExecutionInput = JSON.stringify(JSON.parse(point.input)) === JSON.stringify(snapshot.executionInput);
  const executionInput = isExecutionInput ? (JSON.parse(input) as Json) : snapshot.executionInput;
  const variables = { ...inherited?.variables, ...point.variables };
  const step = newStep(machine, snapshot, facts, limits);
  const value = itemOfIteration(step, machine, { ...point, variables });
  if (point.iteration === undefined || value === undefined) {
    return { executionInput, variables, ...(inherited?.item === undefined ? {} : { item: inherited.item }) };
  }
  return { executionInput, variables, item: { index: point.iteration.index, value } };
}

/**
 * Decides what an event does to an execution. The snapshot given is consumed: it may be changed in place and must not be
 * used again; when the step cannot be committed, restore it from what is stored.
 */
export function transition(
  machine: StateMachine,
  snapshot: Snapshot,
  event: ExecutionEvent,
  facts: Facts,
  limits: ExecutionLimits,
): StepResult {
  const step = newStep(machine, snapshot, facts, limits);
  return finish(step, () => apply(step, event));
}

function newStep(
  machine: StateMachine,
  snapshot: Snapshot,
  facts: Facts,
  limits: ExecutionLimits,
  withoutHistory?: true,
): Step {
  return {
    machine,
    snapshot,
    chance: new Chance(facts),
    limits: machine.flow === undefined ? limits : { ...limits, ...FLOW_LIMITS[machine.flow] },
    missingActivities: facts.missingActivities ?? NONE,
    withoutHistory: withoutHistory === true,
    history: [],
    commands: [],
    ready: [],
    statesEntered: 0,
    operationsUntil: operationsSpent() + limits.operationsPerTransitionMax,
  };
}

const NONE: ReadonlySet<string> = new Set();
const NO_HINTS: StartHints = {};

function finish(step: Step, decide: () => void): StepResult {
  try {
    decide();
    for (let branch = step.ready.shift(); branch !== undefined; branch = step.ready.shift()) run(step, branch);
  } catch (problem) {
    if (!(problem instanceof HistoryFull)) throw problem;
    const cause = `The execution reached the maximum number of history events (${step.limits.historyEventsMax}).`;
    failExecution(step, { error: "States.Runtime", cause }, problem.previousEventId);
  }
  return { snapshot: step.snapshot, history: step.history, commands: step.commands };
}

function apply(step: Step, event: ExecutionEvent): void {
  const { head } = step.snapshot;
  const running = head.status === "RUNNING";
  if (event.kind === "Redriven" && !running) {
    redrive(step, event.redriveCount);
    setExecutionTimer(step);
  }
  if (!running || event.kind === "Redriven") return;
  if (step.chance.now >= lastMoment(step) && event.kind !== "Stopped") {
    timeOutExecution(step);
    return;
  }
  if (event.kind === "TimerFired") fireTimer(step, event.timerId);
  else if (event.kind === "Stopped") abortExecution(step, event);
  else if (event.kind === "StateMachineDeleted") {
    head.machineDeleted = event.name;
    step.snapshot.headChanged();
  } else if (event.kind === "MapRunSucceeded" || event.kind === "MapRunFailed") {
    const branch = step.snapshot.branchOfMapRun(event.taskId);
    if (branch !== undefined) settle(step, branch, mapRunOutcome(step, branch, event));
  } else {
    const branch = step.snapshot.branchOfTask(event.taskId);
    if (branch !== undefined) settle(step, branch, taskOutcome(step, branch, event));
  }
}

type MapRunEvent = Extract<ExecutionEvent, { kind: "MapRunSucceeded" | "MapRunFailed" }>;

function mapRunOutcome(step: Step, branch: MapRunBranch, event: MapRunEvent): Outcome {
  if (event.kind === "MapRunFailed") return failMapRun(step, branch, event);
  return succeedMapRun(step, branch, stateOf(step, branch) as MapState, event.output);
}

type TaskEvent = Exclude<Extract<ExecutionEvent, { taskId: number }>, MapRunEvent>;

function taskOutcome(step: Step, branch: TaskBranch, event: TaskEvent): Outcome {
  const state = stateOf(step, branch) as TaskState;
  switch (event.kind) {
    case "TaskSucceeded":
      startTask(step, branch, state);
      return succeedTask(step, branch, state, event.output);
    case "TaskFailed":
      startTask(step, branch, state);
      return failTask(step, branch, state, event);
    case "TaskSubmitted":
      submitTask(step, branch, state, event.output);
      return WAITING;
    case "TaskHeartbeat":
      beat(step, branch, state);
      return WAITING;
    case "ActivityStarted":
      startTask(step, branch, state, event.workerName);
      return WAITING;
  }
}

const WAITING: Outcome = { kind: "waiting" };

function fireTimer(step: Step, timerId: string): void {
  const { now } = step.chance;
  if (timerId === EXECUTION_TIMER) {
    const at = executionDeadline(step.machine, step.snapshot);
    if (at !== undefined && now >= at) timeOutExecution(step);
    return;
  }
  const target = timerTarget(step.snapshot, timerId);
  if (target !== undefined && now < target.at) return;
  clearTimer(step, timerId);
  if (target === undefined) return;
  const { branch, what } = target;
  if (what !== "branch") {
    settle(step, branch, timeOutTask(step, branch as TaskBranch, stateOf(step, branch) as TaskState, what));
    return;
  }
  const woken = branch.wait?.kind === "timer";
  step.snapshot.unpark(branch);
  const kind = kindOf(step, branch);
  if (!woken) step.ready.push(branch);
  else
    settle(
      step,
      branch,
      attempt(branch, () => wake(kind, step, branch)),
    );
}

function wake(kind: StateKind<State>, step: Step, branch: Branch): Outcome {
  assert(kind.resume !== undefined, "a state that set a timer must know how to go on");
  return kind.resume(step, branch, stateOf(step, branch));
}

interface TimerTarget {
  readonly branch: Branch;
  readonly at: number;
  readonly what: "branch" | "timeout" | "heartbeat";
}

function timerTarget(snapshot: Snapshot, timerId: string): TimerTarget | undefined {
  const number = Number(timerId.slice(1));
  if (timerId.startsWith("b")) {
    const branch = snapshot.branches.get(number);
    const wait = branch?.wait;
    if (branch === undefined || wait === undefined || !("at" in wait)) return undefined;
    return { branch, at: wait.at, what: "branch" };
  }
  const branch = snapshot.branchOfTask(number);
  const what = timerId.startsWith("h") ? "heartbeat" : "timeout";
  const at = what === "heartbeat" ? branch?.wait.heartbeatAt : branch?.wait.timeoutAt;
  return branch === undefined || at === undefined ? undefined : { branch, at, what };
}

/** When the whole execution times out: TimeoutSeconds, and five minutes for Express. A redrive starts the clock anew. */
export function executionDeadline(machine: StateMachine, snapshot: Snapshot): number | undefined {
  const cap = snapshot.start.type === "EXPRESS" ? EXPRESS_SECONDS_MAX : undefined;
  const seconds = Math.min(machine.timeoutSeconds ?? Number.POSITIVE_INFINITY, cap ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(seconds) ? (snapshot.head.redrivenAt ?? snapshot.start.startedAt) + seconds * 1000 : undefined;
}

function setExecutionTimer(step: Step): void {
  const at = executionDeadline(step.machine, step.snapshot);
  if (at !== undefined) setTimer(step, EXECUTION_TIMER, at);
}

function kindOf(step: Step, branch: Branch): StateKind<State> {
  return STATE_KINDS[stateOf(step, branch).type] as StateKind<State>;
}

/** Steps a branch until it waits or ends. */
function run(step: Step, branch: Branch): void {
  const { snapshot } = step;
  const { machineDeleted } = snapshot.head;
  if (machineDeleted !== undefined) {
    const cause = `State machine ${machineDeleted} has been deleted`;
    failExecution(step, { error: "States.Runtime", cause }, branch.lastEventId);
    return;
  }
  if (branch.enteredEventId === 0) {
    if (step.statesEntered >= step.limits.statesPerTransitionMax || operationsSpent() >= step.operationsUntil) {
      yieldBranch(step, branch);
      return;
    }
    enter(step, branch);
  }
  const state = stateOf(step, branch);
  settle(
    step,
    branch,
    attempt(branch, () => kindOf(step, branch).enter(step, branch, state)),
  );
}

function yieldBranch(step: Step, branch: Branch): void {
  const { now } = step.chance;
  step.snapshot.park(branch, { kind: "yield", at: now, since: now });
  setTimer(step, branchTimer(branch), now);
}

function enter(step: Step, branch: Branch): void {
  step.statesEntered += 1;
  const state = stateOf(step, branch);
  const details = { name: state.name, input: textOf(branch.input) };
  branch.enteredEventId = advance(step, branch, `${state.type}StateEntered`, details);
  branch.enteredAt = step.chance.now;
  branch.retries = [];
}

/** Carries an outcome through: exits, ends of branches, and failures, until somebody waits or a branch can go on. */
function settle(step: Step, first: Branch, outcome: Outcome): void {
  let branch = first;
  let next: Outcome | undefined = outcome;
  while (next !== undefined && next.kind !== "waiting") {
    const caught: Caught | undefined =
      next.kind === "failed" ? fail(step, branch, next.failure) : leave(step, branch, next);
    if (caught === undefined) return;
    branch = caught.branch;
    next = caught.outcome;
  }
}

function leave(step: Step, branch: Branch, exit: Extract<Outcome, { kind: "exit" }>): Caught | undefined {
  const state = stateOf(step, branch);
  // An empty Assign leaves no trace (recorded on AWS).
  const assigned = exit.assigned !== undefined && Object.keys(exit.assigned).length > 0 ? exit.assigned : undefined;
  advance(step, branch, `${state.type}StateExited`, {
    name: state.name,
    output: textOf(exit.output),
    ...(assigned === undefined ? {} : { assignedVariables: texts(assigned) }),
  });
  if (assigned !== undefined) assignVariables(step, branch, assigned);
  if (exit.next === null) return endBranch(step, branch, exit.output);
  assert(step.machine.states.has(exit.next), `state '${exit.next}' must be in the definition`);
  branch.state = exit.next;
  branch.input = exit.output;
  branch.enteredEventId = 0;
  step.ready.unshift(branch);
  return undefined;
}

function assignVariables(step: Step, branch: Branch, assigned: { readonly [name: string]: Json }): void {
  const holder = variablesHolder(step, branch);
  holder.variables = { ...holder.variables, ...assigned };
  const bytes = variableBytes(holder.variables);
  step.snapshot.head.variableBytes += bytes - holder.variableBytes;
  holder.variableBytes = bytes;
  step.snapshot.changed(holder);
  step.snapshot.headChanged();
}

function texts(values: { readonly [name: string]: Json }): { [name: string]: string } {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]));
}
