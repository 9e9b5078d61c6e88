/** What every ExecutionStore must do: run by each runtime on its own store. */
import type { ExecutionStart } from "@stepwell/core";
// biome-ignore lint/correctness/noUndeclaredDependencies: types only; the suite is given the functions, so that this module also loads outside a test run.
import type * as Vitest from "vitest";
import {
  CommitConflict,
  type ExecutionCommit,
  type ExecutionKey,
  type ExecutionSearch,
  type ExecutionSearchPage,
  type ExecutionStore,
} from "../ports/store.ts";

const MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:orders";
const OTHER = "arn:aws:states:eu-west-1:123456789012:stateMachine:other";
const ACTIVITY = "arn:aws:states:eu-west-1:123456789012:activity:ship";
const T0 = 1_750_000_000_000;

const NOTHING_ELSE = {
  tasksSubmitted: [],
  tasksSettled: [],
  activityTasksQueued: [],
  activityTasksRemoved: [],
} as const;

function arnOf(name: string, machine = MACHINE): string {
  return `${machine.replace(":stateMachine:", ":execution:")}:${name}`;
}

function start(name: string, more: Partial<ExecutionStart> = {}): ExecutionStart {
  return {
    executionArn: arnOf(name, more.stateMachineArn),
    executionName: name,
    type: "STANDARD",
    stateMachineArn: MACHINE,
    stateMachineName: "orders",
    roleArn: "arn:aws:iam::123456789012:role/r",
    startedAt: T0,
    input: `{"name":"${name}"}`,
    ...more,
  };
}

function create(
  name: string,
  more: Partial<ExecutionCommit> = {},
  startMore: Partial<ExecutionStart> = {},
): ExecutionCommit {
  const begun = start(name, startMore);
  return {
    executionArn: begun.executionArn,
    over: { kind: "create", start: begun, revisionKey: "revision-1" },
    lastEventId: 2,
    history: [{ firstId: 1, lastId: 2, text: `first of ${name}` }],
    parts: [
      { part: 0, json: '{"head":1}' },
      { part: 1, json: '{"branch":1}' },
    ],
    ...NOTHING_ELSE,
    ...more,
  };
}

function advance(
  name: string,
  key: ExecutionKey,
  version: number,
  more: Partial<ExecutionCommit> = {},
): ExecutionCommit {
  return {
    executionArn: arnOf(name),
    over: { kind: "advance", key, version },
    lastEventId: 2,
    history: [],
    parts: [],
    ...NOTHING_ELSE,
    ...more,
  };
}

const SUCCEEDED = { status: "SUCCEEDED", stopDate: T0 + 9, output: '"done"' } as const;
const FAILED = { status: "FAILED", stopDate: T0 + 9, error: "E", cause: "because" } as const;

/** The shared suite, to be called in a test file. `makeStore` gives an empty store; `close` is called after each test. */
export function executionStoreContract(
  { describe, expect, test }: Pick<typeof Vitest, "describe" | "expect" | "test">,
  makeStore: () => { store: ExecutionStore; close?: () => void },
): void {
  function storeTest(name: string, body: (store: ExecutionStore) => Promise<void>): void {
    test(name, async () => {
      const { store, close } = makeStore();
      try {
        await body(store);
      } finally {
        close?.();
      }
    });
  }
  async function created(store: ExecutionStore, ...commits: ExecutionCommit[]): Promise<ExecutionKey[]> {
    return [...(await store.commit(commits))];
  }

  describe("one execution", () => {
    storeTest("what was committed is read back", async (store) => {
      const [key] = await created(store, create("a", { wakeAt: T0 + 5, outstandingTasks: 1 }));
      const stored = await store.describe(arnOf("a"));
      expect(stored).toEqual({
        key,
        version: 1,
        lastEventId: 2,
        start: start("a"),
        revisionKey: "revision-1",
        status: "RUNNING",
        redriveCount: 0,
      });
      expect(await store.load([arnOf("a"), arnOf("b")])).toEqual([
        {
          ...stored,
          wakeAt: T0 + 5,
          parts: [
            { part: 0, json: '{"head":1}' },
            { part: 1, json: '{"branch":1}' },
          ],
          submittedTasks: [],
        },
        undefined,
      ]);
    });

    storeTest("many are described at once, in the order asked for", async (store) => {
      await created(store, create("a"), create("b", { end: SUCCEEDED }));
      const arns = [arnOf("b"), arnOf("nobody"), arnOf("a"), "no ARN"];
      const one = await Promise.all(arns.map((arn) => store.describe(arn)));
      expect(await store.describeAll(arns)).toEqual(one);
      expect(one.map((execution) => execution?.status)).toEqual(["SUCCEEDED", undefined, "RUNNING", undefined]);
    });

    storeTest("texts of any kind survive", async (store) => {
      const cause = "\u0000 \u{1F600} __proto__ ' \" \\ \n";
      await created(store, create("ä€😀", { end: { ...FAILED, cause } }, { input: '"\u2028\\u0000😀"' }));
      const stored = await store.describe(arnOf("ä€😀"));
      expect([stored?.cause, stored?.start.input, stored?.start.executionName]).toEqual([
        cause,
        '"\u2028\\u0000😀"',
        "ä€😀",
      ]);
    });

    storeTest("versions, aliases, trace header and Express names are kept", async (store) => {
      const express = start("n", {
        executionArn: `${MACHINE.replace(":stateMachine:", ":express:")}:n:uuid-1`,
        type: "EXPRESS",
        stateMachineVersionArn: `${MACHINE}:3`,
        stateMachineAliasArn: `${MACHINE}:live`,
      });
      const commit: ExecutionCommit = {
        ...create("n"),
        executionArn: express.executionArn,
        over: { kind: "create", start: express, revisionKey: "r", traceHeader: "Root=1" },
      };
      await store.commit([commit]);
      expect(await store.describe(express.executionArn)).toMatchObject({ start: express, traceHeader: "Root=1" });
    });

    storeTest("each commit writes only what it names", async (store) => {
      const [key] = await created(store, create("a", { wakeAt: T0 + 5, outstandingTasks: 2 }));
      await store.commit([
        advance("a", key as number, 1, {
          lastEventId: 4,
          history: [{ firstId: 3, lastId: 4, text: "second" }],
          parts: [
            { part: 1, json: null },
            { part: 2, json: '{"branch":2}' },
          ],
        }),
      ]);
      const [loaded] = await store.load([arnOf("a")]);
      expect(loaded).toMatchObject({
        version: 2,
        lastEventId: 4,
        wakeAt: T0 + 5,
        parts: [
          { part: 0, json: '{"head":1}' },
          { part: 2, json: '{"branch":2}' },
        ],
      });
      expect(await store.outstanding(10)).toHaveLength(1);
      await store.commit([advance("a", key as number, 2, { wakeAt: null, outstandingTasks: 0 })]);
      expect((await store.load([arnOf("a")]))[0]).not.toHaveProperty("wakeAt");
      expect(await store.outstanding(10)).toEqual([]);
    });

    storeTest("memory of any size is kept, and after a failure all of it", async (store) => {
      const big = JSON.stringify("b".repeat(10_000));
      const bigger = JSON.stringify("c".repeat(20_000));
      const [key] = await created(
        store,
        create("a", {
          parts: [
            { part: 0, json: "0" },
            { part: 1, json: big },
          ],
        }),
      );
      const parts = async (): Promise<unknown> =>
        ((await store.load([arnOf("a")]))[0]?.parts ?? []).map(({ part, json }) => [part, json]);
      const write = (version: number, more: Partial<ExecutionCommit>): Promise<unknown> =>
        store.commit([advance("a", key as number, version, more)]);
      expect(await parts()).toEqual([
        [0, "0"],
        [1, big],
      ]);
      await write(1, {
        parts: [
          { part: 1, json: "small" },
          { part: 7, json: bigger },
        ],
      });
      expect(await parts()).toEqual([
        [0, "0"],
        [1, "small"],
        [7, bigger],
      ]);
      await write(2, {
        parts: [
          { part: 0, json: bigger },
          { part: 1, json: big },
          { part: 7, json: null },
        ],
      });
      expect(await parts()).toEqual([
        [0, bigger],
        [1, big],
      ]);
      await write(3, { parts: [{ part: 0, json: "00" }] });
      expect(await parts()).toEqual([
        [0, "00"],
        [1, big],
      ]);
      await write(4, {
        parts: [
          { part: 1, json: "1" },
          { part: 2, json: "2" },
        ],
      });
      await write(5, { end: FAILED, parts: [{ part: 0, json: "end" }] });
      expect(await parts()).toEqual([
        [0, "end"],
        [1, "1"],
        [2, "2"],
      ]);
      const redrive = { redriveCount: 1, redriveDate: T0 + 50 };
      await write(6, { redrive, parts: [{ part: 1, json: "again" }] });
      expect(await parts()).toEqual([
        [0, "end"],
        [1, "again"],
        [2, "2"],
      ]);
      await write(7, { parts: [{ part: 0, json: "0" }] });
      expect(await parts()).toEqual([
        [0, "0"],
        [1, "again"],
        [2, "2"],
      ]);
      await write(8, { end: SUCCEEDED, parts: [0, 1, 2].map((part) => ({ part, json: null })) });
      expect(await parts()).toEqual([]);
    });

    storeTest("an end is recorded, and what it waited for is gone", async (store) => {
      const [key] = await created(store, create("a", { wakeAt: T0 + 5, outstandingTasks: 1 }));
      await store.commit([advance("a", key as number, 1, { end: FAILED, lastEventId: 7 })]);
      const stored = await store.describe(arnOf("a"));
      expect(stored).toMatchObject({ ...FAILED, version: 2, lastEventId: 7 });
      expect(await store.due(T0 + 99, 10)).toEqual([]);
      expect(await store.nextWake()).toBeUndefined();
      expect(await store.outstanding(10)).toEqual([]);
      expect(await store.countRunning()).toBe(0);
      expect((await store.load([arnOf("a")]))[0]?.parts).toHaveLength(2);
    });

    storeTest("start and end may come in one commit", async (store) => {
      await created(store, create("a", { end: SUCCEEDED, parts: [] }));
      expect(await store.describe(arnOf("a"))).toMatchObject({ ...SUCCEEDED, version: 1 });
      expect(await store.countRunning()).toBe(0);
    });
  });

  describe("the fence", () => {
    storeTest("a commit over another version writes nothing of its batch and names the execution", async (store) => {
      const [a, b] = (await created(store, create("a"), create("b"))) as [number, number];
      await store.commit([advance("a", a, 1, { lastEventId: 3 })]);
      const late = store.commit([advance("b", b, 1, { lastEventId: 9 }), advance("a", a, 1, { lastEventId: 9 })]);
      await expect(late).rejects.toThrow(CommitConflict);
      await expect(late).rejects.toMatchObject({ executionArns: [arnOf("a")] });
      expect((await store.describe(arnOf("b")))?.lastEventId).toBe(2);
      await store.commit([advance("b", b, 1, { lastEventId: 9 })]);
      expect((await store.describe(arnOf("b")))?.lastEventId).toBe(9);
    });

    storeTest("a name is given once, until its execution is deleted", async (store) => {
      await created(store, create("a", { end: SUCCEEDED }));
      const again = store.commit([create("new", {}, { stateMachineArn: OTHER }), create("a")]);
      await expect(again).rejects.toMatchObject({ name: "CommitConflict", executionArns: [arnOf("a")] });
      expect(await store.describe(arnOf("new", OTHER))).toBeUndefined();
      await store.deleteEnded(T0 + 100, 10);
      await store.commit([create("a"), create("a2", {}, { stateMachineArn: OTHER })]);
      expect((await store.describe(arnOf("a")))?.status).toBe("RUNNING");
    });

    storeTest("an ended execution takes no commit but a redrive, a running one no redrive", async (store) => {
      const [a, b] = (await created(store, create("a", { end: FAILED }), create("b"))) as [number, number];
      const redrive = { redriveCount: 1, redriveDate: T0 + 50 };
      await expect(store.commit([advance("a", a, 1)])).rejects.toThrow(CommitConflict);
      await expect(store.commit([advance("b", b, 1, { redrive })])).rejects.toThrow(CommitConflict);
      await store.commit([advance("a", a, 1, { redrive })]);
      expect((await store.describe(arnOf("a")))?.status).toBe("RUNNING");
    });
  });

  describe("redrive", () => {
    storeTest("the execution runs again, with its input, and ends again", async (store) => {
      const [key] = (await created(store, create("a", { end: FAILED }))) as [number];
      const redrive = { redriveCount: 1, redriveDate: T0 + 50, clientToken: "t1" };
      await store.commit([advance("a", key, 1, { redrive, wakeAt: T0 + 60, outstandingTasks: 1, lastEventId: 3 })]);
      const stored = await store.describe(arnOf("a"));
      expect(stored).toMatchObject({ status: "RUNNING", redriveCount: 1, redriveDate: T0 + 50, version: 2 });
      expect(stored).not.toHaveProperty("error");
      expect(stored).not.toHaveProperty("stopDate");
      expect(await store.due(T0 + 60, 10)).toHaveLength(1);
      await store.commit([advance("a", key, 2, { end: SUCCEEDED })]);
      expect(await store.describe(arnOf("a"))).toMatchObject({ ...SUCCEEDED, redriveCount: 1, version: 3 });
    });

    storeTest("the last ten client tokens are remembered, newest first", async (store) => {
      const [key] = (await created(store, create("a", { end: FAILED }))) as [number];
      for (let i = 1; i <= 12; i++) {
        const redrive = { redriveCount: i, redriveDate: T0 + i, clientToken: `t${i}` };
        await store.commit([advance("a", key, i, { redrive, end: FAILED })]);
      }
      const tokens = await store.redriveTokens(arnOf("a"));
      expect(tokens.map(({ clientToken }) => clientToken)).toEqual(
        [12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((i) => `t${i}`),
      );
      expect(tokens[0]?.redriveDate).toBe(T0 + 12);
    });
  });

  describe("lists", () => {
    storeTest("newest first, in pages that neither repeat nor miss while others are added", async (store) => {
      for (let i = 0; i < 25; i++) await store.commit([create(`e${i}`, i % 3 === 0 ? { end: SUCCEEDED } : {})]);
      await store.commit([create("x", {}, { stateMachineArn: OTHER })]);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list({
          stateMachineArn: MACHINE,
          limit: 7,
          ...(cursor === undefined ? {} : { cursor }),
        });
        seen.push(...page.items.map((item) => item.name));
        cursor = page.cursor;
        await store.commit([create(`later${seen.length}`)]);
      } while (cursor !== undefined);
      expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `e${24 - i}`));
    });

    storeTest("all are named in order of key, page by page", async (store) => {
      const [a] = await created(
        store,
        create("a"),
        create("b", { end: FAILED }),
        create("x", {}, { stateMachineArn: OTHER }),
      );
      expect((await store.all(2)).map(({ executionArn }) => executionArn)).toEqual([arnOf("a"), arnOf("b")]);
      expect((await store.all(9, a)).map(({ executionArn }) => executionArn)).toEqual([arnOf("b"), arnOf("x", OTHER)]);
    });

    storeTest("a page that ends exactly has no cursor", async (store) => {
      await created(store, create("a"), create("b"));
      expect(await store.list({ stateMachineArn: MACHINE, limit: 2 })).not.toHaveProperty("cursor");
      expect(await store.list({ stateMachineArn: MACHINE, limit: 1 })).toHaveProperty("cursor");
      expect(await store.list({ stateMachineArn: OTHER, limit: 2 })).toEqual({ items: [] });
    });

    storeTest("by status, version, alias and redrive", async (store) => {
      const version = { stateMachineVersionArn: `${MACHINE}:1` };
      const alias = { ...version, stateMachineAliasArn: `${MACHINE}:live` };
      const [, , c] = await created(
        store,
        create("a", { end: SUCCEEDED }),
        create("b", {}, version),
        create("c", { end: FAILED }, alias),
      );
      await store.commit([advance("c", c as number, 1, { redrive: { redriveCount: 1, redriveDate: T0 + 1 } })]);
      const names = async (more: object): Promise<string[]> =>
        (await store.list({ stateMachineArn: MACHINE, limit: 10, ...more })).items.map((item) => item.name);
      expect(await names({ status: "SUCCEEDED" })).toEqual(["a"]);
      expect(await names({ status: "RUNNING" })).toEqual(["c", "b"]);
      expect(await names({ qualifiedArn: `${MACHINE}:1` })).toEqual(["c", "b"]);
      expect(await names({ qualifiedArn: `${MACHINE}:live`, status: "RUNNING" })).toEqual(["c"]);
      expect(await names({ qualifiedArn: `${MACHINE}:2` })).toEqual([]);
      expect(await names({ redrive: "REDRIVEN" })).toEqual(["c"]);
      expect(await names({ redrive: "NOT_REDRIVEN" })).toEqual(["b", "a"]);
    });

    storeTest("an item says what a list shows", async (store) => {
      await created(store, create("a", { end: SUCCEEDED }, { stateMachineVersionArn: `${MACHINE}:1` }));
      expect((await store.list({ stateMachineArn: MACHINE, limit: 1 })).items).toEqual([
        {
          executionArn: arnOf("a"),
          stateMachineArn: MACHINE,
          name: "a",
          status: "SUCCEEDED",
          startDate: T0,
          stopDate: T0 + 9,
          redriveCount: 0,
          stateMachineVersionArn: `${MACHINE}:1`,
        },
      ]);
    });

    storeTest("a cursor that is not one is refused", async (store) => {
      await expect(store.list({ stateMachineArn: MACHINE, limit: 1, cursor: "nonsense" })).rejects.toMatchObject({
        name: "InvalidToken",
      });
    });

    storeTest("running executions are counted and named, of one machine or of all", async (store) => {
      await created(
        store,
        create("a"),
        create("b", { end: FAILED }),
        create("c"),
        create("x", {}, { stateMachineArn: OTHER }),
      );
      expect([await store.countRunning(), await store.countRunning(MACHINE)]).toEqual([3, 2]);
      const [first] = await store.running(MACHINE, 1);
      expect(first?.executionArn).toBe(arnOf("a"));
      expect(await store.running(MACHINE, 5, first?.key)).toMatchObject([{ executionArn: arnOf("c") }]);
      const all = await store.running(undefined, 10);
      expect(all.map(({ executionArn }) => executionArn)).toContain(arnOf("c"));
      expect(all.map(({ key }) => key)).toEqual(all.map(({ key }) => key).sort((a, b) => a - b));
      expect(await store.running(undefined, 10, all[0]?.key)).toEqual(all.slice(1));
    });
  });

  describe("history", () => {
    async function withChunks(store: ExecutionStore): Promise<void> {
      const [key] = (await created(store, create("a"))) as [number];
      for (let i = 1; i <= 4; i++) {
        const firstId = i * 10 - 7;
        const history = [
          { firstId, lastId: firstId + 4, text: `${i}a` },
          { firstId: firstId + 5, lastId: firstId + 9, text: `${i}b` },
        ];
        await store.commit([advance("a", key, i, { history, lastEventId: firstId + 9 })]);
      }
    }
    const texts = async (store: ExecutionStore, from: number, limit: number, reverse: boolean): Promise<string[]> =>
      (await store.history(arnOf("a"), { from, limit, reverse })).map((chunk) => chunk.text);

    storeTest("chunks come in order from any event on, as many as are needed", async (store) => {
      await withChunks(store);
      expect(await texts(store, 1, 3, false)).toEqual(["first of a", "1a"]);
      expect(await texts(store, 7, 6, false)).toEqual(["1a", "1b"]);
      expect(await texts(store, 38, 100, false)).toEqual(["4b"]);
      expect(await texts(store, 43, 100, false)).toEqual([]);
    });

    storeTest("and backwards", async (store) => {
      await withChunks(store);
      expect(await texts(store, 42, 6, true)).toEqual(["4b", "4a"]);
      expect(await texts(store, Number.MAX_SAFE_INTEGER, 1, true)).toEqual(["4b"]);
      expect(await texts(store, 4, 100, true)).toEqual(["1a", "first of a"]);
      expect(await texts(store, 0, 100, true)).toEqual([]);
    });

    storeTest("an execution that is not there has none", async (store) => {
      expect(await store.history(arnOf("nobody"), { from: 1, limit: 5, reverse: false })).toEqual([]);
    });
  });

  describe("what is waited for", () => {
    storeTest("due executions come earliest first, in pages", async (store) => {
      await created(store, create("c", { wakeAt: T0 + 30 }), create("a", { wakeAt: T0 + 10 }), create("n"));
      await created(store, create("b", { wakeAt: T0 + 20 }), create("b2", { wakeAt: T0 + 20 }));
      expect(await store.nextWake()).toBe(T0 + 10);
      const all = await store.due(T0 + 29, 10);
      expect(all.map(({ executionArn, wakeAt }) => [executionArn, wakeAt - T0])).toEqual([
        [arnOf("a"), 10],
        [arnOf("b"), 20],
        [arnOf("b2"), 20],
      ]);
      expect(await store.due(T0 + 29, 2)).toEqual(all.slice(0, 2));
      expect(await store.due(T0 + 29, 10, all[1])).toEqual(all.slice(2));
      expect(await store.due(T0 + 9, 10)).toEqual([]);
    });

    storeTest("executions with outstanding tasks come in pages", async (store) => {
      const keys = await created(
        store,
        create("a", { outstandingTasks: 1 }),
        create("b"),
        create("c", { outstandingTasks: 3 }),
      );
      expect((await store.outstanding(10)).map(({ executionArn }) => executionArn)).toEqual([arnOf("a"), arnOf("c")]);
      expect(await store.outstanding(1)).toEqual([{ key: keys[0], executionArn: arnOf("a") }]);
      expect(await store.outstanding(10, keys[0])).toEqual([{ key: keys[2], executionArn: arnOf("c") }]);
    });

    storeTest("submitted tasks keep their handles until they are settled", async (store) => {
      const submitted = [{ taskId: 1, handle: '{"job":7}' }, { taskId: 2 }];
      const [key] = (await created(store, create("a", { tasksSubmitted: submitted }))) as [number];
      expect((await store.load([arnOf("a")]))[0]?.submittedTasks).toEqual(submitted);
      await store.commit([advance("a", key, 1, { tasksSettled: [1, 99] })]);
      expect((await store.load([arnOf("a")]))[0]?.submittedTasks).toEqual([{ taskId: 2 }]);
    });

    storeTest("activity tasks queue in order of their commits, and leave when removed", async (store) => {
      const queued = (...taskIds: number[]): Partial<ExecutionCommit> => ({
        activityTasksQueued: taskIds.map((taskId) => ({ activityArn: ACTIVITY, taskId })),
      });
      const [a] = (await created(store, create("a", queued(1, 2)), create("b", queued(1)))) as [number];
      const all = await store.activityTasks(ACTIVITY, 10);
      expect(all.map(({ executionArn, taskId }) => [executionArn, taskId])).toEqual([
        [arnOf("a"), 1],
        [arnOf("a"), 2],
        [arnOf("b"), 1],
      ]);
      expect(await store.activityTasks(ACTIVITY, 10, all[0]?.position)).toEqual(all.slice(1));
      expect(await store.activityTasks(ACTIVITY, 1)).toEqual(all.slice(0, 1));
      await store.commit([advance("a", a, 1, { activityTasksRemoved: [1] })]);
      expect(await store.activityTasks(ACTIVITY, 10)).toEqual(all.slice(1));
      expect(await store.activityTasks(`${ACTIVITY}2`, 10)).toEqual([]);
    });
  });

  describe("the outbox", () => {
    storeTest("keeps what commits announced, in order, until it is taken off", async (store) => {
      const [a] = (await created(
        store,
        create("a", { announcements: ["a started", "a ended ä😀"] }),
        create("b", { announcements: ["b started"] }),
        create("c"),
      )) as [number];
      await store.commit([advance("a", a, 1, { announcements: ["a again"] })]);
      const all = await store.announcements(10);
      expect(all.map(({ text }) => text)).toEqual(["a started", "a ended ä😀", "b started", "a again"]);
      expect(await store.announcements(2)).toEqual(all.slice(0, 2));
      await store.forgetAnnouncements([all[0]?.position, all[2]?.position, 999_999].map(Number));
      expect((await store.announcements(10)).map(({ text }) => text)).toEqual(["a ended ä😀", "a again"]);
    });

    storeTest("is read from any place on, and at places", async (store) => {
      await created(store, ...["a", "b", "c", "d"].map((name) => create(name, { announcements: [name] })));
      const all = await store.announcements(10);
      const positions = all.map(({ position }) => position);
      expect(await store.announcements(10, positions[1])).toEqual(all.slice(2));
      expect(await store.announcements(1, positions[1])).toEqual(all.slice(2, 3));
      expect(await store.announcements(10, positions[3])).toEqual([]);
      expect(await store.countAnnouncements()).toBe(4);
      await store.forgetAnnouncements([positions[2] as number]);
      const asked = [999_999, positions[3], positions[2], positions[0]].map(Number);
      expect(await store.announcementsAt(asked)).toEqual([all[0], all[3]]);
      expect(await store.announcementsAt([])).toEqual([]);
      expect(await store.countAnnouncements()).toBe(3);
    });

    storeTest("is read whole in pages, however long its texts are", async (store) => {
      const long = Array.from({ length: 60 }, (_, i) => `${i} ${"ä".repeat(250_000)}`);
      await created(store, create("a", { announcements: long }));
      const read: string[] = [];
      for (let page = await store.announcements(50); page.length > 0; ) {
        read.push(...page.map(({ text }) => text));
        page = await store.announcements(50, page.at(-1)?.position);
      }
      expect(read.map((text) => text.slice(0, 3))).toEqual(long.map((text) => text.slice(0, 3)));
    });

    storeTest("holds nothing of a commit that was refused", async (store) => {
      await created(store, create("a"));
      const both = [create("b", { announcements: ["b"] }), create("a", { announcements: ["a"] })];
      await expect(store.commit(both)).rejects.toThrow(CommitConflict);
      expect(await store.announcements(10)).toEqual([]);
    });
  });

  describe("jobs to stop", () => {
    const job = (taskId: number, handle?: string) => ({
      taskId,
      since: T0 + taskId,
      request: `{"taskId":${taskId},"input":"ä\\u0000😀"}`,
      ...(handle === undefined ? {} : { handle }),
    });

    storeTest("outlive their execution, until they are taken off", async (store) => {
      const [a, b] = (await created(store, create("a"), create("b"))) as [number, number];
      await store.commit([
        advance("b", b, 1, { jobsToStop: [job(7, "h7")] }),
        advance("a", a, 1, { jobsToStop: [job(9), job(3, "h3")], end: FAILED }),
      ]);
      const all = [
        { ...job(3, "h3"), key: a },
        { ...job(9), key: a },
        { ...job(7, "h7"), key: b },
      ];
      expect(await store.jobsToStop(10)).toEqual(all);
      expect(await store.jobsToStop(2)).toEqual(all.slice(0, 2));
      expect(await store.jobsToStop(10, { key: a, taskId: 3 })).toEqual(all.slice(1));
      expect(await store.jobsToStop(1, { key: a, taskId: 8 })).toEqual(all.slice(1, 2));
      await store.delete([arnOf("a")]);
      await store.forgetJobsToStop([
        { key: a, taskId: 9 },
        { key: b, taskId: 999 },
      ]);
      expect(await store.jobsToStop(10)).toEqual([all[0], all[2]]);
      await store.commit([advance("b", b, 2, { jobsToStop: [job(7, "again")] })]);
      expect((await store.jobsToStop(10)).map(({ handle }) => handle)).toEqual(["h3", "again"]);
    });

    storeTest("hold nothing of a commit that was refused", async (store) => {
      await created(store, create("a"));
      const both = [create("b", { jobsToStop: [job(1)] }), create("a", { jobsToStop: [job(1)] })];
      await expect(store.commit(both)).rejects.toThrow(CommitConflict);
      expect(await store.jobsToStop(10)).toEqual([]);
    });
  });

  describe("search", () => {
    const CHILD = `${MACHINE}/each`;
    const ALL = { limit: 100, examinedMax: 10_000 };
    const names = ({ items }: ExecutionSearchPage): string[] => items.map(({ name }) => name);
    const failedWith = (error: string): Partial<ExecutionCommit> => ({ end: { ...FAILED, error } });

    async function filled(store: ExecutionStore): Promise<void> {
      await created(store, create("pay-1", {}, { startedAt: T0 }));
      await created(store, create("pay-2", { end: SUCCEEDED }, { startedAt: T0 + 120_000 }));
      await created(store, create("ship-1", failedWith("Card.Declined"), { startedAt: T0 + 240_000 }));
      await created(
        store,
        create("pay-3", failedWith("States.Timeout"), { startedAt: T0 + 300_000, stateMachineArn: CHILD }),
      );
      await created(store, create("pay-4", failedWith("card"), { startedAt: T0 + 360_000, stateMachineArn: OTHER }));
      await created(store, create("äx", { end: SUCCEEDED }, { startedAt: T0 + 480_000, stateMachineArn: OTHER }));
    }

    storeTest("shows all machines but children of map runs, newest first", async (store) => {
      await filled(store);
      const page = await store.search(ALL);
      expect(names(page)).toEqual(["äx", "pay-4", "ship-1", "pay-2", "pay-1"]);
      expect(page.next).toBeUndefined();
      expect(page.items[2]).toMatchObject({
        executionArn: arnOf("ship-1"),
        stateMachineArn: MACHINE,
        status: "FAILED",
        startDate: T0 + 240_000,
        stopDate: FAILED.stopDate,
        redriveCount: 0,
        error: "Card.Declined",
      });
      expect(names(await store.search({ ...ALL, stateMachineArn: CHILD }))).toEqual(["pay-3"]);
      expect(names(await store.search({ ...ALL, stateMachineArn: OTHER }))).toEqual(["äx", "pay-4"]);
      expect(names(await store.search({ ...ALL, stateMachineArn: `${MACHINE}x` }))).toEqual([]);
    });

    storeTest("conditions hold together", async (store) => {
      await filled(store);
      const found = async (query: Partial<ExecutionSearch>): Promise<string[]> =>
        names(await store.search({ ...ALL, ...query }));
      expect(await found({ statuses: ["SUCCEEDED", "RUNNING"] })).toEqual(["äx", "pay-2", "pay-1"]);
      expect(await found({ statuses: [] })).toEqual([]);
      expect(await found({ namePrefix: "pay" })).toEqual(["pay-4", "pay-2", "pay-1"]);
      expect(await found({ namePrefix: "Pay" })).toEqual([]);
      expect(await found({ namePrefix: "ä" })).toEqual(["äx"]);
      expect(await found({ errorPart: "ard" })).toEqual(["pay-4", "ship-1"]);
      expect(await found({ errorPart: "Card" })).toEqual(["ship-1"]);
      expect(await found({ errorPart: "%" })).toEqual([]);
      expect(await found({ namePrefix: "pay", errorPart: "ard", statuses: ["FAILED"] })).toEqual(["pay-4"]);
      expect(await found({ startedFrom: T0 + 120_000, startedBefore: T0 + 360_000 })).toEqual(["ship-1", "pay-2"]);
      expect(await found({ startedBefore: T0 })).toEqual([]);
      expect(await found({ startedFrom: T0 + 480_001 })).toEqual([]);
    });

    storeTest("carries the payload that is to be looked into", async (store) => {
      await filled(store);
      const inputs = await store.search({ ...ALL, payload: "input", namePrefix: "pay-1" });
      expect(inputs.items[0]?.payload).toBe('{"name":"pay-1"}');
      const outputs = await store.search({ ...ALL, payload: "output" });
      expect(outputs.items.map(({ name, payload }) => [name, payload])).toEqual([
        ["äx", '"done"'],
        ["pay-2", '"done"'],
      ]);
    });

    storeTest("pages go on where they ended, bounded in rows looked at", async (store) => {
      await filled(store);
      for (const query of [{}, { statuses: ["FAILED"] as const }, { namePrefix: "pay" }, { errorPart: "Card" }]) {
        const whole = names(await store.search({ ...ALL, ...query }));
        for (const bounds of [
          { limit: 1, examinedMax: 10 },
          { limit: 3, examinedMax: 1 },
          { limit: 2, examinedMax: 2 },
        ]) {
          const paged: string[] = [];
          let before: ExecutionKey | undefined;
          for (let pages = 0; pages < 20; pages++) {
            const at = before === undefined ? {} : { before };
            const page = await store.search({ ...query, ...bounds, ...at });
            expect(page.items.length).toBeLessThanOrEqual(bounds.limit);
            expect(page.examined).toBeLessThanOrEqual(bounds.examinedMax);
            paged.push(...names(page));
            before = page.next;
            if (before === undefined) break;
          }
          expect(before).toBeUndefined();
          expect(paged).toEqual(whole);
        }
      }
    });
  });

  describe("forks", () => {
    const FORK_OF = { executionArn: arnOf("a"), eventId: 7, stateName: "Pay" };

    storeTest("know their original, and it knows them", async (store) => {
      await created(store, create("a", { end: FAILED }));
      await created(store, create("f1", {}, { forkOf: FORK_OF, forkContext: '{"first":1}' }));
      await created(store, create("f2", { end: SUCCEEDED }, { forkOf: { ...FORK_OF, executionArn: arnOf("f1") } }));
      await created(store, create("f3", {}, { forkOf: { ...FORK_OF, eventId: 9 } }), create("b"));
      expect((await store.describe(arnOf("f1")))?.start).toEqual(
        start("f1", { forkOf: FORK_OF, forkContext: '{"first":1}' }),
      );
      expect((await store.load([arnOf("f3")]))[0]?.start.forkOf?.eventId).toBe(9);
      expect(await store.forks(arnOf("a"), 10)).toEqual([arnOf("f1"), arnOf("f3")]);
      expect(await store.forks(arnOf("a"), 1)).toEqual([arnOf("f1")]);
      expect(await store.forks(arnOf("f1"), 10)).toEqual([arnOf("f2")]);
      expect(await store.forks(arnOf("b"), 10)).toEqual([]);
      const { items } = await store.search({ limit: 10, examinedMax: 100, namePrefix: "f" });
      expect(items.map(({ forkOf }) => forkOf?.eventId)).toEqual([9, 7, 7]);
    });

    storeTest("outlive their original, and are not those of another of its name", async (store) => {
      await created(store, create("a", { end: FAILED }), create("f", {}, { forkOf: FORK_OF }));
      await store.delete([arnOf("a")]);
      expect((await store.describe(arnOf("f")))?.start.forkOf).toEqual(FORK_OF);
      await created(store, create("a"));
      expect(await store.forks(arnOf("a"), 10)).toEqual([]);
    });

    storeTest("are forgotten with themselves", async (store) => {
      await created(store, create("a"), create("f", { end: SUCCEEDED }, { forkOf: FORK_OF }));
      await store.delete([arnOf("f")]);
      expect(await store.forks(arnOf("a"), 10)).toEqual([]);
    });
  });

  describe("retention", () => {
    storeTest("ended executions are deleted in slices, running and younger ones stay", async (store) => {
      const ended = (stopDate: number): Partial<ExecutionCommit> => ({ end: { ...SUCCEEDED, stopDate } });
      await created(
        store,
        create("old1", ended(T0 + 1)),
        create("running"),
        create("old2", ended(T0 + 2)),
        create("young", ended(T0 + 50)),
        create("old3", ended(T0 + 3)),
      );
      const first = await store.deleteEnded(T0 + 10, 2);
      expect(first).toMatchObject({ deleted: 1, next: expect.any(Number) });
      expect(await store.deleteEnded(T0 + 10, 10, first.next)).toEqual({ deleted: 2 });
      const { items } = await store.list({ stateMachineArn: MACHINE, limit: 10 });
      expect(items.map((item) => item.name)).toEqual(["young", "running"]);
      expect(await store.history(arnOf("old1"), { from: 1, limit: 5, reverse: false })).toEqual([]);
      expect((await store.history(arnOf("running"), { from: 1, limit: 5, reverse: false })).length).toBe(1);
    });
  });
}
