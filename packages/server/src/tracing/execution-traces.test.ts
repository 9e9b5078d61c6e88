import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { HistoryEvent } from "@stepwell/core";
import { describe, expect, test } from "vitest";
import { change, event } from "../delivery/committed-change.test-support.ts";
import { createExecutionTraces, type EndedSpan } from "./execution-traces.ts";
import { otlpSender, wantsTraces } from "./otlp-sender.ts";
import { spanIdOf, traceContextOf, traceparentOf } from "./trace-ids.ts";

const ARN = change().executionArn;
const X_RAY = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
const FAILED = { status: "FAILED", stopDate: 1_009_000, error: "Boom" } as const;

async function spansOf(...changes: Parameters<typeof change>[0][]): Promise<EndedSpan[]> {
  const spans: EndedSpan[] = [];
  const traces = createExecutionTraces({ sender: { send: async (batch) => void spans.push(...batch) } });
  for (const each of changes) traces.committed(change(each));
  await traces.close(1_000);
  return spans;
}

function shape(spans: readonly EndedSpan[]): [string, string | undefined, string | undefined][] {
  const nameOf = (id: string | undefined) => spans.find(({ spanId }) => spanId === id)?.name;
  return spans.map(({ name, parentSpanId, error }) => [name, nameOf(parentSpanId), error]);
}

const entered = (id: number, type: string, name: string, previous: number): HistoryEvent =>
  event(id, `${type}StateEntered`, { name }, previous);
const exited = (id: number, type: string, name: string, previous: number): HistoryEvent =>
  event(id, `${type}StateExited`, { name }, previous);

describe("a trace", () => {
  test("has a span for the execution and one for each state, nested as branches nest", async () => {
    const spans = await spansOf(
      {
        started: true,
        history: [
          event(1, "ExecutionStarted"),
          entered(2, "Pass", "First", 0),
          exited(3, "Pass", "First", 2),
          entered(4, "Parallel", "Both", 3),
          event(5, "ParallelStateStarted", undefined, 4),
          entered(6, "Task", "Left", 5),
          entered(7, "Pass", "Right", 5),
          exited(8, "Pass", "Right", 7),
          event(9, "TaskScheduled", { resource: "invoke" }, 6),
        ],
      },
      {
        history: [
          event(10, "TaskSucceeded", {}, 9),
          exited(11, "Task", "Left", 10),
          event(12, "ParallelStateSucceeded", undefined, 11),
          exited(13, "Parallel", "Both", 12),
          event(14, "ExecutionSucceeded", {}, 13),
        ],
        end: { status: "SUCCEEDED", stopDate: 1_009_000, output: "1" },
      },
    );
    expect(shape(spans)).toEqual([
      ["First", "orders", undefined],
      ["Right", "Both", undefined],
      ["Left", "Both", undefined],
      ["Both", "orders", undefined],
      ["orders", undefined, undefined],
    ]);
    const left = spans.find(({ name }) => name === "Left");
    expect(left).toMatchObject({ start: 1_000_006, end: 1_000_011, spanId: spanIdOf(ARN, 0, 6) });
    expect(left?.events.map(({ name }) => name)).toEqual(["TaskScheduled", "TaskSucceeded"]);
    expect(left?.attributes["stepwell.state.type"]).toBe("Task");
    expect(new Set(spans.map(({ trace }) => trace.traceId)).size).toBe(1);
    expect(spans.at(-1)).toMatchObject({ start: 1_000_000, end: 1_009_000 });
  });

  test("of a failure closes what was open, with the error", async () => {
    const history = [entered(2, "Map", "Each", 0), event(3, "MapStateStarted", { length: 1 }, 2)];
    const inner = [entered(5, "Task", "Call", 4), event(6, "TaskFailed", { error: "Boom" }, 5)];
    const spans = await spansOf({
      started: true,
      history: [...history, event(4, "MapIterationStarted", { index: 0 }, 3), ...inner],
      end: FAILED,
    });
    expect(shape(spans)).toEqual([
      ["Call", "Each", "Boom"],
      ["Each", "orders", undefined],
      ["orders", undefined, "Boom"],
    ]);
  });

  test("goes on in a redrive with spans of its own", async () => {
    const spans = await spansOf({
      redriven: true,
      redriveCount: 1,
      redriveDate: 1_005_000,
      history: [
        event(9, "ExecutionRedriven", {}, 8),
        event(10, "TaskScheduled", {}, 4),
        exited(11, "Task", "Call", 10),
      ],
      end: { status: "SUCCEEDED", stopDate: 1_009_000, output: "1" },
    });
    expect(shape(spans)).toEqual([
      ["Call", "orders", undefined],
      ["orders", undefined, undefined],
    ]);
    expect(spans[0]?.spanId).toBe(spanIdOf(ARN, 1, 4));
    expect(spans[1]?.start).toBe(1_005_000);
  });

  test("belongs to the X-Ray trace of the start, and to no trace when that is not sampled", async () => {
    expect(traceContextOf({ executionArn: ARN, traceHeader: X_RAY })).toEqual({
      traceId: "5759e988bd862e3fe1be46a994272793",
      parentSpanId: "53995c3f42cd8ad8",
      sampled: true,
    });
    const [root] = await spansOf({ started: true, traceHeader: X_RAY, end: FAILED });
    expect(root?.parentSpanId).toBe("53995c3f42cd8ad8");
    expect(await spansOf({ started: true, traceHeader: X_RAY.replace(/1$/, "0"), end: FAILED })).toEqual([]);
  });

  test("gives tasks the span of their state", () => {
    const visit = { executionArn: ARN, redriveCount: 0, enteredEventId: 6 };
    expect(traceparentOf(visit)).toBe(`00-${traceContextOf(visit).traceId}-${spanIdOf(ARN, 0, 6)}-01`);
    expect(traceparentOf({ ...visit, traceHeader: X_RAY.replace(/1$/, "0") })).toMatch(/^00-5759e988bd86.*-00$/);
  });
});

test("traces are wanted when the environment names an endpoint", () => {
  expect(wantsTraces({})).toBe(false);
  expect(wantsTraces({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318" })).toBe(true);
  expect(wantsTraces({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318", OTEL_SDK_DISABLED: "true" })).toBe(false);
});

test("spans reach an OTLP endpoint", async () => {
  const bodies: { path: string | undefined; body: { resourceSpans: unknown[] } }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      bodies.push({ path: request.url, body: JSON.parse(Buffer.concat(chunks).toString()) });
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const traces = createExecutionTraces({ sender: otlpSender("orders-service") });
    traces.committed(change({ started: true, history: [entered(2, "Task", "Call", 0)], end: FAILED }));
    await traces.close(5_000);
  } finally {
    delete process.env["OTEL_EXPORTER_OTLP_ENDPOINT"];
    server.close();
  }
  expect(bodies.map(({ path }) => path)).toEqual(["/v1/traces"]);
  const text = JSON.stringify(bodies[0]?.body);
  expect(text).toContain('"stringValue":"orders-service"');
  expect(text).toContain(traceContextOf({ executionArn: ARN }).traceId);
  expect(text).toContain('"name":"Call"');
});
