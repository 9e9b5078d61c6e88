/** Tasks that the configuration sends to an endpoint, whatever they would call. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { TaskOutcome } from "@stepwell/engine";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTaskRouter, type FunctionRouter } from "../task-router.ts";
import { serviceTask, startTask } from "../testing/service-fixture.ts";

let server: Server;
let router: FunctionRouter;
let seen: IncomingMessage[];

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    seen.push(request);
    request.resume();
    response.setHeader("content-type", "application/json").end('{"ok":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  router = createTaskRouter({ tasks: { "arn:aws:states:::*": { endpoint } }, env: {} });
});

afterEach(async () => {
  await router.close();
  server.closeAllConnections();
  server.close();
});

async function output(integration: string, parameters: unknown): Promise<unknown> {
  const outcome: TaskOutcome = await startTask(router, serviceTask(integration, parameters));
  if (outcome.kind === "failed") throw new Error(JSON.stringify(outcome));
  return JSON.parse(outcome.output);
}

test("an HTTP task goes there with the API's name as its host, and needs no connection", async () => {
  const Authentication = { ConnectionArn: "arn:aws:events:us-east-1:123456789012:connection/Api/1" };
  const call = { ApiEndpoint: "https://api.example.com/v1?a=1", Method: "GET", Authentication };
  expect(await output("http:invoke", call)).toMatchObject({ ResponseBody: { ok: true }, StatusCode: 200 });
  expect(seen[0]).toMatchObject({ method: "GET", url: "/v1?a=1", headers: { host: "api.example.com" } });
});

test("a call of a cluster goes there without TLS", async () => {
  const cluster = { ClusterName: "c", CertificateAuthority: "Q0VSVA==", Endpoint: "https://c.eks.amazonaws.com" };
  const call = { ...cluster, Method: "GET", Path: "/api/v1/pods" };
  expect(await output("eks:call", call)).toMatchObject({ ResponseBody: { ok: true } });
  expect(seen[0]).toMatchObject({ method: "GET", url: "/api/v1/pods" });
});

test("a function is invoked there, though none is mapped", async () => {
  expect(await output("lambda:invoke", { FunctionName: "far" })).toMatchObject({ Payload: { ok: true } });
  expect(seen[0]?.url).toBe("/2015-03-31/functions/far/invocations");
});

test("a service is called there", async () => {
  await output("sqs:sendMessage", { QueueUrl: "https://sqs.us-east-1.amazonaws.com/1/q", MessageBody: "m" });
  expect(seen[0]?.headers["x-amz-target"]).toBe("AmazonSQS.SendMessage");
});
