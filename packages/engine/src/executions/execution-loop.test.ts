import { describe, expect, test } from "vitest";
import { CommitConflict, type ExecutionCommit } from "../ports/store.ts";
import { StoreUnavailable } from "../rejection.ts";
import { MemoryExecutionStore } from "../testing/memory-execution-store.ts";
import { succeeded } from "../testing/simulated-tasks.ts";
import { line, PASS, SYNC, TASK, World, wait } from "./world.test-support.ts";

type Fault = "refused" | "outcome unknown" | "conflict";

/** Fails commits as told, and remembers what came. */
class FailingStore extends MemoryExecutionStore {
  readonly groups: string[][] = [];
  faults: (Fault | undefined)[] = [];

  override async commit(batch: readonly ExecutionCommit[]): Promise<readonly number[]> {
    const fault = this.faults.shift();
    if (fault === "refused") throw new StoreUnavailable("away");
    const [first] = batch;
    if (fault === "conflict" && first !== undefined) throw new CommitConflict([first.executionArn]);
    const keys = await super.commit(batch);
    this.groups.push(batch.map(({ executionArn }) => executionArn));
    if (fault === "outcome unknown") throw new StoreUnavailable("the line went dead");
    return keys;
  }
}

describe("a group", () => {
  test("is everything that is ready, in one commit", async () => {
    const store = new FailingStore();
    const world = new World({ store });
    const stateMachineArn = world.machines.define("m", line(PASS, PASS));
    await world.await(Promise.all(Array.from({ length: 64 }, () => world.engine.start({ stateMachineArn }))));
    expect(store.groups.map((group) => group.length)).toEqual([64]);
  });

  test("is bounded in number and in size", async () => {
    const store = new FailingStore();
    const world = new World({ store, options: { groupExecutionsMax: 10, groupCharactersMax: 100_000 } });
    const stateMachineArn = world.machines.define("m", line(wait(1)));
    const start = (input: string): Promise<unknown> => world.engine.start({ stateMachineArn, input });
    await world.await(Promise.all(Array.from({ length: 25 }, () => start("{}"))));
    expect(store.groups.map((group) => group.length)).toEqual([10, 10, 5]);
    store.groups.length = 0;
    await world.await(Promise.all(Array.from({ length: 6 }, () => start(JSON.stringify("x".repeat(60_000))))));
    expect(store.groups.map((group) => group.length)).toEqual([2, 2, 2]);
  });

  test("holds all that happens to one execution meanwhile, in order", async () => {
    const store = new FailingStore();
    const world = new World({ store, start: () => ({ kind: "submitted", output: "{}" }) });
    const callback = { ...TASK, Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken", HeartbeatSeconds: 60 };
    const arn = await world.start(world.machines.define("m", line({ ...callback, Parameters: {} }, wait(1))));
    const token = world.tasks.started[0]?.taskToken ?? "";
    store.groups.length = 0;
    const { engine } = world;
    const sent = [
      engine.sendTaskHeartbeat(token),
      engine.sendTaskSuccess(token, "1"),
      engine.sendTaskSuccess(token, "2"),
    ];
    const outcomes = await world.await(Promise.allSettled([...sent, engine.stop(arn)]));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    expect(store.groups).toEqual([[arn]]);
    expect(await world.types(arn)).toContain("TaskSucceeded");
    expect((await world.types(arn)).at(-1)).toBe("ExecutionAborted");
  });
});

test("a start that comes to nothing has not taken its name from the next one", async () => {
  const store = new FailingStore();
  const world = new World({ store });
  const stateMachineArn = world.machines.define("m", line(PASS));
  // As often as the first start is tried.
  store.faults = Array.from({ length: 6 }, () => "refused" as const);
  const request = { stateMachineArn, name: "n" };
  const starts = Promise.allSettled([world.engine.start(request), world.engine.start(request)]);
  await world.pass(60_000);
  const [first, second] = await world.await(starts);
  expect(first).toMatchObject({ status: "rejected", reason: { name: "StoreUnavailable" } });
  expect(second.status).toBe("fulfilled");
  const arn = second.status === "fulfilled" ? second.value.executionArn : "";
  expect(await world.await(world.engine.describe(arn))).toMatchObject({ status: "SUCCEEDED" });
});

describe("a commit that fails", () => {
  const faults: Fault[][] = [["refused"], ["outcome unknown"], ["refused", "outcome unknown", "refused"]];
  for (const sequence of faults) {
    test(`(${sequence.join(", ")}) is decided again, and nothing is lost or done twice`, async () => {
      const store = new FailingStore();
      const world = new World({ store, start: (request) => succeeded(`${request.input}`) });
      const stateMachineArn = world.machines.define("m", line(PASS, TASK, PASS, TASK));
      store.faults = [...sequence];
      const starts = Array.from({ length: 3 }, (_, i) => world.engine.start({ stateMachineArn, name: `e${i}` }));
      const started = Promise.all(starts);
      await world.pass(10_000);
      for (const { executionArn } of await world.await(started)) {
        expect(await world.status(executionArn)).toBe("SUCCEEDED");
        const ids = (await world.history(executionArn)).map(({ id }) => id);
        expect(ids).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
      }
      expect(world.tasks.started).toHaveLength(6);
    });
  }

  test("in the middle of a run (results on their way) loses no result", async () => {
    for (const sequence of faults) {
      const store = new FailingStore();
      const world = new World({ store, start: () => succeeded("ok", 1_000) });
      const arn = await world.start(world.machines.define("m", line(TASK, wait(1), TASK)));
      store.faults = [...sequence];
      await world.pass(60_000);
      expect(await world.status(arn)).toBe("SUCCEEDED");
      expect(world.tasks.started).toHaveLength(2);
    }
  });

  test("no command of it is performed", async () => {
    const store = new FailingStore();
    const world = new World({ store });
    store.faults = Array.from({ length: 20 }, () => "refused");
    const stateMachineArn = world.machines.define("m", line(TASK));
    const started = world.engine.start({ stateMachineArn, name: "n" });
    const refused = expect(started).rejects.toThrow(StoreUnavailable);
    await world.pass(60_000);
    await refused;
    expect(world.tasks.started).toEqual([]);
    expect(world.engine.stats.cachedExecutions).toBe(0);
  });

  test("because somebody else changed an execution: the others are committed, that one is decided again", async () => {
    const store = new FailingStore();
    const world = new World({ store });
    const stateMachineArn = world.machines.define("m", line(wait(10), PASS));
    const arns = [await world.start(stateMachineArn), await world.start(stateMachineArn)];
    store.groups.length = 0;
    store.faults = ["conflict"];
    await world.pass(20_000);
    expect(store.groups).toEqual([[arns[1]], [arns[0]]]);
    for (const arn of arns) expect(await world.types(arn)).toHaveLength(6);
  });

  test("because another process has taken the name: the answer is that process's execution", async () => {
    const store = new FailingStore();
    const [a, b] = [new World({ store }), new World({ store })];
    const definition = line(wait(10));
    const stateMachineArn = a.machines.define("m", definition);
    b.machines.define("m", definition);
    const both = [a, b].map(({ engine }) => engine.start({ stateMachineArn, name: "n", input: "{}" }));
    await Promise.all([a.settle(), b.settle()]);
    const [first, second] = await Promise.all(both);
    expect(second).toEqual(first);
    expect(await store.countRunning()).toBe(1);
  });
});

describe("two processes on one store", () => {
  test("an execution advanced elsewhere is loaded again before anything is decided", async () => {
    const store = new MemoryExecutionStore();
    const [a, b] = [new World({ store, start: () => "silence" }), new World({ store, start: () => "silence" })];
    const stateMachineArn = a.machines.define("m", line(TASK));
    b.machines.define("m", line(TASK));
    const arn = await a.start(stateMachineArn);
    await b.await(b.engine.stop(arn));
    const stopped = a.engine.stop(arn);
    await a.pass(1_000);
    expect(await stopped).toEqual({ stopDate: b.clock.now() });
    expect(await a.types(arn)).toHaveLength(5);
  });
});

describe("what is broken", () => {
  test("an execution whose revision is gone fails its callers only", async () => {
    const world = new World();
    const arn = await world.start(world.machines.define("m", line(wait(5), PASS)));
    const other = await world.start(world.machines.define("m2", line(wait(10))));
    await world.restart();
    world.machines.forget("m");
    const stop = world.engine.stop(arn);
    const failed = expect(stop).rejects.toThrow("State Machine Does Not Exist");
    await world.pass(20_000);
    await failed;
    expect(await world.status(other)).toBe("SUCCEEDED");
    expect(world.problems.length).toBeGreaterThan(0);
  });
});

describe("a job whose execution's commit had an unknown outcome", () => {
  const submitted = { kind: "submitted", output: "{}", handle: '"job-1"' } as const;

  test("is stopped when that commit had cancelled it", async () => {
    const store = new FailingStore();
    const world = new World({ store, start: () => submitted, poll: () => undefined });
    const arn = await world.start(world.machines.define("m", line(SYNC)));
    await world.pass(1_000);
    store.faults = ["outcome unknown"];
    const stopped = world.engine.stop(arn).catch(() => undefined);
    await world.pass(60_000);
    await stopped;
    expect(await world.status(arn)).toBe("ABORTED");
    expect(world.tasks.cancelled.map(({ handle }) => handle)).toEqual(['"job-1"']);
    const polls = world.tasks.polled.length;
    await world.pass(600_000);
    expect(world.tasks.polled).toHaveLength(polls);
  });

  test("is left alone when it had come to its end", async () => {
    const store = new FailingStore();
    const poll = (_request: unknown, _handle: string, call: number) => (call < 3 ? undefined : succeeded("done"));
    const world = new World({ store, start: () => submitted, poll });
    const arn = await world.start(world.machines.define("m", line(SYNC)));
    store.faults = ["outcome unknown"];
    await world.pass(60_000);
    expect(await world.status(arn)).toBe("SUCCEEDED");
    expect(world.tasks.cancelled).toEqual([]);
  });
});
