/** What may be mocked and how. The wordings are AWS's where they are recorded (features.md C.7). */
import { parseJsonLikeJackson } from "../definition/jackson-error.ts";
import type { State, StateMachine } from "../definition/state-machine.ts";
import type { Payload } from "../execution/payload.ts";
import { isJsonArray, isJsonObject, type Json } from "../json.ts";
import { invalid } from "./refusal.ts";
import type { StateTestConfiguration, StateTestMock, StateTestRequest, StateTestSurroundings } from "./state-test.ts";

/** How a mocked result is held against the API's model: everything, what is there, nothing. */
export type FieldValidationMode = "STRICT" | "PRESENT" | "NONE";

/** What can be said before the definition is read. */
export function checkMock({ mock, context, revealSecrets, stateConfiguration }: StateTestRequest): void {
  if (mock === undefined) {
    const withoutMock = (what: string) => invalid(`TestState does not support ${what} when a mock is not specified.`);
    if (stateConfiguration?.mapIterationFailureCount !== undefined) throw withoutMock("MapIterationFailureCount");
    if (context !== undefined) throw withoutMock("Context");
    return;
  }
  if ((mock.result === undefined) === (mock.errorOutput === undefined)) {
    throw invalid("A test mock should have only one of the following fields: [result, errorOutput].");
  }
  if (mock.errorOutput !== undefined && mock.errorOutput.error === undefined) {
    throw invalid("A mocked errorOutput must have the field 'error'.");
  }
  if (revealSecrets === true) throw invalid("TestState does not support RevealSecrets when a mock is specified.");
}

export function checkConfiguration(machine: StateMachine, state: State, configuration: StateTestConfiguration): void {
  const { mapIterationFailureCount, errorCausedByState, mapItemReaderData } = configuration;
  if (mapIterationFailureCount !== undefined && state.type !== "Map") {
    throw invalid("MapIterationFailureCount is only supported when testing a Map state.");
  }
  if (errorCausedByState !== undefined && state.type !== "Map" && state.type !== "Parallel") {
    throw invalid("ErrorCausedByState is only supported when testing a Map or Parallel state.");
  }
  if (errorCausedByState !== undefined && !isInside(machine.states.get(errorCausedByState), state)) {
    throw invalid("State not found in definition");
  }
  if (mapItemReaderData !== undefined && state.type !== "Map") {
    throw invalid("MapItemReaderData is only supported when testing a Map state.");
  }
  if (state.type === "Map" && state.distributed?.itemReader !== undefined && mapItemReaderData === undefined) {
    throw invalid("ItemReader data must be specified when testing a Map state with ItemReader specified.");
  }
}

function isInside(inner: State | undefined, outer: State): boolean {
  return inner?.pointer.startsWith(`${outer.pointer}/`) === true;
}

/** The mocked result with the caller's own text. */
export function mockedResult(
  state: State,
  text: string,
  { fieldValidationMode = "STRICT" }: StateTestMock,
  { mockResultProblem }: StateTestSurroundings,
): Payload {
  const parsed = parseJsonLikeJackson(text);
  if (!parsed.ok) throw invalid("Mocked result must be valid JSON");
  const { value } = parsed;
  const problem =
    state.type === "Task" ? mockResultProblem?.(state.resource, value, fieldValidationMode) : formProblem(state, value);
  if (problem !== undefined) throw invalid(problem);
  return { value, text };
}

/** A Map and a Parallel give arrays; results that a Map exports are told by where they were written. */
function formProblem(state: State, value: Json): string | undefined {
  const exported = state.type === "Map" && state.distributed?.resultWriter?.resource !== undefined;
  if (exported) return isJsonObject(value) ? undefined : "Mocked result must be a JSON object.";
  if (!isJsonArray(value)) return "Mocked result must be an array.";
  if (state.type !== "Parallel" || value.length === state.branches.length) return undefined;
  return "Mocked result must contain the same number of items as number of Parallel branches.";
}
