import { expect, test } from "vitest";
import { Drive } from "./drive.test-support.ts";
import type { ExecutionEvent } from "./execution-event.ts";

const LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:f";

function machine(states: Record<string, unknown>, startAt = Object.keys(states)[0], top: Record<string, unknown> = {}) {
  return { StartAt: startAt, States: states, ...top };
}

/** Goes round for ever: `$.go` is never there. */
const LOOP = machine({
  A: { Type: "Pass", Next: "C" },
  C: { Type: "Choice", Choices: [{ Variable: "$.go", IsPresent: true, Next: "Out" }], Default: "A" },
  Out: { Type: "Succeed" },
});

test("the first state is linked to nothing and the others in a chain", () => {
  const drive = new Drive(machine({ A: { Type: "Pass", Next: "B" }, B: { Type: "Succeed" } }), { x: 1 });
  expect(drive.chain).toEqual([
    "1 ExecutionStarted<0",
    "2 PassStateEntered<0",
    "3 PassStateExited<2",
    "4 SucceedStateEntered<3",
    "5 SucceedStateExited<4",
    "6 ExecutionSucceeded<5",
  ]);
  expect(drive.output).toEqual({ x: 1 });
  expect(drive.parts.size).toBe(0);
});

test("a Wait parks, wakes at its time and never before", () => {
  const drive = new Drive(machine({ W: { Type: "Wait", Seconds: 15, End: true } }));
  const at = drive.timers.get("b1");
  expect(at).toBe(drive.now + 15_000);
  expect(drive.apply({ kind: "TimerFired", timerId: "b1" }).history).toEqual([]);
  drive.run();
  expect(drive.ended?.status).toBe("SUCCEEDED");
  expect(drive.history.at(-1)?.timestamp).toBe(at);
});

test("retries wait longer each time, and then a catcher gets the error", () => {
  const drive = new Drive(
    machine({
      T: {
        Type: "Task",
        Resource: LAMBDA,
        Retry: [{ ErrorEquals: ["Boom"], IntervalSeconds: 2, MaxAttempts: 2, BackoffRate: 3 }],
        Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "After" }],
        Next: "After",
      },
      After: { Type: "Pass", End: true },
    }),
    { keep: true },
    { answer: () => ({ error: "Boom", cause: "bad" }) },
  ).run();
  expect(drive.chain.slice(1, 12)).toEqual([
    "2 TaskStateEntered<0",
    "3 LambdaFunctionScheduled<2",
    "4 LambdaFunctionStarted<3",
    "5 LambdaFunctionFailed<4",
    "6 LambdaFunctionScheduled<5",
    "7 LambdaFunctionStarted<6",
    "8 LambdaFunctionFailed<7",
    "9 LambdaFunctionScheduled<8",
    "10 LambdaFunctionStarted<9",
    "11 LambdaFunctionFailed<10",
    "12 TaskStateExited<11",
  ]);
  const scheduled = drive.history.filter((event) => event.type === "LambdaFunctionScheduled");
  expect(scheduled.map((event) => event.timestamp - scheduled[0]!.timestamp)).toEqual([0, 2_000, 8_000]);
  expect(drive.output).toEqual({ keep: true, error: { Error: "Boom", Cause: "bad" } });
});

test("a Map links the next iteration to the last event of the one that made room", () => {
  const definition = machine({
    M: {
      Type: "Map",
      MaxConcurrency: 1,
      ItemProcessor: { StartAt: "P", States: { P: { Type: "Pass", End: true } } },
      End: true,
    },
  });
  const drive = new Drive(definition, [1, 2]);
  expect(drive.chain).toEqual([
    "1 ExecutionStarted<0",
    "2 MapStateEntered<0",
    "3 MapStateStarted<2",
    "4 MapIterationStarted<3",
    "5 PassStateEntered<4",
    "6 PassStateExited<5",
    "7 MapIterationSucceeded<6",
    "8 MapIterationStarted<6",
    "9 PassStateEntered<8",
    "10 PassStateExited<9",
    "11 MapIterationSucceeded<10",
    "12 MapStateSucceeded<11",
    "13 MapStateExited<11",
    "14 ExecutionSucceeded<13",
  ]);
  expect(new Drive(definition, []).output).toEqual([]);
});

test("MaxConcurrency is never exceeded, and results keep the order of the items", () => {
  let open = 0;
  let most = 0;
  const drive = new Drive(
    machine({
      M: {
        Type: "Map",
        MaxConcurrency: 3,
        ItemProcessor: { StartAt: "T", States: { T: { Type: "Task", Resource: LAMBDA, End: true } } },
        End: true,
      },
    }),
    [5, 4, 3, 2, 1, 0],
    {
      restart: true,
      answer: (task) => {
        open = drive.tasks.size;
        most = Math.max(most, open);
        return { output: JSON.parse(task.input) * 10 };
      },
    },
  );
  expect(drive.tasks.size).toBe(3);
  drive.run();
  expect(most).toBe(3);
  expect(drive.output).toEqual([50, 40, 30, 20, 10, 0]);
});

test("a failing branch aborts its siblings and the Parallel fails with its error", () => {
  const drive = new Drive(
    machine({
      P: {
        Type: "Parallel",
        Branches: [
          { StartAt: "W", States: { W: { Type: "Wait", Seconds: 60, End: true } } },
          { StartAt: "F", States: { F: { Type: "Fail", Error: "E", Cause: "C" } } },
        ],
        Catch: [{ ErrorEquals: ["E"], Next: "Done" }],
        End: true,
      },
      Done: { Type: "Pass", End: true },
    }),
  );
  expect(drive.types).toContain("WaitStateAborted");
  expect(drive.output).toEqual({ Error: "E", Cause: "C" });
  expect(drive.timers.size).toBe(0);
});

test("results that come twice, late or for a cancelled attempt are recorded nowhere", () => {
  const drive = new Drive(
    machine({
      T: {
        Type: "Task",
        Resource: LAMBDA,
        TimeoutSeconds: 5,
        Retry: [{ ErrorEquals: ["States.Timeout"], MaxAttempts: 1 }],
        End: true,
      },
    }),
  );
  const first = [...drive.tasks.keys()][0]!;
  drive.now += 5_000;
  drive.apply({ kind: "TimerFired", timerId: `t${first}` });
  expect(drive.types.at(-1)).toBe("LambdaFunctionTimedOut");
  expect(drive.apply({ kind: "TaskSucceeded", taskId: first, output: "1" }).history).toEqual([]);
  drive.now += 1_000;
  drive.apply({ kind: "TimerFired", timerId: "b1" });
  const second = [...drive.tasks.keys()].at(-1)!;
  drive.apply({ kind: "TaskSucceeded", taskId: second, output: "2" });
  expect(drive.apply({ kind: "TaskSucceeded", taskId: second, output: "3" }).history).toEqual([]);
  expect(drive.output).toBe(2);
});

test("States.Runtime passes every Catch", () => {
  const drive = new Drive(
    machine({
      T: {
        Type: "Task",
        Resource: LAMBDA,
        OutputPath: "$.no.such",
        Catch: [{ ErrorEquals: ["States.Runtime", "States.ALL"].slice(0, 1), Next: "C" }],
        Next: "C",
      },
      C: { Type: "Pass", End: true },
    }),
    {},
    { answer: () => ({ output: {} }) },
  ).run();
  expect(drive.ended).toMatchObject({ status: "FAILED", error: "States.Runtime" });
  expect(drive.ended?.cause).toBe(
    "An error occurred while executing the state 'T' (entered at the event id #2). Invalid path '$.no.such' : Missing property in path $['no']",
  );
});

test("event 25,000 says that the history is full", () => {
  const drive = new Drive(
    LOOP,
    {},
    {
      limits: { historyEventsMax: 50 },
    },
  ).run();
  expect(drive.history.length).toBe(50);
  expect(drive.history.at(-1)).toMatchObject({ id: 50, type: "ExecutionFailed", details: { error: "States.Runtime" } });
});

test("an endless loop yields after a bounded number of states", () => {
  const drive = new Drive(LOOP);
  expect(drive.ended).toBeUndefined();
  expect(drive.history.length).toBe(401);
  expect(drive.timers.get("b1")).toBe(drive.now);
});

test("the execution's own timeout ends it without error and cause", () => {
  const drive = new Drive(machine({ W: { Type: "Wait", Seconds: 60, End: true } }, "W", { TimeoutSeconds: 5 })).run();
  expect(drive.ended).toEqual({ kind: "EndExecution", status: "TIMED_OUT" });
  expect(drive.history.at(-1)).toMatchObject({ type: "ExecutionTimedOut", previousEventId: 0 });
});

test("an execution lasts a year at most, however long it waits", () => {
  const drive = new Drive(machine({ W: { Type: "Wait", Seconds: 99_999_999, End: true } }));
  const year = drive.now + 365 * 86_400_000;
  expect(drive.run().ended).toEqual({ kind: "EndExecution", status: "TIMED_OUT" });
  expect(drive.history.at(-1)).toMatchObject({ type: "ExecutionTimedOut", timestamp: year });
});

test("what comes after a year ends the execution, but it may still be stopped", () => {
  const task = machine({ T: { Type: "Task", Resource: LAMBDA, End: true } });
  const late = (event: ExecutionEvent): string | undefined => {
    const drive = new Drive(task);
    drive.now += 366 * 86_400_000;
    drive.apply(event);
    return drive.ended?.status;
  };
  expect(late({ kind: "TaskSucceeded", taskId: 1, output: "1" })).toBe("TIMED_OUT");
  expect(late({ kind: "Stopped" })).toBe("ABORTED");
});

test("a redrive goes on from the failed task, linked to its original entry", () => {
  let healthy = false;
  const drive = new Drive(
    machine({ A: { Type: "Pass", Next: "T" }, T: { Type: "Task", Resource: LAMBDA, End: true } }),
    { n: 1 },
    { answer: () => (healthy ? { output: "ok" } : { error: "Down" }), restart: true },
  ).run();
  expect(drive.ended?.status).toBe("FAILED");
  const endId = drive.history.length;
  healthy = true;
  drive.ended = undefined;
  drive.apply({ kind: "Redriven", redriveCount: 1 });
  drive.run();
  expect(drive.chain.slice(endId)).toEqual([
    `${endId + 1} ExecutionRedriven<${endId}`,
    `${endId + 2} LambdaFunctionScheduled<4`,
    `${endId + 3} LambdaFunctionStarted<${endId + 2}`,
    `${endId + 4} LambdaFunctionSucceeded<${endId + 3}`,
    `${endId + 5} TaskStateExited<${endId + 4}`,
    `${endId + 6} ExecutionSucceeded<${endId + 5}`,
  ]);
});

test("a redrive of a Map runs only the failed iterations again", () => {
  let healthy = false;
  const seen: string[] = [];
  const drive = new Drive(
    machine({
      M: {
        Type: "Map",
        MaxConcurrency: 1,
        ItemProcessor: { StartAt: "T", States: { T: { Type: "Task", Resource: LAMBDA, End: true } } },
        End: true,
      },
    }),
    [1, 2, 3],
    {
      restart: true,
      answer: (task) => {
        seen.push(task.input);
        return task.input === "2" && !healthy ? { error: "Bad" } : { output: Number(task.input) };
      },
    },
  ).run();
  expect(drive.ended?.status).toBe("FAILED");
  healthy = true;
  drive.ended = undefined;
  drive.apply({ kind: "Redriven", redriveCount: 1 });
  drive.run();
  expect(drive.output).toEqual([1, 2, 3]);
  expect(seen).toEqual(["1", "2", "2", "3"]);
});

test("equal facts give equal steps, and a restored snapshot goes on as the live one", () => {
  const definition = machine({
    P: {
      Type: "Parallel",
      Branches: [1, 2, 3].map((n) => ({
        StartAt: `T${n}`,
        States: {
          [`T${n}`]: {
            Type: "Task",
            Resource: LAMBDA,
            Retry: [{ ErrorEquals: ["States.ALL"], JitterStrategy: "FULL", MaxAttempts: 5 }],
            End: true,
          },
        },
      })),
      End: true,
    },
  });
  const answer = (_: unknown, attempt: number) => (attempt % 3 === 0 ? { output: attempt } : { error: "E" });
  const live = new Drive(definition, {}, { answer }).run();
  const restored = new Drive(definition, {}, { answer, restart: true }).run();
  expect(restored.history).toEqual(live.history);
  expect(live.ended?.status).toBe("SUCCEEDED");
});

test("a Distributed Map is one run to its parent, and what follows is linked to the run's start", () => {
  const distributed = machine({
    M: {
      Type: "Map",
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "P",
        States: { P: { Type: "Pass", End: true } },
      },
      Label: "L",
      MaxConcurrency: 7,
      ToleratedFailurePercentage: 2.5,
      End: true,
    },
  });
  const drive = new Drive(distributed, { a: 1, b: 2 }, { restart: true });
  const [run] = [...drive.mapRuns.values()];
  expect(run?.mapRunArn).toMatch(/^arn:aws:states:us-east-1:123456789012:mapRun:machine\/L:[0-9a-f-]{36}$/);
  expect(run?.plan).toMatchObject({
    items: [
      { Key: "a", Value: 1 },
      { Key: "b", Value: 2 },
    ],
    maxConcurrency: 7,
    toleratedFailurePercentage: 2.5,
  });
  drive.apply({ kind: "MapRunSucceeded", taskId: run!.taskId, output: "[1,2]" });
  expect(drive.chain.slice(2)).toEqual([
    "3 MapStateStarted<2",
    "4 MapRunStarted<3",
    "5 MapRunSucceeded<4",
    "6 MapStateSucceeded<5",
    "7 MapStateExited<4",
    "8 ExecutionSucceeded<7",
  ]);
  const stopped = new Drive(distributed, [1]);
  stopped.apply({ kind: "Stopped" });
  expect(stopped.mapRuns.size).toBe(0);
  expect(stopped.cancelled).toEqual([1]);
});

test("a failed map run fails the Map, and a redrive goes on with the same run", () => {
  const drive = new Drive(
    machine({
      M: {
        Type: "Map",
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
          StartAt: "P",
          States: { P: { Type: "Pass", End: true } },
        },
        End: true,
      },
    }),
    [1],
    { restart: true },
  );
  const first = [...drive.mapRuns.values()][0]!;
  drive.apply({ kind: "MapRunFailed", taskId: first.taskId, error: "States.ExceedToleratedFailureThreshold" });
  expect(drive.chain.slice(4)).toEqual(["5 MapRunFailed<4", "6 MapStateFailed<5", "7 ExecutionFailed<6"]);
  drive.ended = undefined;
  drive.mapRuns.clear();
  drive.apply({ kind: "Redriven", redriveCount: 1 });
  const second = [...drive.mapRuns.values()][0]!;
  expect(second).toMatchObject({ mapRunArn: first.mapRunArn, redriveCount: 1 });
  expect(second.taskId).not.toBe(first.taskId);
});

test.each(["States.DataLimitExceeded", "States.Runtime"])("after %s a redrive begins a new map run", (error) => {
  const drive = new Drive(
    machine({
      M: {
        Type: "Map",
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
          StartAt: "P",
          States: { P: { Type: "Pass", End: true } },
        },
        End: true,
      },
    }),
    [1],
    { restart: true },
  );
  const first = [...drive.mapRuns.values()][0]!;
  drive.apply({ kind: "MapRunFailed", taskId: first.taskId, error });
  drive.ended = undefined;
  drive.mapRuns.clear();
  const endId = drive.history.length;
  drive.apply({ kind: "Redriven", redriveCount: 1 });
  const second = [...drive.mapRuns.values()][0]!;
  expect(second.mapRunArn).not.toBe(first.mapRunArn);
  expect(second.redriveCount).toBe(0);
  expect(drive.chain.slice(endId)).toEqual([
    `${endId + 1} ExecutionRedriven<${endId}`,
    `${endId + 2} MapStateStarted<2`,
    `${endId + 3} MapRunStarted<${endId + 2}`,
  ]);
});
