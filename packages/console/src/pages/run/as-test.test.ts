import { expect, test } from "vitest";
import type { ApiHistoryEvent } from "../../api/api-types.ts";
import { RunFold } from "../../run-model/run-fold.ts";
import { eventsOfCalls, testFileOf } from "./as-test.ts";

const event = (id: number, type: string, details?: Readonly<Record<string, unknown>>): ApiHistoryEvent => ({
  id,
  previousEventId: id - 1,
  timestamp: id,
  type,
  ...(details && { [type.endsWith("StateEntered") ? "stateEnteredEventDetails" : `${type}EventDetails`]: details }),
});

const events = [
  event(1, "ExecutionStarted"),
  event(2, "TaskStateEntered", { name: "Charge" }),
  event(3, "TaskScheduled", { resource: "invoke", parameters: '{"id":1}' }),
  event(4, "TaskFailed", { error: "Busy", cause: "try later" }),
  event(5, "TaskScheduled", { resource: "invoke", parameters: '{"id":1}' }),
  event(6, "TaskSucceeded", { output: '{"Payload":{"receipt":"R-1"}}' }),
  { ...event(7, "TaskStateExited"), stateExitedEventDetails: { name: "Charge" } },
  event(8, "ExecutionSucceeded"),
];

test("a run becomes a test: its calls answered as they were, its end expected", () => {
  const fold = new RunFold();
  fold.add(events);
  expect(eventsOfCalls(fold)).toEqual([3, 4, 5, 6]);
  const run = { name: "r", machine: "order", type: "STANDARD", status: "SUCCEEDED", input: '{"id":1}' } as const;
  const text = testFileOf({ ...run, output: '{"receipt":"R-1"}' }, fold, (id) => fold.events[id - 1]);
  expect(JSON.parse(text)).toEqual({
    stateMachine: "order.asl.json",
    type: "STANDARD",
    mocks: {
      Charge: [{ throw: { error: "Busy", cause: "try later" } }, { return: { Payload: { receipt: "R-1" } } }],
    },
    cases: [{ name: "as in r", input: { id: 1 }, expect: { output: { receipt: "R-1" }, path: ["Charge"] } }],
  });
  const failed = testFileOf({ ...run, status: "FAILED", error: "Busy" }, fold, () => undefined);
  expect(JSON.parse(failed)).toMatchObject({ cases: [{ expect: { status: "FAILED", error: "Busy" } }] });
});
