import type { JsonObject } from "@stepwell/core";
import { describe, expect, test } from "vitest";
import { compareHistory } from "./history-compare.ts";
import { createPlaceholderTable } from "./placeholders.ts";
import type { ComparisonRules } from "./recorded-case.ts";

type Event = readonly [id: number | readonly number[], previous: number, type: string, details?: JsonObject];

function history(...events: Event[]): JsonObject & { readonly events: readonly JsonObject[] } {
  const made = events.map(([id, previousEventId, type, details]) => ({ id, previousEventId, type, ...details }));
  return { events: made as JsonObject[], ResponseMetadata: { HTTPStatusCode: 200 } };
}

function same(recorded: ReturnType<typeof history>, actual: JsonObject, rules: Partial<ComparisonRules> = {}): boolean {
  const all = { placeholders: {}, ignore_keys: [], optional_keys: [], concurrent: false, ...rules };
  const placeholders = createPlaceholderTable({ "<a>": { kind: "same" } }, () => undefined);
  return compareHistory(recorded, actual, { rules: all, placeholders }).length === 0;
}

describe("one line of events", () => {
  const recorded = history([1, 0, "ExecutionStarted"], [2, 0, "PassStateEntered"], [3, 2, "PassStateExited"]);

  test("ids, links, order and number of events count", () => {
    expect(same(recorded, recorded)).toBe(true);
    expect(same(recorded, history(...three(1, 2, 4), [3, 2, "PassStateExited"]))).toBe(false);
    expect(
      same(recorded, history([1, 0, "ExecutionStarted"], [2, 1, "PassStateEntered"], [3, 2, "PassStateExited"])),
    ).toBe(false);
    expect(same(recorded, history([1, 0, "ExecutionStarted"], [2, 0, "PassStateEntered"]))).toBe(false);
    expect(same(recorded, { ...recorded, nextToken: "more" })).toBe(false);
    expect(same(recorded, { ResponseMetadata: { HTTPStatusCode: 200 } })).toBe(false);
  });

  function three(...ids: number[]): Event[] {
    return ids.map((id) => [id, 0, "ExecutionStarted"]);
  }
});

describe("concurrent branches", () => {
  const branch = (name: string, id: number, previous: number): Event => [id, previous, "Entered", { name }];
  const recorded = history([1, 0, "S"], branch("a", 2, 1), branch("b", 3, 1), [4, 2, "ExitA"], [5, 3, "ExitB"]);
  const otherwise = history([1, 0, "S"], branch("b", 2, 1), [3, 2, "ExitB"], branch("a", 4, 1), [5, 4, "ExitA"]);
  const crossed = history([1, 0, "S"], branch("b", 2, 1), [3, 2, "ExitA"], branch("a", 4, 1), [5, 4, "ExitB"]);

  test("may interleave otherwise where the case says so, with the same links", () => {
    expect(same(recorded, otherwise)).toBe(false);
    expect(same(recorded, otherwise, { concurrent: true })).toBe(true);
    expect(same(recorded, crossed, { concurrent: true })).toBe(false);
  });

  test("event numbers in causes are left aside there", () => {
    const cause = (id: number): JsonObject => ({ cause: `in 'a' (entered at the event id #${id}). No.` });
    const failed = (id: number): ReturnType<typeof history> =>
      history([1, 0, "S"], branch(id === 2 ? "a" : "b", 2, 1), branch(id === 2 ? "b" : "a", 3, 1), [
        4,
        id,
        "F",
        cause(id),
      ]);
    expect(same(failed(2), failed(3), { concurrent: true })).toBe(true);
  });

  test("an event that hangs on none is refused", () => {
    const loose = history([1, 0, "S"], branch("a", 2, 1), branch("b", 3, 1), [4, 2, "ExitA"], [5, 9, "ExitB"]);
    expect(same(recorded, loose, { concurrent: true })).toBe(false);
  });
});

describe("blanked Parallel states", () => {
  const recorded = history(
    [1, 0, "ParallelStateStarted"],
    [[0], 0, "PassStateEntered", { name: "a" }],
    [[0], 0, "PassStateEntered", { name: "b" }],
    [5, 3, "ParallelStateExited"],
  );
  const actual = (first: string, second: string): JsonObject =>
    history(
      [1, 0, "ParallelStateStarted"],
      [2, 1, "PassStateEntered", { name: first }],
      [3, 1, "PassStateEntered", { name: second }],
      [4, 3, "ParallelStateSucceeded"],
      [5, 3, "ParallelStateExited"],
    );

  test("are bags", () => {
    expect(same(recorded, actual("a", "b"), { parallel_unordered: true })).toBe(true);
    expect(same(recorded, actual("b", "a"), { parallel_unordered: true })).toBe(true);
    expect(same(recorded, actual("b", "b"), { parallel_unordered: true })).toBe(false);
  });
});

test("of nested Parallel states the recording lacks the ends between the inner branch and the outer exit", () => {
  const recorded = history(
    [1, 0, "ParallelStateStarted"],
    [[0], 0, "ParallelStateEntered"],
    [3, 2, "ParallelStateStarted"],
    [[0], 0, "PassStateEntered"],
    [8, 6, "ParallelStateExited"],
    [9, 8, "ExecutionSucceeded"],
  );
  const actual = (last: number): JsonObject =>
    history(
      [1, 0, "ParallelStateStarted"],
      [2, 1, "ParallelStateEntered"],
      [3, 2, "ParallelStateStarted"],
      [4, 3, "PassStateEntered"],
      [5, 4, "ParallelStateSucceeded"],
      [6, 4, "ParallelStateExited"],
      [7, 6, "ParallelStateSucceeded"],
      [8, last, "ParallelStateExited"],
      [9, 8, "ExecutionSucceeded"],
    );
  expect(same(recorded, actual(6), { parallel_unordered: true })).toBe(true);
  expect(same(recorded, actual(7), { parallel_unordered: true })).toBe(false);
});

describe("what AWS changed", () => {
  const mapRun = (link: number): ReturnType<typeof history> =>
    history(
      [1, 0, "MapRunStarted"],
      [2, 1, "MapRunSucceeded"],
      [3, 2, "MapStateSucceeded"],
      [4, link, "MapStateExited"],
    );

  test("the link of MapStateExited", () => {
    expect(same(mapRun(2), mapRun(1), { tolerate: ["map_exit_link"] })).toBe(true);
    expect(same(mapRun(2), mapRun(3), { tolerate: ["map_exit_link"] })).toBe(false);
    expect(same(mapRun(2), mapRun(1))).toBe(false);
  });

  const evaluation = (link: number): ReturnType<typeof history> =>
    history(
      [1, 0, "ExecutionStarted"],
      [2, 0, "PassStateEntered", { stateEnteredEventDetails: { name: "S" } }],
      [3, link, "EvaluationFailed", { evaluationFailedEventDetails: { state: "S" } }],
    );

  test("the link of EvaluationFailed", () => {
    expect(same(evaluation(0), evaluation(2), { tolerate: ["evaluation_failed_link"] })).toBe(true);
    expect(same(evaluation(0), evaluation(1), { tolerate: ["evaluation_failed_link"] })).toBe(false);
    expect(same(evaluation(0), evaluation(2))).toBe(false);
  });
});
