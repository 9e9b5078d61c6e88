import { describe, expect, test } from "vitest";
import { StatesErrorSignal } from "../errors/states-error.ts";
import type { Json } from "../json.ts";
import { JsonPathSyntaxError } from "./json-path.ts";
import { compileReferencePath } from "./reference-path.ts";

function write(text: string, document: Json, value: Json): Json {
  return compileReferencePath(text).write(document, value);
}

function failureOf(text: string, document: Json): StatesErrorSignal["statesError"] {
  try {
    write(text, document, 1);
  } catch (error) {
    if (error instanceof StatesErrorSignal) return error.statesError;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("syntax", () => {
  test.each(["$", "$.a", "$.a-b_c", "$['a b']['c:d*@?']", "$.a[0][12].b", "$.a.['b']", "$[1]", "$.ünïcode"])(
    "%s is a reference path",
    (text) => {
      expect(compileReferencePath(text).text).toBe(text);
    },
  );

  test.each([
    "a",
    "$$.a",
    "$a",
    "$.a[*]",
    "$.*",
    "$..a",
    "$.a[1:]",
    "$.a[0,1]",
    "$.a[-1]",
    "$.a[(@.length-1)]",
    "$['a','b']",
    "$.a[?(@.b)]",
    "$.a.length()",
    "$.a@b",
    "$.a:b",
  ])("%s is none", (text) => {
    expect(() => compileReferencePath(text)).toThrow(JsonPathSyntaxError);
  });
});

describe("write", () => {
  test("the whole document is replaced by $", () => {
    expect(write("$", { a: 1 }, [2])).toEqual([2]);
  });

  test("members are added, replaced and, on the way, made", () => {
    expect(write("$.b", { a: 1 }, 2)).toEqual({ a: 1, b: 2 });
    expect(write("$.a", { a: 1, b: 2 }, 3)).toEqual({ a: 3, b: 2 });
    expect(write("$.x.y['z']", { a: 1 }, 2)).toEqual({ a: 1, x: { y: { z: 2 } } });
  });

  test("an item that exists is replaced", () => {
    expect(write("$.a[1].b", { a: [0, { b: 1, c: 2 }] }, 3)).toEqual({ a: [0, { b: 3, c: 2 }] });
  });

  test("the document stays as it was and the rest of it is shared", () => {
    const document = { a: { deep: [1] }, b: { c: 1 } };
    const written = write("$.b.c", document, 2) as typeof document;
    expect(document).toEqual({ a: { deep: [1] }, b: { c: 1 } });
    expect(written.a).toBe(document.a);
  });

  test.each<[string, Json]>([
    ["$.a", "text"],
    ["$.a", [1]],
    ["$.a", null],
    ["$.a.b", { a: 5 }],
    ["$.a.b", { a: null }],
    ["$.a[0]", { a: {} }],
    ["$.a[1]", { a: [1] }],
    ["$.a[0]", {}],
  ])("%s on %j fails", (text, document) => {
    expect(failureOf(text, document)).toEqual({
      error: "States.ResultPathMatchFailure",
      cause: `Unable to apply ReferencePath ${text} to input ${JSON.stringify(document)}`,
    });
  });

  test("a failure on a very deep document is still a failure", () => {
    const deep = JSON.parse(`{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`) as Json;
    expect(failureOf("$.a.b", deep).cause).toBe("Unable to apply ReferencePath $.a.b to input …");
  });

  test("__proto__ is a member like any other", () => {
    const written = write("$.__proto__.polluted", {}, true) as object;
    expect(Object.keys(written)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(written)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(write("$.b", JSON.parse('{"__proto__":1}') as Json, 2)).toEqual(JSON.parse('{"__proto__":1,"b":2}'));
  });
});

test("read gives Jayway's messages", () => {
  expect(compileReferencePath("$.a.b").read({ a: {} })).toEqual({
    found: false,
    message: "No results for path: $['a']['b']",
  });
  expect(compileReferencePath("$.a[1]").read({ a: [0, 1] })).toEqual({ found: true, value: 1 });
});
