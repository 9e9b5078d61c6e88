import { expect, test } from "vitest";
import { type SimulatedOutcome, succeeded } from "../testing/simulated-tasks.ts";
import { CALLBACK, line, PASS, TASK, World, wait } from "./world.test-support.ts";

const LINE = line({ ...PASS, Assign: { "seen.$": "$.n" } }, TASK, {
  ...PASS,
  Parameters: { "in.$": "$", "seen.$": "$seen" },
});

function failed(error: string, cause = ""): SimulatedOutcome {
  return { kind: "failed", error, cause };
}

function failingOnce(): World {
  let calls = 0;
  return new World({
    start: () => {
      calls += 1;
      return calls === 1 ? failed("Broken", "first time") : succeeded("fixed");
    },
  });
}

async function output(world: World, executionArn: string): Promise<unknown> {
  const { output: text } = await world.await(world.engine.describe(executionArn));
  return text === undefined ? undefined : JSON.parse(text);
}

test("a failed execution is forked from where it failed, with another input, and both know each other", async () => {
  const world = failingOnce();
  const machine = world.machines.define("m", LINE);
  const original = await world.start(machine, { n: 1 }, "one");
  await world.settle();
  expect(await world.status(original)).toBe("FAILED");
  const before = await world.history(original);
  const queries = world.engine.queries;
  expect(await world.await(queries?.failedState(original) as Promise<string>)).toBe("S2");

  const at = { stateName: "S2" };
  const fork = await world.await(world.engine.fork({ executionArn: original, at, input: '{"n":2}', name: "two" }));
  await world.settle();
  expect(await output(world, fork.executionArn)).toEqual({ in: "fixed", seen: 1 });
  expect((await world.types(fork.executionArn)).slice(0, 2)).toEqual(["ExecutionStarted", "TaskStateEntered"]);
  expect((await world.history(fork.executionArn))[0]?.details?.["input"]).toBe('{"n":2}');
  const description = await world.await(world.engine.describe(fork.executionArn));
  expect(description.forkOf).toEqual({ executionArn: original, eventId: 4, stateName: "S2" });
  const lineage = await world.await(queries?.lineage(original) as Promise<{ forks: readonly string[] }>);
  expect(lineage.forks).toEqual([fork.executionArn]);
  expect(await world.history(original)).toEqual(before);
  expect(await world.status(original)).toBe("FAILED");
});

test("the same fork again is the one there is; another of its name is refused", async () => {
  const world = failingOnce();
  const original = await world.start(world.machines.define("m", LINE), { n: 1 }, "one");
  await world.settle();
  const request = { executionArn: original, at: { eventId: 4 }, name: "two" };
  const fork = await world.await(world.engine.fork(request));
  await world.settle();
  expect(await world.status(fork.executionArn)).toBe("SUCCEEDED");
  expect(await world.await(world.engine.fork({ ...request, at: { stateName: "S2" } }))).toEqual(fork);
  const other = world.await(world.engine.fork({ ...request, input: "{}" }));
  await expect(other).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });
  const atOther = world.await(world.engine.fork({ ...request, at: { stateName: "S1" } }));
  await expect(atOther).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });
  const started = world.await(world.engine.start({ stateMachineArn: "x", name: "two" }));
  await expect(started).rejects.toMatchObject({ name: "StateMachineDoesNotExist" });
});

test("what is no entry of a state, or no state of what is to be run, is refused", async () => {
  const world = failingOnce();
  const original = await world.start(world.machines.define("m", LINE), { n: 1 }, "one");
  const other = world.machines.define("other", line(PASS));
  await world.settle();
  const fork = (request: object): Promise<unknown> =>
    world.await(world.engine.fork({ executionArn: original, at: { eventId: 4 }, ...request }));
  const refused = { name: "ValidationException" };
  await expect(fork({ at: { eventId: 1 } })).rejects.toMatchObject(refused);
  await expect(fork({ at: { eventId: 0 } })).rejects.toMatchObject(refused);
  await expect(fork({ at: { eventId: 999 } })).rejects.toMatchObject(refused);
  await expect(fork({ at: { stateName: "S3" } })).rejects.toMatchObject(refused);
  await expect(fork({ revisionKey: other })).rejects.toMatchObject(refused);
  await expect(fork({ stateMachineVersionArn: other })).rejects.toMatchObject(refused);
  await expect(fork({ input: "{" })).rejects.toMatchObject({ name: "InvalidExecutionInput" });
  await expect(fork({ name: "a b" })).rejects.toMatchObject({ name: "InvalidName" });
  await expect(fork({ executionArn: `${original}x` })).rejects.toMatchObject({ name: "ExecutionDoesNotExist" });
  world.machines.delete(world.machines.define("m", LINE));
  await expect(fork({})).rejects.toMatchObject({ name: "StateMachineDeleting" });
});

test("another revision may be run", async () => {
  const world = failingOnce();
  const original = await world.start(world.machines.define("m", LINE), { n: 1 }, "one");
  await world.settle();
  const revisionKey = world.machines.define("m2", line(PASS, { ...PASS, Result: "other" }));
  const request = { executionArn: original, at: { stateName: "S2" }, revisionKey };
  const fork = await world.await(world.engine.fork(request));
  await world.settle();
  expect(await output(world, fork.executionArn)).toBe("other");
  expect((await world.await(world.engine.describe(fork.executionArn))).stateMachineArn).toMatch(/stateMachine:m$/);
});

test("a fork waits, survives a crash, and can be redriven like any execution", async () => {
  let calls = 0;
  const world = new World({
    start: () => {
      calls += 1;
      return calls <= 2 ? failed("Broken") : succeeded({ ok: calls });
    },
  });
  const machine = world.machines.define("m", line({ ...PASS, Assign: { v: 1 } }, wait(60), TASK));
  const original = await world.start(machine, {}, "one");
  await world.pass(61_000);
  expect(await world.status(original)).toBe("FAILED");
  const { executionArn } = await world.await(
    world.engine.fork({ executionArn: original, at: { stateName: "S2" }, name: "two" }),
  );
  await world.restart();
  expect(await world.status(executionArn)).toBe("RUNNING");
  await world.pass(61_000);
  expect(await world.status(executionArn)).toBe("FAILED");
  await world.await(world.engine.redrive(executionArn));
  await world.settle();
  expect(await output(world, executionArn)).toEqual({ ok: 3 });
});

test("searches look inside payloads, and find who waits for what", async () => {
  const world = new World({ start: () => ({ kind: "submitted", output: "{}" }) as never });
  const machine = world.machines.define("m", line(PASS));
  for (let n = 0; n < 30; n++) await world.start(machine, { order: { id: n % 3, tags: [`t${n}`] } });
  await world.settle();
  const queries = world.engine.queries;
  if (queries === undefined) throw new Error("the engine must answer queries");
  const where = { in: "input" as const, path: "$.order.id", equals: 1 };
  const found = await world.await(queries.search({ where, limit: 100 }));
  expect(found.items).toHaveLength(10);
  expect(found.cursor).toBeUndefined();
  const first = await world.await(queries.search({ where, limit: 4 }));
  const rest = await world.await(queries.search({ where, limit: 100, cursor: first.cursor as string }));
  expect([...first.items, ...rest.items]).toEqual(found.items);
  const tagged = { in: "output" as const, path: "$..tags[*]", equals: "t7" };
  expect((await world.await(queries.search({ where: tagged, limit: 10 }))).items).toHaveLength(1);
  const wrong = world.await(queries.search({ where: { ...where, path: "$[" }, limit: 1 }));
  await expect(wrong).rejects.toMatchObject({ name: "ValidationException" });
  await expect(world.await(queries.search({ limit: 1, cursor: "x" }))).rejects.toMatchObject({ name: "InvalidToken" });
});

test("waiting tasks say who has to answer, since when, and with which token", async () => {
  const world = new World({ start: () => ({ kind: "submitted", output: "{}" }) as never });
  const activity = { Type: "Task", Resource: world.machines.activityArn("a"), HeartbeatSeconds: 30 };
  const both = {
    StartAt: "P",
    States: {
      P: {
        Type: "Parallel",
        End: true,
        Branches: [
          { StartAt: "Call", States: { Call: { ...CALLBACK, End: true } } },
          { StartAt: "Work", States: { Work: { ...activity, End: true } } },
        ],
      },
    },
  };
  const executionArn = await world.start(world.machines.define("m", both), {}, "one");
  await world.settle();
  const queries = world.engine.queries;
  const page = await world.await(queries?.waitingTasks({ limit: 10 }) as Promise<{ items: readonly object[] }>);
  expect(page.items).toMatchObject([
    { executionArn, stateName: "Call", kind: "token", resource: CALLBACK.Resource },
    { executionArn, stateName: "Work", kind: "activity", activityArn: activity.Resource },
  ]);
  expect(page.items[1]).not.toHaveProperty("taskToken");
  const backlog = await world.await(queries?.activity(activity.Resource) as Promise<object>);
  expect(backlog).toEqual({ queued: 1, oldestSince: world.clock.now() });
  const [callback] = page.items as readonly { taskToken: string }[];
  await world.await(world.engine.sendTaskSuccess(callback?.taskToken ?? "", "1"));
  const poll = world.engine.getActivityTask(activity.Resource, "w", 1_000, new AbortController().signal);
  const task = await world.await(poll);
  const after = await world.await(queries?.waitingTasks({ limit: 10 }) as Promise<{ items: readonly object[] }>);
  expect(after.items).toMatchObject([{ stateName: "Work", taskToken: task?.taskToken }]);
  expect(await world.await(queries?.activity(activity.Resource) as Promise<object>)).toEqual({
    queued: 0,
    lastPolledAt: world.clock.now(),
  });
});

test("two equal forks at once are one", async () => {
  const world = new World({ start: () => failed("E") });
  const original = await world.start(world.machines.define("m", LINE), { n: 1 }, "one");
  await world.settle();
  const request = { executionArn: original, at: { stateName: "S2" }, name: "two" };
  const [one, other] = [world.engine.fork(request), world.engine.fork(request)];
  expect(await world.await(one)).toEqual(await world.await(other));
});
