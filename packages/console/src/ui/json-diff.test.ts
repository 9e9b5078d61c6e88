import { expect, test } from "vitest";
import { diffLines, diffTexts, jsonLines, sameJson, unfoldJson } from "./json-diff.ts";

const shown = (lines: ReturnType<typeof diffLines>): readonly string[] =>
  lines.map(
    ({ mark, depth, key, text }) => `${mark}${"  ".repeat(depth)}${key === undefined ? "" : `${key}: `}${text}`,
  );

test("a value is written as indented lines", () => {
  expect(shown(jsonLines({ a: [1, "x"], b: {} }))).toEqual([
    " {",
    '   "a": [',
    "     1,",
    '     "x"',
    "   ],",
    '   "b": {}',
    " }",
  ]);
});

test("what was added, lost and changed is marked, and what is long and equal is folded", () => {
  const before = { kept: { a: 1, b: 2, c: 3, d: 4 }, changed: 1, lost: true };
  const after = { kept: { a: 1, b: 2, c: 3, d: 4 }, changed: 2, added: "x" };
  expect(shown(diffLines(before, after))).toEqual([
    " {",
    '   "kept": { … 4 members }',
    '-  "changed": 1',
    '+  "changed": 2',
    '-  "lost": true',
    '+  "added": "x"',
    " }",
  ]);
});

test("the order of members does not count, that of items does", () => {
  expect(sameJson({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
  expect(sameJson([1, 2], [2, 1])).toBe(false);
  expect(sameJson([], {})).toBe(false);
  expect(sameJson({ a: null }, {})).toBe(false);
});

test("JSON inside texts is unfolded, however often it was quoted", () => {
  const cause = JSON.stringify({ errorMessage: JSON.stringify({ code: 7 }), note: "{ no json" });
  expect(unfoldJson(cause)).toEqual({ errorMessage: { code: 7 }, note: "{ no json" });
  expect(unfoldJson("plain")).toBe("plain");
});

test("texts are compared line by line", () => {
  expect(diffTexts("a\nb\nc", "a\nx\nc").map(({ mark, text }) => mark + text)).toEqual([" a", "-b", "+x", " c"]);
  expect(diffTexts("same", "same")).toEqual([{ mark: " ", text: "same" }]);
});
