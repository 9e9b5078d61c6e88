import type { HistoryEvent } from "@stepwell/core";
import { expect, test } from "vitest";
import { type SimulatedThreadOptions, SimulatedThreads } from "../testing/simulated-threads.ts";
import { World, type WorldOptions } from "./world.test-support.ts";

const LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:f";
/** Some 200,000 operations: more than a decision here may take, less than one that a thread lost. */
const LONG = "{% $sum([1..10000].($ * 2)) %}";
/** More than that too. */
const TOO_LONG = "{% $sum([1..400000].($ * 2)) %}";

function worldOf(options: SimulatedThreadOptions & { readonly quickMs?: number } = {}, more: WorldOptions = {}) {
  let threads: SimulatedThreads | undefined;
  const world = new World({
    ...more,
    threads: (clock) => {
      threads = new SimulatedThreads(clock, options);
      return threads;
    },
    options: { quickMs: options.quickMs ?? 0.2, ...more.options },
  });
  return { world, threads: (): SimulatedThreads => threads as SimulatedThreads };
}

function machine(states: object): object {
  return { QueryLanguage: "JSONata", StartAt: Object.keys(states)[0], States: states };
}

const ALONE = machine({ Long: { Type: "Pass", Output: LONG, End: true } });

function withoutTimes(history: readonly HistoryEvent[]): unknown {
  return history.map(({ timestamp: _, ...event }) => event);
}

const MIXED = machine({
  First: { Type: "Pass", Assign: { a: LONG }, Output: { items: [3, 1, 2] }, Next: "Each" },
  Each: {
    Type: "Map",
    Items: "{% $states.input.items %}",
    MaxConcurrency: 2,
    ItemProcessor: {
      StartAt: "Rest",
      States: {
        Rest: { Type: "Wait", Seconds: "{% $states.input %}", Next: "Work" },
        Work: {
          Type: "Task",
          Resource: LAMBDA,
          Arguments: { n: `{% $states.input + ${LONG.slice(2, -2)} %}` },
          Output: "{% $states.result.n + $sum([1..9000].($ * 3)) %}",
          End: true,
        },
      },
    },
    Output: `{% { 'all': $states.result, 'a': $a, 'long': ${LONG.slice(2, -2)} } %}`,
    Next: "Which",
  },
  Which: { Type: "Choice", Choices: [{ Condition: "{% $count([1..9000][$ % 7 = 0]) > 3 %}", Next: "Last" }] },
  Last: { Type: "Wait", Seconds: 2, End: true },
});

const ANSWERING: WorldOptions = {
  start: async ({ input }) => ({ kind: "succeeded", output: input }),
};

async function historyOf(world: World, definition: object, input = {}): Promise<unknown> {
  const arn = await world.start(world.machines.define("m", definition), input, "e");
  await world.pass(60_000);
  return withoutTimes(await world.history(arn));
}

test("the history is the same whichever thread decides", async () => {
  const here = await historyOf(new World(ANSWERING), MIXED);
  for (const quickMs of [0, 0.2, 1]) {
    const { world, threads } = worldOf({ quickMs }, ANSWERING);
    expect(await historyOf(world, MIXED)).toEqual(here);
    expect(threads().performed.decision).toBeGreaterThan(3);
    expect(world.problems).toEqual([]);
  }
});

test("a short decision is made here", async () => {
  const { world, threads } = worldOf({ quickMs: 50 }, ANSWERING);
  await historyOf(world, MIXED);
  expect(threads().performed.decision).toBe(0);
});

test("a start is answered before its first state is decided", async () => {
  const { world } = worldOf({ delayMs: () => 5_000 });
  const arn = await world.start(world.machines.define("m", ALONE));
  expect(await world.types(arn)).toEqual(["ExecutionStarted"]);
  expect(await world.status(arn)).toBe("RUNNING");
  await world.pass(5_000);
  expect(await world.types(arn)).toEqual([
    "ExecutionStarted",
    "PassStateEntered",
    "PassStateExited",
    "ExecutionSucceeded",
  ]);
});

test("what comes meanwhile waits its turn", async () => {
  const { world } = worldOf({ delayMs: () => 5_000 });
  const definition = machine({
    Long: { Type: "Pass", Output: LONG, Next: "W" },
    W: { Type: "Wait", Seconds: 9, End: true },
  });
  const arn = await world.start(world.machines.define("m", definition));
  const stopping = world.engine.stop(arn, "Enough");
  await world.pass(4_000);
  expect(await world.status(arn)).toBe("RUNNING");
  await world.pass(1_000);
  await world.await(stopping);
  expect(await world.types(arn)).toEqual([
    "ExecutionStarted",
    "PassStateEntered",
    "PassStateExited",
    "WaitStateEntered",
    "ExecutionAborted",
  ]);
});

test("an execution that timed out meanwhile times out next", async () => {
  const { world } = worldOf({ delayMs: () => 5_000 });
  const definition = {
    ...machine({ Long: { Type: "Pass", Output: LONG, Next: "W" }, W: { Type: "Wait", Seconds: 9, End: true } }),
    TimeoutSeconds: 3,
  };
  const arn = await world.start(world.machines.define("m", definition));
  await world.pass(5_000);
  expect((await world.types(arn)).slice(-2)).toEqual(["WaitStateEntered", "ExecutionTimedOut"]);
});

test("no more are asked for at once than there are threads, and every one comes to its end", async () => {
  const { world, threads } = worldOf({ delayMs: () => 1_000, atOnce: 2 });
  const arn = world.machines.define("m", ALONE);
  const executions: string[] = [];
  for (let i = 0; i < 7; i++) executions.push(await world.start(arn));
  expect(threads().stats).toMatchObject({ running: 2, waiting: 0 });
  expect(world.engine.stats.decisionsWaiting).toBe(5);
  await world.pass(4_000);
  for (const execution of executions) expect(await world.status(execution)).toBe("SUCCEEDED");
});

test("branches that take long one after the other are each asked about once", async () => {
  const { world, threads } = worldOf({ quickMs: 0.2 });
  const definition = machine({
    Each: {
      Type: "Map",
      Items: [1, 2, 3, 4, 5, 6, 7, 8],
      ItemProcessor: {
        StartAt: "Rest",
        States: { Rest: { Type: "Wait", Seconds: 5, Next: "Long" }, Long: { Type: "Pass", Output: LONG, End: true } },
      },
      End: true,
    },
  });
  const arn = await world.start(world.machines.define("m", definition));
  await world.pass(6_000);
  expect(await world.status(arn)).toBe("SUCCEEDED");
  const asked = threads().transitionsAsked.reduce((sum, count) => sum + count, 0);
  expect(asked).toBe(8);
});

test("a process that dies meanwhile has lost nothing", async () => {
  const { world } = worldOf({ delayMs: () => 5_000 });
  const arn = await world.start(world.machines.define("m", ALONE));
  await world.pass(1_000);
  await world.restart();
  await world.pass(6_000);
  expect(await world.status(arn)).toBe("SUCCEEDED");
});

test("what threads could not do fails like an expression that takes too long", async () => {
  const { world } = worldOf({ fate: () => "lost" });
  const definition = machine({
    Long: {
      Type: "Parallel",
      Branches: [{ StartAt: "A", States: { A: { Type: "Pass", Output: TOO_LONG, End: true } } }],
      Catch: [{ ErrorEquals: ["States.QueryEvaluationError"], Output: "{% $states.errorOutput.Cause %}", Next: "End" }],
      End: true,
    },
    End: { Type: "Succeed" },
  });
  const arn = await world.start(world.machines.define("m", definition));
  const { status, output } = await world.await(world.engine.describe(arn));
  expect(status).toBe("SUCCEEDED");
  expect(output).toContain("Expression evaluation timeout: Check for infinite loop");
  expect(world.problems).not.toEqual([]);
});

test("what threads could not do and what does not take so long is done here", async () => {
  for (const fate of ["lost", "failed"] as const) {
    const { world } = worldOf({ fate: () => fate });
    const arn = await world.start(world.machines.define("m", ALONE));
    expect(await world.status(arn)).toBe("SUCCEEDED");
    expect(world.problems).not.toEqual([]);
  }
  const { world } = worldOf({ fate: () => "failed" });
  const long = machine({ Long: { Type: "Pass", Output: TOO_LONG, End: true } });
  expect(await world.status(await world.start(world.machines.define("m", long)))).toBe("SUCCEEDED");
});

test("a machine whose decisions take long is not tried for long", async () => {
  const { world, threads } = worldOf({ quickMs: 1 });
  const arn = world.machines.define("m", ALONE);
  for (let i = 0; i < 5; i++) await world.start(arn);
  expect(threads().performed.decision).toBe(5);
});

test("a redrive that takes long is decided elsewhere", async () => {
  const { world, threads } = worldOf({}, { start: async () => ({ kind: "failed", error: "Boom" }) });
  const definition = machine({
    Work: { Type: "Task", Resource: LAMBDA, Arguments: { n: LONG }, End: true },
  });
  const arn = await world.start(world.machines.define("m", definition));
  expect(await world.status(arn)).toBe("FAILED");
  const before = threads().performed.decision;
  await world.await(world.engine.redrive(arn));
  expect(threads().performed.decision).toBe(before + 1);
  expect(await world.status(arn)).toBe("FAILED");
  expect((await world.types(arn)).filter((type) => type === "ExecutionRedriven")).toHaveLength(1);
});

test("what is wrong with a task's parameters is told as it is here", async () => {
  const definition = machine({
    Long: { Type: "Pass", Output: LONG, Next: "Work" },
    Work: {
      Type: "Task",
      Resource: LAMBDA,
      Arguments: { n: LONG },
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Again" }],
      Next: "Again",
    },
    Again: { Type: "Task", Resource: LAMBDA, Arguments: { fine: LONG }, End: true },
  });
  const checking = (world: World): World => {
    const { machines } = world;
    const find = machines.machineOfRevision.bind(machines);
    const parametersProblem = (_: unknown, parameters: string): string | undefined =>
      parameters.includes('"n"') ? "n: must not be there" : undefined;
    const checked = async (arn: string): ReturnType<typeof find> => {
      const resolved = await find(arn);
      return { ...resolved, machine: { ...resolved.machine, parametersProblem } };
    };
    Object.assign(machines, { resolve: checked, machineOfRevision: checked });
    return world;
  };
  const here = await historyOf(checking(new World(ANSWERING)), definition);
  expect(JSON.stringify(here)).toContain("n: must not be there");
  const { world, threads } = worldOf({}, ANSWERING);
  expect(await historyOf(checking(world), definition)).toEqual(here);
  expect(threads().performed.decision).toBeGreaterThan(1);
  expect(world.problems).toEqual([]);
});
