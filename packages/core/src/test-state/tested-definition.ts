import { parseJsonLikeJackson } from "../definition/jackson-error.ts";
import type { ParseResult } from "../definition/parse-state-machine.ts";
import { invalidDefinitionMessage, parseState, parseStateMachine } from "../definition/parse-state-machine.ts";
import type { State, StateMachine, StateMachineType } from "../definition/state-machine.ts";
import { isJsonObject } from "../json.ts";
import { invalid, StateTestRefusal } from "./refusal.ts";
import type { StateTestRequest } from "./state-test.ts";

/** What a state is called that comes without a name (recorded). */
export const UNNAMED = "StateName";

export interface TestedDefinition {
  readonly machine: StateMachine;
  readonly state: State;
}

type Source = Pick<StateTestRequest, "definition" | "stateName">;

/** The state to test, anywhere in its state machine. */
export function readTestedDefinition(source: Source, lenientResources: boolean): TestedDefinition {
  const result = parse(source, "STANDARD", lenientResources);
  if (!result.ok) throw new StateTestRefusal("InvalidDefinition", invalidDefinitionMessage(result.diagnostics));
  const state = result.machine.states.get(source.stateName ?? UNNAMED);
  if (state === undefined) throw invalid("State not found in definition");
  return { machine: result.machine, state };
}

function parse({ definition, stateName }: Source, type: StateMachineType, lenientResources: boolean): ParseResult {
  const options = { type, lenientResources };
  const json = stateName === undefined ? parseJsonLikeJackson(definition) : undefined;
  // A text that is no state is worded as one that is no state machine.
  if (json?.ok !== true || !isJsonObject(json.value)) return parseStateMachine(definition, options);
  return parseState(json.value, UNNAMED, options);
}

const MOCKABLE: ReadonlySet<State["type"]> = new Set(["Task", "Map", "Parallel"]);

/** Refuses states that cannot have a mock, and those that cannot be tested without one. */
export function checkTestable(request: StateTestRequest, state: State): void {
  const { type } = state;
  if (request.mock !== undefined) {
    if (!MOCKABLE.has(type)) throw invalid(`State type '${type}' is not supported when a mock is specified`);
    return;
  }
  if (type === "Map" || type === "Parallel") {
    throw new StateTestRefusal(
      "InvalidDefinition",
      "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]",
    );
  }
  if (type !== "Task") return;
  refuseWaitingTask(request, state);
  if (request.roleArn === undefined) throw invalid("RoleArn must be specified when testing a Task state");
}

/** A task that is really performed runs as in an Express execution, where nothing waits for jobs, tokens and workers. */
function refuseWaitingTask(request: StateTestRequest, state: State): void {
  const result = parse(request, "EXPRESS", true);
  const found = result.diagnostics.filter(
    ({ message, location }) =>
      message.startsWith("Express state machine does not support") && location?.endsWith(`/${state.name}/Resource`),
  );
  if (found.length > 0) throw new StateTestRefusal("InvalidDefinition", invalidDefinitionMessage(found));
}
