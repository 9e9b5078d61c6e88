import type { State, StateMachine } from "../definition/state-machine.ts";
import { matchingCatcher, matchingRetrier, retryDelayMs } from "../errors/error-matching.ts";
import { type StatesError, StatesErrorSignal, withinLength } from "../errors/states-error.ts";
import { assert } from "../execution/assert.ts";
import type { Chance } from "../execution/chance.ts";
import { exitWithResult, workInput } from "../execution/data-flow.ts";
import { exitThroughCatcher } from "../execution/failure.ts";
import type { ExecutionLimits } from "../execution/limits.ts";
import { dataLimitExceeded, evaluationFailure, type Failure, type Outcome } from "../execution/outcome.ts";
import { exceedsBytes, type Payload, textOf } from "../execution/payload.ts";
import type { ScopeExtras } from "../execution/scope.ts";
import { type Branch, type ExecutionStart, newHead, ROOT_BRANCH, Snapshot } from "../execution/snapshot.ts";
import type { Step } from "../execution/step.ts";
import { taskToken } from "../execution/task-token.ts";
import { resourceName } from "../execution/tasks.ts";
import type { DataStage, TestedState } from "../execution/tested-state.ts";
import type { Json, JsonObject } from "../json.ts";
import { STATE_KINDS } from "../states/index.ts";
import type { StateKind } from "../states/state-kind.ts";
import { mapOutcome } from "./map-run.ts";
import type { StateInspection, StateTestConfiguration, StateTestProgress, StateTestReport } from "./state-test.ts";
import { hasToken } from "./tested-context.ts";

export interface StateRunOptions {
  readonly machine: StateMachine;
  readonly state: State;
  readonly input: Payload;
  readonly start: ExecutionStart;
  readonly chance: Chance;
  readonly context: JsonObject;
  /** The context is the caller's: nothing is added but the item of a Map. */
  readonly contextIsGiven?: boolean;
  readonly variables?: JsonObject;
  readonly configuration: StateTestConfiguration;
  readonly limits: ExecutionLimits;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Stages of a Parallel that TestState does not show (recorded). */
const BEFORE_WORK: ReadonlySet<DataStage> = new Set(["afterInputPath", "afterParameters", "afterArguments"]);

/** One state on its way through a test. */
export class StateRun implements TestedState {
  readonly step: Step;
  readonly branch: Branch;
  readonly state: State;
  readonly configuration: StateTestConfiguration;
  readonly inspection: Mutable<StateInspection>;
  readonly #options: StateRunOptions;
  readonly #stages: Map<DataStage, Payload> = new Map();

  constructor(options: StateRunOptions) {
    const { machine, state, input, start, chance, variables = {}, configuration, limits } = options;
    this.#options = options;
    this.state = state;
    this.configuration = configuration;
    this.inspection = { input: textOf(input) };
    const snapshot = new Snapshot(start, newHead());
    this.branch = {
      id: ROOT_BRANCH,
      parent: 0,
      index: 0,
      state: state.name,
      input,
      enteredEventId: 0,
      enteredAt: chance.now,
      lastEventId: 0,
      retries: [],
      variables,
      variableBytes: 0,
    };
    snapshot.add(this.branch);
    this.step = {
      machine,
      snapshot,
      chance,
      limits,
      missingActivities: new Set(),
      history: [],
      commands: [],
      ready: [],
      statesEntered: 0,
      operationsUntil: Number.POSITIVE_INFINITY,
      tested: this,
    };
  }

  context({ mapItem, task }: ScopeExtras): JsonObject {
    const { context, contextIsGiven = false, start } = this.#options;
    const item = mapItem === undefined ? {} : { Map: { Item: { Index: mapItem.index, Value: mapItem.value } } };
    const token =
      task === undefined || contextIsGiven || !hasToken(this.state)
        ? {}
        : { Task: { Token: taskToken({ executionArn: start.executionArn, ...task }) } };
    return { ...context, ...item, ...token };
  }

  inspect(stage: DataStage, data: Payload): void {
    if (this.state.type === "Parallel" && BEFORE_WORK.has(stage)) return;
    this.#stages.set(stage, data);
  }

  /** Really runs the state, up to where it waits. */
  begin(): StateTestProgress {
    const outcome = this.#enter();
    if (outcome.kind !== "waiting") return { kind: "ended", report: this.#report(outcome) };
    const failed = (error: StatesError) => this.#report({ kind: "failed", failure: withinLength(error) });
    const { wait } = this.branch;
    if (wait?.kind === "timer") {
      return { kind: "wait", until: wait.at, over: () => this.#report(this.#resume()), failed };
    }
    const command = this.step.commands.find(({ kind }) => kind === "StartTask");
    assert(command?.kind === "StartTask", "a tested state must wait for a task or for time");
    const { executionArn, executionName, stateMachineArn } = this.#options.start;
    return {
      kind: "task",
      command,
      executionArn,
      executionName,
      stateMachineArn,
      succeeded: (output) => this.#report(this.#exit({ value: JSON.parse(output) as Json, text: output })),
      failed,
    };
  }

  /** Runs the state up to its work, which gives the mocked result. */
  withResult(result: Payload): StateTestReport {
    return this.#report(this.#withMock(result));
  }

  withError(error: StatesError): StateTestReport {
    const outcome = this.#withMock(undefined);
    return this.#report(outcome.kind === "failed" ? outcome : { kind: "failed", failure: mockedFailure(error) });
  }

  /** Without a result: `waiting` when nothing failed before the work. */
  #withMock(result: Payload | undefined): Outcome {
    const { state, step, branch } = this;
    if (state.type === "Map") return attemptAlone(() => mapOutcome(this, state, result));
    const outcome =
      state.type === "Parallel"
        ? attemptAlone(() => {
            workInput(step, branch, state);
            return { kind: "waiting" };
          })
        : this.#enter();
    return outcome.kind === "failed" || result === undefined ? outcome : this.#exit(result);
  }

  #enter(): Outcome {
    const kind = STATE_KINDS[this.state.type] as StateKind<State>;
    return attemptAlone(() => kind.enter(this.step, this.branch, this.state));
  }

  #resume(): Outcome {
    const { resume } = STATE_KINDS[this.state.type] as StateKind<State>;
    assert(resume !== undefined, "a state that waited must know how to go on");
    this.step.snapshot.unpark(this.branch);
    return attemptAlone(() => resume(this.step, this.branch, this.state));
  }

  #exit(result: Payload): Outcome {
    const { state, step, branch } = this;
    assert(state.type === "Task" || state.type === "Parallel", "only a Task or a Parallel has a result here");
    return attemptAlone(() => {
      if (state.type === "Task") {
        if (exceedsBytes(textOf(result), step.limits.payloadBytesMax)) throw dataLimitExceeded(resourceName(state));
        this.inspect("result", result);
      }
      return exitWithResult(step, branch, state, result);
    });
  }

  #report(outcome: Outcome): StateTestReport {
    assert(outcome.kind !== "waiting", "a report is made when the state has ended");
    if (outcome.kind === "failed") return this.#failed(outcome.failure);
    return { status: "SUCCEEDED", ...this.#left(outcome) };
  }

  /** Retry, then Catch, as far as one state goes. */
  #failed(failure: Failure): StateTestReport {
    const { state, step, branch, configuration } = this;
    const told = definedOnly(failure);
    if (failure.fatal === true || !("retry" in state)) return { status: "FAILED", ...told, ...this.#stayed() };
    const details: Mutable<NonNullable<StateInspection["errorDetails"]>> = {};
    const retryIndex = matchingRetrier(state.retry, failure);
    const retrier = state.retry[retryIndex];
    if (retrier !== undefined) {
      details.retryIndex = retryIndex;
      this.inspection.errorDetails = details;
      const used = configuration.retrierRetryCount ?? 0;
      if (used < retrier.maxAttempts) {
        const delayMs = retryDelayMs(retrier, used + 1, () => step.chance.random());
        details.retryBackoffIntervalSeconds = Math.round(delayMs / 1000);
        return { status: "RETRIABLE", ...told, ...this.#stayed() };
      }
    }
    const catchIndex = matchingCatcher(state.catch, failure);
    const catcher = state.catch[catchIndex];
    if (catcher === undefined) return { status: "FAILED", ...told, ...this.#stayed() };
    details.catchIndex = catchIndex;
    this.inspection.errorDetails = details;
    const outcome = attemptAlone(() => exitThroughCatcher(step, branch, state, catcher, failure));
    if (outcome.kind === "exit") return { status: "CAUGHT_ERROR", ...told, ...this.#left(outcome) };
    assert(outcome.kind === "failed", "a catcher does not wait");
    return { status: "FAILED", ...definedOnly(outcome.failure), ...this.#stayed() };
  }

  #left({
    output,
    next,
    assigned,
  }: Extract<Outcome, { kind: "exit" }>): Pick<StateTestReport, "output" | "nextState" | "inspection"> {
    return { output: textOf(output), ...(next === null ? {} : { nextState: next }), ...this.#stayed(assigned) };
  }

  #stayed(assigned: JsonObject = {}): Pick<StateTestReport, "inspection"> {
    const variables = { ...this.branch.variables, ...assigned };
    if (Object.keys(variables).length > 0) this.inspection.variables = JSON.stringify(variables);
    for (const [stage, data] of this.#stages) this.inspection[stage] = textOf(data);
    return { inspection: this.inspection };
  }
}

/** As `attempt`, without the words that name the state and its event: TestState does not say them (recorded). */
function attemptAlone(act: () => Outcome): Outcome {
  try {
    return act();
  } catch (signal) {
    if (!(signal instanceof StatesErrorSignal)) throw signal;
    return { kind: "failed", failure: evaluationFailure(signal, "") };
  }
}

/** No Retry or Catch sees these, mocked or not. features.md A.8. */
const FATAL: ReadonlySet<string> = new Set(["States.Runtime", "States.DataLimitExceeded"]);

function mockedFailure(error: StatesError): Failure {
  return { ...definedOnly(error), ...(FATAL.has(error.error ?? "") ? { fatal: true } : {}) };
}

function definedOnly({ error, cause }: StatesError): StatesError {
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}
