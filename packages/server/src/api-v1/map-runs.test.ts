import { randomBytes, randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createCatalog, createExecutions, createMapRuns, type ExecutionEngine, type MapRuns } from "@stepwell/engine";
import {
  MemoryCatalogStore,
  MemoryExecutionStore,
  MemoryMapRunStore,
  type SimulatedOutcome,
  SimulatedTasks,
} from "@stepwell/engine/testing";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createServer } from "../create-server.ts";
import type { ApiMapRun, ApiMapRunItems, ApiMapRunProgress } from "./map-runs-types.ts";

const ROLE = "arn:aws:iam::123456789012:role/r";
const LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:f";
const clock = {
  now: () => Date.now(),
  wakeAt(at: number, wake: () => void): () => void {
    const timer = setTimeout(wake, Math.max(0, at - Date.now()));
    return () => clearTimeout(timer);
  },
};

let app: FastifyInstance;
let engine: ExecutionEngine;
let mapRuns: MapRuns;
let url: string;
let answer: (input: string) => SimulatedOutcome;
let define: (map: object) => Promise<string>;

beforeEach(async () => {
  answer = (input) => ({ kind: "succeeded", output: input });
  const ids = { seed: () => randomBytes(16).toString("hex"), uuid: () => randomUUID() };
  const catalog = createCatalog({
    store: new MemoryCatalogStore(),
    clock,
    ids,
    executions: {
      countRunning: (arn) => engine.countRunning(arn),
      stateMachineDeleted: (arn, name) => engine.stateMachineDeleted(arn, name),
    },
  });
  const host = createMapRuns({ store: new MemoryMapRunStore() });
  mapRuns = host;
  engine = createExecutions({
    store: new MemoryExecutionStore(),
    machines: catalog,
    activities: catalog,
    router: new SimulatedTasks(clock, { start: ({ input }) => answer(input) }),
    clock,
    ids,
    mapRuns: host,
  });
  define = async (map) => {
    const definition = JSON.stringify({ StartAt: "M", States: { M: { Type: "Map", End: true, ...map } } });
    const machine = await catalog.createStateMachine({ name: `m-${randomUUID()}`, definition, roleArn: ROLE });
    return machine.stateMachineArn;
  };
  app = createServer({ catalog, executions: engine, clock, ids });
  await app.listen({ host: "127.0.0.1", port: 0 });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/api/v1/map-runs`;
});

afterEach(async () => {
  await app.close();
});

function processor(ExecutionType: string): object {
  const states = {
    C: { Type: "Choice", Choices: [{ Variable: "$.n", NumericEquals: 2, Next: "F" }], Default: "T" },
    F: { Type: "Fail", Error: "Bad", Cause: "a 2, of all" },
    T: { Type: "Task", Resource: LAMBDA, End: true },
  };
  return { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType }, StartAt: "C", States: states };
}

/** Starts a Map on these items and waits until it is over; its run's ARN. */
async function run(items: readonly unknown[], map: object = {}, type = "EXPRESS"): Promise<string> {
  const stateMachineArn = await define({ ToleratedFailurePercentage: 100, ItemProcessor: processor(type), ...map });
  const { executionArn } = await engine.start({ stateMachineArn, input: JSON.stringify(items) });
  for await (const _ of engine.watch(executionArn, 0, new AbortController().signal));
  return (await mapRuns.list(executionArn, { limit: 1 })).items[0]?.mapRunArn ?? "";
}

async function get(arn: string, rest = ""): Promise<Response> {
  return fetch(`${url}/${encodeURIComponent(arn)}${rest}`);
}

async function json<T>(arn: string, rest = ""): Promise<T> {
  return (await get(arn, rest)).json() as Promise<T>;
}

async function post(arn: string, body: unknown): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${url}/${encodeURIComponent(arn)}/redrive`, { method: "POST", headers, body: JSON.stringify(body) });
}

const ITEMS = [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 2 }];

describe.each(["STANDARD", "EXPRESS"])("a Map Run of %s children", (type) => {
  test("has counts, buckets, errors and slowest children", async () => {
    const arn = await run(ITEMS, {}, type);
    const view = await json<ApiMapRun>(arn);
    expect(view).toMatchObject({
      mapRunArn: arn,
      status: "SUCCEEDED",
      stateName: "M",
      executionType: type,
      toleratedFailurePercentage: 100,
      itemCounts: { succeeded: 2, failed: 2, total: 4, pending: 0 },
      executionCounts: { succeeded: 2, failed: 2, total: 4 },
      children: 4,
      itemsTotal: 4,
      buckets: [{ first: 0, children: 4, succeeded: 2, failed: 2, running: 0 }],
      errors: [{ error: "Bad", count: 2, sample: { index: 1, cause: "a 2, of all" } }],
    });
    expect(view.slowest).toHaveLength(4);
    expect(view.slowest[0]?.executionArn).toMatch(type === "EXPRESS" ? /:express:/ : /:execution:/);
    expect(view.startDate).toBeGreaterThan(1e12);
  });

  test("lists its items by status and error, page by page", async () => {
    const arn = await run(ITEMS, {}, type);
    const first = await json<ApiMapRunItems>(arn, "/items?limit=3");
    expect(first.items.map(({ index, status, input }) => [index, status, input])).toEqual([
      [0, "SUCCEEDED", '{"n":1}'],
      [1, "FAILED", '{"n":2}'],
      [2, "SUCCEEDED", '{"n":3}'],
    ]);
    expect(first.items[0]).toMatchObject({ attempts: 1, output: '{"n":1}', firstItem: 0, items: 1 });
    expect(first.next).toBe(2);
    const rest = await json<ApiMapRunItems>(arn, `/items?limit=3&after=${first.next}`);
    expect(rest.items.map(({ index }) => index)).toEqual([3]);
    expect(rest.next).toBeUndefined();
    const failed = await json<ApiMapRunItems>(arn, "/items?status=FAILED&status=TIMED_OUT&error=Bad");
    expect(failed.items.map(({ index, error, cause }) => [index, error, cause])).toEqual([
      [1, "Bad", "a 2, of all"],
      [3, "Bad", "a 2, of all"],
    ]);
    expect((await json<ApiMapRunItems>(arn, "/items?error=Other")).items).toEqual([]);
  });

  test("runs chosen items once more, as a run of its own", async () => {
    const arn = await run(ITEMS, {}, type);
    const answered = await post(arn, { items: "1,3-3", inputPatch: { n: 5 } });
    expect(answered.status).toBe(200);
    const { mapRunArn, executionArn } = (await answered.json()) as { mapRunArn: string; executionArn: string };
    expect(executionArn).toMatch(/:execution:/);
    const progress = await lastProgress(mapRunArn);
    expect(progress).toMatchObject({ status: "SUCCEEDED", total: 2, itemCounts: { succeeded: 2 } });
    expect(await json<ApiMapRun>(mapRunArn)).toMatchObject({ rerunOf: arn, itemsTotal: 2 });
    const again = await post(arn, { items: [1, 3] });
    const other = ((await again.json()) as { mapRunArn: string }).mapRunArn;
    expect(await lastProgress(other)).toMatchObject({ itemCounts: { failed: 2 } });
  });
});

/** Follows the stream to its end. */
async function lastProgress(arn: string): Promise<ApiMapRunProgress | undefined> {
  const response = await get(arn, "/stream");
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const messages = (await response.text()).split("\n\n").filter((message) => message.startsWith("event: progress"));
  const data = messages.at(-1)?.split("\ndata: ")[1];
  return data === undefined ? undefined : (JSON.parse(data) as ApiMapRunProgress);
}

test("cells are one byte a child", async () => {
  const arn = await run(ITEMS);
  const response = await get(arn, "/cells");
  expect(response.headers.get("x-stepwell-cells")).toBe("4");
  expect(response.headers.get("content-type")).toBe("application/octet-stream");
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([2, 3, 2, 3]);
});

test("thousands of children are summed up in buckets", async () => {
  const arn = await run(Array.from({ length: 2_500 }, (_, n) => ({ n: n === 1_700 ? 2 : 1 })));
  const { buckets } = await json<ApiMapRun>(arn);
  expect(buckets.map(({ first, children, succeeded, failed }) => [first, children, succeeded, failed])).toEqual([
    [0, 1_000, 1_000, 0],
    [1_000, 1_000, 999, 1],
    [2_000, 500, 500, 0],
  ]);
  expect(new Uint8Array(await (await get(arn, "/cells")).arrayBuffer())).toHaveLength(2_500);
});

test("a report is text, of all items or of what failed", async () => {
  const arn = await run(ITEMS);
  const csv = await get(arn, "/report?format=csv&columns=id%3D%24.n%2Cerror%3D%24.error&failed=true");
  expect(csv.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  expect(await csv.text()).toBe("id,error\r\n2,Bad\r\n2,Bad\r\n");
  const lines = (await (await get(arn, "/report")).text()).trimEnd().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { status: string }).status)).toEqual([
    "SUCCEEDED",
    "FAILED",
    "SUCCEEDED",
    "FAILED",
  ]);
  expect(await (await get(arn, "/report?format=table")).text()).toMatch(/^index {2}key/);
});

test("a page of long texts is short", async () => {
  const arn = await run(
    Array.from({ length: 60 }, () => ({ n: 1, text: "x".repeat(50_000) })),
    { ResultPath: null, ItemProcessor: processor("EXPRESS") },
  );
  const { items, next } = await json<ApiMapRunItems>(arn, "/items?limit=60");
  expect(items).toHaveLength(50);
  expect((await json<ApiMapRunItems>(arn, `/items?limit=60&after=${next}`)).items).toHaveLength(10);
});

test("progress is told while the run goes on", async () => {
  const stateMachineArn = await define({
    MaxConcurrency: 1,
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      StartAt: "W",
      States: { W: { Type: "Wait", Seconds: 1, End: true } },
    },
  });
  const { executionArn } = await engine.start({ stateMachineArn, input: "[1,2]" });
  let arn: string | undefined;
  while (arn === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    arn = (await mapRuns.list(executionArn, { limit: 1 })).items[0]?.mapRunArn;
  }
  expect(await json<ApiMapRun>(arn)).toMatchObject({ status: "RUNNING", itemsTotal: 2 });
  expect((await post(arn, { items: "0" })).status).toBe(400);
  const text = await (await get(arn, "/stream")).text();
  const counts = text
    .split("\n\n")
    .filter((message) => message.startsWith("event: progress"))
    .map((message) => (JSON.parse(message.split("\ndata: ")[1] ?? "") as ApiMapRunProgress).itemCounts.succeeded);
  expect(counts).toContain(1);
  expect(counts.at(-1)).toBe(2);
});

describe("what is wrong is said", () => {
  const MISSING = "arn:aws:states:us-east-1:123456789012:mapRun:m/L:11111111-1111-1111-1111-111111111111";

  test.each(["", "/cells", "/items", "/report", "/stream"])("a run that is not there: %s", async (rest) => {
    const response = await get(MISSING, rest);
    expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([404, "ResourceNotFound"]);
  });

  test("what is no ARN of a run", async () => {
    expect((await get("arn:aws:states:us-east-1:123456789012:execution:m:x")).status).toBe(400);
  });

  test.each([["/items?limit=501"], ["/items?status=GONE"], ["/report?format=xml"], ["/report?columns=id"]])(
    "%s",
    async (rest) => {
      const response = await get(await run([1]), rest);
      expect(response.status).toBe(400);
      expect(((await response.json()) as { message: string }).message).not.toBe("");
    },
  );

  test.each([[{}], [{ items: "x" }], [{ items: [] }], [{ items: "7" }], [{ items: [-1] }]])(
    "a redrive of %j",
    async (body) => {
      expect((await post(await run([{ n: 1 }]), body)).status).toBe(400);
    },
  );
});
