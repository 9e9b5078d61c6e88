import { describe, expect, test } from "vitest";
import type { TaskOutcome } from "../ports/connector.ts";
import { MapWorld, processor } from "./map-world.test-support.ts";

const T = { Type: "Task", Resource: "arn:aws:lambda:us-east-1:123456789012:function:f", End: true };

async function settled<T>(world: MapWorld, promise: Promise<T>): Promise<T> {
  await world.settle();
  return promise;
}

describe.each(["STANDARD", "EXPRESS"] as const)("a redrive of a run of %s children", (type) => {
  function world(): { world: MapWorld; bad: Set<string>; calls: string[] } {
    const bad = new Set(["2"]);
    const calls: string[] = [];
    const start = ({ input }: { input: string }): TaskOutcome => {
      calls.push(input);
      return bad.has(input) ? { kind: "failed", error: "Bad" } : { kind: "succeeded", output: `"${input}"` };
    };
    return { world: new MapWorld({ start }), bad, calls };
  }

  test("does again what failed, begins what was never begun, and leaves the rest", async () => {
    const { world: w, bad, calls } = world();
    const arn = await w.startMap({ MaxConcurrency: 1, ItemProcessor: processor({ T }, type) }, [1, 2, 3, 4]);
    expect((await w.engine.describe(arn)).status).toBe("FAILED");
    const before = await w.run(arn);
    expect(before).toMatchObject({ status: "FAILED", childCounts: { SUCCEEDED: 1, FAILED: 1 }, pendingItems: 2 });
    bad.clear();
    await settled(w, w.engine.redrive(arn));
    expect(w.problems).toEqual([]);
    expect(await w.engine.describe(arn)).toMatchObject({ status: "SUCCEEDED", output: '["1","2","3","4"]' });
    expect(calls).toEqual(["1", "2", "2", "3", "4"]);
    const run = await w.run(arn);
    expect(run.mapRunArn).toBe(before.mapRunArn);
    expect(run).toMatchObject({ status: "SUCCEEDED", redriveCount: 1, childCounts: { SUCCEEDED: 4, FAILED: 0 } });
    expect((await w.types(arn)).slice(-6)).toEqual([
      "ExecutionRedriven",
      "MapRunRedriven",
      "MapRunSucceeded",
      "MapStateSucceeded",
      "MapStateExited",
      "ExecutionSucceeded",
    ]);
    const redriven = await w.mapRuns.children({ mapRunArn: run.mapRunArn, limit: 9, redrive: "REDRIVEN" });
    expect(redriven.items.map(({ index, redriveCount }) => [index, redriveCount])).toEqual([[1, 1]]);
  });

  test("may fail again, and be redriven again", async () => {
    const { world: w, bad } = world();
    const arn = await w.startMap({ ItemProcessor: processor({ T }, type) }, [2]);
    for (const count of [1, 2]) {
      await settled(w, w.engine.redrive(arn));
      expect(await w.engine.describe(arn)).toMatchObject({ status: "FAILED", redriveCount: count });
    }
    bad.clear();
    await settled(w, w.engine.redrive(arn));
    expect((await w.engine.describe(arn)).status).toBe("SUCCEEDED");
    expect(await w.run(arn)).toMatchObject({ redriveCount: 3, childCounts: { SUCCEEDED: 1 } });
  });

  test("wherever the process dies during a redrive, the run comes to its end", async () => {
    for (let place = 1; place <= 24; place++) {
      const bad = new Set(["2"]);
      let commits = Number.NEGATIVE_INFINITY;
      const start = ({ input }: { input: string }): TaskOutcome =>
        bad.has(input) ? { kind: "failed", error: "Bad" } : { kind: "succeeded", output: input };
      const w = new MapWorld({ start, dies: () => ++commits === place });
      const arn = await w.startMap({ MaxConcurrency: 1, ItemProcessor: processor({ T }, type) }, [1, 2, 3, 4]);
      bad.clear();
      commits = 0;
      w.engine.redrive(arn).catch((error: unknown) => w.problems.push(error));
      await w.passAll();
      if (!w.isAlive) await w.restart();
      await w.passAll();
      const found = await w.executionStore.describe(arn);
      // Dead before the redrive was durable: nobody was promised anything.
      if (found?.redriveCount === 0) continue;
      expect(found, `place ${place}`).toMatchObject({ status: "SUCCEEDED", output: "[1,2,3,4]" });
      expect((await w.run(arn)).childCounts, `place ${place}`).toMatchObject({ SUCCEEDED: 4, RUNNING: 0 });
    }
  });
});

test("after an output that was too long, a redrive runs all children in a new run", async () => {
  const R = { Type: "Pass", Result: "x".repeat(100_000), End: true };
  const w = new MapWorld();
  const arn = await w.startMap({ ItemProcessor: processor({ R }, "EXPRESS") }, [1, 2, 3]);
  expect(await w.engine.describe(arn)).toMatchObject({ status: "FAILED", error: "States.DataLimitExceeded" });
  await settled(w, w.engine.redrive(arn));
  const runs = (await w.mapRuns.list(arn, { limit: 9 })).items;
  expect(runs.map(({ status, redriveCount, childCounts }) => [status, redriveCount, childCounts.SUCCEEDED])).toEqual([
    ["FAILED", 0, 3],
    ["FAILED", 0, 3],
  ]);
});

test("a run is redriven no more than a thousand times", async () => {
  const w = new MapWorld({ start: () => ({ kind: "failed", error: "Bad" }) });
  const arn = await w.startMap({ ItemProcessor: processor({ T }, "EXPRESS") }, [1]);
  for (let count = 1; count <= 1_000; count++) await settled(w, w.engine.redrive(arn));
  expect(await w.run(arn)).toMatchObject({ redriveCount: 1_000 });
  const reason = "Map Run has exceeded the maximum number of redrives";
  await expect(w.engine.redrive(arn)).rejects.toMatchObject({ name: "ExecutionNotRedrivable" });
  expect(await w.engine.describe(arn)).toMatchObject({ redriveStatusReason: reason });
});

describe("a rerun of some children", () => {
  test("is a run of its own, with inputs that may be patched; the first stays as it is", async () => {
    const w = new MapWorld({
      start: ({ input }) =>
        input.includes("fixed") ? { kind: "succeeded", output: input } : { kind: "failed", error: "E" },
    });
    const map = { ToleratedFailurePercentage: 100, ItemProcessor: processor({ T }) };
    const arn = await w.startMap(map, [{ i: 0 }, { i: 1 }, { i: 2 }, { i: 3 }]);
    const original = await w.run(arn);
    const request = {
      mapRunArn: original.mapRunArn,
      indexes: [
        [0, 0],
        [2, 3],
      ],
      inputPatch: '{"fixed":true}',
    } as const;
    const { mapRunArn } = await settled(w, w.mapRuns.rerun(request));
    const rerun = await w.mapRuns.describe(mapRunArn);
    expect(rerun).toMatchObject({
      status: "SUCCEEDED",
      childCounts: { SUCCEEDED: 3 },
      rerunOf: { mapRunArn: original.mapRunArn },
    });
    const children = await w.mapRuns.children({ mapRunArn, limit: 9, oldestFirst: true, texts: true });
    expect(children.items.map(({ input }) => input)).toEqual([
      '{"i":0,"fixed":true}',
      '{"i":2,"fixed":true}',
      '{"i":3,"fixed":true}',
    ]);
    expect(await w.mapRuns.describe(original.mapRunArn)).toEqual(original);
  });

  test("has no output that could be too long", async () => {
    const R = { Type: "Pass", Result: "x".repeat(100_000), End: true };
    const w = new MapWorld();
    const arn = await w.startMap({ ItemProcessor: processor({ R }, "EXPRESS") }, [1, 2, 3]);
    const { mapRunArn: first } = await w.run(arn);
    const { mapRunArn } = await settled(w, w.mapRuns.rerun({ mapRunArn: first, indexes: [[0, 2]] }));
    expect(await w.mapRuns.describe(mapRunArn)).toMatchObject({ status: "SUCCEEDED", pendingItems: 0, children: 3 });
  });

  test("goes on after a crash", async () => {
    const W = { Type: "Wait", Seconds: 10, End: true };
    const w = new MapWorld();
    const arn = await w.startMap({ ItemProcessor: processor({ W }) }, [1, 2, 3]);
    await w.passAll();
    const { mapRunArn: first } = await w.run(arn);
    const { mapRunArn } = await settled(w, w.mapRuns.rerun({ mapRunArn: first, indexes: [[1, 2]] }));
    await w.restart();
    expect(await w.mapRuns.describe(mapRunArn)).toMatchObject({ status: "RUNNING", childCounts: { RUNNING: 2 } });
    await w.passAll();
    expect(await w.mapRuns.describe(mapRunArn)).toMatchObject({ status: "SUCCEEDED", childCounts: { SUCCEEDED: 2 } });
  });

  test("of a child that is not there is refused", async () => {
    const w = new MapWorld();
    const arn = await w.startMap({ ItemProcessor: processor({ P: { Type: "Pass", End: true } }) }, [1]);
    const { mapRunArn } = await w.run(arn);
    await expect(w.mapRuns.rerun({ mapRunArn, indexes: [[0, 1]] })).rejects.toMatchObject({
      name: "ValidationException",
    });
  });
});

test("a run whose parent was stopped while nobody performed it is aborted at the next start", async () => {
  const W = { Type: "Wait", Seconds: 100, End: true };
  let commits = Number.NEGATIVE_INFINITY;
  const w = new MapWorld({ dies: () => ++commits === 2 });
  const arn = await w.startMap({ ItemProcessor: processor({ W }) }, [1, 2]);
  // The stop of the parent is durable; the process dies before anything follows from it.
  commits = 0;
  w.engine.stop(arn).catch((error: unknown) => w.problems.push(error));
  await w.settle();
  expect(w.isAlive).toBe(false);
  await w.restart();
  expect(await w.run(arn)).toMatchObject({ status: "ABORTED", childCounts: { ABORTED: 2, RUNNING: 0 } });
});
