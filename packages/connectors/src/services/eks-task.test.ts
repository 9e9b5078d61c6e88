import { createServer, type IncomingMessage, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { serviceTask, startTask } from "../testing/service-fixture.ts";
import { AwsServices } from "./aws-services.ts";

let server: Server;
let seen: { request: string; headers: IncomingMessage["headers"]; body: string }[];
let answers: Record<string, [status: number, body: unknown]>;
let services: AwsServices;
let cluster: { ClusterName: string; CertificateAuthority: string; Endpoint: string };

beforeEach(async () => {
  seen = [];
  answers = {};
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const line = `${request.method} ${request.url}`;
    seen.push({ request: line, headers: request.headers, body });
    const [status, answer] = answers[line] ?? [404, { message: "not found" }];
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const Endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  cluster = { ClusterName: "c", CertificateAuthority: "", Endpoint };
  const env = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" };
  services = new AwsServices({ region: "eu-west-1", env }, ["127.0.0.1"]);
});

afterEach(async () => {
  await services.close();
  server.closeAllConnections();
  server.close();
});

test("eks:call speaks to the cluster with a token that STS would take", async () => {
  const line = "GET /api/v1/namespaces/default/pods?limit=1";
  answers[line] = [200, { items: [] }];
  const parameters = {
    ...cluster,
    Method: "GET",
    Path: "/api/v1/namespaces/default/pods",
    QueryParameters: { limit: ["1"] },
  };
  const outcome = await startTask(services, serviceTask("eks:call", parameters));
  expect(JSON.parse((outcome as { output: string }).output)).toMatchObject({
    ResponseBody: { items: [] },
    StatusCode: 200,
  });
  const token = /^Bearer k8s-aws-v1\.([\w-]+)$/.exec(seen[0]?.headers.authorization ?? "")?.[1] ?? "";
  const url = new URL(Buffer.from(token, "base64url").toString());
  expect(url.host).toBe("sts.eu-west-1.amazonaws.com");
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    Action: "GetCallerIdentity",
    "X-Amz-Expires": "60",
    "X-Amz-SignedHeaders": "host;x-k8s-aws-id",
    "X-Amz-Signature": expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test("a refusal of the cluster is an error with its status", async () => {
  const outcome = await startTask(services, serviceTask("eks:call", { ...cluster, Method: "GET", Path: "/none" }));
  expect(outcome).toMatchObject({ kind: "failed", error: "EKS.404" });
});

test("a job is run to its end, with its logs, and taken away when nobody waits for it", async () => {
  const jobs = "/apis/batch/v1/namespaces/ns/jobs";
  const Job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "j" } };
  answers[`POST ${jobs}`] = [201, Job];
  answers[`GET ${jobs}/j`] = [200, { ...Job, status: { active: 1 } }];
  answers[`DELETE ${jobs}/j?propagationPolicy=Background`] = [200, {}];
  const parameters = { ...cluster, Namespace: "ns", Job, LogOptions: { RetrieveLogs: true } };
  const request = serviceTask("eks:runJob.sync", parameters);
  const outcome = await startTask(services, request);
  if (outcome.kind !== "submitted") throw new Error(JSON.stringify(outcome));
  const connector = services.connectorFor(request);
  const { signal } = new AbortController();
  expect(await connector?.poll?.(request, outcome.handle ?? "", signal)).toBeUndefined();
  const status = { conditions: [{ type: "Complete", status: "True" }] };
  answers[`GET ${jobs}/j`] = [200, { ...Job, status }];
  const pods = "/api/v1/namespaces/ns/pods";
  const pod = { metadata: { name: "p" }, spec: { containers: [{ name: "main" }] } };
  answers[`GET ${pods}?labelSelector=job-name%3Dj`] = [200, { items: [pod] }];
  answers[`GET ${pods}/p/log?limitBytes=65536&container=main`] = [200, '{"pi": 3}'];
  const ended = await connector?.poll?.(request, outcome.handle ?? "", signal);
  expect(JSON.parse((ended as { output: string }).output)).toMatchObject({
    ResponseBody: { status },
    logs: { pods: { p: { containers: { main: { log: { pi: 3 } } } } } },
  });
  await connector?.cancel?.(request, outcome.handle);
  expect(seen.at(-1)?.request).toBe(`DELETE ${jobs}/j?propagationPolicy=Background`);
});

test("a job that failed fails the task, with the job as cause", async () => {
  const Job = { metadata: { name: "j" } };
  const failed = { ...Job, status: { conditions: [{ type: "Failed", status: "True" }] } };
  answers["GET /apis/batch/v1/namespaces/default/jobs/j"] = [200, failed];
  const request = serviceTask("eks:runJob.sync", { ...cluster, Job });
  const handle = JSON.stringify({ name: "j", namespace: "default" });
  const outcome = await services.connectorFor(request)?.poll?.(request, handle, new AbortController().signal);
  expect(outcome).toEqual({
    kind: "failed",
    error: "States.TaskFailed",
    cause: JSON.stringify({ ResponseBody: failed, StatusCode: 200 }),
  });
});
