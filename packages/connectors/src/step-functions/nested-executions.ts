/**
 * `arn:aws:states:::states:startExecution` and its patterns: executions of this same Stepwell, started without HTTP.
 *
 * N1. A task that is sent again (after a crash) finds the execution it started: without a Name, the name is derived from
 *     the task's token.
 * N2. Aborting a `.sync` task stops its execution: also one whose start was not answered before the process died.
 */
import { createHash, randomUUID } from "node:crypto";
import { isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import type { Connector, RecoveredJob, TaskOutcome, TaskRequest } from "@stepwell/engine";
import { Rejection, traceHeaderOf } from "@stepwell/engine";
import { startProblem } from "../services/service-failure.ts";
import { type ApiMembers, optimisedFailure, refusedAs, type StepFunctionsApi } from "./step-functions-api.ts";

interface Handle {
  readonly executionArn: string;
}

export class NestedExecutions implements Connector {
  readonly #api: StepFunctionsApi;

  constructor(api: StepFunctionsApi) {
    this.#api = api;
  }

  handles({ resource }: Pick<TaskRequest, "resource" | "stateName">): boolean {
    return resource.kind === "service" && resource.service === "states" && resource.action === "startExecution";
  }

  parametersProblem({ input }: Pick<TaskRequest, "resource" | "input">): string | undefined {
    const parameters = JSON.parse(input) as Json;
    if (!isJsonObject(parameters))
      return startProblem(input, ["The value of the field 'Parameters' has an invalid format"]);
    const wrong = TEXTS.filter((name) => !isTextOrNothing(parameters[name]));
    if (wrong.length === 0) return undefined;
    return startProblem(
      input,
      wrong.map((name) => `The value of the field '${name}' has an invalid format`),
    );
  }

  start(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    return refusedAs(optimisedFailure, async () => {
      const started = await this.#startOnce(request, signal);
      const output = JSON.stringify(startEnvelope(started));
      if (request.resource.kind !== "service" || request.resource.pattern === "requestResponse") {
        return { kind: "succeeded", output };
      }
      const handle: Handle = { executionArn: String(started["executionArn"]) };
      const polled = request.resource.pattern === "sync" ? { handle: JSON.stringify(handle) } : {};
      return { kind: "submitted", output, ...polled };
    });
  }

  poll(request: TaskRequest, handle: string, signal: AbortSignal): Promise<TaskOutcome | undefined> {
    const { executionArn } = JSON.parse(handle) as Handle;
    return pollOnce(this.#api, request, executionArn, signal);
  }

  async cancel(_request: TaskRequest, handle: string | undefined): Promise<void> {
    if (handle === undefined) return;
    const { executionArn } = JSON.parse(handle) as Handle;
    await orGone(this.#api("StopExecution", { executionArn }, new AbortController().signal));
  }

  /** Looks for it by its name, and starts nothing. */
  async recover(request: TaskRequest, signal: AbortSignal): Promise<RecoveredJob> {
    const { StateMachineArn, Name, Input } = JSON.parse(request.input) as JsonObject;
    const machine = String(StateMachineArn).split(":").slice(0, 7).join(":");
    if (!machine.includes(":stateMachine:")) return { kind: "none" };
    const name = Name ?? derivedName(request.taskToken);
    const executionArn = `${machine.replace(":stateMachine:", ":execution:")}:${name}`;
    const found = (await orGone(this.#api("DescribeExecution", { executionArn }, signal))) as ApiMembers | undefined;
    if (found === undefined) return { kind: "none" };
    // A name of the workflow's own may be that of an execution which it did not start.
    const input = Input === undefined || Input === null ? "{}" : inputText(Input);
    const isOurs = Name === undefined || Name === null || (found["status"] === "RUNNING" && found["input"] === input);
    const handle: Handle = { executionArn };
    return isOurs ? { kind: "found", handle: JSON.stringify(handle) } : { kind: "none" };
  }

  async #startOnce(request: TaskRequest, signal: AbortSignal): Promise<ApiMembers> {
    const { StateMachineArn, Name, Input, TraceHeader } = JSON.parse(request.input) as JsonObject;
    const name = Name ?? derivedName(request.taskToken);
    const { traceparent } = request;
    const traceHeader = TraceHeader ?? (traceparent === undefined ? undefined : traceHeaderOf(traceparent));
    const input = {
      stateMachineArn: StateMachineArn,
      name,
      // Without one of its own, the execution belongs to the trace of the state that starts it.
      ...(traceHeader === undefined ? {} : { traceHeader }),
      ...(Input === undefined || Input === null ? {} : { input: inputText(Input) }),
    };
    try {
      return (await this.#api("StartExecution", input, signal)) as ApiMembers;
    } catch (error) {
      if (Name !== undefined || !(error instanceof Rejection) || error.name !== "ExecutionAlreadyExists") throw error;
      // N1: this very task started it before a crash, and it has ended meanwhile.
      const executionArn = /'(arn:[^']+)'/.exec(error.message)?.[1];
      if (executionArn === undefined) throw error;
      return (await this.#api("DescribeExecution", { executionArn }, signal)) as ApiMembers;
    }
  }
}

/** `Input` may be anything. */
const TEXTS = ["StateMachineArn", "Name", "TraceHeader"] as const;

function isTextOrNothing(value: Json | undefined): boolean {
  return value === undefined || value === null || typeof value === "string";
}

/** `undefined` where there is no such execution. */
async function orGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Rejection && /^(ExecutionDoesNotExist|InvalidArn)$/.test(error.name)) return undefined;
    throw error;
  }
}

/** A text is taken as the JSON text it must be, anything else is written as JSON (features.md B.3). */
function inputText(input: Json): string {
  return typeof input === "string" ? input : JSON.stringify(input);
}

function derivedName(taskToken: string): string {
  const hex = createHash("sha256").update(taskToken).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

function startEnvelope({ executionArn, startDate }: ApiMembers): object {
  const requestId = randomUUID();
  const headers = {
    connection: "keep-alive",
    "Content-Type": "application/x-amz-json-1.0",
    "x-amzn-RequestId": requestId,
  };
  return {
    ExecutionArn: executionArn,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StartDate: epochMs(startDate),
  };
}

/** The API's epoch seconds; SDK for Java v1 answers show milliseconds. */
function epochMs(seconds: unknown): number {
  return Math.round(Number(seconds) * 1000);
}

async function pollOnce(
  api: StepFunctionsApi,
  request: TaskRequest,
  executionArn: string,
  signal: AbortSignal,
): Promise<TaskOutcome | undefined> {
  const described = (await api("DescribeExecution", { executionArn }, signal)) as ApiMembers;
  if (described["status"] === "RUNNING" || described["status"] === "PENDING_REDRIVE") return undefined;
  const parsed = request.resource.kind === "service" && request.resource.resource.endsWith(".sync:2");
  const output = JSON.stringify(describeEnvelope(described, parsed));
  if (described["status"] === "SUCCEEDED") return { kind: "succeeded", output };
  return { kind: "failed", error: "States.TaskFailed", cause: output };
}

/** Every member capitalised; `.sync` leaves Input and Output as texts, `.sync:2` parses them (fact 31). */
function describeEnvelope(described: ApiMembers, parsed: boolean): object {
  const members = Object.keys(described)
    .sort()
    .map((member) => {
      const value = described[member];
      const name = member.charAt(0).toUpperCase() + member.slice(1);
      if (member.endsWith("Date")) return [name, epochMs(value)];
      if (member.endsWith("Details")) return [name, { Included: (value as ApiMembers)["included"] }];
      if (parsed && (member === "input" || member === "output")) return [name, JSON.parse(String(value))];
      return [name, value];
    });
  return Object.fromEntries(members);
}
