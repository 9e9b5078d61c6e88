import { expect, test } from "vitest";
import type { ForkRequest } from "../executions/executions.ts";
import { succeeded } from "../testing/simulated-tasks.ts";
import { MapWorld, processor } from "./map-world.test-support.ts";

const LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:f";
const STEPS = {
  P: { Type: "Pass", Assign: { "row.$": "$.row" }, Next: "T" },
  T: { Type: "Task", Resource: LAMBDA, Next: "Q" },
  Q: { Type: "Pass", Parameters: { "row.$": "$row", "out.$": "$" }, End: true },
};

function failingFirst(): MapWorld {
  let calls = 0;
  return new MapWorld({
    start: () => (++calls <= 2 ? { kind: "failed", error: "E", cause: "first" } : succeeded(`ok ${calls}`)),
  });
}

async function failedChild(world: MapWorld): Promise<{ parent: string; child: string }> {
  const map = { ItemProcessor: processor(STEPS), Label: "L", ToleratedFailurePercentage: 100 };
  const parent = await world.startMap(map, [{ row: 1 }, { row: 2 }]);
  const run = await world.run(parent);
  const [child] = (await world.mapRuns.children({ mapRunArn: run.mapRunArn, limit: 1, oldestFirst: true })).items;
  expect(child?.status).toBe("FAILED");
  return { parent, child: child?.executionArn ?? "" };
}

async function forked(world: MapWorld, request: ForkRequest): Promise<{ readonly executionArn: string }> {
  const fork = world.engine.fork(request);
  await world.settle();
  return fork;
}

test("a failed child is forked as an execution of its machine; the run stays as it was", async () => {
  const world = failingFirst();
  const { parent, child } = await failedChild(world);
  const run = await world.run(parent);
  const fork = await forked(world, { executionArn: child, at: { stateName: "T" }, name: "mended" });
  expect(fork.executionArn).toMatch(/:execution:maps\/L:mended$/);
  const description = await world.engine.describe(fork.executionArn);
  expect(description).toMatchObject({ status: "SUCCEEDED", forkOf: { executionArn: child, stateName: "T" } });
  expect(description).not.toHaveProperty("mapRunArn");
  expect(JSON.parse(description.output ?? "")).toEqual({ row: 1, out: "ok 3" });
  expect(await world.run(parent)).toEqual(run);
  expect((await world.engine.queries?.lineage(child))?.forks).toEqual([fork.executionArn]);
  await world.restart();
  expect((await world.engine.describe(fork.executionArn)).status).toBe("SUCCEEDED");
});

test("of another definition it runs the processor of the same Map", async () => {
  const world = failingFirst();
  const { child } = await failedChild(world);
  const other = { T: { Type: "Pass", Result: "other", End: true } };
  const define = (name: string, map: object): string =>
    world.machines.define(name, { StartAt: "M", States: { M: map } });
  const revisionKey = define("other", { Type: "Map", End: true, ItemProcessor: processor(other) });
  const fork = await forked(world, { executionArn: child, at: { stateName: "T" }, revisionKey });
  expect((await world.engine.describe(fork.executionArn)).output).toBe('"other"');
  const without = define("without", { Type: "Pass", End: true });
  const refused = world.engine.fork({ executionArn: child, at: { stateName: "T" }, revisionKey: without });
  await expect(refused).rejects.toMatchObject({ name: "ValidationException" });
});
