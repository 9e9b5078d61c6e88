import { describe, expect, test } from "vitest";
import type { ApiHistoryEvent } from "../../api/api-types.ts";
import { RunFold } from "../../run-model/run-fold.ts";
import { explainVisit, retryDelay } from "./explain.ts";

type Short = readonly [type: string, previous: number, details?: Readonly<Record<string, unknown>>, at?: number];

function folded(events: readonly Short[]): RunFold {
  const fold = new RunFold();
  const whole = events.map(
    ([type, previousEventId, details, at], index): ApiHistoryEvent => ({
      id: index + 1,
      previousEventId,
      timestamp: at ?? index * 100,
      type,
      ...(details && { someEventDetails: details }),
    }),
  );
  fold.add(whole);
  return fold;
}

const textsOf = (source: object, fold: RunFold, name: string): readonly string[] => {
  const visit = fold.visits.find((each) => each.name === name);
  if (visit === undefined) throw new Error(`${name} was not entered`);
  return explainVisit(source as Readonly<Record<string, unknown>>, visit, fold).map(({ text }) => text);
};

describe("retries", () => {
  const tried: readonly Short[] = [
    ["ExecutionStarted", 0],
    ["TaskStateEntered", 0, { name: "Call" }],
    ["TaskScheduled", 2],
    ["TaskFailed", 3, { error: "Busy" }, 1_000],
    ["TaskScheduled", 4, {}, 2_000],
    ["TaskFailed", 5, { error: "Busy" }, 3_000],
    ["TaskScheduled", 6, {}, 5_000],
    ["TaskFailed", 7, { error: "Busy" }, 6_000],
  ];
  const Retry = [
    { ErrorEquals: ["Other"] },
    { ErrorEquals: ["Busy"], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 2 },
  ];

  test("waited as their retrier says", () => {
    expect(textsOf({ Type: "Task", Retry }, folded(tried), "Call")).toEqual([
      "Attempt 2 came 1.00 s after Busy: Retry 2 (Busy) waits IntervalSeconds 1 × BackoffRate 2^0 = 1 s.",
      "Attempt 3 came 2.00 s after Busy: Retry 2 (Busy) waits IntervalSeconds 1 × BackoffRate 2^1 = 2 s.",
    ]);
    expect(retryDelay({ MaxDelaySeconds: 3, JitterStrategy: "FULL" }, 4)).toEqual({
      seconds: 3,
      hasJitter: true,
      words:
        "IntervalSeconds 1 × BackoffRate 2^3 = 8 s, capped at MaxDelaySeconds 3 s; with FULL jitter any time from 0 to 3 s",
    });
  });

  test("that are due say when", () => {
    const fold = folded(tried.slice(0, 4));
    const [due] = explainVisit({ Type: "Task", Retry }, fold.visits[0] as never, fold);
    expect(due).toMatchObject({ kind: "retry", until: 2_000 });
  });

  test("that came to an end say why, and what caught the error", () => {
    const failed = folded([...tried, ["ExecutionFailed", 8, { error: "Busy" }]]);
    expect(textsOf({ Type: "Task", Retry }, failed, "Call").slice(2)).toEqual([
      "Not tried again: Retry 2 (Busy) has used its MaxAttempts, 2.",
      "Call has no Catch: the run failed with it.",
    ]);
    const caught = folded([...tried.slice(0, 4), ["TaskStateExited", 4, { name: "Call" }]]);
    const Catch = [{ ErrorEquals: ["States.ALL"], Next: "Mend" }];
    expect(textsOf({ Type: "Task", Catch }, caught, "Call")).toEqual([
      "Not tried again: Call has no Retry.",
      "Catch (States.ALL) leads to Mend.",
    ]);
  });
});

describe("cancelling", () => {
  const map: readonly Short[] = [
    ["ExecutionStarted", 0],
    ["MapStateEntered", 0, { name: "Map" }],
    ["MapStateStarted", 2, { length: 5 }],
    ["MapIterationStarted", 3, { name: "Map", index: 0 }],
    ["TaskStateEntered", 4, { name: "In" }],
    ["TaskScheduled", 5],
    ["MapIterationStarted", 3, { name: "Map", index: 1 }],
    ["TaskStateEntered", 7, { name: "In" }],
    ["TaskScheduled", 8],
  ];

  test("of iterations names the one that failed", () => {
    const fold = folded([
      ...map,
      ["TaskFailed", 9, { error: "Oops" }],
      ["MapIterationFailed", 10, { name: "Map", index: 1 }],
      ["MapStateFailed", 11],
      ["ExecutionFailed", 12, { error: "Oops" }],
    ]);
    expect(textsOf({ Type: "Task" }, fold, "In")).toEqual([
      "Cancelled: iteration 1 of Map failed at In with Oops, and an inline Map tolerates no failure.",
    ]);
    expect(textsOf({ Type: "Map" }, fold, "Map")).toContain(
      "In failed first in iteration 1 with Oops; nothing is tolerated, so the rest was cancelled.",
    );
  });

  test("of a run that was stopped says so", () => {
    const fold = folded([...map, ["ExecutionAborted", 0]]);
    expect(textsOf({ Type: "Task" }, fold, "In")).toEqual(["Cancelled: the run was stopped."]);
  });

  test("has not happened while iterations wait for their turn", () => {
    expect(textsOf({ Type: "Map", MaxConcurrency: 2 }, folded(map), "Map")).toEqual([
      "2 iterations at work (MaxConcurrency 2), 3 wait for their turn.",
    ]);
  });
});

test("a Wait says until when", () => {
  const fold = folded([
    ["ExecutionStarted", 0],
    ["WaitStateEntered", 0, { name: "Rest" }, 5_000],
  ]);
  const visit = fold.visits[0] as never;
  expect(explainVisit({ Type: "Wait", Seconds: 60 }, visit, fold)[0]).toMatchObject({ kind: "wait", until: 65_000 });
  expect(explainVisit({ Type: "Wait", SecondsPath: "$.s" }, visit, fold)[0]?.text).toBe(
    'Waits for what SecondsPath "$.s" says.',
  );
});
