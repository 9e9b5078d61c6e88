/**
 * Flows that flows start (cloudflow.md 5.4, 6.3), here, without HTTP.
 *
 * N1. A task that is sent again after a crash finds the execution it started: without a name, the name is derived from the
 *     task's token.
 * N2. Aborting a task that waits for its flow stops that flow.
 */
import { createHash, randomUUID } from "node:crypto";
import { flowErrorName, isJsonObject, type Json, type JsonObject, parseFlowResourceArn } from "@stepwell/core";
import { type RecoveredJob, Rejection, type TaskOutcome, type TaskRequest } from "@stepwell/engine";
import { failed } from "./flow-outcome.ts";

/** The part of CloudFlow's API that a task needs. Refusals are thrown as `Rejection`s with CloudFlow's codes. */
export interface FlowsApi {
  /** The execution that runs under the name, new or not. */
  start(flowName: string, executionName: string, input: string): Promise<{ readonly executionArn: string }>;
  describe(executionArn: string): Promise<ChildExecution>;
  stop(executionArn: string): Promise<void>;
  /** The ARN an execution of a flow has or would have. */
  executionArn(flowName: string, executionName: string): Promise<string>;
}

export interface ChildExecution {
  readonly status: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

export async function startFlow(request: TaskRequest, flows: FlowsApi): Promise<TaskOutcome> {
  const { resourceArn, executionName, input } = JSON.parse(request.input) as JsonObject;
  const arn = typeof resourceArn === "string" ? parseFlowResourceArn(resourceArn) : undefined;
  if (arn?.service !== "fnf") {
    return failed(
      "FnF.InvalidArgument",
      `resourceArn must be a flow's ARN, got ${JSON.stringify(resourceArn ?? null)}`,
    );
  }
  if (executionName !== undefined && executionName !== null && typeof executionName !== "string") {
    return failed("FnF.InvalidArgument", `executionName must be a string, got ${JSON.stringify(executionName)}`);
  }
  const given = typeof executionName === "string" && executionName !== "" ? executionName : undefined;
  const name = given ?? derivedName(request.taskToken);
  const text = inputText(input);
  if (text === undefined) return failed("FnF.InvalidArgument", "input must be a JSON object");
  try {
    const executionArn = await startOnce(flows, arn.flow, name, text, given === undefined);
    return outcomeOf(request, { FlowName: arn.flow, ExecutionName: name }, executionArn);
  } catch (error) {
    if (error instanceof Rejection) return failed(`FnF.${error.name}`, error.message);
    throw error;
  }
}

async function startOnce(
  flows: FlowsApi,
  flowName: string,
  name: string,
  input: string,
  derived: boolean,
): Promise<string> {
  try {
    return (await flows.start(flowName, name, input)).executionArn;
  } catch (error) {
    // N1: this very task started it before a crash, and it has ended meanwhile.
    if (!derived || !(error instanceof Rejection) || error.name !== "ExecutionAlreadyExists") throw error;
    return flows.executionArn(flowName, name);
  }
}

function outcomeOf(request: TaskRequest, started: JsonObject, executionArn: string): TaskOutcome {
  const output = JSON.stringify({ ...started, RequestID: randomUUID().toUpperCase() });
  const pattern = request.resource.kind === "service" ? request.resource.pattern : "requestResponse";
  if (pattern === "requestResponse") return { kind: "succeeded", output };
  return { kind: "submitted", output, ...(pattern === "sync" ? { handle: JSON.stringify({ executionArn }) } : {}) };
}

/** A failed flow fails the task with its own error. */
export async function pollFlow(handle: string, flows: FlowsApi): Promise<TaskOutcome | undefined> {
  const { executionArn } = JSON.parse(handle) as { executionArn: string };
  const { status, output, error, cause } = await flows.describe(executionArn);
  if (status === "RUNNING" || status === "PENDING_REDRIVE") return undefined;
  if (status === "SUCCEEDED") return { kind: "succeeded", output: output ?? "{}" };
  const name = error === undefined ? NAMELESS[status] : flowErrorName(error);
  return failed(name ?? "FnF.TaskFailed", cause ?? "");
}

const NAMELESS: { readonly [status: string]: string } = { TIMED_OUT: "FnF.Timeout", ABORTED: "FnF.Stopped" };

export async function stopFlow(handle: string, flows: FlowsApi): Promise<void> {
  await orGone(flows.stop((JSON.parse(handle) as { executionArn: string }).executionArn));
}

/** The execution that a start of this task has made, if it has; a name of the flow's own says too little. */
export async function findFlow(request: TaskRequest, flows: FlowsApi): Promise<RecoveredJob> {
  const { resourceArn, executionName } = JSON.parse(request.input) as JsonObject;
  const arn = typeof resourceArn === "string" ? parseFlowResourceArn(resourceArn) : undefined;
  if (arn?.service !== "fnf") return { kind: "none" };
  if (typeof executionName === "string" && executionName !== "") return { kind: "unknown" };
  const executionArn = await orGone(flows.executionArn(arn.flow, derivedName(request.taskToken)));
  const found = executionArn === undefined ? undefined : await orGone(flows.describe(executionArn));
  return found ? { kind: "found", handle: JSON.stringify({ executionArn }) } : { kind: "none" };
}

/** `undefined` where there is no such flow or execution. */
async function orGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Rejection && /^(Execution|Flow)(DoesNotExist|NotExists)$/.test(error.name)) return undefined;
    throw error;
  }
}

/** The text of a JSON object. */
function inputText(input: Json | undefined): string | undefined {
  if (input === undefined || input === null || input === "") return "{}";
  if (typeof input !== "string") return isJsonObject(input) ? JSON.stringify(input) : undefined;
  try {
    return isJsonObject(JSON.parse(input) as Json) ? input : undefined;
  } catch {
    return undefined;
  }
}

function derivedName(taskToken: string): string {
  const hex = createHash("sha256").update(taskToken).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
