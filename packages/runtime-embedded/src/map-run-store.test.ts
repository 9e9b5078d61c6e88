import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BegunChild, MapRunConflict } from "@stepwell/engine";
import { MAP_RUN_STORE_CASES } from "@stepwell/engine/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { openMapRunStore } from "./map-run-store.ts";

let dataDir: string;
let database: Database;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "stepwell-map-runs-"));
  database = openDatabase({ dataDir });
});
afterEach(() => {
  database.close();
  rmSync(dataDir, { recursive: true, force: true });
});

describe("the tables of map runs keep the contract of MapRunStore", () => {
  test.each(MAP_RUN_STORE_CASES)("$name", async ({ run }) => {
    await run(openMapRunStore(database), () => {
      database.close();
      database = openDatabase({ dataDir });
      return openMapRunStore(database);
    });
  });
});

test("large commits of children that have succeeded are written by another thread, and refused as others are", async () => {
  // Only commits of the other thread are told of here.
  const written = vi.spyOn(database.sharing ?? expect.fail("the database is a file"), "noteWritten");
  const store = openMapRunStore(database);
  const mapRunArn = "arn:aws:states:us-east-1:123456789012:mapRun:m/M:1";
  let run = await store.create({
    mapRunArn,
    executionArn: "arn:aws:states:us-east-1:123456789012:execution:m:e",
    stateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:m/M",
    stateMachineName: "m/M",
    stateName: "M",
    executionType: "EXPRESS",
    roleArn: "role",
    revisionKey: "r",
    startDate: 1,
    limits: { maxConcurrency: 0, toleratedFailureCount: 0, toleratedFailurePercentage: 0 },
  });
  const input = JSON.stringify("x".repeat(200));
  const children = (first: number): BegunChild[] =>
    Array.from({ length: 1_000 }, (_, i) => ({
      index: first + i,
      firstItem: first + i,
      items: 1,
      startedAt: 5,
      generation: 0,
      input,
      end: { status: "SUCCEEDED", stoppedAt: 6, output: input },
    }));
  let index = 0;
  // The thread is started by the first that is large enough, and takes those that come when it has begun.
  await vi.waitFor(
    async () => {
      await store.commit({ run, begun: children(index) });
      run = { ...run, version: run.version + 1 };
      index += 1_000;
      expect(written).toHaveBeenCalled();
    },
    { timeout: 60_000, interval: 20 },
  );
  await expect(store.commit({ run: { ...run, version: run.version - 1 }, begun: children(index) })).rejects.toThrow(
    MapRunConflict,
  );
  await expect(store.commit({ run, begun: children(index - 1_000) })).rejects.toThrow(MapRunConflict);
  await store.commit({ run, begun: children(index) });
  const last = await store.children(run.key, { limit: 2, newestFirst: true, texts: true });
  expect(last.map(({ index, input, output }) => [index, input, output])).toEqual([
    [index + 999, input, input],
    [index + 998, input, input],
  ]);
  expect((await store.count(run.key)).children.SUCCEEDED).toBe(index + 1_000);
});
