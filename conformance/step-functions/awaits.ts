import { setTimeout as sleep } from "node:timers/promises";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import type { StepAnswer } from "./recorded-case.ts";

// The conditions a step can wait for: README.md of the cases, "Steps".

/** The two sides a condition may look at. */
export interface Lookup {
  stepFunctions(operation: string, params: Json): Promise<StepAnswer>;
  /** Rejects where no stand-in runs. */
  other(service: string, operation: string, params: Json): Promise<StepAnswer>;
}

/** A condition did not come true in time. */
class AwaitTimedOut extends Error {
  override readonly name = "AwaitTimedOut";
}

const TIMEOUT_MS = 30_000;
const POLL_FIRST_MS = 20;
const POLL_MAX_MS = 250;

/** Polls until the condition is true; its answer has a `list` for `logs` and `sqs`. Rejects with `AwaitTimedOut` after 30 s. */
export async function awaitCondition(name: string, params: JsonObject, lookup: Lookup): Promise<StepAnswer> {
  const condition = Object.hasOwn(CONDITIONS, name) ? CONDITIONS[name] : undefined;
  if (condition === undefined) throw new Error(`no such condition to await: ${name}`);
  const poll = condition(params, lookup);
  const deadline = Date.now() + TIMEOUT_MS;
  for (let pause = POLL_FIRST_MS; ; pause = Math.min(pause * 1.5, POLL_MAX_MS)) {
    const answer = await poll();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new AwaitTimedOut(`"${name}" was not so after ${TIMEOUT_MS / 1000} s`);
    await sleep(pause);
  }
}

type Condition = (params: JsonObject, lookup: Lookup) => () => Promise<StepAnswer | undefined>;

const TERMINAL = ["ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"];

const CONDITIONS: { readonly [name: string]: Condition } = {
  terminated: lastEvent((type) => TERMINAL.includes(type)),
  succeeded: lastEvent((type) => type === "ExecutionSucceeded"),
  aborted: lastEvent((type) => type === "ExecutionAborted"),
  started: anyEvent((type) => type === "ExecutionStarted"),
  state_entered: anyEvent((type) => type.endsWith("StateEntered")),
  listed_with_status: listedExecution((execution, params) => execution["status"] === params["status"]),
  listed_as_ended: listedExecution((execution) => execution["status"] !== "RUNNING"),
  state_machine_listed: listed("ListStateMachines", "stateMachines", "stateMachineArn", true),
  state_machine_not_listed: listed("ListStateMachines", "stateMachines", "stateMachineArn", false),
  state_machine_version_listed: listed(
    "ListStateMachineVersions",
    "stateMachineVersions",
    "stateMachineVersionArn",
    true,
  ),
  state_machine_version_not_listed: listed(
    "ListStateMachineVersions",
    "stateMachineVersions",
    "stateMachineVersionArn",
    false,
  ),
  state_machine_alias_is_created: listed(
    "ListStateMachineAliases",
    "stateMachineAliases",
    "stateMachineAliasArn",
    true,
  ),
  state_machine_alias_is_deleted: listed(
    "ListStateMachineAliases",
    "stateMachineAliases",
    "stateMachineAliasArn",
    false,
  ),
  logs,
  sqs,
};

function lastEvent(isIt: (type: string) => boolean): Condition {
  return ({ executionArn }, { stepFunctions }) =>
    async () => {
      const answer = await stepFunctions("GetExecutionHistory", {
        executionArn: executionArn!,
        reverseOrder: true,
        maxResults: 1,
      });
      return eventTypes(answer).some(isIt) ? answer : undefined;
    };
}

function anyEvent(isIt: (type: string) => boolean): Condition {
  return ({ executionArn }, { stepFunctions }) =>
    async () => {
      const answer = await stepFunctions("GetExecutionHistory", { executionArn: executionArn! });
      return eventTypes(answer).some(isIt) ? answer : undefined;
    };
}

function eventTypes(answer: StepAnswer): string[] {
  if (answer.error !== undefined) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return elements(answer.body["events"]).map((event) => String(event["type"]));
}

function listedExecution(isIt: (execution: JsonObject, params: JsonObject) => boolean): Condition {
  return (params, { stepFunctions }) =>
    async () => {
      const executionArn = String(params["executionArn"] ?? params["execution_arn"]);
      const machine = executionArn.replace(":execution:", ":stateMachine:").replace(/:[^:]*$/, "");
      const answer = await stepFunctions("ListExecutions", { stateMachineArn: machine });
      const found = elements(answer.body["executions"]).find((each) => each["executionArn"] === executionArn);
      return found !== undefined && isIt(found, params) ? answer : undefined;
    };
}

// The parameters of these are in snake case: state_machine_arn, state_machine_version_arn, …
function listed(operation: string, list: string, member: string, wanted: boolean): Condition {
  const parameter = member.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return (params, { stepFunctions }) => {
    const arn = params[parameter];
    const request = operation === "ListStateMachines" ? {} : { stateMachineArn: params["state_machine_arn"]! };
    return async () => {
      const answer = await stepFunctions(operation, request);
      return elements(answer.body[list]).some((each) => each[member] === arn) === wanted ? answer : undefined;
    };
  };
}

const VALIDATION_STREAM = "log_stream_created_by_aws_to_validate_log_delivery_subscriptions";

function logs({ logGroupName, count }: JsonObject, { other }: Lookup): () => Promise<StepAnswer | undefined> {
  return async () => {
    const streams = await other("logs", "DescribeLogStreams", { logGroupName: logGroupName! });
    const newest = elements(streams.body["logStreams"])
      .filter((stream) => stream["logStreamName"] !== VALIDATION_STREAM)
      .sort((a, b) => Number(a["creationTime"]) - Number(b["creationTime"]))
      .at(-1);
    if (newest === undefined) return undefined;
    const request = { logGroupName: logGroupName!, logStreamName: newest["logStreamName"]!, startFromHead: true };
    const answer = await other("logs", "GetLogEvents", request);
    const list = elements(answer.body["events"]).map((event) => JSON.parse(String(event["message"])) as Json);
    const last = list.at(-1);
    const ended = isJsonObject(last) && TERMINAL.includes(String(last["type"]));
    return (typeof count === "number" ? list.length >= count : ended) ? { ...answer, list } : undefined;
  };
}

function sqs({ QueueUrl, count }: JsonObject, { other }: Lookup): () => Promise<StepAnswer | undefined> {
  const list: Json[] = [];
  return async () => {
    const answer = await other("sqs", "ReceiveMessage", { QueueUrl: QueueUrl!, MaxNumberOfMessages: 10 });
    for (const message of elements(answer.body["Messages"])) {
      list.push(JSON.parse(String(message["Body"])) as Json);
      await other("sqs", "DeleteMessage", { QueueUrl: QueueUrl!, ReceiptHandle: message["ReceiptHandle"]! });
    }
    return list.length >= Number(count) ? { ...answer, list } : undefined;
  };
}

function elements(value: Json | undefined): JsonObject[] {
  return isJsonArray(value) ? value.filter(isJsonObject) : [];
}
