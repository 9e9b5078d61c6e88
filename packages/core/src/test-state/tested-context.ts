/** The context object of a tested state: AWS makes one up, or takes the caller's in its place. features.md A.17, C.7. */
import { formatTimestamp } from "../data/timestamp.ts";
import { parseJsonLikeJackson } from "../definition/jackson-error.ts";
import type { State } from "../definition/state-machine.ts";
import { Chance } from "../execution/chance.ts";
import type { ExecutionStart } from "../execution/snapshot.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { invalid, type StateTestRefusal } from "./refusal.ts";
import type { StateTestRequest, StateTestSurroundings } from "./state-test.ts";
import { UNNAMED } from "./tested-definition.ts";

export interface GeneratedContext {
  readonly start: ExecutionStart;
  readonly chance: Chance;
  readonly context: JsonObject;
}

/** As of an Express execution, whose ARN has no third part. The state is not called by its own name (recorded). */
export function generatedContext(
  state: State,
  input: Json,
  request: Pick<StateTestRequest, "roleArn" | "input" | "stateConfiguration">,
  { identity, facts }: StateTestSurroundings,
): GeneratedContext {
  const chance = new Chance(facts);
  const [executionName, stateMachineName] = [chance.uuid(), chance.uuid()];
  const prefix = `arn:${identity.partition}:states:${identity.region}:${identity.accountId}`;
  const start: ExecutionStart = {
    executionArn: `${prefix}:express:${stateMachineName}:${executionName}`,
    executionName,
    type: "EXPRESS",
    stateMachineArn: `${prefix}:stateMachine:${stateMachineName}`,
    stateMachineName,
    roleArn: request.roleArn ?? "",
    startedAt: facts.now,
    input: request.input ?? "{}",
  };
  const now = formatTimestamp(facts.now);
  const context = {
    Execution: {
      Id: start.executionArn,
      Input: input,
      StartTime: now,
      Name: executionName,
      RoleArn: request.roleArn ?? null,
    },
    StateMachine: { Id: start.stateMachineArn, Name: stateMachineName },
    State: {
      Name: UNNAMED,
      EnteredTime: now,
      ...("retry" in state ? { RetryCount: request.stateConfiguration?.retrierRetryCount ?? 0 } : {}),
    },
  };
  return { start, chance, context };
}

/** What each object of a context may hold, and of which type; `undefined`: of any. */
const MEMBERS: { readonly [name: string]: { readonly [member: string]: "string" | "number" | undefined } } = {
  Execution: {
    Id: "string",
    Input: undefined,
    Name: "string",
    RoleArn: "string",
    StartTime: "string",
    RedriveCount: "number",
    RedriveTime: "string",
  },
  State: { EnteredTime: "string", Name: "string", RetryCount: "number" },
  StateMachine: { Id: "string", Name: "string" },
  Task: { Token: "string" },
};

/** The caller's context object, of which every member may be missing. */
export function parseContext(text: string, state: State): JsonObject {
  const parsed = parseJsonLikeJackson(text);
  if (!parsed.ok) throw invalidContext("Context object must be valid JSON");
  const context = parsed.value;
  if (!isJsonObject(context)) throw invalidContext("Context object must be a JSON object");
  for (const [name, value] of Object.entries(context)) {
    if (name === "Map") throw invalidContext("'Map' field is not supported when mocking a Context object");
    if (!Object.hasOwn(MEMBERS, name)) throw notAllowed(name);
    if (name === "Task" && !hasToken(state)) {
      throw invalidContext(
        "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
      );
    }
    checkMembers(name, value);
  }
  return context;
}

/** True for a Task that somebody else may end with a token. */
export function hasToken(state: State): boolean {
  return state.type === "Task" && state.resource.kind === "service" && state.resource.pattern !== "requestResponse";
}

function checkMembers(name: string, object: Json): void {
  if (!isJsonObject(object)) throw invalidContext(`${name} must be an object`);
  const allowed = MEMBERS[name] ?? {};
  for (const [member, value] of Object.entries(object)) {
    if (!Object.hasOwn(allowed, member)) throw notAllowed(member);
    const type = allowed[member];
    // A generated context of a test without a role says so with null, and may be handed back.
    const fits = type === undefined || typeof value === type || (member === "RoleArn" && value === null);
    if (!fits) throw invalidContext(`${name}.${member} must be a ${type}`);
  }
}

function notAllowed(field: string): StateTestRefusal {
  return invalidContext(`Field '${field}' is not allowed`);
}

function invalidContext(problem: string): StateTestRefusal {
  return invalid(`Invalid Context object provided: ${problem}`);
}
