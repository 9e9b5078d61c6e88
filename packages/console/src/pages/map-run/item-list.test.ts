import { expect, test } from "vitest";
import { itemListProblem, rangesOf } from "./item-list.ts";

test("neighbours are one range", () => {
  expect(rangesOf([3, 17, 18, 19, 40])).toBe("3,17-19,40");
  expect(rangesOf([])).toBe("");
});

test("what is no list of items is said", () => {
  expect(itemListProblem("3, 17-20", 100)).toBeUndefined();
  expect(itemListProblem("3,,4", 100)).toMatch(/empty/i);
  expect(itemListProblem("20-17", 100)).toMatch(/ends before/);
  expect(itemListProblem("5-200", 100)).toMatch(/last item is 99/);
});
