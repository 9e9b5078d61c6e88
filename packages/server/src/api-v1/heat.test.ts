import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiService, apiService, arnPath } from "./api-service.test-support.ts";
import { HeatFold } from "./heat-fold.ts";
import type { ApiHeat } from "./types.ts";

const LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:f";
const MACHINE = {
  Pay: {
    Type: "Task",
    Resource: LAMBDA,
    Retry: [{ ErrorEquals: ["Busy"], IntervalSeconds: 1, MaxAttempts: 1 }],
    Catch: [{ ErrorEquals: ["Declined"], ResultPath: null, Next: "Each" }],
    Next: "Each",
  },
  Each: {
    Type: "Map",
    ItemsPath: "$.items",
    ItemProcessor: { StartAt: "One", States: { One: { Type: "Pass", End: true } } },
    End: true,
  },
};

let service: ApiService;
let machine: string;

beforeAll(async () => {
  service = await apiService({
    tasks: (call) =>
      call === 1
        ? { kind: "failed", error: "Declined" }
        : call === 2
          ? { kind: "failed", error: "Fatal" }
          : { kind: "succeeded", output: '{"items":[1,2,3]}' },
  });
  machine = await service.machine("heat", MACHINE);
  await service.start(machine, { items: [1, 2] }, "caught");
  await service.start(machine, { items: [] }, "fatal");
  await service.start(machine, { items: [] }, "well");
});

afterAll(() => service.close());

test("the heat of a machine is how its newest executions went through each state", async () => {
  const { status, body } = await service.call("GET", `/machines/${arnPath(machine)}/heat?limit=10`);
  expect(status).toBe(200);
  const heat = body as ApiHeat;
  expect(heat.runs.map(({ name, status: ended }) => [name, ended])).toEqual([
    ["well", "SUCCEEDED"],
    ["fatal", "FAILED"],
    ["caught", "SUCCEEDED"],
  ]);
  expect(
    heat.states.map(({ name, runs, visits, succeeded, failed, caught }) => [
      name,
      runs,
      visits,
      succeeded,
      failed,
      caught,
    ]),
  ).toEqual([
    ["Pay", 3, 3, 1, 1, 1],
    ["Each", 2, 2, 2, 0, 0],
    ["One", 2, 5, 5, 0, 0],
  ]);
  expect(heat.runs[1]?.cells).toEqual([
    { stateName: "Pay", status: "FAILED", eventId: 2, visits: 1, failed: 1, retries: 0, longestMs: expect.any(Number) },
  ]);
  expect(heat.isPartial).toBe(false);
  const newest = await service.call("GET", `/machines/${arnPath(machine)}/heat?limit=1`);
  expect((newest.body as ApiHeat).runs.map(({ name }) => name)).toEqual(["well"]);
});

test.each([
  ["?limit=0", 400],
  ["?limit=101", 400],
])("heat%s answers %d", async (query, expected) => {
  const { status } = await service.call("GET", `/machines/${arnPath(machine)}/heat${query}`);
  expect(status).toBe(expected);
});

test("the heat of a machine that does not exist is refused", async () => {
  const { status, body } = await service.call("GET", `/machines/${arnPath(`${machine}x`)}/heat`);
  expect([status, body.error]).toEqual([404, "StateMachineDoesNotExist"]);
});

test("iterations that fail end their states; what is open at the end was aborted; a redrive opens again", () => {
  const fold = new HeatFold();
  const events: readonly (readonly [type: string, previous: number, details?: Record<string, string | number>])[] = [
    ["ExecutionStarted", 0],
    ["MapStateEntered", 0, { name: "Map" }],
    ["MapStateStarted", 2, { length: 2 }],
    ["MapIterationStarted", 3, { name: "Map", index: 0 }],
    ["TaskStateEntered", 4, { name: "In" }],
    ["TaskScheduled", 5],
    ["MapIterationStarted", 3, { name: "Map", index: 1 }],
    ["TaskStateEntered", 7, { name: "In" }],
    ["TaskScheduled", 8],
    ["TaskFailed", 9, { error: "Oops" }],
    ["MapIterationFailed", 10, { name: "Map", index: 1 }],
    ["MapStateFailed", 11],
    ["ExecutionFailed", 12, { error: "Oops" }],
  ];
  const add = (from: number, more: typeof events) => {
    for (const [index, [type, previousEventId, details]] of more.entries()) {
      fold.add({ id: from + index, previousEventId, type, timestamp: from + index, ...(details && { details }) });
    }
  };
  add(1, events);
  const ended = () => fold.visits.map(({ name, status, endedAt }) => [name, status, endedAt]);
  expect(ended()).toEqual([
    ["Map", "FAILED", 13],
    ["In", "ABORTED", 12],
    ["In", "FAILED", 11],
  ]);
  add(14, [
    ["ExecutionRedriven", 13],
    ["TaskScheduled", 8],
  ]);
  expect(ended()).toEqual([
    ["Map", "RUNNING", undefined],
    ["In", "ABORTED", 12],
    ["In", "RUNNING", undefined],
  ]);
});
