import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";

/** One call through some client. Dates may be whatever the client makes of them. Rejects with `CallRefused`. */
export type ApiCall = (operation: string, params: ApiParams) => Promise<ApiAnswer>;
export type ApiParams = { readonly [member: string]: unknown };
export type ApiAnswer = { readonly [member: string]: unknown };

/** The service answered with an error. */
export class CallRefused extends Error {
  override readonly name = "CallRefused";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const ROLE = "arn:aws:iam::123456789012:role/round-trip";

/** A client whose calls are noted, so that a test can tell which operations were never called. */
export function noting(call: ApiCall): { readonly call: ApiCall; readonly called: ReadonlySet<string> } {
  const called = new Set<string>();
  return {
    called,
    async call(operation, params) {
      called.add(operation);
      return await call(operation, params);
    },
  };
}

/** Every operation at least once, with what it answers looked at; `name` keeps the machines of several clients apart. */
export async function roundTrip(call: ApiCall, name: string): Promise<void> {
  await validation(call);
  await versionsAndAliases(call, `${name}-versions`);
  await tags(call, `${name}-tags`);
  await activityWork(call, `${name}-activity`);
  await stopping(call, `${name}-stop`);
  await express(call, `${name}-express`);
  await mapRuns(call, `${name}-map`);
  await stateTests(call);
  await refusals(call, `${name}-refusals`);
}

function passing(result: unknown): string {
  return JSON.stringify({ StartAt: "Done", States: { Done: { Type: "Pass", Result: result, End: true } } });
}

async function ended(call: ApiCall, executionArn: unknown): Promise<ApiAnswer> {
  for (let poll = 0; poll < 300; poll += 1) {
    const execution = await call("DescribeExecution", { executionArn });
    if (execution["status"] !== "RUNNING") return execution;
    await sleep(50);
  }
  throw new Error(`${executionArn} did not end`);
}

async function validation(call: ApiCall): Promise<void> {
  const fine = await call("ValidateStateMachineDefinition", { definition: passing(1) });
  expect(fine).toMatchObject({ result: "OK", diagnostics: [] });
  const wrong = await call("ValidateStateMachineDefinition", { definition: '{"StartAt":"A"}' });
  expect(wrong).toMatchObject({
    result: "FAIL",
    diagnostics: [{ severity: "ERROR", code: "SCHEMA_VALIDATION_FAILED" }],
  });
}

async function versionsAndAliases(call: ApiCall, name: string): Promise<void> {
  const created = await call("CreateStateMachine", { name, definition: passing("one"), roleArn: ROLE, publish: true });
  const { stateMachineArn, stateMachineVersionArn: one } = created;
  expect(one).toBe(`${stateMachineArn}:1`);
  const listed = await call("ListStateMachines", {});
  expect(listed["stateMachines"]).toContainEqual(expect.objectContaining({ stateMachineArn, name, type: "STANDARD" }));

  const { revisionId } = await call("UpdateStateMachine", { stateMachineArn, definition: passing("two") });
  const { stateMachineVersionArn: two } = await call("PublishStateMachineVersion", { stateMachineArn, revisionId });
  const described = await call("DescribeStateMachine", { stateMachineArn });
  expect(described).toMatchObject({ name, status: "ACTIVE", definition: passing("two"), roleArn: ROLE, revisionId });
  const versions = await call("ListStateMachineVersions", { stateMachineArn });
  expect(versions["stateMachineVersions"]).toMatchObject([
    { stateMachineVersionArn: two },
    { stateMachineVersionArn: one },
  ]);

  const routingConfiguration = [{ stateMachineVersionArn: one, weight: 100 }];
  const { stateMachineAliasArn } = await call("CreateStateMachineAlias", { name: "live", routingConfiguration });
  await call("UpdateStateMachineAlias", { stateMachineAliasArn, description: "what runs" });
  const alias = await call("DescribeStateMachineAlias", { stateMachineAliasArn });
  expect(alias).toMatchObject({ name: "live", description: "what runs", routingConfiguration });
  const aliases = await call("ListStateMachineAliases", { stateMachineArn });
  expect(aliases["stateMachineAliases"]).toMatchObject([{ stateMachineAliasArn }]);

  await throughAlias(call, stateMachineAliasArn, stateMachineArn);
  await expect(call("DeleteStateMachineVersion", { stateMachineVersionArn: one })).rejects.toMatchObject({
    code: "ConflictException",
  });
  await call("DeleteStateMachineAlias", { stateMachineAliasArn });
  await call("DeleteStateMachineVersion", { stateMachineVersionArn: one });
  await call("DeleteStateMachine", { stateMachineArn });
}

async function throughAlias(call: ApiCall, stateMachineAliasArn: unknown, stateMachineArn: unknown): Promise<void> {
  const request = { stateMachineArn: stateMachineAliasArn, name: "first", input: '{"order": 7}' };
  const { executionArn } = await call("StartExecution", request);
  const execution = await ended(call, executionArn);
  expect(execution).toMatchObject({ status: "SUCCEEDED", output: '"one"', name: "first", stateMachineAliasArn });
  expect(JSON.parse(String(execution["input"]))).toEqual({ order: 7 });
  const executions = await call("ListExecutions", { stateMachineArn, statusFilter: "SUCCEEDED" });
  expect(executions["executions"]).toMatchObject([{ executionArn, status: "SUCCEEDED" }]);
  const { events } = await call("GetExecutionHistory", { executionArn });
  const types = (events as ApiAnswer[]).map((event) => event["type"]);
  expect(types).toEqual(["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]);
  const { events: latest } = await call("GetExecutionHistory", { executionArn, reverseOrder: true, maxResults: 1 });
  expect(latest).toMatchObject([{ id: 4, type: "ExecutionSucceeded" }]);
  const machine = await call("DescribeStateMachineForExecution", { executionArn });
  expect(machine).toMatchObject({
    stateMachineArn: expect.stringContaining(String(stateMachineArn)),
    definition: passing("one"),
  });
}

async function tags(call: ApiCall, name: string): Promise<void> {
  const request = { name, definition: passing(1), roleArn: ROLE, tags: [{ key: "team", value: "a" }] };
  const { stateMachineArn: resourceArn } = await call("CreateStateMachine", request);
  await call("TagResource", { resourceArn, tags: [{ key: "stage", value: "test" }] });
  await call("UntagResource", { resourceArn, tagKeys: ["team"] });
  const { tags: left } = await call("ListTagsForResource", { resourceArn });
  expect(left).toEqual([{ key: "stage", value: "test" }]);
  await call("DeleteStateMachine", { stateMachineArn: resourceArn });
}

async function activityWork(call: ApiCall, name: string): Promise<void> {
  const { activityArn } = await call("CreateActivity", { name });
  expect(await call("DescribeActivity", { activityArn })).toMatchObject({ activityArn, name });
  const listed = await call("ListActivities", {});
  expect(listed["activities"]).toContainEqual(expect.objectContaining({ activityArn }));
  const definition = JSON.stringify({
    StartAt: "Work",
    States: { Work: { Type: "Task", Resource: activityArn, HeartbeatSeconds: 60, End: true } },
  });
  const { stateMachineArn } = await call("CreateStateMachine", { name, definition, roleArn: ROLE });
  const { executionArn } = await call("StartExecution", { stateMachineArn, input: '{"n": 1}' });

  const first = await call("GetActivityTask", { activityArn, workerName: "round-trip" });
  expect(JSON.parse(String(first["input"]))).toEqual({ n: 1 });
  await call("SendTaskHeartbeat", { taskToken: first["taskToken"] });
  await call("SendTaskFailure", { taskToken: first["taskToken"], error: "Broken", cause: "meant" });
  expect(await ended(call, executionArn)).toMatchObject({ status: "FAILED", error: "Broken", cause: "meant" });

  await call("RedriveExecution", { executionArn });
  const second = await call("GetActivityTask", { activityArn });
  expect(second["taskToken"]).not.toBe(first["taskToken"]);
  await call("SendTaskSuccess", { taskToken: second["taskToken"], output: '{"done": true}' });
  const execution = await ended(call, executionArn);
  expect(execution).toMatchObject({ status: "SUCCEEDED", redriveCount: 1 });
  expect(JSON.parse(String(execution["output"]))).toEqual({ done: true });
  await call("DeleteActivity", { activityArn });
  await call("DeleteStateMachine", { stateMachineArn });
}

async function stopping(call: ApiCall, name: string): Promise<void> {
  const states = { Wait: { Type: "Wait", Seconds: 600, End: true } };
  const definition = JSON.stringify({ StartAt: "Wait", States: states });
  const { stateMachineArn } = await call("CreateStateMachine", { name, definition, roleArn: ROLE });
  const { executionArn } = await call("StartExecution", { stateMachineArn });
  const { stopDate } = await call("StopExecution", { executionArn, error: "Enough", cause: "meant" });
  expect(stopDate).toBeTruthy();
  expect(await ended(call, executionArn)).toMatchObject({ status: "ABORTED", error: "Enough", cause: "meant" });
  await call("DeleteStateMachine", { stateMachineArn });
}

async function express(call: ApiCall, name: string): Promise<void> {
  const request = { name, definition: passing({ fast: true }), roleArn: ROLE, type: "EXPRESS" };
  const { stateMachineArn } = await call("CreateStateMachine", request);
  const answer = await call("StartSyncExecution", { stateMachineArn, input: "{}" });
  expect(answer).toMatchObject({
    status: "SUCCEEDED",
    output: '{"fast":true}',
    billingDetails: { billedMemoryUsedInMB: 64 },
  });
  await call("DeleteStateMachine", { stateMachineArn });
}

async function mapRuns(call: ApiCall, name: string): Promise<void> {
  const { activityArn } = await call("CreateActivity", { name });
  const each = {
    Type: "Map",
    Label: "each",
    MaxConcurrency: 1,
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      StartAt: "Work",
      States: { Work: { Type: "Task", Resource: activityArn, End: true } },
    },
    End: true,
  };
  const definition = JSON.stringify({ StartAt: "Each", States: { Each: each } });
  const { stateMachineArn } = await call("CreateStateMachine", { name, definition, roleArn: ROLE });
  const { executionArn } = await call("StartExecution", { stateMachineArn, input: "[1, 2]" });
  const first = await call("GetActivityTask", { activityArn });

  const { mapRuns: runs } = await call("ListMapRuns", { executionArn });
  const [{ mapRunArn }] = runs as [ApiAnswer];
  expect(runs).toMatchObject([{ executionArn, stateMachineArn: `${stateMachineArn}/each` }]);
  await call("UpdateMapRun", { mapRunArn, maxConcurrency: 2, toleratedFailureCount: 1 });
  expect(await call("DescribeMapRun", { mapRunArn })).toMatchObject({
    mapRunArn,
    status: "RUNNING",
    maxConcurrency: 2,
    toleratedFailureCount: 1,
    itemCounts: { total: 2, succeeded: 0 },
  });
  await call("SendTaskSuccess", { taskToken: first["taskToken"], output: '"one"' });
  const second = await call("GetActivityTask", { activityArn });
  await call("SendTaskSuccess", { taskToken: second["taskToken"], output: '"two"' });
  expect(await ended(call, executionArn)).toMatchObject({ status: "SUCCEEDED", output: '["one","two"]' });
  const { executions } = await call("ListExecutions", { mapRunArn });
  expect(executions).toMatchObject([{ mapRunArn, itemCount: 1 }, { status: "SUCCEEDED" }]);
  await call("DeleteActivity", { activityArn });
  await call("DeleteStateMachine", { stateMachineArn });
}

async function stateTests(call: ApiCall): Promise<void> {
  const task = { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken", Next: "Then" };
  const Parameters = { QueueUrl: "https://queue", MessageBody: { "Token.$": "$$.Task.Token" } };
  const answer = await call("TestState", {
    definition: JSON.stringify({ ...task, Parameters }),
    mock: { result: '{"a": 1}' },
    inspectionLevel: "DEBUG",
  });
  expect(answer).toMatchObject({ status: "SUCCEEDED", nextState: "Then", inspectionData: { input: "{}" } });
  expect(JSON.parse(String(answer["output"]))).toEqual({ a: 1 });
}

async function refusals(call: ApiCall, name: string): Promise<void> {
  const refused = async (operation: string, params: ApiParams, code: string, message: RegExp): Promise<void> => {
    const error = await call(operation, params).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error, operation).toMatchObject({ name: "CallRefused", code, message: expect.stringMatching(message) });
  };
  await refused("StartExecution", { stateMachineArn: "nothing" }, "InvalidArn", /Invalid Arn/);
  await refused(
    "CreateStateMachine",
    { name, definition: "{}", roleArn: ROLE },
    "InvalidDefinition",
    /^Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: /,
  );
  const missing = "arn:aws:states:us-east-1:123456789012:stateMachine:no-such-machine";
  await refused(
    "DescribeStateMachine",
    { stateMachineArn: missing },
    "StateMachineDoesNotExist",
    /^State Machine Does Not/,
  );
  await refused("SendTaskSuccess", { taskToken: "none", output: "{}" }, "InvalidToken", /^Invalid Token/);
}
