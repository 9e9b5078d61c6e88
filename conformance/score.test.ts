import { expect, test } from "vitest";
import { compareWithBest } from "./score.ts";

const best = { jsonata: { passed: 10, failed: 2 } };

test("as many passes as recorded are enough", () => {
  expect(compareWithBest("jsonata", { passed: 10, failed: 5 }, best)).toBeUndefined();
  expect(compareWithBest("jsonata", { passed: 11, failed: 0 }, best)).toBeUndefined();
});

test("fewer passes than recorded are a complaint that names both numbers", () => {
  expect(compareWithBest("jsonata", { passed: 9, failed: 0 }, best)).toMatch(
    /^jsonata: 9 cases pass, but 10 did before/,
  );
});

test("a suite without a recorded score passes, whatever its name", () => {
  expect(compareWithBest("constructor", { passed: 0, failed: 7 }, best)).toBeUndefined();
});
