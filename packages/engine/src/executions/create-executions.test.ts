import { describe, expect, test } from "vitest";
import { succeeded } from "../testing/simulated-tasks.ts";
import { CALLBACK, line, PASS, SYNC, T0, TASK, World, wait } from "./world.test-support.ts";

const DAY_MS = 86_400_000;

describe("starting", () => {
  test("an execution runs to its end, and its history is there", async () => {
    const world = new World();
    const arn = await world.start(world.machines.define("m", line(PASS, PASS)), { a: 1 });
    expect(await world.await(world.engine.describe(arn))).toMatchObject({
      status: "SUCCEEDED",
      input: '{"a":1}',
      output: '{"a":1}',
      startDate: T0,
      stopDate: T0,
      redriveStatus: "NOT_REDRIVABLE",
      redriveStatusReason: "Execution is SUCCEEDED and cannot be redriven",
    });
    const history = await world.history(arn);
    expect(history.map(({ type, id, previousEventId }) => [id, previousEventId, type])).toEqual([
      [1, 0, "ExecutionStarted"],
      [2, 0, "PassStateEntered"],
      [3, 2, "PassStateExited"],
      [4, 3, "PassStateEntered"],
      [5, 4, "PassStateExited"],
      [6, 5, "ExecutionSucceeded"],
    ]);
    expect(history[5]?.details).toEqual({ output: '{"a":1}' });
  });

  test("input stays as the caller wrote it, states see it compact; without a name one is made", async () => {
    const world = new World();
    const machine = world.machines.define("m", line(PASS));
    const { executionArn } = await world.await(
      world.engine.start({ stateMachineArn: machine, input: '{ "a" : [ 1, 2 ],\n"__proto__": {} }' }),
    );
    expect(executionArn).toMatch(/^arn:aws:states:us-east-1:123456789012:execution:m:[0-9a-f-]{36}$/);
    expect((await world.await(world.engine.describe(executionArn))).input).toBe('{ "a" : [ 1, 2 ],\n"__proto__": {} }');
    const { items } = await world.await(world.engine.history(executionArn, { limit: 2, reverse: false }));
    expect(items.map(({ details }) => details?.["input"])).toEqual([
      '{ "a" : [ 1, 2 ],\n"__proto__": {} }',
      '{"a":[1,2],"__proto__":{}}',
    ]);
  });

  test("the same name and input while it runs: the same answer; anything else is refused", async () => {
    const world = new World();
    const stateMachineArn = world.machines.define("m", line(wait(10)));
    const request = { stateMachineArn, name: "n", input: '{"a":1}' };
    const [first, second] = await world.await(Promise.all([world.engine.start(request), world.engine.start(request)]));
    expect(second).toEqual(first);
    await world.pass(5_000);
    expect(await world.await(world.engine.start({ ...request, input: '{"a": 1}' }))).toEqual(first);
    const refusal = { name: "ExecutionAlreadyExists", message: `Execution Already Exists: '${first.executionArn}'` };
    await expect(world.await(world.engine.start({ ...request, input: "{}" }))).rejects.toMatchObject(refusal);
    await world.pass(10_000);
    await expect(world.await(world.engine.start(request))).rejects.toMatchObject(refusal);
  });

  test("Express executions of one name are many, and end after five minutes", async () => {
    const world = new World();
    const stateMachineArn = world.machines.define("m", line(wait(3_600)), "EXPRESS");
    const [a, b] = await world.await(
      Promise.all([
        world.engine.start({ stateMachineArn, name: "n" }),
        world.engine.start({ stateMachineArn, name: "n" }),
      ]),
    );
    expect(a.executionArn).toMatch(/^arn:aws:states:us-east-1:123456789012:express:m:n:[0-9a-f-]{36}$/);
    expect(b.executionArn).not.toBe(a.executionArn);
    await world.pass(300_000);
    expect(await world.await(world.engine.describe(a.executionArn))).toMatchObject({
      name: "n",
      status: "TIMED_OUT",
      stopDate: T0 + 300_000,
    });
  });

  test("a synchronous start answers with the end", async () => {
    const world = new World({ start: () => succeeded({ x: 1 }, 2_000) });
    const stateMachineArn = world.machines.define("m", line(TASK), "EXPRESS");
    const ended = world.engine.startSync({ stateMachineArn, name: "n" });
    await world.pass(2_000);
    expect(await world.await(ended)).toMatchObject({
      status: "SUCCEEDED",
      output: '{"x":1}',
      startDate: T0,
      stopDate: T0 + 2_000,
    });
  });

  test("no more executions than allowed are open", async () => {
    const world = new World({ options: { openExecutionsMax: 1 } });
    const stateMachineArn = world.machines.define("m", line(wait(10)));
    await world.start(stateMachineArn);
    const refused = world.await(world.engine.start({ stateMachineArn }));
    await expect(refused).rejects.toMatchObject({ name: "ExecutionLimitExceeded" });
    await world.pass(10_000);
    await world.start(stateMachineArn);
  });
});

describe("time", () => {
  test("a Wait ends at its time, also when the process died meanwhile", async () => {
    const world = new World();
    const arn = await world.start(world.machines.define("m", line(wait(60), PASS)));
    await world.pass(30_000);
    await world.restart();
    await world.pass(29_999);
    expect(await world.status(arn)).toBe("RUNNING");
    await world.pass(1);
    expect(await world.await(world.engine.describe(arn))).toMatchObject({ status: "SUCCEEDED", stopDate: T0 + 60_000 });
  });

  test("what was due while nobody was there is done at once after a restart", async () => {
    const world = new World();
    const arn = await world.start(world.machines.define("m", line(wait(60))));
    await world.restart();
    world.clock.advanceTo(T0 + DAY_MS);
    await world.restart();
    await world.pass(0);
    expect(await world.status(arn)).toBe("SUCCEEDED");
  });

  test("a clock that jumps back fires nothing twice", async () => {
    const world = new World();
    const arn = await world.start(world.machines.define("m", line(wait(60), wait(60))));
    await world.pass(60_000);
    world.clock.advanceTo(T0);
    await world.pass(60_000);
    expect(await world.types(arn)).toHaveLength(4);
    await world.pass(60_000);
    expect(await world.status(arn)).toBe("SUCCEEDED");
  });

  test("thousands that wait take no memory beyond the cache, and all wake", async () => {
    const world = new World({ options: { cachedExecutionsMax: 100 } });
    const stateMachineArn = world.machines.define("m", line(wait(60), PASS));
    const starts = Array.from({ length: 3_000 }, () => world.engine.start({ stateMachineArn }));
    await world.await(Promise.all(starts));
    expect(world.engine.stats.cachedExecutions).toBeLessThanOrEqual(100);
    expect(world.engine.stats.openExecutions).toBe(3_000);
    await world.pass(60_000);
    expect(world.engine.stats.openExecutions).toBe(0);
    expect(await world.await(world.engine.countRunning())).toBe(0);
  });
});

describe("stopping", () => {
  test("the execution is aborted and its task told so", async () => {
    const world = new World({ start: () => "silence" });
    const arn = await world.start(world.machines.define("m", line(TASK)));
    expect(await world.await(world.engine.stop(arn, "E", "because"))).toEqual({ stopDate: T0 });
    expect(await world.await(world.engine.describe(arn))).toMatchObject({
      status: "ABORTED",
      error: "E",
      cause: "because",
    });
    expect(world.engine.stats.tasksUnderWay).toBe(0);
    await world.pass(5_000);
    expect(await world.await(world.engine.stop(arn))).toEqual({ stopDate: T0 });
    expect(await world.types(arn)).toContain("ExecutionAborted");
  });

  test("an execution that is not there is said not to exist, by every operation", async () => {
    const world = new World();
    const arn = "arn:aws:states:us-east-1:123456789012:execution:m:nobody";
    const expected = { name: "ExecutionDoesNotExist", message: `Execution Does Not Exist: '${arn}'` };
    const { engine } = world;
    for (const call of [
      () => engine.stop(arn),
      () => engine.describe(arn),
      () => engine.redrive(arn),
      () => engine.waiting(arn),
      () => engine.history(arn, { limit: 1, reverse: false }),
      () => engine.watch(arn, 0, new AbortController().signal)[Symbol.asyncIterator]().next(),
    ]) {
      await expect(world.await<unknown>(call())).rejects.toMatchObject(expected);
    }
  });

  test("executions of a deleted machine fail at their next transition", async () => {
    const world = new World();
    const stateMachineArn = world.machines.define("m", line(wait(10), PASS));
    const arn = await world.start(stateMachineArn);
    await world.await(world.engine.stateMachineDeleted(stateMachineArn, "m"));
    expect(await world.status(arn)).toBe("RUNNING");
    await world.pass(10_000);
    expect(await world.await(world.engine.describe(arn))).toMatchObject({
      status: "FAILED",
      error: "States.Runtime",
      cause: "State machine m has been deleted",
    });
  });
});

describe("tasks", () => {
  test("a task is started after its commit and its result counted once", async () => {
    const world = new World();
    const arn = await world.start(world.machines.define("m", line(TASK, TASK)), { x: 1 });
    expect(await world.status(arn)).toBe("SUCCEEDED");
    expect(world.tasks.started.map(({ stateName, input }) => [stateName, input])).toEqual([
      ["S1", '{"x":1}'],
      ["S2", '"ok"'],
    ]);
  });

  test("a task under way when the process dies is started again, with the same token", async () => {
    const world = new World({ start: () => "silence" });
    await world.start(world.machines.define("m", line({ ...CALLBACK, TimeoutSeconds: 60 })));
    const [before] = world.tasks.started;
    await world.restart();
    expect(world.tasks.started).toEqual([before]);
  });

  test("tasks come no faster than their connector takes them, and none is forgotten", async () => {
    const world = new World({
      start: () => succeeded("ok", 1_000),
      options: { connectorCallsMax: 4, queuedTasksMax: 10 },
    });
    const stateMachineArn = world.machines.define("m", line(TASK));
    await world.await(Promise.all(Array.from({ length: 100 }, () => world.engine.start({ stateMachineArn }))));
    expect(world.engine.stats.tasksUnderWay).toBeLessThanOrEqual(14);
    await world.pass(30_000);
    expect(world.engine.stats.openExecutions).toBe(0);
    expect(world.tasks.mostAtOnce).toBe(4);
    expect(world.tasks.started).toHaveLength(100);
  });

  test("whoever answers slowly does not keep the others waiting", async () => {
    const world = new World({
      start: ({ input }) => (input === '"slow"' ? "silence" : succeeded("ok", 1_000)),
      lane: ({ input }) => input,
      options: { connectorCallsMax: 4 },
    });
    const stateMachineArn = world.machines.define("m", line(TASK));
    const start = (who: string) => world.engine.start({ stateMachineArn, input: JSON.stringify(who) });
    await world.await(Promise.all(Array.from({ length: 40 }, () => start("slow"))));
    await world.await(Promise.all(Array.from({ length: 8 }, () => start("fast"))));
    await world.pass(5_000);
    expect(world.tasks.started.filter(({ input }) => input === '"slow"')).toHaveLength(4);
    expect(world.engine.stats.openExecutions).toBe(40);
  });

  test("a job is started once and polled until it ends, over a restart too", async () => {
    const world = new World({
      start: () => ({ kind: "submitted", output: '{"JobRunId":"1"}', handle: '"job-1"' }),
      poll: () => (world.clock.now() >= T0 + 60_000 ? { kind: "succeeded", output: '"done"' } : undefined),
    });
    const arn = await world.start(world.machines.define("m", line(SYNC)));
    await world.pass(30_000);
    expect(world.tasks.polled.length).toBeGreaterThan(5);
    await world.restart();
    expect(world.tasks.started).toEqual([]);
    await world.pass(60_000);
    expect(await world.await(world.engine.describe(arn))).toMatchObject({ status: "SUCCEEDED", output: '"done"' });
    expect(new Set(world.tasks.polled)).toEqual(new Set(['"job-1"']));
    expect(await world.types(arn)).toContain("TaskSubmitted");
  });

  test("the job of a task that no longer counts is stopped, also after a restart", async () => {
    const world = new World({ start: () => ({ kind: "submitted", output: "{}", handle: '"job-1"' }) });
    const arn = await world.start(world.machines.define("m", line(SYNC)));
    await world.restart();
    await world.await(world.engine.stop(arn));
    expect(world.tasks.cancelled.map(({ handle, request }) => [handle, request.stateName])).toEqual([
      ['"job-1"', "S1"],
    ]);
    expect(world.engine.stats.tasksUnderWay).toBe(0);
  });

  test("a job that begins when nobody waits for it any more is stopped", async () => {
    const world = new World({ start: () => ({ kind: "submitted", output: "{}", handle: '"late"', afterMs: 5_000 }) });
    const machine = world.machines.define("m", line({ ...SYNC, TimeoutSeconds: 2 }));
    // The simulated connector cannot be aborted once it has gone out.
    const arn = await world.start(machine);
    await world.pass(10_000);
    expect(await world.status(arn)).toBe("FAILED");
    expect(world.engine.stats.tasksUnderWay).toBe(0);
  });

  test("a connector that throws fails the task, not the engine", async () => {
    const world = new World({
      start: () => {
        throw new Error("out of order");
      },
    });
    const arn = await world.start(world.machines.define("m", line(TASK)));
    expect(await world.await(world.engine.describe(arn))).toMatchObject({
      status: "FAILED",
      error: "States.TaskFailed",
      cause: "The connector failed: out of order",
    });
    expect(world.problems).toHaveLength(1);
  });
});

describe("task tokens", () => {
  async function waiting(): Promise<{ world: World; arn: string; token: string }> {
    const world = new World({ start: () => ({ kind: "submitted", output: '{"MessageId":"1"}' }) });
    const arn = await world.start(world.machines.define("m", line({ ...CALLBACK, TimeoutSeconds: 600 })));
    return { world, arn, token: world.tasks.started[0]?.taskToken ?? "" };
  }

  test("a callback ends the task, once", async () => {
    const { world, arn, token } = await waiting();
    const both = Promise.allSettled([
      world.engine.sendTaskSuccess(token, '"yes"'),
      world.engine.sendTaskFailure(token, "E", "no"),
    ]);
    const [success, failure] = await world.await(both);
    expect([success.status, failure.status]).toEqual(["fulfilled", "rejected"]);
    expect(failure).toMatchObject({
      reason: { name: "TaskTimedOut", message: "Task Timed Out: 'Provided task does not exist anymore'" },
    });
    expect(await world.await(world.engine.describe(arn))).toMatchObject({ status: "SUCCEEDED", output: '"yes"' });
  });

  test("a callback that waits is not sent again after a restart, and needs no memory", async () => {
    const { world, arn, token } = await waiting();
    await world.restart();
    await world.pass(60_000);
    expect(world.tasks.started).toEqual([]);
    expect(world.engine.stats.cachedExecutions).toBe(0);
    expect(await world.await(world.engine.waiting(arn))).toMatchObject([
      { stateName: "S1", waitsFor: "callback", since: T0 },
    ]);
    await world.await(world.engine.sendTaskFailure(token, "E", "no"));
    expect(await world.await(world.engine.describe(arn))).toMatchObject({ status: "FAILED", error: "E", cause: "no" });
  });

  test("a callback may come before the call that sent it has answered", async () => {
    const world: World = new World({
      start: async (request) => {
        const early = world.engine.sendTaskSuccess(request.taskToken, '"early"');
        await early;
        return { kind: "submitted", output: "{}" };
      },
    });
    const arn = await world.start(world.machines.define("m", line(CALLBACK)));
    expect(await world.await(world.engine.describe(arn))).toMatchObject({ status: "SUCCEEDED", output: '"early"' });
    expect(world.problems).toEqual([]);
  });

  test("tokens that are none, and those of executions that are gone", async () => {
    const { world, token } = await waiting();
    const refused = world.await(world.engine.sendTaskHeartbeat("nonsense"));
    await expect(refused).rejects.toMatchObject({ name: "InvalidToken", message: "Invalid Token: 'Invalid token'" });
    const other = new World();
    await expect(other.await(other.engine.sendTaskHeartbeat(token))).rejects.toMatchObject({
      name: "TaskDoesNotExist",
    });
  });

  test("a heartbeat keeps the task, its absence ends it", async () => {
    const world = new World({ start: () => ({ kind: "submitted", output: "{}" }) });
    const machine = world.machines.define("m", line({ ...CALLBACK, HeartbeatSeconds: 10 }));
    const arn = await world.start(machine);
    const token = world.tasks.started[0]?.taskToken ?? "";
    for (let i = 0; i < 5; i++) {
      await world.pass(9_000);
      await world.await(world.engine.sendTaskHeartbeat(token));
    }
    expect(await world.status(arn)).toBe("RUNNING");
    await world.pass(10_000);
    expect(await world.await(world.engine.describe(arn))).toMatchObject({ status: "FAILED", error: "States.Timeout" });
    await expect(world.await(world.engine.sendTaskHeartbeat(token))).rejects.toMatchObject({ name: "TaskTimedOut" });
  });
});

describe("redrive", () => {
  async function failed(): Promise<{ world: World; arn: string; machine: string }> {
    const world = new World({
      start: (_, call) => (call === 1 ? { kind: "failed", error: "E", cause: "c" } : succeeded("fine")),
    });
    const machine = world.machines.define("m", line(PASS, TASK));
    return { world, machine, arn: await world.start(machine) };
  }

  test("the execution goes on where it failed, under the same ARN", async () => {
    const { world, arn } = await failed();
    expect(await world.await(world.engine.describe(arn))).toMatchObject({
      status: "FAILED",
      redriveStatus: "REDRIVABLE",
    });
    await world.pass(1_000);
    await world.restart();
    expect(await world.await(world.engine.redrive(arn))).toEqual({ redriveDate: T0 + 1_000 });
    // The simulated tasks of the new process count anew: the first fails again.
    expect(await world.status(arn)).toBe("FAILED");
    await world.await(world.engine.redrive(arn));
    expect(await world.await(world.engine.describe(arn))).toMatchObject({
      status: "SUCCEEDED",
      output: '"fine"',
      redriveCount: 2,
    });
    const types = await world.types(arn);
    expect(types.filter((type) => type === "ExecutionRedriven")).toHaveLength(2);
    expect(types.filter((type) => type === "TaskStateEntered")).toHaveLength(1);
  });

  test("a client token answers again for a quarter of an hour", async () => {
    const { world, arn } = await failed();
    const both = Promise.all([world.engine.redrive(arn, "token-1"), world.engine.redrive(arn, "token-1")]);
    const [first, second] = await world.await(both);
    expect(second).toEqual(first);
    await world.pass(60_000);
    expect(await world.await(world.engine.redrive(arn, "token-1"))).toEqual(first);
    await world.pass(15 * 60_000);
    await expect(world.await(world.engine.redrive(arn, "token-1"))).rejects.toMatchObject({
      name: "ExecutionNotRedrivable",
      message: "Execution is SUCCEEDED and cannot be redriven",
    });
  });

  test("the reasons not to", async () => {
    const { world, arn, machine } = await failed();
    const reason = async (): Promise<string | undefined> =>
      (await world.await(world.engine.describe(arn))).redriveStatusReason;
    const stateMachineArn = world.machines.define("waits", line(wait(10)));
    const running = await world.start(stateMachineArn);
    await expect(world.await(world.engine.redrive(running))).rejects.toMatchObject({
      name: "ExecutionNotRedrivable",
      message: "Execution is RUNNING and cannot be redriven",
    });
    world.clock.advanceTo(T0 + 14 * DAY_MS);
    expect(await reason()).toBeUndefined();
    world.clock.advanceTo(T0 + 14 * DAY_MS + 1);
    expect(await reason()).toBe("Execution redrivable period exceeded");
    world.clock.advanceTo(T0 + 365 * DAY_MS);
    expect(await reason()).toBe("Execution has exceeded the max execution time");
    world.machines.delete(machine);
    expect(await reason()).toBe("State machine is in DELETING status");
  });
});

describe("activities", () => {
  const activity = "arn:aws:states:us-east-1:123456789012:activity:a";
  const ACTIVITY = { Type: "Task", Resource: activity, TimeoutSeconds: 600 } as const;
  const nobody = new AbortController().signal;

  test("a task waits for a worker, over a restart, and is handed out once", async () => {
    const world = new World();
    const arn = await world.start(world.machines.define("m", line(ACTIVITY)), { x: 1 });
    expect(await world.types(arn)).not.toContain("ActivityStarted");
    await world.restart();
    const task = await world.await(world.engine.getActivityTask(activity, "worker-1", 60_000, nobody));
    expect(task?.input).toBe('{"x":1}');
    const second = world.engine.getActivityTask(activity, undefined, 60_000, nobody);
    await world.pass(60_000);
    expect(await world.await(second)).toBeUndefined();
    await world.await(world.engine.sendTaskSuccess(task?.taskToken ?? "", '"done"'));
    const history = await world.history(arn);
    expect(history.find(({ type }) => type === "ActivityStarted")?.details).toEqual({ workerName: "worker-1" });
    expect(await world.status(arn)).toBe("SUCCEEDED");
  });

  test("workers that wait are served in turn", async () => {
    const world = new World();
    const polls = Array.from({ length: 5 }, (_, i) => world.engine.getActivityTask(activity, `w${i}`, 60_000, nobody));
    await world.settle();
    const machine = world.machines.define("m", line(ACTIVITY));
    for (let i = 0; i < 5; i++) await world.start(machine, i);
    const tasks = await world.await(Promise.all(polls));
    expect(tasks.map((task) => task?.input)).toEqual(["0", "1", "2", "3", "4"]);
  });

  test("a worker that went away gets nothing, and the task stays", async () => {
    const world = new World();
    const gone = new AbortController();
    const poll = world.engine.getActivityTask(activity, "gone", 60_000, gone.signal);
    await world.settle();
    gone.abort();
    expect(await world.await(poll)).toBeUndefined();
    await world.start(world.machines.define("m", line(ACTIVITY)), "kept");
    expect((await world.await(world.engine.getActivityTask(activity, "w", 0, nobody)))?.input).toBe('"kept"');
  });

  test("a task that was stopped is not handed out", async () => {
    const world = new World();
    const machine = world.machines.define("m", line(ACTIVITY));
    const stopped = await world.start(machine, "stopped");
    await world.start(machine, "running");
    await world.await(world.engine.stop(stopped));
    expect((await world.await(world.engine.getActivityTask(activity, "w", 60_000, nobody)))?.input).toBe('"running"');
  });

  test("an activity that is not there, and too many workers", async () => {
    const world = new World({ options: { activityPollersMax: 1 } });
    void world.engine.getActivityTask(activity, "w1", 60_000, nobody);
    await world.settle();
    const many = world.await(world.engine.getActivityTask(activity, "w2", 60_000, nobody));
    await expect(many).rejects.toMatchObject({ name: "ActivityWorkerLimitExceeded" });
    world.machines.deleteActivity(activity);
    const missing = world.await(world.engine.getActivityTask(activity, "w", 60_000, nobody));
    await expect(missing).rejects.toMatchObject({
      name: "ActivityDoesNotExist",
      message: `Activity Does Not Exist: '${activity}'`,
    });
    const arn = await world.start(world.machines.define("m", line(ACTIVITY)));
    expect(await world.await(world.engine.describe(arn))).toMatchObject({
      status: "FAILED",
      cause: `An error occurred while executing the state 'S1' (entered at the event id #2). The activity ${activity} does not exist.`,
    });
  });
});

describe("history", () => {
  test("pages forwards and backwards, without gaps", async () => {
    const world = new World();
    const arn = await world.start(world.machines.define("m", line(PASS, TASK, PASS, TASK, PASS)));
    const all = await world.history(arn);
    for (const reverse of [false, true]) {
      const seen: number[] = [];
      for (let after: number | undefined; ; ) {
        const page = await world.await(
          world.engine.history(arn, { limit: 4, reverse, ...(after === undefined ? {} : { after }) }),
        );
        seen.push(...page.items.map(({ id }) => id));
        if (page.cursor === undefined) break;
        after = Number(page.cursor);
      }
      const ids = all.map(({ id }) => id);
      expect(seen).toEqual(reverse ? ids.reverse() : ids);
    }
  });

  test("a watcher sees every event once, from any point, until the end", async () => {
    const world = new World();
    const arn = await world.start(world.machines.define("m", line(wait(10), TASK, wait(10))));
    const seen: number[][] = [[], []];
    const watch = async (after: number, into: number[]): Promise<void> => {
      for await (const { id } of world.engine.watch(arn, after, new AbortController().signal)) into.push(id);
    };
    const watching = Promise.all([watch(0, seen[0] as number[]), watch(1, seen[1] as number[])]);
    await world.pass(10_000);
    await world.pass(10_000);
    await world.await(watching);
    const ids = (await world.history(arn)).map(({ id }) => id);
    expect(seen).toEqual([ids, ids.slice(1)]);
  });

  test("a watcher that does not keep up misses nothing", async () => {
    const world = new World();
    const loop = {
      StartAt: "W",
      States: {
        W: { Type: "Wait", Seconds: 1, Next: "C" },
        C: {
          Type: "Choice",
          Choices: [{ Variable: "$$.State.EnteredTime", StringLessThan: "2026-01-31T12:05:00Z", Next: "W" }],
          Default: "E",
        },
        E: { Type: "Succeed" },
      },
    };
    const arn = await world.start(world.machines.define("m", loop));
    const stream = world.engine.watch(arn, 0, new AbortController().signal)[Symbol.asyncIterator]();
    const first = await world.await(stream.next());
    await world.pass(600_000);
    const ids = [first.value?.id];
    for (let next = await stream.next(); next.done !== true; next = await stream.next()) ids.push(next.value.id);
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, i) => i + 1));
    expect(ids.length).toBeGreaterThan(1_000);
  });

  test("a watcher that aborts ends", async () => {
    const world = new World();
    const arn = await world.start(world.machines.define("m", line(wait(10))));
    const abort = new AbortController();
    const stream = world.engine.watch(arn, 2, abort.signal)[Symbol.asyncIterator]();
    const next = stream.next();
    await world.settle();
    abort.abort();
    expect((await world.await(next)).done).toBe(true);
  });
});

describe("retention and shutdown", () => {
  test("ended executions are deleted when their time has come, and their names are free again", async () => {
    const world = new World();
    const machine = world.machines.define("m", line(PASS));
    const arn = await world.start(machine, {}, "n");
    await world.pass(90 * DAY_MS);
    expect(await world.await(world.engine.deleteExpired())).toBe(0);
    await world.pass(1);
    expect(await world.await(world.engine.deleteExpired())).toBe(1);
    await expect(world.await(world.engine.describe(arn))).rejects.toMatchObject({ name: "ExecutionDoesNotExist" });
    await world.start(machine, {}, "n");
  });

  test("a drain lets what is under way end, and takes no more", async () => {
    const world = new World({ start: () => succeeded("ok", 1_000) });
    const stateMachineArn = world.machines.define("m", line(TASK, wait(5)));
    const arn = await world.start(stateMachineArn);
    const drained = world.engine.drain(60_000);
    await world.pass(1_000);
    await world.await(drained);
    await expect(world.await(world.engine.start({ stateMachineArn }))).rejects.toMatchObject({
      name: "StoreUnavailable",
    });
    expect(await world.types(arn)).toContain("LambdaFunctionSucceeded");
    await world.restart();
    await world.pass(5_000);
    expect(await world.status(arn)).toBe("SUCCEEDED");
  });
});
