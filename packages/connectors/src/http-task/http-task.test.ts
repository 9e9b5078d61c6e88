import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { HttpExchange, TaskOutcome } from "@stepwell/engine";
import { afterEach, beforeEach, expect, test } from "vitest";
import { serviceTask } from "../testing/service-fixture.ts";
import type { ConnectionConfig } from "./connection.ts";
import { HttpTask } from "./http-task.ts";

const ARN = "arn:aws:events:us-east-1:123456789012:connection/Api/81210c42-8af1-456b-9c4a-6ff02fc664ac";

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

let server: Server;
let base: string;
let seen: Seen[];
let answer: (request: Seen, response: ServerResponse) => void;

beforeEach(async () => {
  seen = [];
  answer = (_request, response) => response.setHeader("content-type", "application/json").end('{ "ok": true }');
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { method = "", url = "", headers } = request;
    seen.push({ method, url, headers, body });
    answer(seen.at(-1) as Seen, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function call(
  parameters: object,
  connection: ConnectionConfig = { basic: { username: "u", password: "p" } },
  allow: readonly string[] = ["127.0.0.0/8"],
): Promise<TaskOutcome> {
  const task = new HttpTask({ connections: { Api: connection }, allow, region: "eu-west-1" });
  const input = { ApiEndpoint: `${base}/v1`, Method: "GET", Authentication: { ConnectionArn: ARN }, ...parameters };
  const outcome = await task.start(serviceTask("http:invoke", input), new AbortController().signal);
  await task.close();
  return outcome;
}

function output(outcome: TaskOutcome): unknown {
  if (outcome.kind !== "succeeded") throw new Error(JSON.stringify(outcome));
  return JSON.parse(outcome.output);
}

test("the answer is a body, headers as lists, and a status", async () => {
  expect(output(await call({}))).toEqual({
    Headers: expect.objectContaining({ "content-type": ["application/json"] }),
    ResponseBody: { ok: true },
    StatusCode: 200,
    StatusText: "OK",
  });
  const [request] = seen;
  expect(request).toMatchObject({ method: "GET", url: "/v1" });
  expect(request?.headers).toMatchObject({
    authorization: `Basic ${Buffer.from("u:p").toString("base64")}`,
    "user-agent": "Amazon|StepFunctions|HttpInvoke|eu-west-1",
    range: "bytes=0-262144",
  });
});

test("what the connection says is stronger than what the task says", async () => {
  const connection = {
    apiKey: { name: "X-Api-Key", value: "secret" },
    headers: { "X-Who": "connection" },
    query: { a: "connection" },
    body: { b: "connection" },
  };
  const parameters = {
    Method: "POST",
    Headers: { "x-who": "task", "x-api-key": "task", "X-More": ["1", "2"] },
    QueryParameters: { a: "task", c: ["1", "2"] },
    RequestBody: { b: "task", d: 1 },
  };
  output(await call(parameters, connection));
  const [request] = seen;
  expect(request?.url).toBe("/v1?a=connection&c=1&c=2");
  expect(JSON.parse(request?.body ?? "")).toEqual({ b: "connection", d: 1 });
  expect(request?.headers).toMatchObject({ "x-who": "connection", "x-api-key": "secret", "x-more": "1, 2" });
});

test("the service called knows the span of the state, unless it is told of another", async () => {
  const traceparent = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01";
  const task = new HttpTask({ connections: { Api: { apiKey: { name: "X", value: "v" } } }, allow: ["127.0.0.0/8"] });
  const input = { ApiEndpoint: `${base}/v1`, Method: "GET", Authentication: { ConnectionArn: ARN } };
  for (const parameters of [input, { ...input, Headers: { Traceparent: "own" } }]) {
    await task.start(serviceTask("http:invoke", parameters, { traceparent }), new AbortController().signal);
  }
  await task.close();
  expect(seen.map(({ headers }) => headers["traceparent"])).toEqual([traceparent, "own"]);
});

test("a test of a state is shown what was sent, without what the connection added unless it may see that", async () => {
  const basic = { username: "u", password: "p" };
  const connection = { basic, headers: { "X-Who": "connection" }, query: { q: "added" }, body: { b: "added" } };
  const shown = async (revealSecrets: boolean): Promise<HttpExchange> => {
    const task = new HttpTask({ connections: { Api: connection }, allow: ["127.0.0.0/8"] });
    const input = {
      ApiEndpoint: `${base}/v1`,
      Method: "POST",
      Authentication: { ConnectionArn: ARN },
      Headers: { "x-who": "task", mine: ["1", "2"] },
      QueryParameters: { own: "o" },
      RequestBody: { a: 1 },
    };
    const exchanges: HttpExchange[] = [];
    const httpInspection = { revealSecrets, exchanged: (exchange: HttpExchange) => void exchanges.push(exchange) };
    await task.start({ ...serviceTask("http:invoke", input), httpInspection }, new AbortController().signal);
    await task.close();
    expect(exchanges[0]).not.toHaveProperty("response");
    return exchanges.at(-1) as HttpExchange;
  };
  const fixed = "User-Agent: Amazon|StepFunctions|HttpInvoke|us-east-1, Range: bytes=0-262144";
  const { request, response } = await shown(true);
  expect(request).toEqual({
    protocol: "http",
    method: "POST",
    url: `${base}/v1?own=o&q=added`,
    headers: `[mine: 1, 2, Authorization: Basic ${Buffer.from("u:p").toString("base64")}, X-Who: connection, ${fixed}]`,
    body: '{"a":1,"b":"added"}',
  });
  expect(response).toMatchObject({ protocol: "http", statusCode: "200", statusMessage: "OK", body: '{ "ok": true }' });
  expect(response?.headers).toMatch(/^\[content-type: application\/json, .*\]$/);
  expect((await shown(false)).request).toEqual({
    protocol: "http",
    method: "POST",
    url: `${base}/v1?own=o`,
    headers: `[x-who: task, mine: 1, 2, ${fixed}]`,
    body: '{"a":1}',
  });
});

test("a text cannot get the connection's members", async () => {
  const outcome = await call({ Method: "POST", RequestBody: "text" }, { body: { a: "b" } });
  expect(outcome).toMatchObject({ kind: "failed", error: "States.Runtime" });
});

test("a body is URL-encoded when asked", async () => {
  const Transform = { RequestBodyEncoding: "URL_ENCODED", RequestEncodingOptions: { ArrayFormat: "REPEAT" } };
  output(await call({ Method: "POST", RequestBody: { a: [1, 2] }, Transform }));
  expect(seen[0]).toMatchObject({ body: "a=1&a=2" });
  expect(seen[0]?.headers["content-type"]).toBe("application/x-www-form-urlencoded");
});

test("a token is asked for once, and again when it is not taken", async () => {
  let valid = "t1";
  answer = ({ url, headers }, response) => {
    response.setHeader("content-type", "application/json");
    if (url === "/token") response.end(JSON.stringify({ access_token: valid, expires_in: 3600 }));
    else response.writeHead(headers.authorization === `Bearer ${valid}` ? 200 : 401).end("{}");
  };
  const oauth = { endpoint: `${base}/token`, clientId: "id", clientSecret: "secret", body: { scope: "all" } };
  const task = new HttpTask({ connections: { Api: { oauth } }, allow: ["127.0.0.1"] });
  const input = { ApiEndpoint: `${base}/v1`, Method: "GET", Authentication: { ConnectionArn: ARN } };
  const start = () => task.start(serviceTask("http:invoke", input), new AbortController().signal);
  expect(await start()).toMatchObject({ kind: "succeeded" });
  expect(await start()).toMatchObject({ kind: "succeeded" });
  expect(seen.map(({ url }) => url)).toEqual(["/token", "/v1", "/v1"]);
  expect(seen[0]).toMatchObject({ method: "POST", body: "grant_type=client_credentials&scope=all" });
  expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from("id:secret").toString("base64")}`);
  valid = "t2";
  expect(await start()).toMatchObject({ kind: "succeeded" });
  expect(seen.slice(3).map(({ url }) => url)).toEqual(["/v1", "/token", "/v1"]);
  await task.close();
});

test.each(["Authorization", "Host", "X-Amz-Date", "x-forwarded-for", "Cache-Control"])(
  "%s may not be sent",
  async (name) => {
    expect(await call({ Headers: { [name]: "x" } })).toMatchObject({
      error: "States.Runtime",
      cause: expect.stringContaining(`The 'Headers' field contains unsupported values: [${name.toLowerCase()}]`),
    });
    expect(seen).toEqual([]);
  },
);

test("a refusal is an error with the status", async () => {
  answer = (_request, response) => response.writeHead(404).end("nothing here");
  expect(await call({})).toEqual({ kind: "failed", error: "States.Http.StatusCode.404", cause: "Not Found" });
});

test("a redirect is not followed", async () => {
  answer = (_request, response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end();
  expect(await call({})).toMatchObject({ error: "States.Http.StatusCode.302" });
  expect(seen).toHaveLength(1);
});

test("who does not answer is a socket error", async () => {
  answer = (_request, response) => response.destroy();
  expect(await call({})).toMatchObject({ error: "States.Http.Socket" });
});

test("an answer larger than an execution can hold is refused", async () => {
  answer = (_request, response) => response.end("x".repeat(300_000));
  expect(await call({})).toMatchObject({ error: "States.DataLimitExceeded" });
});

test("addresses that are not public are refused", async () => {
  expect(await call({ ApiEndpoint: "https://169.254.169.254/latest" }, {}, [])).toMatchObject({
    error: "States.Http.Socket",
    cause: expect.stringContaining("169.254.169.254 is not a public address"),
  });
  expect(await call({ ApiEndpoint: "https://localhost/" }, {}, [])).toMatchObject({ error: "States.Http.Socket" });
  expect(await call({}, {}, [])).toMatchObject({
    error: "States.Runtime",
    cause: expect.stringContaining("must be an HTTPS URL"),
  });
});

test("a connection that nobody configured is told", async () => {
  const ConnectionArn = ARN.replace("/Api/", "/Other/");
  expect(await call({ Authentication: { ConnectionArn } })).toMatchObject({
    error: "States.Runtime",
    cause: expect.stringContaining("does not exist: add it to connections in stepwell.yaml"),
  });
});

test("nobody's time runs while he waits for a connection: as many are made as calls", async () => {
  const CALLS = 256;
  const waiting: ServerResponse[] = [];
  answer = (_request, response) => {
    waiting.push(response);
    // Nobody is answered before all have asked.
    if (waiting.length === CALLS) for (const each of waiting) each.end("ok");
  };
  const task = new HttpTask({ connections: { Api: {} }, allow: ["127.0.0.0/8"] });
  const input = { ApiEndpoint: base, Method: "GET", Authentication: { ConnectionArn: ARN } };
  const { signal } = new AbortController();
  const calls = Array.from({ length: CALLS }, () => task.start(serviceTask("http:invoke", input), signal));
  const outcomes = await Promise.all(calls);
  await task.close();
  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["succeeded"]));
});
