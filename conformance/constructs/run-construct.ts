/** Runs one definition of the construct library on the real engine and connectors, and says what is wrong with what it did. */
import { setTimeout as sleep } from "node:timers/promises";
import { isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { callStepFunctions } from "../step-functions/stepfunctions-client.ts";
import type { OtherServices } from "../step-functions/target.ts";
import type { ConstructCase } from "./construct-case.ts";
import { plainParameters, targetOf, wrongParameters } from "./expected-request.ts";
import { type Fitting, fittingInput } from "./fitting-input.ts";
import { type Changes, JOBS, type JobStates } from "./jobs.ts";
import { readerObjects } from "./reader-objects.ts";
import type { RecordingAws } from "./recording-aws.ts";
import { setUp, tasksOnMoto } from "./stand-in-setup.ts";
import type { ServiceRequest } from "./wire-request.ts";

export interface World {
  readonly aws: RecordingAws;
  /** Where waiting takes no time, and where it does: people and workers need some. */
  readonly virtual: string;
  readonly real: string;
}

export type JobEnd = "succeeded" | "failed" | "cancelled";

interface Ended {
  readonly status: string;
  readonly error?: string;
  readonly cause?: string;
  readonly events: readonly JsonObject[];
}

const ACCOUNT_ARN = "arn:aws:states:us-east-1:123456789012";
const ROLE = "arn:aws:iam::123456789012:role/a-role";
/** What STS gives for a role here. */
const ROLE_KEY = "a-accesskeyid";
const WAIT_MS = 15_000;
const PAUSE_MS = 10;
/** Nobody's requests. */
const NOBODY: Pick<RecordingAws, "requests"> = { requests: [] };
let machines = 0;

/** `.sync` states in it: what its jobs can come to. */
export function jobOf({ definition }: ConstructCase): JobStates | undefined {
  const [, name] = /arn:aws:states:::([\w-]+:\w+)\.sync/.exec(JSON.stringify(definition)) ?? [];
  return name === undefined ? undefined : JOBS[name];
}

/** Complaints; none when all is well. */
export async function runConstruct(
  construct: ConstructCase,
  world: World,
  end: JobEnd = "succeeded",
): Promise<string[]> {
  const text = JSON.stringify(construct.definition);
  const endpoint = /\.waitForTaskToken|:activity:/.test(text) ? world.real : world.virtual;
  const call = callsAt(endpoint);
  const fitting = fittingInput(construct.definition, (resource) => targetOf(resource)?.api);
  const { aws } = world;
  aws.requests.length = 0;
  const job = jobOf(construct);
  aws.rules = {
    changes: changesFor(fitting, text, job, end),
    objects: readerObjects(construct.definition, fitting.input),
    httpBody: fitting.payload,
    httpType: /\$parse\(\$states\.result\.ResponseBody\)/.test(text) ? "text/plain" : "application/json",
  };
  try {
    const ended = await execute(construct, fitting, call, aws, job, end);
    return complaintsOf(construct, fitting, ended, aws.requests, job, end);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** The same against moto, which must take the calls as AWS would; what they did is read back in services.moto.test.ts. */
export async function runOnMoto(construct: ConstructCase, endpoint: string, moto: OtherServices): Promise<string[]> {
  const fitting = fittingInput(construct.definition, (resource) => targetOf(resource)?.api);
  try {
    await setUp(tasksOnMoto(construct.definition) ?? [], fitting.input, moto);
    const ended = await execute(construct, fitting, callsAt(endpoint), NOBODY, undefined, "succeeded");
    const isGood = ended.status === "SUCCEEDED" || ended.events.some(({ type }) => type === "FailStateEntered");
    return isGood ? [] : [`${ended.status}: ${ended.error}: ${ended.cause}`];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** Answers that depend on the question: states of jobs, names that are looked for, payloads of functions. */
function changesFor(
  { payload, input }: Fitting,
  text: string,
  job: JobStates | undefined,
  end: JobEnd,
): (request: ServiceRequest) => Changes | undefined {
  let described = 0;
  const answerOf = (functionArn: string): Json => {
    // A result that is put at a place has the kind that others ask for there.
    const [, place] = new RegExp(`"ResultPath":"\\$\\.(\\w+)","Resource":"${functionArn}"`).exec(text) ?? [];
    const wanted = place === undefined || !isJsonObject(input) ? undefined : input[place];
    return wanted === undefined || isJsonObject(wanted) ? payload : wanted;
  };
  return ({ service, operation, parameters }) => {
    if (service === "lambda") return { Payload: JSON.stringify(answerOf(String(parameters["FunctionName"]))) };
    if (operation === "ListInstanceFleets" || operation === "ListInstanceGroups") {
      const [, literal = "a-value"] = /"Instance(?:Fleet|Group)Name":"([^"]+)"/.exec(text) ?? [];
      return { [`${operation.slice("List".length)}.0.Name`]: literal };
    }
    if (operation !== job?.describe) return undefined;
    described += 1;
    if (described === 1 || end === "cancelled") return job.running;
    return end === "failed" ? job.failed : job.succeeded;
  };
}

function callsAt(endpoint: string): Call {
  return async (operation, params) => {
    const { body, error } = await callStepFunctions(endpoint, operation, params);
    if (error !== undefined) throw new Error(`${operation}: ${error.code}: ${error.message}`);
    return body;
  };
}

type Call = (operation: string, params: Json) => Promise<JsonObject>;

async function execute(
  construct: ConstructCase,
  fitting: Fitting,
  call: Call,
  aws: Pick<RecordingAws, "requests">,
  job: JobStates | undefined,
  end: JobEnd,
): Promise<Ended> {
  machines += 1;
  const name = `M${machines}`;
  const definition = withVariables(construct.definition, fitting.variables);
  const text = JSON.stringify(definition);
  const children = await createChildren(text, call);
  const worker = workActivity(text, fitting.payload, call);
  const { stateMachineArn } = await call("CreateStateMachine", {
    name,
    definition: text,
    roleArn: ROLE,
    type: construct.type,
  });
  const input = JSON.stringify(fitting.input);
  if (construct.type === "EXPRESS") {
    const answer = await call("StartSyncExecution", { stateMachineArn: stateMachineArn!, input });
    return { status: String(answer["status"]), ...failureOf(answer), events: [] };
  }
  const { executionArn } = (await call("StartExecution", { stateMachineArn: stateMachineArn!, input })) as {
    executionArn: string;
  };
  if (/\.waitForTaskToken/.test(text)) await answerToken(aws, children, call);
  if (end === "cancelled") {
    await until(() => aws.requests.some(({ operation }) => operation === job?.describe), "a poll of the job");
    await call("StopExecution", { executionArn });
    await until(() => aws.requests.some(({ operation }) => operation === job?.cancel), `a request ${job?.cancel}`);
  }
  await worker;
  let answer: JsonObject = {};
  await until(async () => {
    answer = await call("DescribeExecution", { executionArn });
    return answer["status"] !== "RUNNING";
  }, "the end of the execution");
  return { status: String(answer["status"]), ...failureOf(answer), events: await historyOf(executionArn, call) };
}

function failureOf({ error, cause }: JsonObject): { error?: string; cause?: string } {
  return {
    ...(error === undefined ? {} : { error: String(error) }),
    ...(cause === undefined ? {} : { cause: String(cause) }),
  };
}

async function historyOf(executionArn: string, call: Call): Promise<JsonObject[]> {
  const events: JsonObject[] = [];
  let nextToken: Json | undefined;
  do {
    const page = await call("GetExecutionHistory", { executionArn, ...(nextToken === undefined ? {} : { nextToken }) });
    events.push(...(page["events"] as JsonObject[]));
    nextToken = page["nextToken"];
  } while (nextToken !== undefined);
  return events;
}

/** Variables that states before it would have assigned. */
function withVariables(definition: JsonObject, variables: JsonObject): JsonObject {
  if (Object.keys(variables).length === 0) return definition;
  const states = definition["States"] as JsonObject;
  const before = { Type: "Pass", QueryLanguage: "JSONPath", Assign: variables, Next: definition["StartAt"]! };
  const isJsonata = definition["QueryLanguage"] === "JSONata";
  const { QueryLanguage: _, ...path } = before;
  const jsonata = { ...path, Assign: variables };
  return { ...definition, StartAt: "Variables", States: { Variables: isJsonata ? jsonata : before, ...states } };
}

/** Machines that it starts: they give back their input. */
async function createChildren(text: string, call: Call): Promise<string[]> {
  const names = new Set([...text.matchAll(/:stateMachine:([\w-]+)/g)].map(([, name = ""]) => name));
  const definition = JSON.stringify({ StartAt: "P", States: { P: { Type: "Pass", End: true } } });
  for (const name of names) await call("CreateStateMachine", { name, definition, roleArn: ROLE });
  return [...names].map((name) => `${ACCOUNT_ARN}:stateMachine:${name}`);
}

async function workActivity(text: string, payload: Json, call: Call): Promise<void> {
  const [, name] = /:activity:([\w-]+)/.exec(text) ?? [];
  if (name === undefined) return;
  await call("CreateActivity", { name });
  const activityArn = `${ACCOUNT_ARN}:activity:${name}`;
  const { taskToken } = await call("GetActivityTask", { activityArn });
  await call("SendTaskSuccess", {
    taskToken: taskToken!,
    output: JSON.stringify({ ...(payload as JsonObject), size: 1 }),
  });
}

/** Whoever got the token gives it back: it must have been in a request, or in the input of a child. */
async function answerToken(
  aws: Pick<RecordingAws, "requests">,
  children: readonly string[],
  call: Call,
): Promise<void> {
  await until(async () => {
    const texts = aws.requests.map(({ parameters }) => JSON.stringify(parameters));
    for (const stateMachineArn of children) {
      const { executions } = await call("ListExecutions", { stateMachineArn });
      for (const { executionArn } of executions as JsonObject[]) {
        texts.push(String((await call("DescribeExecution", { executionArn: executionArn! }))["input"]));
      }
    }
    for (const [taskToken] of texts.join(" ").matchAll(/[A-Za-z0-9+/=_-]{60,1024}/g)) {
      try {
        await call("SendTaskSuccess", { taskToken, output: '{"answered":true}' });
        return true;
      } catch (error) {
        if (!/InvalidToken|TaskDoesNotExist/.test(String(error))) throw error;
      }
    }
    return false;
  }, "a task token that goes out");
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come within ${WAIT_MS / 1000} s`);
    await sleep(PAUSE_MS);
  }
}

function complaintsOf(
  construct: ConstructCase,
  { input }: Fitting,
  ended: Ended,
  requests: readonly ServiceRequest[],
  job: JobStates | undefined,
  end: JobEnd,
): string[] {
  const types = ended.events.map(({ type }) => String(type));
  const complaints: string[] = [];
  const expected = end === "cancelled" ? "ABORTED" : end === "failed" ? "FAILED" : "SUCCEEDED";
  // A Fail state is a good end too, and an error may be caught.
  const isGood = ended.status === expected || (end !== "cancelled" && types.includes("FailStateEntered"));
  const isCaught = end === "failed" && types.includes("TaskFailed");
  if (!isGood && !isCaught) complaints.push(`${ended.status}, not ${expected}: ${ended.error}: ${ended.cause}`);
  if (requests.some(({ operation }) => operation === "")) complaints.push("a request that no API has");
  complaints.push(...requestComplaints(construct, input, ended.events, requests));
  if (job !== undefined) {
    const polls = requests.filter(({ operation }) => operation === job.describe).length;
    if (polls < (end === "cancelled" ? 1 : 2)) complaints.push(`${job.describe} was asked ${polls} times`);
    if (!types.includes("TaskSubmitted")) complaints.push("no TaskSubmitted in the history");
    if (end === "failed" && !failedTask(ended.events))
      complaints.push(`no TaskFailed with States.TaskFailed in the history: ${ended.error}: ${ended.cause}`);
  }
  return complaints;
}

function failedTask(events: readonly JsonObject[]): boolean {
  return events.some(
    ({ taskFailedEventDetails: details }) => isJsonObject(details) && details["error"] === "States.TaskFailed",
  );
}

/** For each task that was scheduled, in order, the request that must have gone out. */
function requestComplaints(
  { definition }: ConstructCase,
  input: Json,
  events: readonly JsonObject[],
  requests: readonly ServiceRequest[],
): string[] {
  const left = [...requests];
  return events.flatMap(({ taskScheduledEventDetails: details }) => {
    if (!isJsonObject(details)) return [];
    const { resourceType, resource, parameters } = details as Readonly<Record<string, string>>;
    const target = targetOf(`arn:aws:states:::${resourceType}:${resource}`);
    if (target === undefined) return httpComplaints(String(resourceType), JSON.parse(parameters!) as JsonObject, left);
    const { api, operation, form } = target;
    const index = left.findIndex((request) => request.service === api.service && request.operation === operation.name);
    const [sent] = index < 0 ? [] : left.splice(index, 1);
    if (sent === undefined) return [`no request ${api.service}:${operation.name} went out`];
    const asked = form(JSON.parse(parameters!) as JsonObject);
    const states = Object.values(definition["States"] as JsonObject) as JsonObject[];
    const [state] = states;
    // Told from the definition alone, where that is plain.
    const plain =
      states.length === 1 &&
      state !== undefined &&
      state["InputPath"] === undefined &&
      state["QueryLanguage"] !== "JSONata"
        ? plainParameters(state["Parameters"] ?? {}, input)
        : undefined;
    const told = isJsonObject(plain) && state?.["Type"] === "Task" ? defined(form(plain)) : {};
    const signer = state?.["Credentials"] === undefined ? "" : ROLE_KEY;
    return [
      ...(signer === "" || sent.signedBy === signer ? [] : ["the request was not made as the role of Credentials"]),
      ...wrongParameters(target, asked, sent.parameters),
      ...wrongParameters(target, { ...asked, ...told }, sent.parameters),
    ].filter((complaint, at, all) => all.indexOf(complaint) === at);
  });
}

/** Without what is told by an expression. */
function defined(parameters: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(parameters).filter(([, value]) => value !== undefined && !JSON.stringify(value).includes("[null]")),
  );
}

/** Requests that are no API's: their method, path and body. */
function httpComplaints(service: string, parameters: JsonObject, left: ServiceRequest[]): string[] {
  if (!["apigateway", "http", "eks"].includes(service)) return [];
  const { Method, Stage, Path = "", ApiEndpoint = "", RequestBody, QueryParameters = {} } = parameters;
  const index = left.findIndex((request) => request.service === "http" && request.operation === Method);
  const [sent] = index < 0 ? [] : left.splice(index, 1);
  if (sent === undefined) return [`no request ${String(Method)} went out`];
  const { path, body, query } = sent.parameters as { path: string; body: string; query: JsonObject };
  const wanted =
    service === "http"
      ? new URL(String(ApiEndpoint)).pathname
      : `/${[...String(Stage ?? "").split("/"), ...String(Path).split("/")].filter((part) => part !== "").join("/")}`;
  const complaints: string[] = [];
  if (path !== wanted) complaints.push(`the path was ${path}, not ${wanted}`);
  if (RequestBody !== undefined && JSON.stringify(RequestBody) !== body && RequestBody !== body) {
    complaints.push(`the body was ${body}, not ${JSON.stringify(RequestBody)}`);
  }
  for (const [name, values] of Object.entries(QueryParameters as JsonObject)) {
    if (JSON.stringify([values].flat()) !== JSON.stringify(query[name])) complaints.push(`the query has not ${name}`);
  }
  return complaints;
}
