/** What threads do with what they are sent: the core's own functions, and nothing beside them. */
import {
  evaluateFlowInput,
  evaluationFacts,
  forkContextOf,
  operationsSpent,
  restoreSnapshot,
  type StateMachine,
  type StateTestProgress,
  selectItem,
  takeChanges,
  testState,
  transition,
} from "@stepwell/core";
import { machineFromText } from "../catalog/machine-text.ts";
import type {
  AskedDecision,
  AskedStateTest,
  Decided,
  MachineText,
  ParametersProblem,
  StateTested,
  TaskParameters,
  WorkKinds,
} from "../ports/work-threads.ts";

const MACHINES_MAX = 64;

type Performers = {
  readonly [Kind in keyof WorkKinds]: (
    asked: WorkKinds[Kind]["asked"],
    machineOf: (text: MachineText) => StateMachine,
  ) => WorkKinds[Kind]["answer"];
};

const PERFORMERS: Performers = {
  decision: decide,
  stateTest,
  item: ({ machine, stateName, plan, item, facts }, machineOf) =>
    selectItem(machineOf(machine), stateName, plan, item, evaluationFacts(facts)),
  forkContext: ({ machine, original, point, input, facts, limits }, machineOf) =>
    forkContextOf(machineOf(machine), original, point, input, facts, limits),
  flowInput: ({ expression, input, context }) => evaluateFlowInput(expression, input, context),
};

/** Keeps the machines it used last. Nothing else is kept from one request to the next. */
export class WorkPerformer {
  readonly #machines = new Map<string, StateMachine>();

  perform<Kind extends keyof WorkKinds>(kind: Kind, asked: WorkKinds[Kind]["asked"]): WorkKinds[Kind]["answer"] {
    return PERFORMERS[kind](asked, (text) => this.#machine(text));
  }

  #machine(text: MachineText): StateMachine {
    const machine = this.#machines.get(text.key) ?? machineFromText(text);
    this.#machines.delete(text.key);
    this.#machines.set(text.key, machine);
    for (const oldest of this.#machines.keys()) {
      if (this.#machines.size <= MACHINES_MAX) break;
      this.#machines.delete(oldest);
    }
    return machine;
  }
}

function decide(
  { machine: text, start, parts, transitions, limits, problems }: AskedDecision,
  machineOf: (text: MachineText) => StateMachine,
): Decided {
  const before = operationsSpent();
  const assumed: TaskParameters[] = [];
  const parsed = machineOf(text);
  const machine = problems === undefined ? parsed : { ...parsed, parametersProblem: assuming(problems, assumed) };
  let snapshot = restoreSnapshot(machine, start, parts);
  const decided = transitions.map(({ event, facts }) => {
    const step = transition(machine, snapshot, event, facts, limits);
    snapshot = step.snapshot;
    return { history: step.history, commands: step.commands, changes: takeChanges(snapshot) };
  });
  return { transitions: decided, operations: operationsSpent() - before, assumed };
}

function assuming(
  problems: readonly ParametersProblem[],
  assumed: TaskParameters[],
): NonNullable<StateMachine["parametersProblem"]> {
  return ({ name: stateName }, parameters) => {
    const known = problems.find((problem) => problem.stateName === stateName && problem.parameters === parameters);
    if (known === undefined) assumed.push({ stateName, parameters });
    return known?.problem;
  };
}

function stateTest({ request, surroundings, outcome }: AskedStateTest): StateTested {
  const progress = testState(request, surroundings);
  if (outcome === undefined) return withoutFunctions(progress);
  return { kind: "ended", report: goOnWithTest(progress, outcome) };
}

/** A test as far as it went, as plain data. */
export function withoutFunctions(progress: StateTestProgress): StateTested {
  switch (progress.kind) {
    case "task": {
      const { kind, command, executionArn, executionName, stateMachineArn } = progress;
      return { kind, command, executionArn, executionName, stateMachineArn };
    }
    case "wait":
      return { kind: progress.kind, until: progress.until };
    default:
      return progress;
  }
}

/** Goes on with a test that waits. Throws when it does not wait for that. */
export function goOnWithTest(
  progress: StateTestProgress,
  outcome: NonNullable<AskedStateTest["outcome"]>,
): Extract<StateTestProgress, { kind: "ended" }>["report"] {
  if (progress.kind === "wait" && outcome.kind === "over") return progress.over();
  if (progress.kind === "task" && outcome.kind === "succeeded") return progress.succeeded(outcome.output);
  if ((progress.kind === "task" || progress.kind === "wait") && outcome.kind === "failed") {
    return progress.failed(outcome.error);
  }
  throw new Error(`a test that is ${progress.kind} cannot go on with ${outcome.kind}`);
}
