import { afterEach, expect, test, vi } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { startHousekeeping } from "./housekeeping.ts";

let database: Database;
afterEach(() => {
  vi.useRealTimers();
  database.close();
});

function withFreeRoom(megabytes: number): Database {
  database = openDatabase({ dataDir: ":memory:" });
  database.exec("CREATE TABLE t (v TEXT) STRICT");
  database.transaction(() => {
    for (let i = 0; i < megabytes; i++) database.prepare("INSERT INTO t VALUES (?)").run("x".repeat(1_048_576));
  });
  database.transaction(() => database.prepare("DELETE FROM t").run());
  return database;
}

test("a round deletes what has expired and gives room back, but keeps some for what comes", async () => {
  const deleteExpired = vi.fn(async () => 1);
  const house = startHousekeeping(withFreeRoom(40), { deleteExpired, onProblem: expect.unreachable });
  await Promise.all([house.run(), house.run()]);
  house.stop();
  expect(deleteExpired).toHaveBeenCalledOnce();
  const { freeBytes } = database.size();
  expect(freeBytes).toBeGreaterThan(14 * 1_048_576);
  expect(freeBytes).toBeLessThanOrEqual(16 * 1_048_576);
});

test("it goes on by itself, and after something went wrong", async () => {
  vi.useFakeTimers();
  const problems: unknown[] = [];
  const deleteExpired = vi.fn(async () => 0).mockRejectedValueOnce(new Error("away"));
  const house = startHousekeeping(withFreeRoom(1), { deleteExpired, onProblem: (problem) => problems.push(problem) });
  await vi.advanceTimersByTimeAsync(2 * 3_600_000);
  expect(deleteExpired).toHaveBeenCalledTimes(2);
  expect(problems).toHaveLength(1);
  house.stop();
  await vi.advanceTimersByTimeAsync(10 * 3_600_000);
  expect(deleteExpired).toHaveBeenCalledTimes(2);
});
