import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionCommit } from "@stepwell/engine";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { openExecutionStore } from "./execution-store.ts";

let dataDir: string;
let database: Database;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "stepwell-thread-"));
  database = openDatabase({ dataDir });
});
afterEach(() => {
  database.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function create(name: string): ExecutionCommit {
  const prefix = "arn:aws:states:us-east-1:123456789012";
  return {
    executionArn: `${prefix}:execution:m:${name}`,
    over: {
      kind: "create",
      revisionKey: "r",
      start: {
        executionArn: `${prefix}:execution:m:${name}`,
        executionName: name,
        type: "STANDARD",
        stateMachineArn: `${prefix}:stateMachine:m`,
        stateMachineName: "m",
        roleArn: "role",
        startedAt: 1,
        input: JSON.stringify("x".repeat(10_000)),
      },
    },
    lastEventId: 1,
    history: [],
    parts: [],
    tasksSubmitted: [],
    tasksSettled: [],
    activityTasksQueued: [],
    activityTasksRemoved: [],
  };
}

test("another writer of the process has its turn while the thread commits without a pause", async () => {
  const store = openExecutionStore(database, { commitThread: true });
  database.exec("CREATE TABLE other (x INTEGER) STRICT");
  let stop = false;
  let commits = 0;
  const busy = async (worker: number): Promise<void> => {
    for (let i = 0; !stop; i++) {
      await store.commit([create(`${worker}-${i}`)]);
      commits += 1;
    }
  };
  const all = Promise.all([busy(1), busy(2), busy(3)]);
  await store.commit([create("the thread is up")]);
  let slowest = 0;
  for (let i = 0; i < 200; i++) {
    const begin = performance.now();
    database.transaction(() => database.prepare("INSERT INTO other VALUES (?)").run(i));
    slowest = Math.max(slowest, performance.now() - begin);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  stop = true;
  await all;
  expect(commits).toBeGreaterThan(20);
  expect(slowest).toBeLessThan(2_000);
  expect(await store.countRunning()).toBe(commits + 1);
});

test("closing waits for the commits that were sent, and leaves no log behind", async () => {
  const store = openExecutionStore(database, { commitThread: true });
  const sent = store.commit([create("last")]);
  database.close();
  expect(existsSync(join(dataDir, "stepwell.db-wal"))).toBe(false);
  await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, 100))]);
  database = openDatabase({ dataDir });
  expect(await openExecutionStore(database, { commitThread: false }).countRunning()).toBe(1);
});

test("after closing, commits are refused", async () => {
  const store = openExecutionStore(database, { commitThread: true });
  database.close();
  await expect(store.commit([create("late")])).rejects.toMatchObject({ reason: "closed" });
});

test("a commit that fails leaves nothing, and the next ones work", async () => {
  const store = openExecutionStore(database, { commitThread: true });
  await store.commit([create("first")]);
  const broken = store.commit([{ ...create("second"), lastEventId: Number.NaN }]);
  await expect(broken).rejects.toThrow();
  expect(await store.countRunning()).toBe(1);
  await store.commit([create("third")]);
});
