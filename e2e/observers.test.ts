import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort, type StepwellProcess, startStepwell } from "./stepwell-process.ts";

// What `stepwell start` tells of executions: logs and events in files, metrics, and traces at a collector.

const directory = mkdtempSync(join(tmpdir(), "stepwell-observers-"));
const LOGS = join(directory, "logs", "executions.jsonl");
const EVENTS = join(directory, "told", "events.jsonl");
const traces: string[] = [];
const collector = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    traces.push(Buffer.concat(chunks).toString());
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
});
let server: StepwellProcess;

beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  writeFileSync(join(directory, "stepwell.yaml"), "events: { sink: file, path: told/events.jsonl }\n");
  server = await startStepwell(directory);
});
afterAll(async () => {
  delete process.env["OTEL_EXPORTER_OTLP_ENDPOINT"];
  collector.close();
  rmSync(directory, { recursive: true, force: true });
});

function lines(file: string): { readonly [member: string]: unknown }[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("an execution is logged, told of, counted and traced", async () => {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new SFNClient({ endpoint: server.url, region: "us-east-1", credentials });
  const { stateMachineArn } = await client.send(
    new CreateStateMachineCommand({
      name: "told",
      roleArn: "arn:aws:iam::123456789012:role/r",
      definition: '{"StartAt":"One","States":{"One":{"Type":"Pass","End":true}}}',
      loggingConfiguration: {
        level: "ALL",
        includeExecutionData: true,
        destinations: [
          { cloudWatchLogsLogGroup: { logGroupArn: "arn:aws:logs:us-east-1:123456789012:log-group:/told:*" } },
        ],
      },
    }),
  );
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn, input: '{"a":1}' }));
  await expect.poll(() => lines(LOGS).length, { timeout: 60_000 }).toBe(4);
  expect(lines(LOGS).map(({ id, execution_arn }) => [id, execution_arn])).toEqual(
    ["1", "2", "3", "4"].map((id) => [id, executionArn]),
  );
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toContain(`stepwell_executions_succeeded_total{state_machine_arn="${stateMachineArn}"} 1`);
  // What waits to be told is told before the service ends.
  await server.stop();
  expect(lines(EVENTS).map(({ detail }) => (detail as { status: string }).status)).toEqual(["RUNNING", "SUCCEEDED"]);
  const { resourceSpans } = JSON.parse(traces.join(""));
  const names = resourceSpans[0].scopeSpans[0].spans.map(({ name }: { name: string }) => name);
  expect(names).toEqual(["One", "told"]);
});

test("a nested execution belongs to the trace of the state that starts it, which begins at the client", async () => {
  const home = mkdtempSync(join(tmpdir(), "stepwell-traces-"));
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const parentId = "00f067aa0ba902b7";
  const nested = await startStepwell(home);
  traces.length = 0;
  const call = async (operation: string, input: object, headers: object = {}): Promise<{ stateMachineArn: string }> => {
    const answer = await fetch(nested.url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `AWSStepFunctions.${operation}`,
        ...headers,
      },
      body: JSON.stringify(input),
    });
    return (await answer.json()) as { stateMachineArn: string };
  };
  const roleArn = "arn:aws:iam::123456789012:role/r";
  const inner = await call("CreateStateMachine", {
    name: "inner",
    roleArn,
    definition: '{"StartAt":"In","States":{"In":{"Type":"Pass","End":true}}}',
  });
  const start = {
    Type: "Task",
    Resource: "arn:aws:states:::states:startExecution.sync:2",
    Parameters: { StateMachineArn: inner.stateMachineArn },
    End: true,
  };
  const outer = await call("CreateStateMachine", {
    name: "outer",
    roleArn,
    definition: JSON.stringify({ StartAt: "Start", States: { Start: start } }),
  });
  const traceparent = `00-${traceId}-${parentId}-01`;
  await call("StartExecution", { stateMachineArn: outer.stateMachineArn }, { traceparent });
  type Span = { name: string; traceId: string; spanId: string; parentSpanId?: string };
  const spans = (): Span[] =>
    traces.flatMap((body) =>
      JSON.parse(body).resourceSpans.flatMap((resource: { scopeSpans: { spans: Span[] }[] }) =>
        resource.scopeSpans.flatMap((scope) => scope.spans),
      ),
    );
  await expect.poll(() => spans().length, { timeout: 60_000 }).toBe(4);
  const span = (name: string): Span | undefined => spans().find((each) => each.name === name);
  expect(new Set(spans().map((each) => each.traceId))).toEqual(new Set([traceId]));
  expect(span("outer")?.parentSpanId).toBe(parentId);
  expect(span("Start")?.parentSpanId).toBe(span("outer")?.spanId);
  expect(span("inner")?.parentSpanId).toBe(span("Start")?.spanId);
  expect(span("In")?.parentSpanId).toBe(span("inner")?.spanId);
  await nested.stop();
  rmSync(home, { recursive: true, force: true });
});

test("kill -9 takes no status event of what was acknowledged", async () => {
  const home = mkdtempSync(join(tmpdir(), "stepwell-outbox-"));
  const told = new Map<string, string[]>();
  const webhook = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { detail } = JSON.parse(Buffer.concat(chunks).toString());
      told.set(detail.executionArn, [...(told.get(detail.executionArn) ?? []), detail.status]);
      response.writeHead(204).end();
    });
  });
  // Nobody listens there yet.
  const port = await freePort();
  writeFileSync(join(home, "stepwell.yaml"), `events: { sink: webhook, url: "http://127.0.0.1:${port}/" }\n`);
  const first = await startStepwell(home);
  const client = new SFNClient({
    endpoint: first.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  const { stateMachineArn } = await client.send(
    new CreateStateMachineCommand({
      name: "told",
      roleArn: "arn:aws:iam::123456789012:role/r",
      definition: '{"StartAt":"One","States":{"One":{"Type":"Pass","End":true}}}',
    }),
  );
  const started: string[] = [];
  let killed: Promise<void> | undefined;
  const starts = Array.from({ length: 200 }, async () => {
    const answer = await client.send(new StartExecutionCommand({ stateMachineArn })).catch(() => undefined);
    if (answer?.executionArn !== undefined) started.push(answer.executionArn);
    if (started.length === 50) killed ??= first.killHard();
  });
  await Promise.all(starts);
  await killed;
  expect(started.length).toBeGreaterThanOrEqual(50);
  webhook.listen(port, "127.0.0.1");
  const second = await startStepwell(home);
  const complete = (): number => started.filter((arn) => told.get(arn)?.join() === "RUNNING,SUCCEEDED").length;
  await expect.poll(complete, { timeout: 60_000 }).toBe(started.length);
  await second.stop();
  webhook.close();
  rmSync(home, { recursive: true, force: true });
});
