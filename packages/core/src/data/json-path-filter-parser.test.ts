import { describe, expect, test } from "vitest";
import type { Json } from "../json.ts";
import { compileJsonPath, type PathResult } from "./json-path.ts";

function kept(filter: string, items: readonly Json[], more: { readonly [key: string]: Json } = {}): PathResult {
  return compileJsonPath(`$.items[?(${filter})]`).read({ items, ...more });
}

function values(filter: string, items: readonly Json[], more: { readonly [key: string]: Json } = {}): Json | undefined {
  const result = kept(filter, items, more);
  return result.found ? result.value : undefined;
}

describe("comparisons", () => {
  test("quotes around a string are not needed", () => {
    expect(values("@.k == VENDOR", [{ k: "VENDOR" }, { k: "OTHER" }])).toEqual([{ k: "VENDOR" }]);
    expect(values("@.k == 'VENDOR'", [{ k: "VENDOR" }])).toEqual([{ k: "VENDOR" }]);
  });

  test("scalars are compared as the item itself", () => {
    expect(values("@ == 'b'", ["a", "b"])).toEqual(["b"]);
    expect(values("@ >= 2", [1, 2, 3])).toEqual([2, 3]);
  });

  test("numbers by value, strings by code units", () => {
    expect(values("@ == 1.50", [1.5])).toEqual([1.5]);
    expect(values("@ < 1e1", [9, 10])).toEqual([9]);
    expect(values("@ < 'b'", ["B", "a", "b", "c"])).toEqual(["B", "a"]);
    // A string beside an unquoted number is still compared as text.
    expect(values("@ < 5", ["10", "7"])).toEqual(["10"]);
  });

  test("booleans and null", () => {
    expect(values("@.b == true", [{ b: true }, { b: false }])).toEqual([{ b: true }]);
    expect(values("@.b != true", [{ b: true }, { b: false }])).toEqual([{ b: false }]);
    expect(values("@.b == null", [{ b: null }, { b: 1 }, {}])).toEqual([{ b: null }]);
    expect(values("@.b > 0", [{ b: null }, { b: 1 }])).toEqual([{ b: 1 }]);
  });

  test("a missing member or one of another type makes every comparison false", () => {
    expect(values("@.a == 1", [{}, 5])).toEqual([]);
    expect(values("@.a != x", [{ a: {} }, { a: [] }])).toEqual([]);
  });

  test("both sides may be paths, of the item or of the document", () => {
    expect(
      values("@.a == @.b", [
        { a: 1, b: 1 },
        { a: 1, b: 2 },
      ]),
    ).toEqual([{ a: 1, b: 1 }]);
    expect(values("@.a <= $.max", [{ a: 1 }, { a: 3 }], { max: 2 })).toEqual([{ a: 1 }]);
    expect(values("1 == @.a", [{ a: "1" }])).toEqual([{ a: "1" }]);
  });

  test("a number beside a text that is none fails the read, as Java's NumberFormatException does", () => {
    expect(kept("@.a == 'x'", [{ a: 1 }])).toEqual({
      found: false,
      message: "The text 'x' can not be compared with a number",
    });
  });
});

describe("existence", () => {
  test("null does not exist", () => {
    expect(values("@.a", [{ a: 0 }, { a: null }, {}])).toEqual([{ a: 0 }]);
    expect(values("!@.a", [{ a: 0 }, { a: null }, {}])).toEqual([{ a: null }, {}]);
  });
});

describe("logic", () => {
  const items = ["", "a", "b", "c", "ab", "bc", "abc"].map(
    (names): Json => Object.fromEntries([...names].map((name) => [name, 1])),
  );
  const named = (filter: string): unknown =>
    (values(filter, items) as readonly object[]).map((item) => Object.keys(item).join(""));

  test("&& binds before ||", () => {
    expect(named("@.a && @.b || @.c")).toEqual(["c", "ab", "bc", "abc"]);
    expect(named("@.a || @.b && @.c")).toEqual(["a", "ab", "bc", "abc"]);
    expect(named("@.a && @.b && @.c || @.b && !@.a")).toEqual(["b", "bc", "abc"]);
    expect(named("@.a || @.b || @.c")).toEqual(["a", "b", "c", "ab", "bc", "abc"]);
  });

  test("round brackets have no effect, as in Jayway 2.0.0", () => {
    expect(named("(@.a || @.b) && @.c")).toEqual(named("@.a || @.b && @.c"));
  });
});

describe("regular expressions", () => {
  test("they match the whole text, on either side, with the flag i", () => {
    expect(values("@ =~ /a.c/", ["abc", "abcd", 1])).toEqual(["abc"]);
    expect(values("/[0-9]+/ =~ @", ["12", 34, "x"])).toEqual(["12", 34]);
    expect(values("@ =~ /ABC/i", ["abc", null, {}])).toEqual(["abc"]);
  });

  test("without slashes the read fails, as Java's ClassCastException does", () => {
    expect(kept("@ =~ 'a'", ["a"]).found).toBe(false);
  });

  test("what needs backtracking is refused when the path is compiled", () => {
    expect(() => kept("@ =~ /(a)\\1/", [])).toThrow(/not a supported regular expression/);
    expect(() => kept("@ =~ /(?=a)b/", [])).toThrow(/not a supported regular expression/);
  });

  test("patterns that explode elsewhere take linear time", () => {
    expect(values("@ =~ /(a+)+b/", ["a".repeat(50_000)])).toEqual([]);
  });
});

test("the placeholder [?] fails only when there is something to filter", () => {
  expect(compileJsonPath("$[?]").read([])).toEqual({ found: true, value: [] });
  expect(compileJsonPath("$[?]").read([1]).found).toBe(false);
});
