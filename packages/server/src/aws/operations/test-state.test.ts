import { type TaskOutcome, type TaskRequest, VirtualClock } from "@stepwell/engine";
import { SimulatedThreads } from "@stepwell/engine/testing";
import { expect, test } from "vitest";
import { ROLE_ARN, testService } from "../../test-service.test-support.ts";
import type { PerformTask, StateTesting } from "../state-testing.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");

function service(testing: Partial<StateTesting> = {}) {
  const clock = new VirtualClock(NOW);
  const { call } = testService({ clock, testing });
  return {
    clock,
    test: (state: object | string, request: object = {}) =>
      call("TestState", { definition: typeof state === "string" ? state : JSON.stringify(state), ...request }),
  };
}

const PASS = { Type: "Pass", Next: "Then" };
const FUNCTION = { Type: "Task", Resource: "arn:aws:lambda:us-east-1:123456789012:function:f", TimeoutSeconds: 30 };
const TASK = { ...FUNCTION, Next: "Then", Retry: [{ ErrorEquals: ["States.Timeout"], IntervalSeconds: 4 }] };
const REAL = { roleArn: ROLE_ARN };

test("INFO answers what came out, the other levels also how", async () => {
  const { test } = service();
  const info = await test(PASS, { input: "[1, 2]" });
  expect(info).toMatchObject({ status: 200, body: { status: "SUCCEEDED", nextState: "Then", output: "[1, 2]" } });
  expect(info.body).not.toHaveProperty("inspectionData");
  for (const inspectionLevel of ["DEBUG", "TRACE"]) {
    const { body } = await test(PASS, { input: "[1, 2]", inspectionLevel });
    expect(body["inspectionData"]).toEqual({
      input: "[1, 2]",
      afterInputPath: "[1, 2]",
      afterParameters: "[1, 2]",
      afterResultSelector: "[1, 2]",
      afterResultPath: "[1, 2]",
    });
  }
});

test.each<[string, object | string, object, string, string]>([
  ["a definition that is none", "{}", {}, "InvalidDefinition", "These fields are required: [Type]"],
  ["an input that is no JSON", PASS, { input: "x" }, "InvalidExecutionInput", "Unrecognized token 'x'"],
  ["a role that is none", TASK, { roleArn: "r" }, "InvalidArn", "Invalid"],
  ["a Task without a role", TASK, {}, "ValidationException", "RoleArn must be specified when testing a Task state"],
  ["an unknown level", PASS, { inspectionLevel: "ALL" }, "ValidationException", "Member must satisfy enum value set"],
  ["a Task nobody performs", TASK, REAL, "ValidationException", "only when a mock is specified"],
])("%s is refused", async (_what, state, request, name, message) => {
  const { status, body } = await service().test(state, request);
  expect(status).toBe(400);
  expect(String(body["__type"]).split("#")[1]).toBe(name);
  expect(body["message"]).toContain(message);
});

test("without a mock a Task is performed, as in an execution", async () => {
  const requests: TaskRequest[] = [];
  const performTask: PerformTask = async (request) => {
    requests.push(request);
    return { kind: "succeeded", output: '{"done" : true}' };
  };
  const { test } = service({ performTask });
  const { body } = await test(TASK, { ...REAL, input: "5", inspectionLevel: "DEBUG" });
  expect(body).toMatchObject({ status: "SUCCEEDED", nextState: "Then", output: '{"done" : true}' });
  expect(body["inspectionData"]).toMatchObject({ afterParameters: "5", result: '{"done" : true}' });
  const [request] = requests;
  expect(request).toMatchObject({ input: "5", roleArn: ROLE_ARN, stateName: "StateName", startedAtMs: NOW });
  expect(request?.executionArn).toMatch(/^arn:aws:states:us-east-1:123456789012:express:[-0-9a-f]+:[-0-9a-f]+$/);
});

test("a task's failure is retried or not", async () => {
  const outcome: TaskOutcome = { kind: "failed", error: "E", cause: "C" };
  const { test } = service({ performTask: async () => outcome });
  expect((await test(TASK, REAL)).body).toEqual({ status: "FAILED", error: "E", cause: "C" });
  const retried = { ...TASK, Retry: [{ ErrorEquals: ["E"], IntervalSeconds: 2 }] };
  const { body } = await test(retried, {
    ...REAL,
    inspectionLevel: "DEBUG",
    stateConfiguration: { retrierRetryCount: 1 },
  });
  expect(body).toMatchObject({
    status: "RETRIABLE",
    inspectionData: { errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 4 } },
  });
});

test("a task that takes too long is told to stop", async () => {
  let signal: AbortSignal | undefined;
  const performTask: PerformTask = (_request, given) => {
    signal = given;
    return new Promise(() => undefined);
  };
  const { test, clock } = service({ performTask });
  const answer = test(TASK, REAL);
  await until(() => clock.next !== undefined);
  expect(clock.next).toBe(NOW + 30_000);
  clock.advance();
  expect((await answer).body).toEqual({ status: "RETRIABLE", error: "States.Timeout" });
  expect(signal?.aborted).toBe(true);
});

test("TRACE shows the request and the response of an HTTP Task", async () => {
  const sent = { protocol: "https", method: "GET", url: "https://x/", headers: "[]" };
  const got = { protocol: "https", statusCode: "200", statusMessage: "OK", headers: "[]", body: "{}" };
  const http = { request: sent, response: got };
  const reveals: boolean[] = [];
  const performTask: PerformTask = async ({ httpInspection }) => {
    if (httpInspection !== undefined) reveals.push(httpInspection.revealSecrets);
    httpInspection?.exchanged(http);
    return { kind: "succeeded", output: "{}" };
  };
  const { test } = service({ performTask });
  const state = { Type: "Task", Resource: "arn:aws:states:::http:invoke", Parameters: {}, End: true };
  const traced = await test(state, { ...REAL, inspectionLevel: "TRACE" });
  expect(traced.body["inspectionData"]).toMatchObject(http);
  const debugged = await test(state, { ...REAL, inspectionLevel: "DEBUG" });
  expect(debugged.body["inspectionData"]).not.toHaveProperty("request");
  await test(state, { ...REAL, inspectionLevel: "TRACE", revealSecrets: true });
  expect(reveals).toEqual([false, true]);
});

test("a Wait waits, for five minutes at most", async () => {
  const { test, clock } = service();
  const short = test({ Type: "Wait", Seconds: 299, Next: "Then" });
  await until(() => clock.next !== undefined);
  expect(clock.next).toBe(NOW + 299_000);
  clock.advance();
  expect((await short).body).toEqual({ status: "SUCCEEDED", output: "{}", nextState: "Then" });
  const long = test({ Type: "Wait", Seconds: 700, Next: "Then" });
  await until(() => clock.next !== undefined);
  clock.advance();
  expect((await long).body).toEqual({ status: "FAILED", error: "States.Timeout" });
  expect(clock.next).toBe(undefined);
});

test("under virtual time a Wait is over at once", async () => {
  const { test } = service({ virtualTime: true });
  const { body } = await test({ Type: "Wait", Seconds: 200, Next: "Then" });
  expect(body).toEqual({ status: "SUCCEEDED", output: "{}", nextState: "Then" });
});

test("mocked results are held against what the server knows of the API", async () => {
  const { test } = service({ mockResultProblem: (_resource, _result, mode) => `not in mode ${mode}` });
  const mock = { result: "{}", fieldValidationMode: "PRESENT" };
  expect((await test(TASK, { mock })).body["message"]).toBe("not in mode PRESENT");
});

async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    if (turns > 1_000) throw new Error("the condition must become true");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const LONG = "$sum([1..10000].($ * 2))";

test.each([0, 0.2])("what takes longer than %s ms is evaluated on a thread, with the same answer", async (quickMs) => {
  const clock = new VirtualClock(NOW);
  const threads = new SimulatedThreads(clock);
  const performTask: PerformTask = async () => ({ kind: "succeeded", output: '{"n":1}' });
  const fails: PerformTask = async () => ({ kind: "failed", error: "Boom", cause: "bad" });
  const long = { threads, quickMs, report: () => undefined };
  const jsonata = { QueryLanguage: "JSONata", Type: "Pass", Next: "Then", Output: `{% ${LONG} %}` };
  const task = {
    QueryLanguage: "JSONata",
    Type: "Task",
    Resource: FUNCTION.Resource,
    Arguments: { n: 1 },
    Output: `{% $states.result.n + ${LONG} %}`,
    Catch: [{ ErrorEquals: ["Boom"], Output: `{% $states.errorOutput.Cause & $string(${LONG}) %}`, Next: "Other" }],
    Next: "Then",
  };
  const longBefore = { ...task, Arguments: `{% { 'n': ${LONG} } %}` };
  const cases: readonly (readonly [object, object, Partial<StateTesting>])[] = [
    [jsonata, {}, {}],
    [{ ...jsonata, Output: `{% [${LONG}, $number('x')] %}` }, {}, {}],
    [task, REAL, { performTask }],
    [task, REAL, { performTask: fails }],
    [longBefore, REAL, { performTask }],
    [task, { mock: { result: '{"n":2}' } }, { mockResultProblem: () => undefined }],
    [task, { mock: { result: '{"n":2}' } }, { mockResultProblem: () => "no" }],
  ];
  for (const [state, request, testing] of cases) {
    const asked = { inspectionLevel: "DEBUG", ...request };
    const { status, body } = await service(testing).test(state, asked);
    expect(await service({ ...testing, long }).test(state, asked)).toMatchObject({ status, body });
  }
  expect(threads.performed.stateTest).toBeGreaterThanOrEqual(cases.length - 1);
});
