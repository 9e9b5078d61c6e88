import { expect, test } from "vitest";
import { ExecutionKeys, SLOTS } from "./execution-keys.ts";

test("keys grow, differ between nodes, and are whole numbers for decades", () => {
  const [one, other] = [new ExecutionKeys(), new ExecutionKeys()];
  const keys: number[] = [];
  for (let i = 0; i < 10_000; i++) keys.push(one.next(0), other.next(SLOTS - 1));
  expect(new Set(keys).size).toBe(keys.length);
  const ofOne = keys.filter((_, i) => i % 2 === 0);
  expect(ofOne).toEqual([...ofOne].sort((a, b) => a - b));
  // The largest of the year 2060.
  expect((2 ** 40 - 1) * SLOTS * 64 + SLOTS * 64).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER + 1);
});
