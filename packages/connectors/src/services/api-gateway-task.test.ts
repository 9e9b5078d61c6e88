import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { serviceTask, startTask } from "../testing/service-fixture.ts";
import { AwsServices } from "./aws-services.ts";

let server: Server;
let seen: { url: string; headers: IncomingMessage["headers"]; body: string }[];
let answer: (response: ServerResponse) => void;
let services: AwsServices;

beforeEach(async () => {
  seen = [];
  answer = (response) => response.setHeader("content-type", "application/json").end('{"ok":true}');
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    seen.push({ url: `${request.method} ${request.url}`, headers: request.headers, body });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const env = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" };
  services = new AwsServices({ endpoints: { apigateway: endpoint }, env });
});

afterEach(async () => {
  await services.close();
  server.closeAllConnections();
  server.close();
});

const API = "abc123.execute-api.eu-west-1.amazonaws.com";

function invoke(parameters: object, suffix = ""): ReturnType<typeof startTask> {
  const input = { ApiEndpoint: API, Method: "POST", ...parameters };
  return startTask(services, serviceTask(`apigateway:invoke${suffix}`, input));
}

test("stage, path, query, headers and body make the request", async () => {
  const outcome = await invoke({
    Stage: "prod",
    Path: "/orders/a b",
    QueryParameters: { id: ["1", "2"] },
    Headers: { "X-One": ["a", "b"] },
    RequestBody: { n: 1 },
  });
  expect(outcome).toMatchObject({ kind: "succeeded" });
  expect(JSON.parse((outcome as { output: string }).output)).toMatchObject({
    ResponseBody: { ok: true },
    StatusCode: 200,
    StatusText: "OK",
    Headers: { "content-type": ["application/json"] },
  });
  expect(seen[0]).toMatchObject({ url: "POST /prod/orders/a%20b?id=1&id=2", body: '{"n":1}' });
  expect(seen[0]?.headers).toMatchObject({ host: API, "x-one": "a,b", "content-type": "application/json" });
  expect(seen[0]?.headers.authorization).toBeUndefined();
});

test("IAM_ROLE signs the request for the API's region", async () => {
  await invoke({ AuthType: "IAM_ROLE", Path: "x" });
  expect(seen[0]?.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/execute-api\/aws4_request, SignedHeaders=.*host.*, Signature=[0-9a-f]{64}$/,
  );
});

test("a refusal is an error with the status", async () => {
  answer = (response) => response.writeHead(403).end('{"message":"no"}');
  expect(await invoke({})).toEqual({ kind: "failed", error: "ApiGateway.403", cause: '{"message":"no"}' });
});

test("a header that is no list is told in AWS's words", async () => {
  const input = { ApiEndpoint: API, Method: "POST", Headers: { a: "b" } };
  expect(await invoke({ Headers: { a: "b" } })).toEqual({
    kind: "failed",
    error: "States.Runtime",
    cause: `The Parameters '${JSON.stringify(input)}' could not be used to start the Task: [The value of the field 'Headers' has an invalid format]`,
  });
});

test("a task with a token waits", async () => {
  expect(await invoke({ Headers: { Token: ["t"] } }, ".waitForTaskToken")).toMatchObject({ kind: "submitted" });
});
