/** Each error of cloudflow.md's table, provoked by a client: its status, its code and its words. */
import { Rejection } from "@stepwell/engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CallFlows, CLIENTS, FlowCallError, popCoreClient } from "./flow-clients.ts";
import { type FlowServer, KEY, startFlowServer, TEMPORARY_KEY } from "./flow-server.ts";
import { until } from "./given-cases.ts";
import { acs3Request, type RawAnswer, rpcRequest } from "./raw-request.ts";

const PASS = "version: v1\ntype: flow\nsteps: [{ type: pass, name: p }]\n";
const WAIT = "Type: StateMachine\nStartAt: W\nStates: [{ Type: Wait, Name: W, Seconds: 300, End: true }]\n";

const LAUGHS = Array.from({ length: 12 }, (_, n) =>
  n === 0 ? "a0: &a0 [x, x]" : `a${n}: &a${n} [*a${n - 1}, *a${n - 1}, *a${n - 1}]`,
).join("\n");

let server: FlowServer;
let call: CallFlows;

beforeAll(async () => {
  server = await startFlowServer();
  call = popCoreClient(server.endpoint, KEY);
  await call("CreateFlow", { Name: "done", Definition: PASS, Description: "d", Type: "FDL" });
  await call("CreateFlow", { Name: "waits", Definition: WAIT, Description: "d", Type: "FDL" });
});

afterAll(() => server.close());

function expectError({ status, body }: RawAnswer, wanted: { status: number; code: string; message: string }): void {
  expect({ status, code: body["Code"], message: body["Message"] }).toEqual(wanted);
  expect(body["RequestId"]).toMatch(/^[0-9A-F-]{36}$/);
  expect(Object.keys(body)).toContain("HostId");
}

async function errorOf(promise: Promise<unknown>): Promise<FlowCallError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof FlowCallError) return error;
  throw new Error(`expected an error of the service, got ${String(error)}`);
}

describe("errors that clients are told of, by each client", () => {
  const cases: readonly (readonly [string, string, Record<string, string>, number, string])[] = [
    ["FlowNotExists", "DescribeFlow", { Name: "nobody" }, 404, "Flow nobody does not exist."],
    ["FlowNotExists", "StartExecution", { FlowName: "nobody" }, 404, "Flow nobody does not exist."],
    ["FlowNotExists", "DeleteFlow", { Name: "nobody" }, 404, "Flow nobody does not exist."],
    [
      "ExecutionNotExists",
      "DescribeExecution",
      { FlowName: "done", ExecutionName: "none" },
      404,
      "Execution none for flow done does not exist.",
    ],
    [
      "ScheduleNotExists",
      "DescribeSchedule",
      { FlowName: "done", ScheduleName: "none" },
      404,
      "The schedule none for flow done does not exist.",
    ],
    [
      "FlowAlreadyExists",
      "CreateFlow",
      { Name: "done", Definition: PASS, Description: "d", Type: "FDL" },
      409,
      "Flow done already exists.",
    ],
  ];

  describe.each(Object.entries(CLIENTS))("%s", (name, client) => {
    test.each(cases)("%s from %s", async (code, action, parameters, status, message) => {
      const error = await errorOf(client(server.endpoint, KEY)(action, parameters));
      expect(error.code).toBe(code);
      expect(error.message).toContain(message);
      if (name !== "pop-core") expect(error.status).toBe(status);
    });

    test("SignatureNotMatch and InvalidAccessKeyID", async () => {
      const wrong = await errorOf(client(server.endpoint, { ...KEY, accessKeySecret: "other" })("ListFlows"));
      expect(wrong.code).toBe("SignatureNotMatch");
      const unknown = await errorOf(client(server.endpoint, { ...KEY, accessKeyId: "nobody" })("ListFlows"));
      expect(unknown.code).toBe("InvalidAccessKeyID");
      expect(unknown.message).toContain("The AccessKey ID nobody is invalid.");
    });

    test("temporary credentials are good with their token alone", async () => {
      expect(await client(server.endpoint, TEMPORARY_KEY)("DescribeFlow", { Name: "done" })).toMatchObject({
        Name: "done",
      });
      for (const securityToken of [undefined, "other"]) {
        const { accessKeyId, accessKeySecret } = TEMPORARY_KEY;
        const key = { accessKeyId, accessKeySecret, ...(securityToken && { securityToken }) };
        expect((await errorOf(client(server.endpoint, key)("ListFlows"))).code).toBe("InvalidAccessKeyID");
      }
    });

    test("AccessDenied: what the key may not do", async () => {
      const reader = client(server.endpoint, { ...KEY, accessKeyId: "reader" });
      expect((await reader("DescribeFlow", { Name: "done" }))["Name"]).toBe("done");
      expect((await errorOf(reader("DeleteFlow", { Name: "done" }))).code).toBe("AccessDenied");
    });

    test("ExecutionAlreadyExists: the name of an execution that has ended", async () => {
      const about = { FlowName: "done", ExecutionName: `again-${name}` };
      const calls = client(server.endpoint, KEY);
      await calls("StartExecution", about);
      await calls("DescribeExecution", { ...about, WaitTimeSeconds: 60 });
      const error = await errorOf(calls("StartExecution", about));
      expect(error.code).toBe("ExecutionAlreadyExists");
      expect(error.message).toContain(`Execution again-${name} for flow done already exists.`);
    });

    test("RequestTimeTooSkewed", async () => {
      const late = await startFlowServer({ clockOffsetMs: 16 * 60_000 });
      try {
        expect((await errorOf(client(late.endpoint, KEY)("ListFlows"))).code).toBe("RequestTimeTooSkewed");
      } finally {
        await late.close();
      }
    });
  });
});

describe("InvalidArgument", () => {
  const create = (over: Record<string, string>): readonly [string, Record<string, string>] => [
    "CreateFlow",
    { Name: "x", Definition: PASS, Description: "d", Type: "FDL", ...over },
  ];
  test.each([
    ["a name", ...create({ Name: "1x" }), "Name must match"],
    ["a type", ...create({ Type: "BPMN" }), "Type must be FDL"],
    ["a mode", ...create({ ExecutionMode: "Fast" }), "ExecutionMode must be"],
    ["YAML that does not parse", ...create({ Definition: "a: [" }), "does not parse"],
    ["absurd nesting", ...create({ Definition: "[".repeat(50_000) }), "does not parse"],
    [
      "deep nesting",
      ...create({ Definition: `{"type":"flow","steps":${"[".repeat(250)}${"]".repeat(250)}}` }),
      "nested more than 200 deep",
    ],
    ["many aliases", ...create({ Definition: LAUGHS }), "does not parse"],
    ["no flow", ...create({ Definition: "a: b" }), "neither 'type: flow' nor 'Type: StateMachine'"],
    [
      "a step",
      ...create({ Definition: "type: flow\nsteps: [{ type: jump, name: hop }]" }),
      "step 'hop' at /steps/0/type: type must be one of",
    ],
    ["an execution's name", "StartExecution", { FlowName: "done", ExecutionName: "a b" }, "ExecutionName must match"],
    ["an input that is no JSON", "StartExecution", { FlowName: "done", Input: "{" }, "Input must be JSON"],
    ["an input that is no object", "StartExecution", { FlowName: "done", Input: "[1]" }, "Input must be a JSON object"],
    ["a limit", "ListFlows", { Limit: "1000" }, "Limit must be a whole number from 1 to 999"],
    [
      "a wait",
      "DescribeExecution",
      { FlowName: "done", ExecutionName: "x", WaitTimeSeconds: "61" },
      "WaitTimeSeconds must be a whole number from 0 to 60",
    ],
    ["a token", "ReportTaskSucceeded", { TaskToken: "forged", Output: "{}" }, "TaskToken is no token"],
    [
      "a cron expression",
      "CreateSchedule",
      { FlowName: "done", ScheduleName: "s", CronExpression: "* * *" },
      "must have 6 fields",
    ],
  ] as [string, string, Record<string, string>, string][])("%s", async (_name, action, parameters, words) => {
    const error = await errorOf(call(action, parameters));
    expect(error.code).toBe("InvalidArgument");
    expect(error.message).toContain("Parameter error.");
    expect(error.message).toContain(words);
  });
});

function resign(headers: Record<string, string>, from: string, to: string): void {
  Object.assign(headers, { authorization: headers["authorization"]?.replace(from, to) });
}

describe("the protocol's own errors", () => {
  test("MissingRequiredParams: an alias without routes", async () => {
    const error = await errorOf(call("CreateFlowAlias", { FlowName: "done", Name: "a" }));
    expect(error.code).toBe("MissingRequiredParams");
    expect(error.message).toContain("The HTTP query 'RoutingConfigurations' must be specified.");
  });

  test("MissingRequiredParams", async () => {
    const answer = await rpcRequest(server.endpoint, KEY, { Action: "DescribeFlow" });
    expectError(answer, {
      status: 400,
      code: "MissingRequiredParams",
      message: "The HTTP query 'Name' must be specified.",
    });
  });

  test("MissingRequiredHeader", async () => {
    const answer = await acs3Request(server.endpoint, KEY, "ListFlows", { headers: { "x-acs-date": undefined } });
    expectError(answer, {
      status: 400,
      code: "MissingRequiredHeader",
      message: "The HTTP header 'x-acs-date' must be specified.",
    });
  });

  test("ActionNotSupported and APIVersionNotSupported", async () => {
    expectError(await rpcRequest(server.endpoint, KEY, { Action: "Dance" }), {
      status: 400,
      code: "ActionNotSupported",
      message: "The requested API operation 'Dance' is incorrect. Please check.",
    });
    expectError(await rpcRequest(server.endpoint, KEY, { Action: "ListFlows", Version: "2018-01-01" }), {
      status: 400,
      code: "APIVersionNotSupported",
      message: "The requested API version '2018-01-01' is not supported yet. Please check.",
    });
  });

  test("EntityTooLarge", async () => {
    const body = `Input=${"x".repeat(3_000_000)}`;
    expectError(await acs3Request(server.endpoint, KEY, "StartExecution", { body }), {
      status: 400,
      code: "EntityTooLarge",
      message: "The payload size exceeds maximum allowed size (1048576 bytes).",
    });
  });

  test("UnsupportedMediaType", async () => {
    const request = { body: "FlowName: done", headers: { "content-type": "application/yaml" } };
    expectError(await acs3Request(server.endpoint, KEY, "StartExecution", request), {
      status: 415,
      code: "UnsupportedMediaType",
      message: 'The content type must be "application/json".',
    });
  });

  test("SignatureNotMatch: a body, a header or a parameter changed after signing, other algorithms", async () => {
    const changes = {
      hash: await acs3Request(server.endpoint, KEY, "StartExecution", {
        body: "FlowName=done",
        headers: { "x-acs-content-sha256": "0".repeat(64) },
      }),
      action: await acs3Request(server.endpoint, KEY, "ListFlows", {
        tamper: ({ headers }) => void Object.assign(headers, { "x-acs-action": "DeleteFlow" }),
      }),
      query: await acs3Request(server.endpoint, KEY, "DescribeFlow", {
        query: { Name: "done" },
        tamper: ({ url }) => url.searchParams.set("Name", "waits"),
      }),
      algorithm: await acs3Request(server.endpoint, KEY, "ListFlows", {
        tamper: ({ headers }) => resign(headers, "HMAC-SHA256", "RSA-SHA256"),
      }),
      unsigned: await acs3Request(server.endpoint, KEY, "ListFlows", {
        tamper: ({ headers }) => resign(headers, "x-acs-action;", ""),
      }),
      rpc: await rpcRequest(server.endpoint, KEY, { Action: "ListFlows", Signature: "bm8=" }),
    };
    for (const [what, answer] of Object.entries(changes)) {
      expect({ what, status: answer.status, code: answer.body["Code"] }).toEqual({
        what,
        status: 403,
        code: "SignatureNotMatch",
      });
    }
  });

  test("a body that is no JSON is told of only to who may ask (the order of the checks)", async () => {
    const bad = { body: "{", headers: { "content-type": "application/json" } };
    const unknown = await acs3Request(server.endpoint, { ...KEY, accessKeyId: "nobody" }, "ListFlows", bad);
    expect({ status: unknown.status, code: unknown.body["Code"] }).toEqual({ status: 403, code: "InvalidAccessKeyID" });
    const action = await acs3Request(server.endpoint, KEY, "Dance", bad);
    expect(action.body["Code"]).toBe("ActionNotSupported");
    const known = await acs3Request(server.endpoint, KEY, "ListFlows", bad);
    expect({ status: known.status, code: known.body["Code"] }).toEqual({ status: 400, code: "InvalidArgument" });
  });

  test("SignatureNonceUsed: a request that was recorded and is sent again", async () => {
    const parameters = { Action: "ListFlows", SignatureNonce: "once" };
    expect((await rpcRequest(server.endpoint, KEY, parameters)).status).toBe(200);
    const again = await rpcRequest(server.endpoint, KEY, parameters);
    expect({ status: again.status, code: again.body["Code"] }).toEqual({ status: 400, code: "SignatureNonceUsed" });
  });

  test("RequestTimeTooSkewed: a time that is none", async () => {
    const answer = await rpcRequest(server.endpoint, KEY, { Action: "ListFlows", Timestamp: "yesterday" });
    expect({ status: answer.status, code: answer.body["Code"] }).toEqual({ status: 403, code: "RequestTimeTooSkewed" });
  });

  test("a request id that is asked for is given back, in errors, too", async () => {
    const fine = await rpcRequest(server.endpoint, KEY, { Action: "ListFlows", RequestId: "mine-1" });
    expect(fine.body["RequestId"]).toBe("mine-1");
    expect(fine.body["Code"]).toBeUndefined();
    const answer = await rpcRequest(server.endpoint, KEY, { Action: "DescribeFlow", Name: "x", RequestId: "mine-2" });
    expect(answer.body["RequestId"]).toBe("mine-2");
  });

  test("PreconditionFailed: the flow is not the one that If-Match names", async () => {
    const described = await acs3Request(server.endpoint, KEY, "DescribeFlow", { query: { Name: "waits" } });
    const etag = described.headers.get("etag") ?? "";
    const update = (match: string): Promise<RawAnswer> =>
      acs3Request(server.endpoint, KEY, "UpdateFlow", {
        query: { Name: "waits", Description: "new" },
        headers: { "if-match": match },
      });
    expect((await update(etag)).status).toBe(200);
    expectError(await update(etag), {
      status: 412,
      code: "PreconditionFailed",
      message: "The resource to be modified has been changed.",
    });
  });
});

describe("errors of tasks", () => {
  const CALLBACK = `
type: flow
steps:
  - type: task
    name: ask
    resourceArn: acs:fnf:::flow/done
    pattern: waitForCallback
    inputMappings: [{ target: token, source: $context.task.token }]
    serviceParams: { Input: $, ExecutionName: asked }
`;
  const SYNC = CALLBACK.replace("waitForCallback", "sync").replace("flow/done", "flow/waits").replace("asked", "job");

  async function tokenOf(flow: string, execution: string): Promise<string> {
    return until("the child", async () => {
      const child = await call("DescribeExecution", { FlowName: flow, ExecutionName: execution }).catch(
        () => undefined,
      );
      return child && JSON.parse(child["Input"]).token;
    });
  }

  test("the answer to a report names the event it made, however far the flow has come", async () => {
    const each = `
type: flow
steps:
  - type: foreach
    name: each
    iterationMapping: { collection: $.names, item: name }
    steps:
      - type: task
        name: ask
        resourceArn: acs:fnf:::flow/done
        pattern: waitForCallback
        inputMappings: [{ target: token, source: $context.task.token }, { target: name, source: $input.name }]
        serviceParams: { Input: $, ExecutionName: $.name }
      - { type: task, name: more, resourceArn: "acs:fnf:::flow/done" }
`;
    await call("CreateFlow", { Name: "asks_each", Definition: each, Description: "d", Type: "FDL" });
    const names = ["each_a", "each_b", "each_c"];
    const about = { FlowName: "asks_each", ExecutionName: "e" };
    await call("StartExecution", { ...about, Input: JSON.stringify({ names }) });
    const made: [string, number][] = [];
    for (const name of ["each_b", "each_c", "each_a"]) {
      const Output = JSON.stringify({ by: name });
      const { EventId } = await call("ReportTaskSucceeded", { TaskToken: await tokenOf("done", name), Output });
      made.push([`{"output":${Output}}`, EventId]);
    }
    const { Events } = await call("GetExecutionHistory", { ...about, Limit: 999 });
    for (const [detail, id] of made) {
      expect(Events[id - 1]).toMatchObject({
        EventId: id,
        Type: "TaskSucceeded",
        StepName: "ask",
        EventDetail: detail,
      });
    }
  });

  test("TaskAlreadyCompleted: a second report", async () => {
    await call("CreateFlow", { Name: "asks", Definition: CALLBACK, Description: "d", Type: "FDL" });
    await call("StartExecution", { FlowName: "asks", ExecutionName: "e" });
    const token = await tokenOf("done", "asked");
    const first = await call("ReportTaskSucceeded", { TaskToken: token, Output: '{"ok":true}' });
    const { Events } = await call("GetExecutionHistory", { FlowName: "asks", ExecutionName: "e" });
    const event = Events.find(({ EventId }: { EventId: number }) => EventId === first["EventId"]);
    expect(event).toMatchObject({ Type: "TaskSucceeded", StepName: "ask", EventDetail: '{"output":{"ok":true}}' });
    for (const report of [
      call("ReportTaskSucceeded", { TaskToken: token, Output: "{}" }),
      call("ReportTaskFailed", { TaskToken: token, Error: "E" }),
    ]) {
      const error = await errorOf(report);
      expect(error.code).toBe("TaskAlreadyCompleted");
      expect(error.message).toContain("has already completed.");
    }
  });

  test("TaskInvalidState: a report to a task that waits for its flow", async () => {
    await call("CreateFlow", { Name: "runs", Definition: SYNC, Description: "d", Type: "FDL" });
    await call("StartExecution", { FlowName: "runs", ExecutionName: "e" });
    const error = await errorOf(
      call("ReportTaskSucceeded", { TaskToken: await tokenOf("waits", "job"), Output: "{}" }),
    );
    expect(error.code).toBe("TaskInvalidState");
    expect(error.message).toContain("Task is in an invalid state, please retry.");
  });
});

describe("errors of the service itself", () => {
  test("ResourceThrottled, where the documented rates are on", async () => {
    const throttled = await startFlowServer({ rates: "documented" });
    try {
      const calls = popCoreClient(throttled.endpoint, KEY);
      const results = await Promise.allSettled(Array.from({ length: 30 }, () => calls("ListFlows")));
      const refused = results.filter((result) => result.status === "rejected").map(({ reason }) => reason);
      expect(refused.length).toBeGreaterThan(0);
      for (const error of refused) expect(error.code).toBe("ResourceThrottled");
    } finally {
      await throttled.close();
    }
  });

  test.each([
    ["ConcurrentUpdateError", "Update conflict, please retry.", () => new Rejection("ConcurrentUpdateError", "")],
    ["InternalServerError", "An internal error has occurred. Please retry.", () => new Error("secret details")],
  ])("%s", async (code, message, thrown) => {
    const broken = await startFlowServer({
      change(stepwell) {
        const { flows, schedules, reports } = stepwell.flows;
        const update = (): Promise<never> => Promise.reject(thrown());
        const failing = { create: flows.create.bind(flows), describe: flows.describe.bind(flows), update };
        return { ...stepwell, flows: { flows: { ...flows, ...failing }, schedules, reports } };
      },
    });
    try {
      const error = await errorOf(popCoreClient(broken.endpoint, KEY)("UpdateFlow", { Name: "f", Description: "d" }));
      expect(error.code).toBe(code);
      expect(error.message).toContain(message);
      expect(error.message).not.toContain("secret");
    } finally {
      await broken.close();
    }
  });
});
