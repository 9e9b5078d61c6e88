import { describe, expect, test } from "vitest";
import { line, PASS, SYNC, TASK, World, type WorldOptions, wait } from "../executions/world.test-support.ts";
import { type ExecutionCommit, type ExecutionStore, StoreUnavailable } from "../index.ts";
import { MemoryExecutionStore } from "../testing/memory-execution-store.ts";

const HOUR_MS = 3_600_000;
const SUBMITTED = { kind: "submitted", output: "{}", handle: '{"job":1}' } as const;

/** An execution whose job runs. */
async function withJob(options: WorldOptions = {}): Promise<{ world: World; arn: string }> {
  const world = new World({ start: () => SUBMITTED, ...options });
  const arn = await world.start(world.machines.define("m", line(SYNC)));
  await world.settle();
  return { world, arn };
}

function stored(world: World): Promise<readonly unknown[]> {
  return world.store.jobsToStop(10);
}

describe("a job whose task is cancelled", () => {
  test("is stopped, and nothing is left of it", async () => {
    const { world, arn } = await withJob();
    await world.await(world.engine.stop(arn));
    await world.settle();
    expect(world.tasks.cancelled.map(({ handle }) => handle)).toEqual([SUBMITTED.handle]);
    expect(await stored(world)).toEqual([]);
    expect(world.engine.stats.jobsToStop).toBe(0);
  });

  test("is stopped by the next process when this one dies right after the commit", async () => {
    let dies = false;
    const store = new MemoryExecutionStore();
    const { world, arn } = await withJob({
      store,
      cancel: () => {
        if (dies) throw new Error("the process is dying");
      },
    });
    dies = true;
    await world.await(world.engine.stop(arn, "E", "c"));
    expect(await stored(world)).toMatchObject([{ handle: SUBMITTED.handle, taskId: expect.any(Number) }]);
    dies = false;
    await world.restart();
    await world.settle();
    const [cancelled] = world.tasks.cancelled;
    expect(cancelled).toMatchObject({ handle: SUBMITTED.handle, request: { executionArn: arn, stateName: "S1" } });
    expect(JSON.parse(cancelled?.request.input ?? "")).toEqual({ JobName: "j" });
    expect(await stored(world)).toEqual([]);
  });

  test("costs tasks without jobs nothing", async () => {
    const commits: ExecutionCommit[] = [];
    class Watched extends MemoryExecutionStore {
      override commit(batch: readonly ExecutionCommit[]): ReturnType<ExecutionStore["commit"]> {
        commits.push(...batch);
        return super.commit(batch);
      }
    }
    const world = new World({ store: new Watched(), start: () => "silence" });
    const arn = await world.start(world.machines.define("m", line(TASK)));
    await world.settle();
    await world.await(world.engine.stop(arn));
    expect(commits.at(-1)?.end?.status).toBe("ABORTED");
    expect(commits.filter(({ jobsToStop }) => jobsToStop !== undefined)).toEqual([]);
  });

  test("is tried to be stopped again with growing pauses, also by the next process", async () => {
    const { world, arn } = await withJob({
      cancel: (_request, _handle, call) => {
        if (call < 4) throw new Error("the service is away");
      },
    });
    await world.await(world.engine.stop(arn));
    await world.pass(900);
    expect(world.tasks.cancelled).toHaveLength(1);
    await world.pass(2_500);
    expect(world.tasks.cancelled).toHaveLength(3);
    // The script begins anew with the process.
    await world.restart();
    await world.pass(60_000);
    expect(world.tasks.cancelled).toHaveLength(4);
    expect(await stored(world)).toEqual([]);
    expect(world.problems.filter((problem) => String(problem).includes("away"))).toHaveLength(2);
  });

  test("is given up after a day, with a word", async () => {
    const { world, arn } = await withJob({
      cancel: () => {
        throw new Error("never");
      },
    });
    await world.await(world.engine.stop(arn));
    await world.pass(25 * HOUR_MS);
    expect(await stored(world)).toEqual([]);
    expect(world.problems.map(String)).toEqual([
      "Error: never",
      expect.stringContaining('the job {"job":1} could not be stopped for a day'),
    ]);
    expect(world.tasks.cancelled.length).toBeLessThan(320);
  });

  test("that has ended meanwhile is left alone", async () => {
    let hasEnded = false;
    const { world, arn } = await withJob({
      poll: () => (hasEnded ? { kind: "failed", error: "NotFound" } : undefined),
      cancel: () => {
        throw new Error("there is nothing to stop");
      },
    });
    hasEnded = true;
    await world.await(world.engine.stop(arn));
    await world.settle();
    expect(await stored(world)).toEqual([]);
    expect(world.problems).toEqual([]);
  });

  test("is stopped when its task times out, and the execution goes on", async () => {
    const caught = { ...SYNC, TimeoutSeconds: 5, Catch: [{ ErrorEquals: ["States.ALL"], Next: "S2" }] };
    const world = new World({ start: () => SUBMITTED });
    const arn = await world.start(world.machines.define("m", line(caught, PASS)));
    await world.pass(6_000);
    expect(await world.status(arn)).toBe("SUCCEEDED");
    expect(world.tasks.cancelled).toHaveLength(1);
    expect(await stored(world)).toEqual([]);
  });
});

describe("a job that is being started when its task is cancelled", () => {
  test("is stopped when the answer comes", async () => {
    const world = new World({ start: () => ({ ...SUBMITTED, afterMs: 5_000 }) });
    const arn = await world.start(world.machines.define("m", line(SYNC)));
    await world.settle();
    await world.await(world.engine.stop(arn));
    expect(await stored(world)).toHaveLength(1);
    expect(world.tasks.cancelled).toEqual([]);
    await world.pass(5_000);
    expect(world.tasks.cancelled.map(({ handle }) => handle)).toEqual([SUBMITTED.handle]);
    expect(await stored(world)).toEqual([]);
  });

  test("is looked for when the answer does not come, or was lost with its process", async () => {
    for (const restarts of [false, true]) {
      const world = new World({ start: () => "silence", recover: () => ({ kind: "found", handle: "found" }) });
      const arn = await world.start(world.machines.define("m", line(SYNC)));
      await world.settle();
      await world.await(world.engine.stop(arn));
      if (restarts) await world.restart();
      await world.pass(61_000);
      expect(world.tasks.cancelled.map(({ handle }) => handle)).toEqual(["found"]);
      expect(await stored(world)).toEqual([]);
      expect(world.tasks.started).toHaveLength(restarts ? 0 : 1);
    }
  });

  test("is looked for when its connector does not even let go", async () => {
    const world = new World({
      start: () => new Promise<never>(() => undefined),
      recover: () => ({ kind: "found", handle: "found" }),
    });
    const arn = await world.start(world.machines.define("m", line(SYNC)));
    await world.settle();
    await world.await(world.engine.stop(arn));
    await world.pass(121_000);
    expect(world.tasks.cancelled.map(({ handle }) => handle)).toEqual(["found"]);
    expect(await stored(world)).toEqual([]);
  });

  test("is left when nobody can tell whether there is one, with a word", async () => {
    const world = new World({ start: () => "silence" });
    const arn = await world.start(world.machines.define("m", line(SYNC)));
    await world.settle();
    await world.await(world.engine.stop(arn));
    await world.restart();
    await world.settle();
    expect(await stored(world)).toEqual([]);
    expect(world.problems.map(String)).toEqual([expect.stringContaining("a job it may have started is not known")]);
  });

  test("is forgotten when there turns out to be none", async () => {
    const world = new World({ start: () => ({ kind: "failed", error: "Refused", afterMs: 1_000 }) });
    const arn = await world.start(world.machines.define("m", line(SYNC)));
    await world.settle();
    await world.await(world.engine.stop(arn));
    await world.pass(1_000);
    expect(world.tasks.cancelled).toEqual([]);
    expect(await stored(world)).toEqual([]);
  });
});

test("a job whose cancelling commit has an unknown outcome is stopped", async () => {
  let loses = false;
  class Uncertain extends MemoryExecutionStore {
    override async commit(batch: readonly ExecutionCommit[]): ReturnType<ExecutionStore["commit"]> {
      const keys = await super.commit(batch);
      if (loses) throw new StoreUnavailable("the answer to a commit was lost");
      return keys;
    }
    override async load(arns: readonly string[]): ReturnType<ExecutionStore["load"]> {
      if (loses) throw new StoreUnavailable("away");
      return super.load(arns);
    }
  }
  const { world, arn } = await withJob({ store: new Uncertain() });
  loses = true;
  const stopped = world.engine.stop(arn).catch((error: unknown) => error);
  await world.pass(30_000);
  expect(await stopped).toBeInstanceOf(StoreUnavailable);
  loses = false;
  await world.pass(10_000);
  expect(world.tasks.cancelled.map(({ handle }) => handle)).toEqual([SUBMITTED.handle]);
  expect(await stored(world)).toEqual([]);
});

test("jobs of a service that does not answer take no memory beyond the bound", async () => {
  const world = new World({
    options: { jobsToStopMax: 20 },
    start: () => SUBMITTED,
    cancel: (_request, _handle, call) => {
      if (call <= 100) throw new Error("away");
    },
  });
  const machine = world.machines.define("m", line(SYNC, wait(1)));
  const arns: string[] = [];
  for (let i = 0; i < 70; i += 1) arns.push(await world.start(machine));
  await world.settle();
  await Promise.all(arns.map((arn) => world.await(world.engine.stop(arn))));
  expect(world.engine.stats.jobsToStop).toBe(20);
  await world.pass(HOUR_MS);
  expect(await stored(world)).toEqual([]);
  expect(world.engine.stats.jobsToStop).toBe(0);
});
