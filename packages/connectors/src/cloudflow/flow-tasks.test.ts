import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Json } from "@stepwell/core";
import { Rejection, type TaskOutcome, type TaskRequest } from "@stepwell/engine";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ChildExecution, FlowsApi } from "./flow-children.ts";
import { FlowTasks } from "./flow-tasks.ts";

interface Seen {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const seen: Seen[] = [];
let answer = { status: 200, headers: {} as Record<string, string>, body: "hello world" };
let server: Server;
let url: string;
let tasks: FlowTasks;
let children: Map<string, ChildExecution>;

const flows: FlowsApi = {
  async start(flow, name) {
    if (flow === "nobody") throw new Rejection("FlowNotExists", "Flow nobody does not exist.");
    const executionArn = `${flow}/${name}`;
    const child = children.get(executionArn);
    if (child !== undefined && child.status !== "RUNNING") throw new Rejection("ExecutionAlreadyExists", "exists");
    children.set(executionArn, { status: "RUNNING" });
    return { executionArn };
  },
  describe: async (arn) => children.get(arn) as ChildExecution,
  stop: async (arn) => void children.set(arn, { status: "ABORTED", error: "Halted" }),
  executionArn: async (flow, name) => `${flow}/${name}`,
};

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      seen.push({ method: request.method ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  tasks = new FlowTasks({
    flows,
    lambda: () => undefined,
    allow: ["127.0.0.1"],
    messages: { "queues/orders": url, "topics/*": url },
  });
});

afterAll(async () => {
  await tasks.close();
  server.close();
});

beforeEach(() => {
  seen.length = 0;
  children = new Map();
  answer = { status: 200, headers: {}, body: "hello world" };
});

const signal = new AbortController().signal;

function start(service: string, action: string, input: Json, pattern = "requestResponse"): Promise<TaskOutcome> {
  const request = {
    resource: { kind: "service", arn: "", partition: "acs", service, action, pattern, resource: action },
    input: JSON.stringify(input),
    taskToken: "token",
  } as unknown as TaskRequest;
  return tasks.start(request, signal);
}

function outputOf(outcome: TaskOutcome): Json {
  if (outcome.kind === "failed") throw new Error(`${outcome.error}: ${outcome.cause}`);
  return JSON.parse(outcome.output) as Json;
}

describe("HTTP:Request", () => {
  test("a text goes as it is, anything else as JSON; any answer is a result", async () => {
    answer = { status: 503, headers: { "x-a": "1" }, body: "no" };
    const output = outputOf(await start("http", "request", { url, method: "post", body: "plain" }));
    expect(output).toMatchObject({ Code: 503, Body: "no", Header: { "x-a": "1" } });
    expect(seen[0]).toMatchObject({ method: "POST", body: "plain" });
    await start("http", "request", { url, method: "PUT", headers: { "X-B": 2 }, body: { a: [1] } });
    expect(seen[1]).toMatchObject({ method: "PUT", body: '{"a":[1]}' });
    expect(seen[1]?.headers).toMatchObject({ "content-type": "application/json", "x-b": "2" });
    expect(seen[1]?.headers["x-fnf-http-callback-task-token"]).toBeUndefined();
  });

  test("a callback carries its token, and is submitted", async () => {
    const outcome = await start("http", "request", { url, method: "GET" }, "waitForTaskToken");
    expect(outcome.kind).toBe("submitted");
    expect(seen[0]?.headers["x-fnf-http-callback-task-token"]).toBe("token");
  });

  test.each([
    [{ url: "http://127.0.0.1:1/", method: "GET" }, "HTTP.RequestFailed"],
    [{ url: "http://169.254.169.254/", method: "GET" }, "HTTP.RequestFailed"],
    [{ url: "ftp://x", method: "GET" }, "HTTP.InvalidArgument"],
    [{ url: "/relative", method: "GET" }, "HTTP.InvalidArgument"],
    [{ url: "http://127.0.0.1:1/", method: "TRACE" }, "HTTP.InvalidArgument"],
    [{ url: "http://127.0.0.1:1/", method: "GET", headers: { "a b": "c" } }, "HTTP.InvalidArgument"],
  ])("%j fails", async (input, error) => {
    expect(await start("http", "request", input)).toMatchObject({ kind: "failed", error });
  });
});

describe("messages", () => {
  test("go to the endpoint of their queue or topic, with their attributes", async () => {
    const resourceArn = "acs:mns:::/queues/orders/messages";
    await start("mns", "sendMessage", { resourceArn, messageBody: { a: 1 }, priority: 3 });
    await start("mns", "sendMessage", { topicName: "news", messageBody: "text", messageTag: "t" });
    expect(seen.map(({ body }) => JSON.parse(body))).toEqual([
      { QueueName: "orders", MessageBody: '{"a":1}', Priority: 3 },
      { TopicName: "news", MessageBody: "text", MessageTag: "t" },
    ]);
  });

  test("without an endpoint, and refused by it, they fail", async () => {
    expect(await start("mns", "sendMessage", { queueName: "other", messageBody: "" })).toMatchObject({
      error: "MNS.QueueNotExist",
    });
    answer = { ...answer, status: 500 };
    expect(await start("mns", "sendMessage", { topicName: "x", messageBody: "" })).toMatchObject({
      error: "MNS.InternalServerError",
    });
  });
});

describe("flows", () => {
  const resourceArn = "acs:fnf:::flow/child";
  const poll = (outcome: TaskOutcome): Promise<TaskOutcome | undefined> => {
    if (outcome.kind !== "submitted" || outcome.handle === undefined) throw new Error("must have a handle");
    return tasks.poll({} as TaskRequest, outcome.handle);
  };

  test("are started and told of; waited for when asked, and fail with their own error", async () => {
    const started = await start("fnf", "startExecution", { resourceArn, executionName: "n", input: { a: 1 } });
    expect(outputOf(started)).toMatchObject({ FlowName: "child", ExecutionName: "n" });
    const awaited = await start("fnf", "startExecution", { resourceArn, executionName: "m" }, "sync");
    expect(await poll(awaited)).toBeUndefined();
    children.set("child/m", { status: "SUCCEEDED", output: '{"x":1}' });
    expect(await poll(awaited)).toEqual({ kind: "succeeded", output: '{"x":1}' });
    children.set("child/m", { status: "FAILED", error: "States.Timeout", cause: "c" });
    expect(await poll(awaited)).toEqual({ kind: "failed", error: "FnF.TaskTimeout", cause: "c" });
    children.set("child/m", { status: "TIMED_OUT" });
    expect(await poll(awaited)).toMatchObject({ error: "FnF.Timeout" });
  });

  test("a task that is sent again finds the flow it started, also one that has ended", async () => {
    const first = await start("fnf", "startExecution", { resourceArn }, "sync");
    const [arn] = [...children.keys()];
    children.set(arn ?? "", { status: "SUCCEEDED", output: "{}" });
    const again = await start("fnf", "startExecution", { resourceArn }, "sync");
    expect((again as { handle: string }).handle).toBe((first as { handle: string }).handle);
  });

  test("what cannot be started fails the task", async () => {
    const nobody = await start("fnf", "startExecution", { resourceArn: "acs:fnf:::flow/nobody" });
    expect(nobody).toMatchObject({ kind: "failed", error: "FnF.FlowNotExists" });
    children.set("child/n", { status: "SUCCEEDED" });
    const taken = await start("fnf", "startExecution", { resourceArn, executionName: "n" });
    expect(taken).toMatchObject({ error: "FnF.ExecutionAlreadyExists" });
    expect(await start("fnf", "startExecution", { resourceArn, input: [1] })).toMatchObject({
      error: "FnF.InvalidArgument",
    });
  });

  test("a flow that is no longer waited for is stopped", async () => {
    const outcome = await start("fnf", "startExecution", { resourceArn, executionName: "n" }, "sync");
    await tasks.cancel({} as TaskRequest, (outcome as { handle: string }).handle);
    expect(children.get("child/n")?.status).toBe("ABORTED");
  });
});
