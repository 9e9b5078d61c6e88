/**
 * How data goes through a state. JSONPath: raw input → InputPath → Parameters → (work) → ResultSelector → ResultPath
 * into the raw input → Assign → OutputPath. JSONata: Arguments → (work) → Assign and Output side by side.
 * features.md A.3.
 */
import type { Assignments, CommonState, State, WithResult } from "../definition/state-machine.ts";
import { StatesErrorSignal } from "../errors/states-error.ts";
import type { Json, JsonObject } from "../json.ts";
import { dataLimitExceeded, type Outcome } from "./outcome.ts";
import { exceedsBytes, type Payload, payloadOf, textOf, utf8Bytes } from "./payload.ts";
import { type ScopeExtras, scopeOf } from "./scope.ts";
import { type Branch, ROOT_BRANCH } from "./snapshot.ts";
import type { Step } from "./step.ts";

/** What the work of a state sees: InputPath applied (JSONPath), or the raw input (JSONata). */
export function effectiveInput(step: Step, branch: Branch, state: State): Payload {
  const input =
    state.inputPath === undefined
      ? branch.input
      : payloadOf(state.inputPath.evaluate(scopeOf(step, branch, state, branch.input.value)), branch.input);
  if (state.queryLanguage === "JSONPath") step.tested?.inspect("afterInputPath", input);
  return input;
}

/** Parameters or Arguments when the state has them, else the effective input. */
export function workInput(
  step: Step,
  branch: Branch,
  state: State & Pick<WithResult, "parameters">,
  extras?: ScopeExtras,
): Payload {
  const input = effectiveInput(step, branch, state);
  const work =
    state.parameters === undefined
      ? input
      : payloadOf(state.parameters.evaluate(scopeOf(step, branch, state, input.value, extras)), input);
  step.tested?.inspect(state.queryLanguage === "JSONPath" ? "afterParameters" : "afterArguments", work);
  return work;
}

/** Leaves the state with the result of its work. */
export function exitWithResult(
  step: Step,
  branch: Branch,
  state: State & Pick<WithResult, "resultSelector" | "resultPath"> & { readonly next: string | null },
  result: Payload,
  extras: Pick<ScopeExtras, "task"> = {},
): Outcome {
  if (state.queryLanguage === "JSONata") {
    const scope = scopeOf(step, branch, state, branch.input.value, { ...extras, result: result.value });
    const assigned = assignmentsOf(step, branch, state.assign, scope);
    const output = state.output === undefined ? result : payloadOf(state.output.evaluate(scope), result);
    return exit(step, state, output, state.next, assigned);
  }
  const selected =
    state.resultSelector === undefined
      ? result
      : payloadOf(state.resultSelector.evaluate(scopeOf(step, branch, state, result.value)), result);
  step.tested?.inspect("afterResultSelector", selected);
  const merged = mergeResult(branch.input, state.resultPath, selected);
  step.tested?.inspect("afterResultPath", merged);
  const assigned =
    state.assign === undefined
      ? undefined
      : assignmentsOf(step, branch, state.assign, scopeOf(step, branch, state, selected.value));
  return exit(step, state, outputOf(step, branch, state, merged), state.next, assigned);
}

/** Leaves a state that has no result of its own (Wait, Choice, Succeed): the input goes on. */
export function exitWithInput(
  step: Step,
  branch: Branch,
  state: State,
  next: string | null,
  chosen: Pick<CommonState, "assign" | "output">,
): Outcome {
  const input = effectiveInput(step, branch, state);
  const assigned =
    chosen.assign === undefined
      ? undefined
      : assignmentsOf(step, branch, chosen.assign, scopeOf(step, branch, state, input.value));
  const output =
    chosen.output === undefined
      ? outputOf(step, branch, state, input)
      : payloadOf(chosen.output.evaluate(scopeOf(step, branch, state, input.value)), input);
  return exit(step, state, output, next, assigned);
}

/** Puts a result where ResultPath says: over the input, into it, or nowhere. */
export function mergeResult(input: Payload, resultPath: WithResult["resultPath"], result: Payload): Payload {
  if (resultPath === undefined) return result;
  return resultPath === "discard" ? input : payloadOf(resultPath.write(input.value, result.value), result);
}

function outputOf(step: Step, branch: Branch, state: State, merged: Payload): Payload {
  if (state.outputPath === undefined) return merged;
  return payloadOf(state.outputPath.evaluate(scopeOf(step, branch, state, merged.value)), merged);
}

function exit(
  step: Step,
  state: State,
  output: Payload,
  next: string | null,
  assigned: JsonObject | undefined,
): Outcome {
  if (exceedsBytes(textOf(output), step.limits.payloadBytesMax)) throw dataLimitExceeded(state.name);
  return assigned === undefined ? { kind: "exit", output, next } : { kind: "exit", output, next, assigned };
}

/** All right-hand sides see the variables from before. Bounds: features.md A.16. */
export function assignmentsOf(
  step: Step,
  branch: Branch,
  assign: Assignments | undefined,
  scope: Parameters<Assignments["evaluate"]>[0],
): JsonObject | undefined {
  if (assign === undefined) return undefined;
  const values = assign.evaluate(scope);
  const { variables } = variablesHolder(step, branch);
  const { variablesTotalBytesMax } = step.limits;
  // The one variable of a flow holds all of $Global, whose members are bounded one by one (cloudflow.md 6.1).
  const variableBytesMax = step.machine.flow === undefined ? step.limits.variableBytesMax : variablesTotalBytesMax;
  const bytes = variableBytes(values);
  const replaced = Object.keys(values).reduce((sum, name) => sum + valueBytes(ownValue(variables, name)), 0);
  if (bytes > variableBytesMax) throw tooLarge(`one Assign holds ${bytes} bytes, more than ${variableBytesMax}`);
  const total = step.snapshot.head.variableBytes - replaced + bytes;
  if (total > variablesTotalBytesMax)
    throw tooLarge(`all variables hold ${total} bytes, more than ${variablesTotalBytesMax}`);
  return values;
}

/** Where a branch's assignments go: to itself, in a flow to the execution. */
export function variablesHolder({ machine, snapshot }: Step, branch: Branch): Branch {
  return machine.flow === undefined ? branch : snapshot.branch(ROOT_BRANCH);
}

export function variableBytes(values: JsonObject): number {
  return Object.values(values).reduce<number>((sum, value) => sum + valueBytes(value), 0);
}

function ownValue(values: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function valueBytes(value: Json | undefined): number {
  return value === undefined ? 0 : utf8Bytes(JSON.stringify(value));
}

function tooLarge(rule: string): StatesErrorSignal {
  return new StatesErrorSignal(
    "States.DataLimitExceeded",
    `The field 'Assign' exceeds the size limit of variables: ${rule}.`,
  );
}
