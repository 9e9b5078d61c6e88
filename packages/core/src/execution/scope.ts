import type { EvaluationFacts, EvaluationScope } from "../data/evaluation-scope.ts";
import { formatTimestamp } from "../data/timestamp.ts";
import type { State } from "../definition/state-machine.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Branch, Snapshot } from "./snapshot.ts";
import type { Step } from "./step.ts";
import { taskToken } from "./task-token.ts";
import type { TestedState } from "./tested-state.ts";

/** What a scope may hold beyond the input. */
export interface ScopeExtras {
  readonly result?: Json;
  readonly errorOutput?: Json;
  /** The Map item an ItemSelector is evaluated for. */
  readonly mapItem?: { readonly index: number; readonly value: Json };
  /** The task whose token `$$.Task.Token` is. */
  readonly task?: { readonly taskId: number; readonly nonce: string };
}

export function scopeOf(
  step: Step,
  branch: Branch,
  state: State,
  input: Json,
  extras: ScopeExtras = {},
): EvaluationScope {
  if (step.tested !== undefined) return testedScope(step, step.tested, branch, input, extras);
  return new BranchScope(step.snapshot, step.chance, branch, state, input, extras);
}

function testedScope(
  step: Step,
  tested: TestedState,
  branch: Branch,
  input: Json,
  extras: ScopeExtras,
): EvaluationScope {
  const { result, errorOutput } = extras;
  return {
    input,
    facts: step.chance,
    variables: visibleVariables(step.snapshot, branch),
    context: tested.context(extras),
    ...(result === undefined ? {} : { result }),
    ...(errorOutput === undefined ? {} : { errorOutput }),
  };
}

/** Made for every evaluation, so the context object is built only when an expression looks at it. */
class BranchScope implements EvaluationScope {
  readonly input: Json;
  readonly facts: EvaluationFacts;
  readonly result?: Json;
  readonly errorOutput?: Json;
  readonly #snapshot: Snapshot;
  readonly #branch: Branch;
  readonly #state: State;
  readonly #extras: ScopeExtras;
  #context: JsonObject | undefined;
  #variables: JsonObject | undefined;

  constructor(
    snapshot: Snapshot,
    facts: EvaluationFacts,
    branch: Branch,
    state: State,
    input: Json,
    extras: ScopeExtras,
  ) {
    this.input = input;
    this.facts = facts;
    if (extras.result !== undefined) this.result = extras.result;
    if (extras.errorOutput !== undefined) this.errorOutput = extras.errorOutput;
    this.#snapshot = snapshot;
    this.#branch = branch;
    this.#state = state;
    this.#extras = extras;
  }

  get context(): JsonObject {
    this.#context ??= contextObject(this.#snapshot, this.#branch, this.#state, this.#extras);
    return this.#context;
  }

  get variables(): JsonObject {
    this.#variables ??= visibleVariables(this.#snapshot, this.#branch);
    return this.#variables;
  }
}

/** Inner scopes read outer ones; names never clash (checked when the definition is created). */
function visibleVariables(snapshot: Snapshot, branch: Branch): JsonObject {
  if (branch.parent === 0) return branch.variables;
  const outer = visibleVariables(snapshot, snapshot.branch(branch.parent));
  return { ...outer, ...branch.variables };
}

/** `$$`, in the order of members that AWS writes. features.md A.17. */
function contextObject(snapshot: Snapshot, branch: Branch, state: State, extras: ScopeExtras): JsonObject {
  const { start, head } = snapshot;
  const item = extras.mapItem ?? enclosingItem(snapshot, branch);
  return {
    Execution: {
      Id: start.executionArn,
      Input: snapshot.executionInput,
      StartTime: formatTimestamp(start.startedAt),
      Name: start.executionName,
      RoleArn: start.roleArn,
      ...(start.type === "STANDARD" ? { RedriveCount: head.redriveCount } : {}),
      ...(head.redrivenAt === undefined ? {} : { RedriveTime: formatTimestamp(head.redrivenAt) }),
    },
    StateMachine: { Id: start.stateMachineArn, Name: start.stateMachineName },
    State: {
      Name: state.name,
      EnteredTime: formatTimestamp(branch.enteredAt),
      ...("retry" in state ? { RetryCount: branch.retries.reduce((sum, used) => sum + used, 0) } : {}),
    },
    ...(item === undefined ? {} : { Map: { Item: { Index: item.index, Value: item.value } } }),
    ...(extras.task === undefined
      ? {}
      : { Task: { Token: taskToken({ executionArn: start.executionArn, ...extras.task }) } }),
  };
}

function enclosingItem(snapshot: Snapshot, branch: Branch): { index: number; value: Json } | undefined {
  for (let at: Branch | undefined = branch; at !== undefined; at = snapshot.branches.get(at.parent)) {
    if (at.item !== undefined) return { index: at.index, value: at.item };
  }
  return undefined;
}
