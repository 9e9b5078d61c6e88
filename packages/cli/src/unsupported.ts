import { staticParameterProblems } from "@stepwell/connectors";
import type { Diagnostic, MapRunReader, StartTask, State, StateMachine, TaskState } from "@stepwell/core";

/** Why nobody performs a task's resource; undefined when somebody does. */
export type ResourceRefusal =
  | { readonly kind: "notRecognized" }
  | { readonly kind: "missing"; readonly message: string }
  | { readonly kind: "nobody" };

/** Of a job of the user's own that the configuration does not have, or does not have any more. */
export function missingJob(resource: StartTask["resource"]): ResourceRefusal | undefined {
  if (resource.kind !== "service" || resource.service !== "custom") return undefined;
  return { kind: "missing", message: `there is no ${resource.action} among the jobs of stepwell.yaml` };
}

/** What is valid ASL but cannot be run here: refused when the state machine is created, never found out at run time. */
export function unsupported(
  machine: StateMachine,
  refusalOf: (resource: StartTask["resource"], stateName: string) => ResourceRefusal | undefined,
  readerProblem: (reader: MapRunReader) => string | undefined,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const state of machine.states.values()) {
    const problem = readerProblemOf(state, readerProblem);
    if (problem !== undefined) found.push(problem);
    if (state.type !== "Task" || state.resource.kind === "activity") continue;
    const { arn } = state.resource;
    const refused = refusalOf(state.resource, state.name);
    const location = `${state.pointer}/Resource`;
    if (refused?.kind === "notRecognized") found.push(notRecognized(arn, location));
    else if (refused?.kind === "missing") found.push(refusal(`the resource ${arn}: ${refused.message}`, location));
    else if (refused !== undefined) found.push(refusal(`the resource ${arn} yet`, location));
    else found.push(...parameterProblems(state));
  }
  return found;
}

/** Parameters that AWS refuses as they are written, in its words. features.md B.6, "Admission". */
function parameterProblems({ resource, parameters, pointer, queryLanguage }: TaskState): Diagnostic[] {
  if (resource.kind === "activity" || (queryLanguage !== "JSONata" && queryLanguage !== "JSONPath")) return [];
  const field = queryLanguage === "JSONata" ? "Arguments" : "Parameters";
  return staticParameterProblems(resource, parameters?.source, queryLanguage).map(({ path, message }) => ({
    severity: "ERROR",
    code: "SCHEMA_VALIDATION_FAILED",
    message,
    location: [pointer, field, ...path].join("/"),
  }));
}

/** Of the reader of a distributed Map, whatever its parameters will be. */
function readerProblemOf(
  state: State,
  readerProblem: (reader: MapRunReader) => string | undefined,
): Diagnostic | undefined {
  const reader = state.type === "Map" ? state.distributed?.itemReader : undefined;
  if (reader === undefined) return undefined;
  const { parameters: _, maxItems: _m, ...config } = reader;
  const problem = readerProblem({ ...config, parameters: {} });
  return problem === undefined ? undefined : refusal(`this ItemReader: ${problem}`, `${state.pointer}/ItemReader`);
}

function refusal(what: string, location: string): Diagnostic {
  return {
    severity: "ERROR",
    code: "NOT_SUPPORTED_BY_STEPWELL",
    message: `Stepwell cannot run ${what}`,
    location,
  };
}

/** AWS's words for a service or an action that it does not have (recorded behaviour, fact 33). */
function notRecognized(arn: string, location: string): Diagnostic {
  const message = `The resource provided ${arn} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`;
  return { severity: "ERROR", code: "SCHEMA_VALIDATION_FAILED", message, location };
}
