import { describe, expect, test } from "vitest";
import type { ApiHistoryEvent } from "../api/api-types.ts";
import { RunFold, transitionKey } from "./run-fold.ts";

type Short = readonly [type: string, previousEventId: number, details?: Readonly<Record<string, unknown>>];

function member(type: string): string {
  if (type.endsWith("StateEntered")) return "stateEnteredEventDetails";
  if (type.endsWith("StateExited")) return "stateExitedEventDetails";
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
}

function history(events: readonly Short[]): readonly ApiHistoryEvent[] {
  return events.map(([type, previousEventId, details], index) => ({
    id: index + 1,
    previousEventId,
    timestamp: 1_000 + index * 10,
    type,
    ...(details && { [member(type)]: details }),
  }));
}

function folded(events: readonly Short[]): RunFold {
  const fold = new RunFold();
  fold.add(history(events));
  return fold;
}

describe("a line of states", () => {
  const events: readonly Short[] = [
    ["ExecutionStarted", 0],
    ["PassStateEntered", 0, { name: "A" }],
    ["PassStateExited", 2, { name: "A" }],
    ["TaskStateEntered", 3, { name: "B" }],
    ["TaskScheduled", 4, { resource: "invoke" }],
    ["TaskStarted", 5],
    ["TaskFailed", 6, { error: "Oops", cause: "no" }],
    ["TaskScheduled", 7, { resource: "invoke" }],
    ["TaskStarted", 8],
    ["TaskSucceeded", 9, { output: "{}" }],
    ["TaskStateExited", 10, { name: "B" }],
    ["ExecutionSucceeded", 11],
  ];

  test("a retry is a second attempt of the same visit", () => {
    const fold = folded(events);
    const summary = fold.summary("B");
    expect(summary).toMatchObject({ status: "SUCCEEDED", visits: 1, attempts: 2, open: 0 });
    expect(summary?.last.attempts.map(({ error }) => error)).toEqual(["Oops", undefined]);
    expect(fold.transitions.get(transitionKey("A", "B"))).toBe(1);
    expect(fold.status).toBe("SUCCEEDED");
  });

  test("events that are known already change nothing; ones with a gap are left out", () => {
    const fold = folded(events.slice(0, 5));
    fold.add(history(events).slice(0, 3));
    fold.add(history(events).slice(7));
    expect(fold.lastEventId).toBe(5);
    fold.add(history(events).slice(4));
    expect(fold.lastEventId).toBe(12);
  });

  test("only what changed has a new summary", () => {
    const fold = folded(events.slice(0, 3));
    const before = fold.summary("A");
    fold.takeChanged();
    fold.add(history(events).slice(3, 4));
    expect(fold.summary("A")).toBe(before);
    expect([...fold.takeChanged()]).toEqual(["B"]);
  });
});

test("a visit knows when the clock wakes it, until something happens to it", () => {
  const events: readonly Short[] = [
    ["ExecutionStarted", 0],
    ["WaitStateEntered", 0, { name: "Nap" }],
    ["WaitStateExited", 2, { name: "Nap" }],
  ];
  const fold = folded(events.slice(0, 2));
  fold.takeChanged();
  fold.setWakes([{ eventId: 2, until: 9_000 }]);
  expect([...fold.takeChanged()]).toEqual(["Nap"]);
  expect(fold.summary("Nap")?.last.wakesAt).toBe(9_000);
  fold.setWakes([{ eventId: 2, until: 9_000 }]);
  expect(fold.takeChanged().size).toBe(0);
  fold.add(history(events));
  expect(fold.summary("Nap")?.last.wakesAt).toBeUndefined();
});

test("a failure that a catcher takes is caught, and the execution goes on", () => {
  const fold = folded([
    ["ExecutionStarted", 0],
    ["TaskStateEntered", 0, { name: "B" }],
    ["TaskScheduled", 2, { resource: "invoke" }],
    ["TaskFailed", 3, { error: "Oops" }],
    ["TaskStateExited", 4, { name: "B" }],
    ["PassStateEntered", 5, { name: "C" }],
  ]);
  expect(fold.summary("B")).toMatchObject({ status: "CAUGHT", caught: 1, failed: 0 });
  expect(fold.summary("C")?.status).toBe("RUNNING");
});

const MAP: readonly Short[] = [
  ["ExecutionStarted", 0],
  ["MapStateEntered", 0, { name: "M" }],
  ["MapStateStarted", 2, { length: 2 }],
  ["MapIterationStarted", 3, { name: "M", index: 0 }],
  ["MapIterationStarted", 3, { name: "M", index: 1 }],
  ["PassStateEntered", 4, { name: "P" }],
  ["TaskStateEntered", 5, { name: "T" }],
  ["TaskScheduled", 7, { resource: "invoke" }],
];

test("states inside a Map stand in their iteration", () => {
  const fold = folded(MAP);
  expect(fold.summary("M")).toMatchObject({ status: "RUNNING", iterations: { total: 2, started: 2 } });
  expect(fold.summary("P")?.last).toMatchObject({ iteration: 0, parent: { name: "M" } });
  expect(fold.visitOf(8)).toMatchObject({ name: "T", iteration: 1 });
});

test("when an iteration fails the state in it failed, and its neighbours end as aborted", () => {
  const fold = folded([
    ...MAP,
    ["TaskFailed", 8, { error: "Oops" }],
    ["MapIterationFailed", 9, { name: "M", index: 1 }],
    ["MapIterationAborted", 6, { name: "M", index: 0 }],
    ["MapStateFailed", 10, { error: "Oops" }],
    ["ExecutionFailed", 12, { error: "Oops" }],
  ]);
  expect(fold.summary("T")).toMatchObject({ status: "FAILED", failed: 1 });
  expect(fold.summary("P")).toMatchObject({ status: "ABORTED", aborted: 1 });
  expect(fold.summary("M")).toMatchObject({ status: "FAILED", iterations: { failed: 1, aborted: 1 } });
});

test("an attempt that is stopped with its execution did not succeed", () => {
  const fold = folded([
    ["ExecutionStarted", 0],
    ["TaskStateEntered", 0, { name: "T" }],
    ["TaskScheduled", 2, { resource: "invoke" }],
    ["ExecutionAborted", 0],
  ]);
  expect(fold.summary("T")?.status).toBe("ABORTED");
  expect(fold.summary("T")?.last.attempts[0]).toMatchObject({ endedAt: 1_030, isStopped: true });
});

test("a redrive opens the visit that failed again", () => {
  const failed: readonly Short[] = [
    ["ExecutionStarted", 0],
    ["TaskStateEntered", 0, { name: "T" }],
    ["TaskScheduled", 2, { resource: "invoke" }],
    ["TaskFailed", 3, { error: "Oops" }],
    ["ExecutionFailed", 4, { error: "Oops" }],
  ];
  const fold = folded([
    ...failed,
    ["ExecutionRedriven", 5, { redriveCount: 1 }],
    ["TaskScheduled", 2, { resource: "invoke" }],
  ]);
  expect(fold.status).toBe("RUNNING");
  expect(fold.summary("T")).toMatchObject({ status: "RUNNING", failed: 0, visits: 1, attempts: 2 });
  expect(fold.summary("T")?.last.error).toBeUndefined();
});

test("branches of a Parallel are told apart, and both end in it", () => {
  const fold = folded([
    ["ExecutionStarted", 0],
    ["ParallelStateEntered", 0, { name: "Both" }],
    ["ParallelStateStarted", 2],
    ["PassStateEntered", 3, { name: "L" }],
    ["PassStateExited", 4, { name: "L" }],
    ["PassStateEntered", 3, { name: "R" }],
    ["PassStateExited", 6, { name: "R" }],
    ["ParallelStateSucceeded", 7],
    ["ParallelStateExited", 8, { name: "Both" }],
    ["PassStateEntered", 9, { name: "Next" }],
  ]);
  expect(fold.summary("R")?.last.parent?.name).toBe("Both");
  expect(fold.summary("Both")?.status).toBe("SUCCEEDED");
  expect(fold.summary("Next")?.last.parent).toBeUndefined();
  expect(fold.transitions.has(transitionKey("Both", "Next"))).toBe(true);
});
