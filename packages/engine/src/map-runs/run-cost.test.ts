import { expect, test } from "vitest";
import { RunCost } from "./run-cost.ts";

test("children are worth sending when they take longer than their way", () => {
  const cost = new RunCost();
  expect(cost.isWorthSending, "nothing was seen").toBe(false);
  cost.saw(1, 2, 10);
  expect(cost.isWorthSending, "two milliseconds say nothing").toBe(false);
  cost.saw(9, 23, 90);
  expect(cost.isWorthSending, "2.5 ms each").toBe(true);
  expect(cost.packSize).toBe(20);
});

test("short children, and those whose texts take as long as they do, are not", () => {
  const short = new RunCost();
  short.saw(2_500, 25, 100_000);
  expect(short.isWorthSending).toBe(false);
  const long = new RunCost();
  long.saw(100, 25, 2_000_000);
  expect(long.isWorthSending).toBe(false);
});

test("what was seen lately counts most", () => {
  const cost = new RunCost();
  cost.saw(10, 500, 100);
  expect(cost.packSize).toBe(1);
  for (let i = 0; i < 20; i++) cost.saw(1_000, 25, 1_000);
  expect(cost.isWorthSending).toBe(false);
  expect(cost.packSize).toBe(256);
});
