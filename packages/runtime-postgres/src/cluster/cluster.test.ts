import {
  type Clock,
  createExecutions,
  createMapRuns,
  type ExecutionChange,
  type ExecutionEngine,
} from "@stepwell/engine";
import { FixedMachines, SeededIds, SimulatedTasks, STORED_FORMAT_1, succeeded } from "@stepwell/engine/testing";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openPostgresRuntime, type PostgresRuntime } from "../postgres-runtime.ts";
import { type PostgresServer, postgresPrograms, startPostgres } from "../testing/postgres-server.ts";
import { cuttingProxy } from "./cutting-proxy.test-support.ts";
import type { MembershipEvent } from "./membership.ts";

const isHere = postgresPrograms() !== undefined;
if (!isHere) console.log("SKIPPED: nodes on PostgreSQL: there is no PostgreSQL here");

const LEASE_MS = 1_200;
const PATIENT = { timeout: 25_000, interval: 20 };
const never = new AbortController().signal;

const clock: Clock = {
  now: () => Date.now(),
  wakeAt(at, wake) {
    const timer = setTimeout(wake, Math.max(0, at - Date.now()) + 1);
    return () => clearTimeout(timer);
  },
};

interface Node {
  readonly runtime: PostgresRuntime;
  readonly engine: ExecutionEngine;
  readonly tasks: SimulatedTasks;
  readonly events: MembershipEvent[];
}

const machines = new FixedMachines();
const PASS = machines.define("pass", { StartAt: "P", States: { P: { Type: "Pass", End: true } } });
const WAIT = machines.define("wait", { StartAt: "W", States: { W: { Type: "Wait", Seconds: 2, End: true } } });
const LONG = machines.define("long", { StartAt: "W", States: { W: { Type: "Wait", Seconds: 600, End: true } } });
const WATCHED = machines.define("watched", { StartAt: "W", States: { W: { Type: "Wait", Seconds: 600, End: true } } });
const WORK = machines.define("work", {
  StartAt: "T",
  States: { T: { Type: "Task", Resource: machines.activityArn("work"), End: true } },
});
const MAP = machines.define("map", {
  StartAt: "M",
  States: {
    M: {
      Type: "Map",
      ItemsPath: "$",
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "P",
        States: { P: { Type: "Pass", End: true } },
      },
      End: true,
    },
  },
});

let server: PostgresServer;
const nodes: Node[] = [];
let seeds = 1;

describe.runIf(isHere)("nodes on one PostgreSQL", () => {
  beforeAll(async () => {
    server = await startPostgres({ fsync: "off" });
  }, 180_000);
  afterAll(() => server.remove());
  afterEach(async () => {
    for (const { engine, runtime } of nodes.splice(0)) {
      await engine.drain(1_000);
      await runtime.close();
    }
  });

  async function open(url: string = server.url): Promise<Node> {
    const events: MembershipEvent[] = [];
    const runtime = await openPostgresRuntime({
      url,
      leaseMs: LEASE_MS,
      onEvent: (event) => events.push(event),
    });
    const { executionStore: store, mapRunStore, cluster } = runtime;
    const tasks = new SimulatedTasks(clock, { start: () => succeeded({}) });
    const engine = createExecutions({
      store,
      machines,
      activities: machines,
      router: tasks,
      clock,
      // Each node has its own, and each test: names must differ.
      ids: new SeededIds(Date.now() + seeds++),
      mapRuns: createMapRuns({ store: mapRunStore }),
      cluster,
    });
    await engine.resume();
    await runtime.join();
    const node = { runtime, engine, tasks, events };
    nodes.push(node);
    return node;
  }

  const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `n-${seeds++}-${Date.now()}-${i}`);
  const arnOf = (machine: string, name: string): string =>
    `${machine.replace(":stateMachine:", ":execution:")}:${name}`;

  /** Each name is owned by one of the nodes, and each node has some. */
  async function sharedOut(sample: readonly string[]): Promise<void> {
    await expect
      .poll(() => {
        const owners = nodes.map(({ runtime }) => sample.filter((arn) => runtime.cluster.owns(arn)).length);
        return owners.reduce((sum, count) => sum + count, 0) === sample.length && owners.every((count) => count > 0);
      }, PATIENT)
      .toBe(true);
  }

  test("share the executions out, and answer for each other", { timeout: 60_000 }, async () => {
    const [one, two] = [await open(), await open()];
    const given = names(40);
    await sharedOut(given.map((name) => arnOf(LONG, name)));
    await Promise.all(given.map((name, i) => (i % 2 === 0 ? one : two).engine.start({ stateMachineArn: LONG, name })));
    for (const name of given.slice(0, 8)) {
      expect(await one.engine.waiting(arnOf(LONG, name))).toHaveLength(1);
      await two.engine.stop(arnOf(LONG, name), "Stopped");
      expect((await one.engine.describe(arnOf(LONG, name))).status).toBe("ABORTED");
    }
    await expect(one.engine.stop(arnOf(LONG, "nobody"))).rejects.toMatchObject({ name: "ExecutionDoesNotExist" });
    // The same start again, at the other node: the same execution.
    const again = { stateMachineArn: LONG, name: given[9] ?? "" };
    expect(await two.engine.start(again)).toEqual(await one.engine.start(again));
  });

  test("an activity's workers get tasks of all nodes", { timeout: 60_000 }, async () => {
    const [one, two] = [await open(), await open()];
    const given = names(12);
    await sharedOut(given.map((name) => arnOf(WORK, name)));
    const polls = given.map(() => two.engine.getActivityTask(machines.activityArn("work"), "w", 10_000, never));
    await Promise.all(given.map((name) => one.engine.start({ stateMachineArn: WORK, name, input: `"${name}"` })));
    const taken = await Promise.all(polls);
    expect(taken.map((task) => task?.input).sort()).toEqual(given.map((name) => `"${name}"`).sort());
    await Promise.all(taken.map((task) => one.engine.sendTaskSuccess(task?.taskToken ?? "", '"done"')));
    for (const name of given) expect((await two.engine.describe(arnOf(WORK, name))).output).toBe('"done"');
  });

  test("a Distributed Map's children run on both", { timeout: 60_000 }, async () => {
    const [one, two] = [await open(), await open()];
    const [name = ""] = names(1);
    const input = JSON.stringify(Array.from({ length: 300 }, (_, i) => i));
    await one.engine.start({ stateMachineArn: MAP, name, input });
    await expect.poll(async () => (await two.engine.describe(arnOf(MAP, name))).output, PATIENT).toBe(input);
    const { items } = (await two.engine.mapRuns?.list(arnOf(MAP, name), { limit: 1 })) ?? { items: [] };
    expect(items[0]?.childCounts).toMatchObject({ SUCCEEDED: 300, RUNNING: 0, FAILED: 0 });
  });

  test("a node whose lease is gone commits nothing, and begins anew", { timeout: 60_000 }, async () => {
    const [one, two] = [await open(), await open()];
    const given = names(20);
    await sharedOut(given.map((name) => arnOf(WAIT, name)));
    await Promise.all(given.map((name) => one.engine.start({ stateMachineArn: WAIT, name })));
    const epoch = one.events.find((event) => event.kind === "joined");
    await two.runtime.database.query("DELETE FROM leases WHERE epoch = $1", [
      epoch?.kind === "joined" ? epoch.epoch : 0,
    ]);
    await expect.poll(() => one.events.some(({ kind }) => kind === "fenced"), PATIENT).toBe(true);
    for (const name of given) {
      await expect.poll(async () => (await two.engine.describe(arnOf(WAIT, name))).status, PATIENT).toBe("SUCCEEDED");
      const { items } = await one.engine.history(arnOf(WAIT, name), { limit: 50, reverse: false });
      expect(items.map(({ id, type }) => [id, type])).toEqual([
        [1, "ExecutionStarted"],
        [2, "WaitStateEntered"],
        [3, "WaitStateExited"],
        [4, "ExecutionSucceeded"],
      ]);
    }
    expect(one.events.filter(({ kind }) => kind === "joined")).toHaveLength(2);
  });

  test("a node that leaves is not waited for", { timeout: 60_000 }, async () => {
    const [one, two] = [await open(), await open()];
    const given = names(20);
    await sharedOut(given.map((name) => arnOf(LONG, name)));
    await Promise.all(given.map((name) => one.engine.start({ stateMachineArn: LONG, name })));
    const leaving = one.engine.drain(1_000);
    await Promise.all(given.map((name) => two.engine.stop(arnOf(LONG, name))));
    await leaving;
    expect(two.events.filter(({ kind }) => kind === "tookOver")).toEqual([]);
    // Also what comes to the one that leaves is done, as long as it answers.
    await expect(one.engine.stop(arnOf(LONG, given[0] ?? ""))).resolves.toMatchObject({});
  });

  test("a live view shows what another node commits", { timeout: 60_000 }, async () => {
    const [one, two] = [await open(), await open()];
    const [name = ""] = names(1);
    await one.engine.start({ stateMachineArn: WAIT, name });
    for (const { engine } of [one, two]) {
      const types: string[] = [];
      for await (const { type } of engine.watch(arnOf(WAIT, name), 0, never)) types.push(type);
      expect(types.at(-1)).toBe("ExecutionSucceeded");
    }
  });

  test("who watches is told of what every node commits", { timeout: 60_000 }, async () => {
    const [one, two] = [await open(), await open()];
    const given = names(20);
    await sharedOut(given.map((name) => arnOf(WATCHED, name)));
    const told: Pick<ExecutionChange, "name" | "status" | "stateMachineArn">[] = [];
    let missed = 0;
    const askAgain = async (): Promise<void> => {
      const page = await two.engine.queries?.search({ stateMachineArn: WATCHED, limit: 500 });
      told.push(...(page?.items ?? []));
    };
    const stop = two.engine.queries?.changes(
      { stateMachineArn: WATCHED },
      {
        changed: (change) => told.push(change),
        missed() {
          missed += 1;
          // At the end of the test the node is gone.
          askAgain().catch((error: unknown) => expect(error).toMatchObject({ name: "StoreUnavailable" }));
        },
      },
    );
    onTestFinished(() => stop?.());
    await expect.poll(() => missed, PATIENT).toBeGreaterThan(0);
    await Promise.all(given.map((name) => one.engine.start({ stateMachineArn: WATCHED, name })));
    await one.engine.start({ stateMachineArn: PASS, name: names(1)[0] ?? "" });
    await expect.poll(() => new Set(told.map(({ name }) => name)).size, PATIENT).toBe(given.length);
    await Promise.all(given.map((name) => one.engine.stop(arnOf(WATCHED, name), "Enough")));
    const ended = (wanted: string): boolean => told.some(({ name, status }) => name === wanted && status === "ABORTED");
    for (const name of given) {
      await expect.poll(() => ended(name), PATIENT).toBe(true);
    }
    expect(told.every(({ stateMachineArn }) => stateMachineArn === WATCHED)).toBe(true);
    // One page of one execution: each of its commits, wherever it is decided on.
    const [own, other] = [one, two].map(
      ({ runtime }) =>
        (arn: string) =>
          runtime.cluster.owns(arn),
    );
    for (const owns of [own, other]) {
      const name = names(200).find((candidate) => owns?.(arnOf(WORK, candidate))) ?? "";
      const seen: number[] = [];
      const leave = two.engine.queries?.changes(
        { executionArn: arnOf(WORK, name) },
        {
          changed: ({ lastEventId }) => seen.push(lastEventId),
          missed() {
            seen.push(0);
            void two.engine.queries?.lineage(arnOf(WORK, name)).then(
              ({ lastEventId }) => seen.push(lastEventId),
              () => undefined,
            );
          },
        },
      );
      await expect.poll(() => seen, PATIENT).toContain(0);
      await one.engine.start({ stateMachineArn: WORK, name });
      await expect.poll(() => Math.max(...seen), PATIENT).toBeGreaterThan(1);
      await two.engine.stop(arnOf(WORK, name));
      const { items } = await one.engine.history(arnOf(WORK, name), { limit: 50, reverse: false });
      await expect.poll(() => Math.max(...seen), PATIENT).toBe(items.length);
      leave?.();
    }
    // Something of a node that is gone may not have been heard; the one that comes in its place is.
    const before = missed;
    await one.engine.drain(1_000);
    await one.runtime.close();
    nodes.splice(nodes.indexOf(one), 1);
    await expect.poll(() => missed, PATIENT).toBeGreaterThan(before);
    const three = await open();
    await sharedOut(names(40).map((name) => arnOf(WATCHED, name)));
    const atThree = names(400).filter((name) => three.runtime.cluster.owns(arnOf(WATCHED, name)));
    await expect
      .poll(async () => {
        await three.engine.start({ stateMachineArn: WATCHED, name: atThree.shift() ?? "" });
        return told.some(({ name }) => !given.includes(name));
      }, PATIENT)
      .toBe(true);
  });

  test("what an older release stored goes on; what a newer one stored waits for it", { timeout: 60_000 }, async () => {
    const { definition, executionArn, commits } = STORED_FORMAT_1;
    machines.define("stored", definition);
    const one = await open();
    let key = 0;
    for (const commit of commits) {
      const over = commit.over.kind === "create" ? commit.over : { ...commit.over, key };
      [key = 0] = await one.runtime.executionStore.commit([{ ...commit, over }]);
    }
    const { items: before } = await one.engine.history(executionArn, { limit: 500, reverse: false });
    expect(before.map(({ id }) => id)).toEqual(before.map((_, i) => i + 1));

    const setFormat = (format: number): Promise<object[]> =>
      one.runtime.database.query(
        `UPDATE running SET part0 = regexp_replace(part0, '"format":[0-9]+', '"format":' || $1) WHERE id =
         (SELECT e.id FROM executions e WHERE e.name = 'of-format-1')`,
        [String(format)],
      );
    await setFormat(2);
    await expect(one.engine.stop(executionArn)).rejects.toMatchObject({
      name: "StoreUnavailable",
      message: "a snapshot has format 2, this release reads up to 1: a newer release wrote it",
    });
    const [name = ""] = names(1);
    await one.engine.start({ stateMachineArn: PASS, name });
    expect(await status(one.engine, arnOf(PASS, name))).toBe("SUCCEEDED");
    expect(await status(one.engine, executionArn)).toBe("RUNNING");

    // Read again, it finds that its worker has not been heard of for months.
    await setFormat(1);
    const two = await open();
    await two.engine.waiting(executionArn);
    await expect.poll(() => status(two.engine, executionArn), PATIENT).toBe("FAILED");
    const { items: after } = await two.engine.history(executionArn, { limit: 500, reverse: false });
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.map(({ id }) => id)).toEqual(after.map((_, i) => i + 1));
    expect(after.map(({ type }) => type)).toContain("ActivityTimedOut");
  });

  test("an answer lost in the middle of a commit: what was written counts, once", { timeout: 60_000 }, async () => {
    const proxy = await cuttingProxy(server.url);
    onTestFinished(() => proxy.close());
    const one = await open(proxy.url);
    const [started = "", worked = ""] = names(2);
    await one.engine.start({ stateMachineArn: WORK, name: worked });
    const task = await one.engine.getActivityTask(machines.activityArn("work"), "w", 10_000, never);
    proxy.loseAnswerTo("lost-at-the-start");
    await one.engine.start({ stateMachineArn: WAIT, name: started, input: '"lost-at-the-start"' });
    proxy.loseAnswerTo("lost-at-the-end");
    // Told again, a success that was written already finds its task gone.
    await one.engine
      .sendTaskSuccess(task?.taskToken ?? "", '"lost-at-the-end"')
      .catch((error: unknown) => expect(error).toMatchObject({ name: "TaskTimedOut" }));
    expect(proxy.lost).toBe(2);
    await expect.poll(async () => status(one.engine, arnOf(WAIT, started)), PATIENT).toBe("SUCCEEDED");
    expect((await one.engine.describe(arnOf(WORK, worked))).output).toBe('"lost-at-the-end"');
    for (const [arn, events] of [
      [arnOf(WAIT, started), 4],
      [arnOf(WORK, worked), 7],
    ] as const) {
      const { items } = await one.engine.history(arn, { limit: 50, reverse: false });
      expect(items.map(({ id }) => id)).toEqual(Array.from({ length: events }, (_, i) => i + 1));
    }
  });

  test("the database goes away and comes back", { timeout: 60_000 }, async () => {
    const one = await open();
    const [name = "", other = ""] = names(2);
    await one.engine.start({ stateMachineArn: WAIT, name });
    await server.crash();
    await expect(one.engine.start({ stateMachineArn: PASS, name: other })).rejects.toMatchObject({
      name: "StoreUnavailable",
    });
    await server.start();
    await expect.poll(async () => status(one.engine, arnOf(WAIT, name)), PATIENT).toBe("SUCCEEDED");
    await one.engine.start({ stateMachineArn: PASS, name: other });
    expect(await status(one.engine, arnOf(PASS, other))).toBe("SUCCEEDED");
    expect(one.events.filter(({ kind }) => kind === "fenced")).toEqual([]);
  });
});

async function status(engine: ExecutionEngine, executionArn: string): Promise<string> {
  return engine.describe(executionArn).then(
    (execution) => execution.status,
    (error: unknown) => String(error),
  );
}
