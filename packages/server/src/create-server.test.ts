import { connect } from "node:net";
import { StoreUnavailable } from "@stepwell/engine";
import { afterEach, describe, expect, test } from "vitest";
import { createLogger } from "./logger.ts";
import { PASS, ROLE_ARN, type TestService, testService } from "./test-service.test-support.ts";

const ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:orders";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let service: TestService;
afterEach(() => service.app.close());

async function withStateMachine(type = "STANDARD"): Promise<void> {
  service = testService();
  await service.call("CreateStateMachine", { name: "orders", definition: PASS, roleArn: ROLE_ARN, type });
}

describe("the wire", () => {
  test("an answer is AWS JSON 1.0 with a request id and times in seconds", async () => {
    service = testService();
    const answer = await service.call("CreateActivity", { name: "work" });
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/x-amz-json-1.0");
    expect(answer.headers["x-amzn-requestid"]).toMatch(UUID);
    expect(answer.body).toEqual({
      activityArn: "arn:aws:states:us-east-1:123456789012:activity:work",
      creationDate: expect.closeTo(Date.now() / 1_000, 0),
    });
  });

  test("an error has its name in the body and in a header, and its status", async () => {
    service = testService();
    const answer = await service.call("DescribeActivity", { activityArn: "no_an_activity_arn" });
    expect(answer.status).toBe(400);
    expect(answer.headers["x-amzn-errortype"]).toBe("InvalidArn");
    expect(answer.headers["x-amzn-requestid"]).toMatch(UUID);
    expect(answer.body).toEqual({
      __type: "com.amazonaws.swf.service.v2.model#InvalidArn",
      message: "Invalid Arn: 'Invalid ARN prefix: no_an_activity_arn'",
    });
  });

  test("a conflict is 409 and a quota 402", async () => {
    await withStateMachine();
    const conflict = await service.call("PublishStateMachineVersion", { stateMachineArn: ARN, revisionId: "x" });
    expect(conflict).toMatchObject({ status: 409, headers: { "x-amzn-errortype": "ConflictException" } });
    const { API_ERRORS } = await import("./aws/errors.ts");
    expect(API_ERRORS["ServiceQuotaExceededException"]?.status).toBe(402);
  });

  test.each([
    ["no target", {}],
    ["another service", { "x-amz-target": "DynamoDB_20120810.ListTables" }],
    ["an unknown operation", { "x-amz-target": "AWSStepFunctions.DropTables" }],
    ["a member of every object", { "x-amz-target": "AWSStepFunctions.constructor" }],
  ])("%s is an UnknownOperationException", async (_what, headers) => {
    service = testService();
    const response = await service.app.inject({ method: "POST", url: "/", headers, payload: "{}" });
    expect(response.statusCode).toBe(400);
    expect(response.headers["x-amzn-errortype"]).toBe("UnknownOperationException");
  });

  test.each([
    ["an empty body", ""],
    ["half an object", "{"],
    ["no JSON", "nonsense"],
    ["a list", "[1]"],
    ["a text", '"text"'],
    ["a byte order mark", "\ufeff{}"],
    ["a very deep list", "[".repeat(100_000)],
  ])("%s is no 5xx", async (_what, body) => {
    service = testService();
    const answer = await service.call("DescribeActivity", body);
    expect(answer.status).toBe(400);
  });

  test("an empty body is an empty request, whatever its content type", async () => {
    service = testService();
    for (const type of ["application/x-amz-json-1.0", "application/json", "text/plain", "x", ""]) {
      const headers = {
        "x-amz-target": "AWSStepFunctions.ListActivities",
        ...(type === "" ? {} : { "content-type": type }),
      };
      const response = await service.app.inject({ method: "POST", url: "/", headers });
      expect([200, 415]).toContain(response.statusCode);
    }
  });

  test("a body above 1 MiB is refused", async () => {
    service = testService();
    const definition = "x".repeat(1_048_577);
    const answer = await service.call("ValidateStateMachineDefinition", { definition });
    expect(answer.status).toBe(413);
    expect(answer.body["__type"]).toBe("com.amazon.coral.service#RequestEntityTooLargeException");
  });

  test("an unexpected failure tells the client nothing and the log everything but payloads", async () => {
    const lines: string[] = [];
    const logger = createLogger({ level: "trace", destination: { write: (line) => void lines.push(line) } });
    service = testService({ logger });
    service.executions.describe = async () => {
      throw new Error("disk on fire at /secret/path");
    };
    const executionArn = ARN.replace("stateMachine:", "execution:").concat(":e");
    const answer = await service.call("StopExecution", { executionArn, cause: "private cause" });
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer)).not.toMatch(/secret|disk|stack/);
    expect(lines.join("")).toContain("disk on fire");
    await service.call("SendTaskSuccess", { taskToken: "t", output: '"private output"' });
    expect(lines.join("")).toContain("SendTaskSuccess");
    expect(lines.join("")).not.toContain("private");
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ level: "info", operation: "SendTaskSuccess", status: 200 });
  });

  test("a store that is away is 503, and the health check says so", async () => {
    service = testService();
    expect((await service.app.inject("/healthz")).json()).toEqual({ status: "ok" });
    service.store.activities = async () => {
      throw new StoreUnavailable("locked");
    };
    expect(await service.call("ListActivities", {})).toMatchObject({
      status: 503,
      headers: { "x-amzn-errortype": "ServiceUnavailableException" },
    });
    expect((await service.app.inject("/healthz")).statusCode).toBe(503);
  });

  test("what is not there is 404 and says nothing", async () => {
    service = testService();
    for (const url of ["/nothing", "/../../etc/passwd", "/%00", "/?x=1"]) {
      const response = await service.app.inject({ method: "GET", url });
      expect(response.statusCode).toBe(404);
      expect(response.body).not.toContain("etc");
    }
  });

  test("metrics count calls by operation and error", async () => {
    service = testService();
    await service.call("ListActivities", {});
    await service.call("DescribeActivity", {});
    const { body } = await service.app.inject("/metrics");
    expect(body).toContain('stepwell_call_count_total{operation="ListActivities",error=""} 1');
    expect(body).toContain('stepwell_call_count_total{operation="DescribeActivity",error="ValidationException"} 1');
    expect(body).toContain("stepwell_open_execution_count 0");
    expect(body).toContain('stepwell_call_latency_seconds_count{operation="ListActivities"} 1');
  });

  test("a client that dawdles with its request is cut off", async () => {
    service = testService({ config: { headersTimeoutMs: 100, requestTimeoutMs: 200 } });
    await service.app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = service.app.server.address() as { port: number };
    const socket = connect(port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{");
    const received = await new Promise<string>((resolve) => {
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
      });
      socket.on("close", () => resolve(text));
    });
    expect(received).toMatch(/^(HTTP\/1\.1 408|$)/);
  });
});

describe("operations", () => {
  test("a state machine is described with its defaults; without data its definition is empty", async () => {
    await withStateMachine();
    const described = await service.call("DescribeStateMachine", { stateMachineArn: ARN });
    expect(described.body).toEqual({
      stateMachineArn: ARN,
      name: "orders",
      status: "ACTIVE",
      type: "STANDARD",
      definition: PASS,
      roleArn: ROLE_ARN,
      creationDate: expect.any(Number),
      loggingConfiguration: { level: "OFF", includeExecutionData: false },
      tracingConfiguration: { enabled: false },
      encryptionConfiguration: { type: "AWS_OWNED_KEY" },
    });
    const hidden = await service.call("DescribeStateMachine", { stateMachineArn: ARN, includedData: "METADATA_ONLY" });
    expect(hidden.body["definition"]).toBe("{}");
  });

  test("state machines are listed with nothing but what AWS tells of them", async () => {
    service = testService();
    const { call } = service;
    const { body } = await call("CreateStateMachine", { name: "one", definition: PASS, roleArn: ROLE_ARN });
    const { body: listed } = await call("ListStateMachines", {});
    expect(listed).toEqual({ stateMachines: [{ ...body, name: "one", type: "STANDARD" }] });
  });

  test("variables that states refer to are told", async () => {
    service = testService();
    const definition = JSON.stringify({
      StartAt: "A",
      States: {
        A: { Type: "Pass", Assign: { x: 1 }, Next: "B" },
        B: { Type: "Pass", Parameters: { "y.$": "$x" }, End: true },
      },
    });
    await service.call("CreateStateMachine", { name: "orders", definition, roleArn: ROLE_ARN });
    const { body } = await service.call("DescribeStateMachine", { stateMachineArn: ARN });
    expect(body["variableReferences"]).toEqual({ B: ["x"] });
  });

  test("validation answers diagnostics, filtered by severity and cut at maxResults", async () => {
    service = testService();
    const validate = (input: object) => service.call("ValidateStateMachineDefinition", input);
    expect((await validate({ definition: PASS })).body).toEqual({ result: "OK", diagnostics: [], truncated: false });
    expect((await validate({ definition: "{}" })).body).toEqual({
      result: "FAIL",
      diagnostics: [
        {
          severity: "ERROR",
          code: "SCHEMA_VALIDATION_FAILED",
          message: "These fields are required: [States, StartAt]",
          location: "/",
        },
      ],
      truncated: false,
    });
    const two = '{"StartAt":"A","States":{"A":{"Type":"Pass"},"B":{"Type":"Pass"}}}';
    const cut = await validate({ definition: two, maxResults: 1 });
    expect(cut.body).toMatchObject({ result: "FAIL", truncated: true });
    expect(cut.body["diagnostics"]).toHaveLength(1);
  });

  test("a synchronous execution is billed by 100 ms and answers 200 also when it fails", async () => {
    await withStateMachine("EXPRESS");
    const succeeded = await service.call("StartSyncExecution", { stateMachineArn: ARN, name: "n", input: "[1]" });
    expect(succeeded.body).toMatchObject({
      status: "SUCCEEDED",
      input: "[1]",
      output: "[1]",
      inputDetails: { included: true },
      outputDetails: { included: true },
      billingDetails: { billedDurationInMilliseconds: 200, billedMemoryUsedInMB: 64 },
    });
    const failed = await service.call("StartSyncExecution", { stateMachineArn: ARN, name: "fails" });
    expect(failed.status).toBe(200);
    expect(failed.body).toMatchObject({ status: "FAILED", error: "E", cause: "C", outputDetails: { included: true } });
    expect(failed.body).not.toHaveProperty("output");
    const hidden = { stateMachineArn: ARN, includedData: "METADATA_ONLY" };
    expect((await service.call("StartSyncExecution", hidden)).body).not.toHaveProperty("input");
  });

  test("a synchronous start of a Standard state machine is refused", async () => {
    await withStateMachine();
    expect(await service.call("StartSyncExecution", { stateMachineArn: ARN })).toMatchObject({
      status: 400,
      body: {
        __type: "com.amazonaws.swf.service.v2.model#StateMachineTypeNotSupported",
        message: "This operation is not supported by this type of state machine",
      },
    });
  });

  test.each([
    [
      { input: "not some json" },
      "Invalid State Machine Execution Input: 'Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')'",
    ],
    [
      { input: "{'not': 'json'" },
      "Invalid State Machine Execution Input: 'Unexpected character (''' (code 39)): was expecting double-quote to start field name'",
    ],
    [{ input: "" }, "Invalid State Machine Execution Input: 'Invalid execution input.'"],
    [{ name: "a/b" }, "Invalid Name: 'a/b'"],
  ])("a start with %j is refused in AWS's words", async (wrong, message) => {
    await withStateMachine();
    const { status, body } = await service.call("StartExecution", { stateMachineArn: ARN, ...wrong });
    expect(status).toBe(400);
    expect(body["message"]).toBe(message);
  });

  test("a task's output must be JSON", async () => {
    service = testService();
    const refused = await service.call("SendTaskSuccess", { taskToken: "t", output: "{" });
    expect(refused.headers["x-amzn-errortype"]).toBe("InvalidOutput");
    await service.call("SendTaskSuccess", { taskToken: "t", output: " [1] " });
    await service.call("SendTaskFailure", { taskToken: "t", error: "E" });
    await service.call("SendTaskHeartbeat", { taskToken: "t" });
    expect(service.executions.results).toEqual(["t succeeded  [1] ", "t failed E undefined", "t beats"]);
  });

  test("the trace header of the request wins over the one in its body", async () => {
    await withStateMachine();
    const { body } = await service.call(
      "StartExecution",
      { stateMachineArn: ARN, traceHeader: "Root=1-body" },
      { "x-amzn-trace-id": "Root=1-header" },
    );
    const described = await service.call("DescribeExecution", { executionArn: body["executionArn"] });
    expect(described.body["traceHeader"]).toBe("Root=1-header");
  });

  test.each(["x".repeat(257), "Root=\u00e9"])(
    "a trace header that AWS would not keep is passed over",
    async (header) => {
      await withStateMachine();
      const { body } = await service.call("StartExecution", { stateMachineArn: ARN }, { "x-amzn-trace-id": header });
      const described = await service.call("DescribeExecution", { executionArn: body["executionArn"] });
      expect(described.body).not.toHaveProperty("traceHeader");
    },
  );

  test("an execution is described with what it has", async () => {
    await withStateMachine();
    const { body } = await service.call("StartExecution", { stateMachineArn: ARN, name: "fails" });
    const described = await service.call("DescribeExecution", { executionArn: body["executionArn"] });
    expect(described.body).toEqual({
      executionArn: body["executionArn"],
      stateMachineArn: ARN,
      name: "fails",
      status: "FAILED",
      startDate: expect.any(Number),
      stopDate: expect.any(Number),
      input: "{}",
      inputDetails: { included: true },
      error: "E",
      cause: "C",
      redriveCount: 0,
      redriveStatus: "REDRIVABLE",
    });
    const express = `${ARN.replace("stateMachine", "express")}:a:b`;
    for (const operation of ["DescribeExecution", "StopExecution", "GetExecutionHistory", "RedriveExecution"]) {
      expect((await service.call(operation, { executionArn: express })).body["message"]).toBe(
        "Invalid Arn: 'Resource type not valid in this context: express'",
      );
    }
  });

  test("executions are listed page by page with tokens of their own request", async () => {
    await withStateMachine();
    for (const name of ["a", "b", "c"]) await service.call("StartExecution", { stateMachineArn: ARN, name });
    const list = (input: object) => service.call("ListExecutions", { stateMachineArn: ARN, ...input });
    const first = await list({ maxResults: 2 });
    const nextToken = first.body["nextToken"];
    expect(first.body["executions"]).toMatchObject([{ name: "c" }, { name: "b" }]);
    const rest = await list({ maxResults: 1_000, nextToken });
    expect(rest.body["executions"]).toMatchObject([{ name: "a", redriveCount: 0, status: "SUCCEEDED" }]);
    expect(rest.body).not.toHaveProperty("nextToken");
    expect((await list({ nextToken, statusFilter: "FAILED" })).body).toEqual({
      __type: "com.amazonaws.swf.service.v2.model#InvalidToken",
      message: "Invalid Token: 'Invalid token'",
    });
  });

  test("executions of an Express state machine, of nothing and of two things are not listed", async () => {
    await withStateMachine("EXPRESS");
    const refused = async (input: object) => (await service.call("ListExecutions", input)).headers["x-amzn-errortype"];
    expect(await refused({ stateMachineArn: ARN })).toBe("StateMachineTypeNotSupported");
    expect(await refused({ stateMachineArn: `${ARN}x` })).toBe("StateMachineDoesNotExist");
    expect(await refused({})).toBe("ValidationException");
    expect(await refused({ stateMachineArn: ARN, mapRunArn: ARN })).toBe("ValidationException");
    expect(await refused({ stateMachineArn: ARN, statusFilter: "PENDING_REDRIVE" })).toBe("ValidationException");
  });

  test("what is not supported yet says so", async () => {
    await withStateMachine();
    const mapRunArn = `${ARN.replace("stateMachine", "mapRun")}/label:id`;
    for (const [operation, input] of [
      ["DescribeMapRun", { mapRunArn }],
      ["UpdateMapRun", { mapRunArn, maxConcurrency: 1 }],
      ["ListExecutions", { mapRunArn }],
    ] as const) {
      const { status, body } = await service.call(operation, input);
      expect(status).toBe(400);
      expect(body["message"]).toContain("is not supported by this version of Stepwell");
    }
    const { body } = await service.call("StartExecution", { stateMachineArn: ARN });
    expect((await service.call("ListMapRuns", { executionArn: body["executionArn"] })).body).toEqual({ mapRuns: [] });
  });

  test("an activity poll hands over a task, or waits; a client that leaves ends it", async () => {
    service = testService({ config: { activityPollMs: 60_000 } });
    const { body } = await service.call("CreateActivity", { name: "work" });
    const activityArn = String(body["activityArn"]);
    service.executions.task = { taskToken: "t", input: "{}" };
    expect((await service.call("GetActivityTask", { activityArn, workerName: "w" })).body).toEqual({
      taskToken: "t",
      input: "{}",
    });
    expect(service.executions.polls[0]).toMatchObject({ workerName: "w", waitMs: 60_000 });
    service.executions.task = undefined;
    const address = await service.app.listen({ host: "127.0.0.1", port: 0 });
    const leaving = new AbortController();
    const polling = fetch(address, {
      method: "POST",
      headers: { "x-amz-target": "AWSStepFunctions.GetActivityTask" },
      body: JSON.stringify({ activityArn }),
      signal: leaving.signal,
    });
    await expect.poll(() => service.executions.polls.length, { timeout: 40_000 }).toBe(2);
    leaving.abort();
    await expect(polling).rejects.toThrow();
    await expect.poll(() => service.executions.polls[1]?.signal.aborted, { timeout: 40_000 }).toBe(true);
    await service.call("DeleteActivity", { activityArn });
    expect((await service.call("GetActivityTask", { activityArn })).body["message"]).toBe(
      `Activity Does Not Exist: '${activityArn}'`,
    );
  });

  test("a poll without a task answers no token", async () => {
    service = testService({ config: { activityPollMs: 10 } });
    const { body } = await service.call("CreateActivity", { name: "work" });
    expect((await service.call("GetActivityTask", { activityArn: body["activityArn"] })).body).toEqual({});
  });
});

describe("a history", () => {
  const detailed = [
    {
      id: 1,
      previousEventId: 0,
      timestamp: 1_500,
      type: "ExecutionStarted",
      details: { input: "{}", roleArn: ROLE_ARN },
    },
    { id: 2, previousEventId: 0, timestamp: 1_501, type: "TaskStateEntered", details: { name: "A", input: "{}" } },
    {
      id: 3,
      previousEventId: 2,
      timestamp: 1_502,
      type: "TaskScheduled",
      details: { resourceType: "sqs", resource: "sendMessage", region: "us-east-1", parameters: "{}" },
    },
    { id: 4, previousEventId: 3, timestamp: 1_503, type: "LambdaFunctionStarted" },
    { id: 5, previousEventId: 4, timestamp: 1_504, type: "MapIterationStarted", details: { name: "M", index: 0 } },
    {
      id: 6,
      previousEventId: 5,
      timestamp: 1_505,
      type: "TaskStateExited",
      details: { name: "A", output: "1", assignedVariables: { x: "1" } },
    },
    { id: 7, previousEventId: 0, timestamp: 1_506, type: "ExecutionAborted" },
  ];

  async function historyOf(input: object): Promise<Record<string, unknown>> {
    const { body } = await service.call("StartExecution", { stateMachineArn: ARN });
    service.executions.historyEvents = detailed;
    const answer = await service.call("GetExecutionHistory", { executionArn: body["executionArn"], ...input });
    return answer.body;
  }

  test("shows details under the member of their type", async () => {
    await withStateMachine();
    expect((await historyOf({}))["events"]).toEqual([
      {
        id: 1,
        previousEventId: 0,
        timestamp: 1.5,
        type: "ExecutionStarted",
        executionStartedEventDetails: { input: "{}", inputDetails: { truncated: false }, roleArn: ROLE_ARN },
      },
      {
        id: 2,
        previousEventId: 0,
        timestamp: 1.501,
        type: "TaskStateEntered",
        stateEnteredEventDetails: { name: "A", input: "{}", inputDetails: { truncated: false } },
      },
      {
        id: 3,
        previousEventId: 2,
        timestamp: 1.502,
        type: "TaskScheduled",
        taskScheduledEventDetails: {
          resourceType: "sqs",
          resource: "sendMessage",
          region: "us-east-1",
          parameters: "{}",
        },
      },
      { id: 4, previousEventId: 3, timestamp: 1.503, type: "LambdaFunctionStarted" },
      {
        id: 5,
        previousEventId: 4,
        timestamp: 1.504,
        type: "MapIterationStarted",
        mapIterationStartedEventDetails: { name: "M", index: 0 },
      },
      {
        id: 6,
        previousEventId: 5,
        timestamp: 1.505,
        type: "TaskStateExited",
        stateExitedEventDetails: {
          name: "A",
          output: "1",
          outputDetails: { truncated: false },
          assignedVariables: { x: "1" },
          assignedVariablesDetails: { truncated: false },
        },
      },
      { id: 7, previousEventId: 0, timestamp: 1.506, type: "ExecutionAborted", executionAbortedEventDetails: {} },
    ]);
  });

  test("can be asked for without data", async () => {
    await withStateMachine();
    const { events } = await historyOf({ includeExecutionData: false });
    expect(JSON.stringify(events)).not.toMatch(
      /"(input|output|parameters|assignedVariables|inputDetails|outputDetails)"/,
    );
    expect(JSON.stringify(events)).toContain('"name":"A"');
  });

  test("comes page by page, also from its end", async () => {
    await withStateMachine();
    const idsOf = (body: Record<string, unknown>) => (body["events"] as { id: number }[]).map((event) => event.id);
    const { body } = await service.call("StartExecution", { stateMachineArn: ARN, name: "paged" });
    service.executions.historyEvents = detailed;
    const asked = { executionArn: body["executionArn"], reverseOrder: true, maxResults: 4 };
    const first = await service.call("GetExecutionHistory", asked);
    expect(idsOf(first.body)).toEqual([7, 6, 5, 4]);
    const rest = await service.call("GetExecutionHistory", { ...asked, nextToken: first.body["nextToken"] });
    expect(idsOf(rest.body)).toEqual([3, 2, 1]);
    expect(rest.body).not.toHaveProperty("nextToken");
  });

  test("of large events has short pages", async () => {
    await withStateMachine();
    const { body } = await service.call("StartExecution", { stateMachineArn: ARN, name: "large" });
    const input = "x".repeat(262_144);
    service.executions.historyEvents = Array.from({ length: 120 }, (_, index) => ({
      id: index + 1,
      previousEventId: index,
      timestamp: 1,
      type: "PassStateEntered",
      details: { name: "A", input },
    }));
    const executionArn = body["executionArn"];
    const seen: number[] = [];
    let nextToken: unknown;
    do {
      const page = await service.call("GetExecutionHistory", { executionArn, maxResults: 1_000, nextToken });
      const events = page.body["events"] as { id: number }[];
      expect(events.length).toBeLessThanOrEqual(50);
      seen.push(...events.map((event) => event.id));
      nextToken = page.body["nextToken"];
    } while (nextToken !== undefined);
    expect(seen).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
  });
});
