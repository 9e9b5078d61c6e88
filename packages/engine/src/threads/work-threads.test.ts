import { STRICT_LIMITS } from "@stepwell/core";
import { afterEach, expect, test, vi } from "vitest";
import {
  type AskedDecision,
  type Decided,
  WorkLost,
  type WorkThreads,
  WorkThreadsClosed,
} from "../ports/work-threads.ts";
import { WorkPerformer } from "./perform-work.ts";
import { openWorkThreads, type WorkThreadOptions } from "./work-threads.ts";

// From source, on a busy machine, a thread may take long to begin.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const open: WorkThreads[] = [];

function threadsOf(options: WorkThreadOptions): WorkThreads {
  const threads = openWorkThreads(options);
  open.push(threads);
  return threads;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((threads) => threads.close()));
});

const CONTEXT = { Execution: { Id: "e", Name: "e" } };
const ENDLESS = "($f := function($n) { $f($n + 1) }; $f(0))";

function decision(n: number): AskedDecision {
  const definition = JSON.stringify({
    QueryLanguage: "JSONata",
    StartAt: "Rest",
    States: {
      Rest: { Type: "Wait", Seconds: 1, Next: "Sum" },
      Sum: {
        Type: "Pass",
        Output: "{% {'sum': $sum([1..$states.input.n]), 'random': $random(), 'at': $now()} %}",
        End: true,
      },
    },
  });
  const prefix = "arn:aws:states:us-east-1:123456789012";
  const head = { format: 1, status: "RUNNING", nextEventId: 3, nextBranchId: 2, nextTaskId: 1 };
  const branch = { id: 1, parent: 0, index: 0, state: "Rest", enteredEventId: 2, enteredAt: 0, lastEventId: 2 };
  return {
    machine: { key: "sum", definition, options: { type: "STANDARD" } },
    start: {
      executionArn: `${prefix}:execution:sum:e`,
      executionName: "e",
      type: "STANDARD",
      stateMachineArn: `${prefix}:stateMachine:sum`,
      stateMachineName: "sum",
      roleArn: "arn:aws:iam::123456789012:role/test",
      startedAt: 0,
      input: JSON.stringify({ n }),
    },
    parts: [
      { part: 0, json: JSON.stringify({ ...head, variableBytes: 0, redriveCount: 0 }) },
      {
        part: 1,
        json: JSON.stringify({
          ...branch,
          retries: [],
          variables: {},
          variableBytes: 0,
          wait: { kind: "timer", at: 1_000, since: 0 },
          input: { n },
        }),
      },
    ],
    transitions: [{ event: { kind: "TimerFired", timerId: "b1" }, facts: { now: 1_000, seed: "0123456789abcdef" } }],
    limits: STRICT_LIMITS,
  };
}

test("a thread decides what this one would, chance and time included", async () => {
  const threads = threadsOf({ threads: 1 });
  const here = new WorkPerformer().perform("decision", decision(100)) as Decided;
  const there = await threads.perform("decision", decision(100));
  expect(there).toEqual(here);
  expect(there.transitions[0]?.history.at(-1)?.type).toBe("ExecutionSucceeded");
  expect(threads.stats).toMatchObject({ performed: { decision: 1 }, lost: 0, running: 0, waiting: 0 });
});

test("work is shared out, and all of it is answered", async () => {
  const threads = threadsOf({ threads: 2 });
  const counts = Array.from({ length: 12 }, (_, i) => i + 1);
  const sums = await Promise.all(
    counts.map((n) =>
      threads.perform("flowInput", { expression: `{% $sum([1..${n}]) %}`, input: {}, context: CONTEXT }),
    ),
  );
  expect(sums).toEqual(counts.map((n) => (n * (n + 1)) / 2));
});

test("a thread that ended for want of work is replaced", async () => {
  const threads = threadsOf({ threads: 1, idleMs: 1 });
  const asked = { expression: "{% 1 + 1 %}", input: {}, context: CONTEXT };
  for (let i = 0; i < 2; i++) {
    expect(await threads.perform("flowInput", asked)).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
});

test("work that takes too long is lost, and the next is not", async () => {
  // Long enough for nothing.
  const hurried = threadsOf({ threads: 1, workMsMax: 1 });
  const asked = { expression: ENDLESS, input: {}, context: CONTEXT };
  await expect(hurried.perform("flowInput", asked)).rejects.toThrow(WorkLost);
  await expect(hurried.perform("flowInput", asked)).rejects.toThrow(WorkLost);
  expect(hurried.stats).toMatchObject({ lost: 2, running: 0 });
});

test("work that needs too much memory is lost, and the next is not", async () => {
  const threads = threadsOf({ threads: 1, heapMb: 64 });
  const hungry = "{% $count([1..40].{'some': [1..400000]}) %}";
  await expect(threads.perform("flowInput", { expression: hungry, input: {}, context: CONTEXT })).rejects.toThrow(
    WorkLost,
  );
  expect(await threads.perform("flowInput", { expression: "{% 1 + 1 %}", input: {}, context: CONTEXT })).toBe(2);
});

test("more than may wait is refused", async () => {
  const threads = threadsOf({ threads: 1, waitingMax: 1 });
  const asked = { expression: "{% 1 + 1 %}", input: {}, context: CONTEXT };
  const first = threads.perform("flowInput", asked);
  const second = threads.perform("flowInput", asked);
  await expect(threads.perform("flowInput", asked)).rejects.toThrow("wait for a thread");
  expect(await Promise.all([first, second])).toEqual([2, 2]);
});

test("closing ends what is under way", async () => {
  const threads = threadsOf({ threads: 1 });
  const asked = { expression: ENDLESS, input: {}, context: CONTEXT };
  const answers = [threads.perform("flowInput", asked), threads.perform("flowInput", asked)].map((answer) =>
    expect(answer).rejects.toThrow(WorkThreadsClosed),
  );
  await threads.close();
  await Promise.all(answers);
  await expect(threads.perform("flowInput", asked)).rejects.toThrow(WorkThreadsClosed);
});
