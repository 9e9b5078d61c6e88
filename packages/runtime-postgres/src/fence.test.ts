import { expect, test } from "vitest";
import { SHARDS, shardOf } from "./fence.ts";

const arn = (name: string): string => `arn:aws:states:eu-west-1:123456789012:execution:${name}`;

test("shards are stored: an ARN has the same one for ever", () => {
  expect(["a", "orders:1", "ä😀"].map((name) => shardOf(arn(name)))).toEqual([57, 93, 25]);
});

test("executions are spread evenly", () => {
  const counts = new Array<number>(SHARDS).fill(0);
  for (let i = 0; i < SHARDS * 1_000; i++) {
    const shard = shardOf(arn(`m:e${i}`));
    counts[shard] = (counts[shard] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(800);
  expect(Math.max(...counts)).toBeLessThan(1_200);
});
