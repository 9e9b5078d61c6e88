import { describe, expect, test, vi } from "vitest";
import type { CommittedChange } from "../executions/engine-options.ts";
import { StoreUnavailable } from "../rejection.ts";
import { MapWorld, PASS, processor } from "./map-world.test-support.ts";

describe("a run on items from the state's data", () => {
  test.each(["STANDARD", "EXPRESS"] as const)(
    "gives the outputs of %s children in the order of the items",
    async (type) => {
      const world = new MapWorld();
      const items = Array.from({ length: 1_200 }, (_, i) => ({ i }));
      const arn = await world.startMap({ ItemProcessor: processor(PASS, type) }, items);
      const { status, output } = await world.engine.describe(arn);
      expect(world.problems).toEqual([]);
      expect(status).toBe("SUCCEEDED");
      expect(JSON.parse(output ?? "")).toEqual(items);
      expect(await world.types(arn)).toEqual([
        "ExecutionStarted",
        "MapStateEntered",
        "MapStateStarted",
        "MapRunStarted",
        "MapRunSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
      ]);
      const run = await world.run(arn);
      expect(run).toMatchObject({ status: "SUCCEEDED", areResultsWritten: true, pendingItems: 0 });
      expect(run.childCounts).toMatchObject({ SUCCEEDED: 1_200, RUNNING: 0, FAILED: 0 });
    },
  );

  test("results with Transformation NONE say all that is known of a child", async () => {
    const world = new MapWorld();
    const map = { ItemProcessor: processor(PASS), ResultWriter: { WriterConfig: { Transformation: "NONE" } } };
    const arn = await world.startMap(map, ["a"]);
    const run = await world.run(arn);
    const [child] = (await world.mapRuns.children({ mapRunArn: run.mapRunArn, limit: 1 })).items;
    const [record] = JSON.parse((await world.engine.describe(arn)).output ?? "[]") as unknown[];
    expect(record).toEqual({
      ExecutionArn: child?.executionArn,
      Input: '"a"',
      InputDetails: { Included: true },
      Name: child?.name,
      Output: '"a"',
      OutputDetails: { Included: true },
      RedriveCount: 0,
      RedriveStatus: "NOT_REDRIVABLE",
      RedriveStatusReason: "Execution is SUCCEEDED and cannot be redriven",
      StartDate: new Date(run.startDate).toISOString(),
      StateMachineArn: run.stateMachineArn,
      Status: "SUCCEEDED",
      StopDate: new Date(run.startDate).toISOString(),
    });
  });

  test("an empty array is an empty result", async () => {
    const world = new MapWorld();
    const arn = await world.startMap({ ItemProcessor: processor(PASS) }, []);
    expect((await world.engine.describe(arn)).output).toBe("[]");
  });

  test("Standard children are executions with a history, named after run and index", async () => {
    const world = new MapWorld();
    const arn = await world.startMap({ ItemProcessor: processor(PASS), Label: "L" }, ["a"]);
    const run = await world.run(arn);
    expect(run.mapRunArn).toMatch(/^arn:aws:states:us-east-1:123456789012:mapRun:maps\/L:[0-9a-f-]{36}$/);
    const [child] = (await world.mapRuns.children({ mapRunArn: run.mapRunArn, limit: 10 })).items;
    expect(child?.executionArn).toMatch(/:execution:maps\/L:[0-9a-f]{8}-[0-9a-f]{4}-3[0-9a-f]{3}-/);
    const described = await world.engine.describe(child?.executionArn ?? "");
    expect(described).toMatchObject({ mapRunArn: run.mapRunArn, stateMachineArn: run.stateMachineArn, output: '"a"' });
    expect(await world.types(child?.executionArn ?? "")).toEqual([
      "ExecutionStarted",
      "PassStateEntered",
      "PassStateExited",
      "ExecutionSucceeded",
    ]);
    const machine = "arn:aws:states:us-east-1:123456789012:stateMachine:maps";
    expect((await world.engine.list({ stateMachineArn: machine, limit: 10 })).items).toHaveLength(1);
  });

  test("Express children say where they are stored", async () => {
    const world = new MapWorld();
    const arn = await world.startMap({ ItemProcessor: processor(PASS, "EXPRESS"), Label: "L" }, ["a", "b"]);
    const run = await world.run(arn);
    const [child] = (await world.mapRuns.children({ mapRunArn: run.mapRunArn, limit: 10 })).items;
    expect(child?.executionArn).toMatch(/:express:maps\/L:[0-9a-f-]{36}:[0-9a-f-]{36}$/);
    const found = await world.mapRuns.expressChild(child?.executionArn ?? "");
    expect(found).toMatchObject({ index: 1, input: '"b"', output: '"b"', mapRunArn: run.mapRunArn });
  });

  test("Express children that end at once are run while the last ones are on their way into the store", async () => {
    const world = new MapWorld();
    const store = world.mapRunStore;
    const commit = store.commit.bind(store);
    const sizes: number[] = [];
    let under = 0;
    let underMax = 0;
    let isAway = true;
    store.commit = async (changes) => {
      underMax = Math.max(underMax, ++under);
      await new Promise<void>((resolve) => world.turns.later(resolve));
      under -= 1;
      sizes.push(changes.begun?.length ?? 0);
      // The second of them is lost, and what comes after it is void.
      if (isAway && sizes.length === 2) throw new StoreUnavailable("away");
      await commit(changes);
    };
    const items = Array.from({ length: 10_000 }, (_, i) => i);
    const arn = await world.startMap({ ItemProcessor: processor(PASS, "EXPRESS"), ResultPath: null }, items);
    isAway = false;
    await world.passAll();
    expect((await world.engine.describe(arn)).status).toBe("SUCCEEDED");
    expect(underMax).toBe(1);
    expect(Math.min(...sizes.slice(0, 2))).toBeGreaterThanOrEqual(2_048);
    const run = await world.run(arn);
    expect(run.childCounts).toMatchObject({ SUCCEEDED: 10_000, RUNNING: 0 });
    const rows = await store.children(run.key, { limit: 10_001, texts: false });
    expect(rows.map(({ index }) => index)).toEqual(items);
    expect(world.problems).toMatchObject([{ message: "away" }]);
  });

  test("open runs are counted, and those that wait for others to end", async () => {
    const world = new MapWorld();
    const W = { Type: "Wait", Seconds: 60, End: true };
    const arn = await world.startMap({ ItemProcessor: processor({ W }) }, ["a"]);
    const { stateMachineArn } = await world.engine.describe(arn);
    const more = Array.from({ length: 1_001 }, () => world.engine.start({ stateMachineArn, input: '["a"]' }));
    await world.settle();
    await Promise.all(more);
    await world.settle();
    expect(world.mapRuns.open).toEqual({ runs: 1_000, backlog: 2, runsMax: 1_000 });
    await world.pass(60_000);
    expect(world.mapRuns.open).toMatchObject({ runs: 2, backlog: 0 });
    await world.pass(60_000);
    expect(world.mapRuns.open).toMatchObject({ runs: 0, backlog: 0 });
  });

  test("no more children are open than MaxConcurrency allows", async () => {
    const world = new MapWorld();
    const W = { Type: "Wait", SecondsPath: "$", End: true };
    const arn = await world.startMap({ MaxConcurrency: 3, ItemProcessor: processor({ W }) }, [1, 2, 3, 4, 5, 6, 7]);
    expect((await world.run(arn)).pendingItems).toBe(4);
    for (let second = 0; second < 6; second++) {
      expect((await world.run(arn)).childCounts.RUNNING, `after ${second} s`).toBe(3);
      await world.pass(1_000);
    }
    await world.passAll();
    expect((await world.engine.describe(arn)).status).toBe("SUCCEEDED");
  });
});

const CHOOSY = {
  C: { Type: "Choice", Choices: [{ Variable: "$", NumericLessThan: 0, Next: "F" }], Default: "P" },
  F: { Type: "Fail", Error: "Bad", Cause: "negative" },
  P: { Type: "Pass", End: true },
};

describe("failures", () => {
  test.each(["STANDARD", "EXPRESS"] as const)("one %s child that fails is too many", async (type) => {
    const world = new MapWorld();
    const arn = await world.startMap({ ItemProcessor: processor(CHOOSY, type) }, [1, -1, 2]);
    expect(await world.engine.describe(arn)).toMatchObject({
      status: "FAILED",
      error: "States.ExceedToleratedFailureThreshold",
      cause: "The specified tolerated failure threshold was exceeded",
    });
    expect((await world.types(arn)).slice(-3)).toEqual(["MapRunFailed", "MapStateFailed", "ExecutionFailed"]);
    expect((await world.run(arn)).status).toBe("FAILED");
  });

  test("as many as are tolerated leave the results of the others", async () => {
    const world = new MapWorld();
    const map = { ToleratedFailureCount: 2, ItemProcessor: processor(CHOOSY) };
    const arn = await world.startMap(map, [1, -1, 2, -2]);
    expect(await world.engine.describe(arn)).toMatchObject({ status: "SUCCEEDED", output: "[1,2]" });
    expect((await world.run(arn)).itemCounts).toMatchObject({ SUCCEEDED: 2, FAILED: 2 });
  });

  test("a percentage is of all items", async () => {
    const world = new MapWorld();
    const map = { ToleratedFailurePercentage: 49.9, ItemProcessor: processor(CHOOSY) };
    const arn = await world.startMap(map, [1, -1, 2, -2]);
    expect((await world.engine.describe(arn)).status).toBe("FAILED");
  });

  test("open children are aborted with the run", async () => {
    const world = new MapWorld();
    const states = {
      C: { Type: "Choice", Choices: [{ Variable: "$", NumericLessThan: 0, Next: "W1" }], Default: "W" },
      W1: { Type: "Wait", Seconds: 1, Next: "F" },
      F: { Type: "Fail" },
      W: { Type: "Wait", Seconds: 100, End: true },
    };
    const arn = await world.startMap({ ItemProcessor: processor(states) }, [1, -1, 2]);
    await world.pass(1_000);
    expect((await world.engine.describe(arn)).status).toBe("FAILED");
    const run = await world.run(arn);
    expect(run.childCounts).toMatchObject({ FAILED: 1, ABORTED: 2, RUNNING: 0 });
    const children = (await world.mapRuns.children({ mapRunArn: run.mapRunArn, limit: 5, statuses: ["ABORTED"] }))
      .items;
    for (const { executionArn } of children) expect((await world.engine.describe(executionArn)).status).toBe("ABORTED");
  });

  test("stopping the parent aborts the run and its children", async () => {
    const world = new MapWorld();
    const W = { Type: "Wait", Seconds: 100, End: true };
    const arn = await world.startMap({ ItemProcessor: processor({ W }) }, [1, 2]);
    const stopped = world.engine.stop(arn);
    await world.settle();
    await stopped;
    expect(await world.run(arn)).toMatchObject({ status: "ABORTED", childCounts: { ABORTED: 2 } });
  });

  test("an output that is too long is States.DataLimitExceeded", async () => {
    const world = new MapWorld();
    const R = { Type: "Pass", Result: "x".repeat(100_000), End: true };
    const arn = await world.startMap({ ItemProcessor: processor({ R }) }, [1, 2, 3]);
    expect(await world.engine.describe(arn)).toMatchObject({
      status: "FAILED",
      error: "States.DataLimitExceeded",
      cause: "The state/task 'M' returned a result with a size exceeding the maximum number of bytes service limit.",
    });
  });
});

describe("what a child is given", () => {
  test("an ItemSelector sees the item's index, value and source", async () => {
    const world = new MapWorld();
    const map = {
      ItemSelector: {
        "i.$": "$$.Map.Item.Index",
        "v.$": "$$.Map.Item.Value",
        "s.$": "$$.Map.Item.Source",
        "all.$": "$",
      },
      ItemProcessor: processor(PASS),
    };
    const arn = await world.startMap(map, ["a"]);
    const { output } = await world.engine.describe(arn);
    expect(JSON.parse(output ?? "")).toEqual([{ i: 0, v: "a", s: "STATE_DATA", all: ["a"] }]);
  });

  test("the members of an object have their names, in a selector and in the report", async () => {
    const world = new MapWorld();
    const ItemSelector = { "k.$": "$$.Map.Item.Key", "v.$": "$$.Map.Item.Value" };
    const arn = await world.startMap({ ItemSelector, ItemProcessor: processor(PASS) }, { a: 1, b: 2 });
    const expected = [
      { k: "a", v: { Key: "a", Value: 1 } },
      { k: "b", v: { Key: "b", Value: 2 } },
    ];
    expect(JSON.parse((await world.engine.describe(arn)).output ?? "")).toEqual(expected);
    const { mapRunArn } = await world.run(arn);
    const { items } = await world.mapRuns.children({ mapRunArn, limit: 10 });
    expect(items.map(({ key }) => key)).toEqual(["b", "a"]);
  });

  test("an array of pairs has no names", async () => {
    const world = new MapWorld();
    const ItemSelector = { "k.$": "$$.Map.Item.Key" };
    const arn = await world.startMap({ ItemSelector, ItemProcessor: processor(PASS) }, [{ Key: "a", Value: 1 }]);
    expect(await world.engine.describe(arn)).toMatchObject({ status: "FAILED", error: "States.Runtime" });
  });

  test("batches have at most so many items, and their own input beside them", async () => {
    const world = new MapWorld();
    const map = { ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { b: 1 } }, ItemProcessor: processor(PASS) };
    const arn = await world.startMap(map, [1, 2, 3]);
    const { output } = await world.engine.describe(arn);
    expect(output).toBe('[{"BatchInput":{"b":1},"Items":[1,2]},{"BatchInput":{"b":1},"Items":[3]}]');
    const run = await world.run(arn);
    expect(run.childCounts.SUCCEEDED).toBe(2);
    expect(run.itemCounts.SUCCEEDED).toBe(3);
  });

  test("batches have at most so many bytes", async () => {
    const world = new MapWorld();
    const map = { ItemBatcher: { MaxInputBytesPerBatch: 30 }, ItemProcessor: processor(PASS) };
    const arn = await world.startMap(map, ["aaaaa", "bbbbb", "ccccc", "a longer one than a batch may have"]);
    const { output } = await world.engine.describe(arn);
    expect(output).toBe(
      '[{"Items":["aaaaa","bbbbb"]},{"Items":["ccccc"]},{"Items":["a longer one than a batch may have"]}]',
    );
  });
});

describe("updates", () => {
  test("a new concurrency takes effect at once, and survives", async () => {
    const world = new MapWorld();
    const W = { Type: "Wait", Seconds: 100, End: true };
    const arn = await world.startMap({ MaxConcurrency: 1, ItemProcessor: processor({ W }) }, [1, 2, 3, 4]);
    const { mapRunArn } = await world.run(arn);
    const updated = world.mapRuns.update(mapRunArn, { maxConcurrency: 3 });
    await world.settle();
    await updated;
    expect(await world.run(arn)).toMatchObject({ limits: { maxConcurrency: 3 }, childCounts: { RUNNING: 3 } });
    await world.restart();
    expect(await world.run(arn)).toMatchObject({ limits: { maxConcurrency: 3 }, childCounts: { RUNNING: 3 } });
  });

  test("whoever changes a run while the store is away is told so, and may try again", async () => {
    const world = new MapWorld();
    const W = { Type: "Wait", Seconds: 1_000, End: true };
    const arn = await world.startMap({ MaxConcurrency: 1, ItemProcessor: processor({ W }) }, [1, 2, 3, 4]);
    const { mapRunArn } = await world.run(arn);
    vi.spyOn(world.mapRunStore, "commit").mockRejectedValueOnce(new StoreUnavailable("away"));
    const refused = expect(world.mapRuns.update(mapRunArn, { maxConcurrency: 3 })).rejects.toBeInstanceOf(
      StoreUnavailable,
    );
    await world.pass(500_000);
    await refused;
    const updated = world.mapRuns.update(mapRunArn, { maxConcurrency: 2 });
    await world.settle();
    await updated;
    expect(await world.run(arn)).toMatchObject({ limits: { maxConcurrency: 2 }, childCounts: { RUNNING: 2 } });
  });

  test("a run that is over cannot be updated", async () => {
    const world = new MapWorld();
    const arn = await world.startMap({ ItemProcessor: processor(PASS) }, [1]);
    const { mapRunArn } = await world.run(arn);
    await expect(world.mapRuns.update(mapRunArn, { maxConcurrency: 3 })).rejects.toMatchObject({
      name: "ValidationException",
      details: { reason: "CANNOT_UPDATE_COMPLETED_MAP_RUN" },
    });
  });
});

test.each(["STANDARD", "EXPRESS"] as const)("what %s children did is told, whoever decided it", async (type) => {
  const told: CommittedChange[] = [];
  const world = new MapWorld({ onCommitted: (change) => told.push(change) });
  await world.startMap({ ItemProcessor: processor(PASS, type) }, [{ a: 1 }, "b"]);
  const children = told.filter(({ start }) => start.mapRunArn !== undefined);
  expect(children.map(({ end }) => end?.output)).toEqual(['{"a":1}', '"b"']);
  for (const { history, historyTypes, start, end, started } of children) {
    const types = ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"];
    expect(history.map((event) => event.type)).toEqual(types);
    expect(historyTypes ?? types).toEqual(types);
    expect(history[0]?.details).toMatchObject({ input: start.input });
    expect(history[3]?.details).toEqual({ output: end?.output });
    expect(started).toBe(true);
  }
});

describe("crashes", () => {
  const MAKES = { P: { Type: "Pass", Parameters: { "n.$": "$" }, End: true } };
  test.each([PASS, MAKES])("wherever the process dies, children that end at once are counted once", async (states) => {
    const items = Array.from({ length: 9_000 }, (_, i) => i);
    for (let place = 1; place <= 16; place++) {
      let commits = 0;
      const world = new MapWorld({ dies: () => ++commits === place });
      const map = { ResultSelector: { "n.$": "States.ArrayLength($)" }, ItemProcessor: processor(states, "EXPRESS") };
      const arn = await world.startMap(map, items);
      if (!world.isAlive) await world.restart();
      const found = await world.executionStore.describe(arn);
      // Dead before the start was durable: nobody was promised anything.
      if (found === undefined) continue;
      expect(found, `place ${place}`).toMatchObject({ status: "SUCCEEDED", output: '{"n":9000}' });
      const run = await world.run(arn);
      expect(run.childCounts, `place ${place}`).toMatchObject({ SUCCEEDED: 9_000, RUNNING: 0 });
      expect((await world.mapRunStore.count(run.key)).children).toEqual(run.childCounts);
      expect(world.problems).toEqual([]);
    }
  });

  // Each commit is a place to die before and a place to die after.
  const PLACES = Array.from({ length: 26 }, (_, i) => i + 1);
  test.each(["STANDARD", "EXPRESS"] as const)("wherever the process dies, %s children are run once", async (type) => {
    for (const place of PLACES) {
      let commits = 0;
      const world = new MapWorld({ dies: () => ++commits === place });
      const W = { Type: "Wait", Seconds: 5, Next: "P" };
      const items = Array.from({ length: 7 }, (_, i) => i);
      const map = { MaxConcurrency: 3, ItemProcessor: processor({ W, P: { Type: "Pass", End: true } }, type) };
      const arn = await world.startMap(map, items);
      for (let life = 0; life < 3; life++) {
        await world.passAll();
        if (!world.isAlive) await world.restart();
      }
      const found = await world.executionStore.describe(arn);
      // Dead before the start was durable: nobody was promised anything.
      if (found === undefined) continue;
      expect(found, `place ${place}`).toMatchObject({ status: "SUCCEEDED", output: JSON.stringify(items) });
      expect((await world.run(arn)).childCounts, `place ${place}`).toMatchObject({ SUCCEEDED: 7, RUNNING: 0 });
      expect(world.problems).toEqual([]);
    }
  });
});
