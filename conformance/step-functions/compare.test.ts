import type { Json } from "@stepwell/core";
import { describe, expect, test } from "vitest";
import { agrees, type Comparison, compareBags, compareJson } from "./compare.ts";
import { createPlaceholderTable } from "./placeholders.ts";
import type { ComparisonRules, Placeholder } from "./recorded-case.ts";

function comparison(
  placeholders: { [token: string]: Placeholder } = {},
  rules: Partial<ComparisonRules> = {},
): Comparison {
  const all = { placeholders, ignore_keys: ["skip"], optional_keys: ["redriveCount"], concurrent: false, ...rules };
  return { rules: all, placeholders: createPlaceholderTable(placeholders, (template) => template.toUpperCase()) };
}

function same(expected: Json, actual: Json, setting: Comparison = comparison()): boolean {
  return compareJson(expected, actual, setting).length === 0;
}

describe("members", () => {
  test("ignored ones count on neither side, optional ones only where recorded", () => {
    expect(same({ a: 1, skip: 1 }, { a: 1 })).toBe(true);
    expect(same({ a: 1 }, { a: 1, skip: { b: 2 } })).toBe(true);
    expect(same({ a: 1 }, { a: 1, redriveCount: 0 })).toBe(true);
    expect(same({ a: 1, redriveCount: 0 }, { a: 1, redriveCount: 1 })).toBe(false);
    expect(same({ a: 1, redriveCount: 0 }, { a: 1 })).toBe(false);
  });

  test('null is not absence, 1.0 is 1, true is not 1 and "1" is not 1', () => {
    expect(same({ a: null }, {})).toBe(false);
    expect(same(JSON.parse("1.0"), 1)).toBe(true);
    expect(same(true, 1)).toBe(false);
    expect(same(1, "1")).toBe(false);
  });

  test("a name may hold a placeholder", () => {
    const setting = comparison({ "<name>": { kind: "same", value: "n" } });
    expect(same({ "x<name>": 1 }, { xN: 1 }, setting)).toBe(true);
    expect(same({ "x<name>": 1 }, { xM: 1 }, setting)).toBe(false);
  });
});

describe("texts that hold JSON", () => {
  test("are parsed where the recorder parsed them, at any depth", () => {
    expect(same({ input: { a: { b: [1] } } }, { input: '{"a": "{\\"b\\":[1]}"}' })).toBe(true);
    expect(same({ input: [1] }, { input: "[ 1 ]" })).toBe(true);
    expect(same({ input: { a: 1 } }, { input: '{"a":2}' })).toBe(false);
  });

  test("are compared character by character elsewhere", () => {
    expect(same("[1, 2]", "[1,2]")).toBe(false);
    expect(same({ a: 1 }, "no JSON")).toBe(false);
  });

  test("array texts may be compact where the case tolerates it", () => {
    const setting = comparison({}, { tolerate: ["compact_texts"] });
    expect(same("[1, 2]", "[1,2]", setting)).toBe(true);
    expect(same("[1, 2]", "[1,3]", setting)).toBe(false);
    expect(same('{"a": 2}', '{"a":2}', setting)).toBe(false);
  });

  test("any JSON text below a parsed key", () => {
    const setting = comparison({}, { parsed_keys: ["output"] });
    expect(same({ output: "a" }, { output: '"a"' }, setting)).toBe(true);
    expect(same({ output: 3 }, { output: "3" }, setting)).toBe(true);
    expect(same({ other: 3 }, { other: "3" }, setting)).toBe(false);
  });
});

describe("placeholders", () => {
  test("any stands for anything, but only alone and not for absence", () => {
    const setting = comparison({ timestamp: { kind: "any" } });
    expect(same({ at: "timestamp" }, { at: 17.5 }, setting)).toBe(true);
    expect(same({ at: "timestamp" }, {}, setting)).toBe(false);
    expect(same("a timestamp", "a 17.5", setting)).toBe(false);
  });

  test("an open token is any text, then the same text throughout the case", () => {
    const setting = comparison({ "<uuid:1>": { kind: "same" }, "<uuid:10>": { kind: "same" } });
    expect(same("a <uuid:1> <uuid:1>", "a x y", setting)).toBe(false);
    expect(same("a <uuid:1> <uuid:1>", "a x x", setting)).toBe(true);
    expect(same(["<uuid:1>", "<uuid:10>"], ["x", "y"], setting)).toBe(true);
    expect(same("<uuid:1>", "y", setting)).toBe(false);
    expect(same("<uuid:1>", "", comparison({ "<uuid:1>": { kind: "same" } }))).toBe(false);
  });

  test("a failed comparison binds nothing when it is a trial", () => {
    const setting = comparison({ "<a>": { kind: "same" } });
    expect(agrees(["<a>", 1], ["x", 2], setting)).toBe(false);
    expect(agrees(["<a>", 1], ["y", 1], setting)).toBe(true);
    expect(agrees("<a>", "x", setting)).toBe(false);
  });

  test("fixed values, choices, patterns", () => {
    const setting = comparison({
      role: { kind: "same", value: "r.1" },
      either: { kind: "one_of", values: ["a", "b"] },
      "<id>": { kind: "pattern", pattern: "[a-z]+|[0-9]+" },
    });
    expect(same("is role", "is R.1", setting)).toBe(true);
    expect(same("is role", "is R_1", setting)).toBe(false);
    expect(same(["either", "either"], ["A", "B"], setting)).toBe(true);
    expect(same("either", "C", setting)).toBe(false);
    expect(same(["<id>!", "<id>"], ["abc!", "123"], setting)).toBe(true);
    expect(same("<id>!", "abc-!", setting)).toBe(false);
  });

  test("date as a whole word is an ISO-8601 time; AWS's own words with it stay", () => {
    const setting = comparison({ date: { kind: "iso8601", any: true } });
    expect(same("on date.", "on 2026-01-31T12:00:00.123Z.", setting)).toBe(true);
    expect(same("on date.", "on Saturday.", setting)).toBe(false);
    expect(same("update", "up2026-01-31T12:00:00Z", setting)).toBe(false);
    expect(same("offset date-time", "offset date-time", setting)).toBe(true);
    expect(same("date", 5, setting)).toBe(true);
  });
});

describe("lists", () => {
  test("keep their order, unless below an unordered member", () => {
    expect(same([1, 2], [2, 1])).toBe(false);
    const setting = comparison({}, { unordered_under: ["refs"] });
    expect(same({ refs: { A: ["x", "y"] } }, { refs: { A: ["y", "x"] } }, setting)).toBe(true);
    expect(same({ refs: { A: ["x", "x"] } }, { refs: { A: ["y", "x"] } }, setting)).toBe(false);
    expect(same({ list: ["x", "y"] }, { list: ["y", "x"] }, setting)).toBe(false);
  });

  test("bags are paired with one meaning of the placeholders", () => {
    const setting = (): Comparison => comparison({ "<a>": { kind: "same" } });
    expect(compareBags([{ n: "<a>" }, { m: "<a>" }], [{ m: "1" }, { n: "1" }], setting(), false)).toEqual([]);
    expect(compareBags([{ n: "<a>" }, { m: "<a>" }], [{ m: "2" }, { n: "1" }], setting(), false)).toHaveLength(1);
    expect(compareBags([1], [2, 1], setting(), true)).toEqual([]);
    expect(compareBags([1], [2, 1], setting(), false)).toHaveLength(1);
  });
});

test("an SDK attempt count is tolerated only where the case says so", () => {
  const [recorded, newer] = ["gone (Service: S3)", "gone (Service: S3) (SDK Attempt Count: 1)"];
  expect(same(recorded, newer)).toBe(false);
  expect(same(recorded, newer, comparison({}, { tolerate: ["sdk_attempts"] }))).toBe(true);
});
