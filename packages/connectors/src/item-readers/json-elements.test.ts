import type { Json } from "@stepwell/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonElementReader } from "./json-elements.ts";

function elementsOf(text: string, pointer?: string, options: { skip?: number; cuts?: readonly number[] } = {}) {
  const found: { values: Json[]; keys: string[] } = { values: [], keys: [] };
  const reader = new JsonElementReader(pointer, options.skip ?? 0);
  let from = 0;
  for (const cut of [...(options.cuts ?? []), text.length]
    .map((at) => Math.min(at, text.length))
    .sort((a, b) => a - b)) {
    if (!reader.isDone) reader.push(text.slice(from, cut), found);
    from = cut;
  }
  reader.end();
  return found;
}

const NON_ITERABLE = "States.ItemReaderFailed: Attempting to map over non-iterable node.";

describe("elements of JSON text", () => {
  test("an array's elements, in any layout", () => {
    expect(elementsOf(' [ 1 ,\n"a,]\\"}" , {"b":[2,{}]},[[]], null,true ,-1.5e3]\n ').values).toEqual([
      1,
      'a,]"}',
      { b: [2, {}] },
      [[]],
      null,
      true,
      -1500,
    ]);
    expect(elementsOf("[]").values).toEqual([]);
  });

  test("a pointer leads through members and elements", () => {
    const text = '{"x": "]}", "a/b": [0, {"~m": {"one": 1, "two": {"deep": [true]}}}], "after": [';
    expect(elementsOf(text, "/a~1b/1/~0m")).toEqual({
      keys: ["one", "two"],
      values: [
        { Key: "one", Value: 1 },
        { Key: "two", Value: { deep: [true] } },
      ],
    });
    expect(elementsOf('{"": [7]}', "/").values).toEqual([7]);
  });

  test("the whole document is an array, unless the pointer says so itself", () => {
    expect(() => elementsOf('{"Hello": "world"}')).toThrow(NON_ITERABLE);
    expect(elementsOf('{"Hello": "world"}', "").values).toEqual([{ Key: "Hello", Value: "world" }]);
  });

  test.each([
    ['"text"', undefined],
    ["17", undefined],
    ["null", undefined],
    ['{"a": 1}', "/a"],
    ['{"a": [1]}', "/b"],
    ['{"a": [1]}', "/a/0"],
    ["[[1]]", "/1"],
    ["[[1]]", "/00"],
    ['{"a": {"b": 1}, "c": []}', "/a/c"],
  ])("%s at %j is nothing to iterate", (text, pointer) => {
    expect(() => elementsOf(text, pointer)).toThrow(NON_ITERABLE);
  });

  test.each([
    ["", undefined, "The JSON text is not complete", undefined],
    ["[1, 2", undefined, "The JSON text is not complete", "item 2"],
    ['[{"a": ', undefined, "The JSON text is not complete", "item 1"],
    ['{"a": {"b": [', "/a/b", "The JSON text is not complete", undefined],
    ["hello", undefined, "The data is not valid JSON: Unexpected token 'h'", undefined],
    ["[1, 2] 3", undefined, "The data is not valid JSON: Unexpected token '3'", "item 2"],
    ["[1 2]", undefined, "The data is not valid JSON: Unexpected token '2'", "item 1"],
    ["[1,]", undefined, "The data is not valid JSON: Unexpected token ']'", "item 1"],
    ["[,1]", undefined, "The data is not valid JSON", "item 1"],
    ["[1}", undefined, "The data is not valid JSON: Unexpected token '}'", "item 1"],
    ["[1, {a: 2}, 3]", undefined, "The data is not valid JSON", "item 2"],
    ["[1, nul, 3]", undefined, "The data is not valid JSON", "item 2"],
    ['{"a" 1}', "", "The data is not valid JSON: Unexpected token '1'", "item 1"],
    ['{"a": 1,}', "", "The data is not valid JSON: Unexpected token '}'", "item 1"],
    ["{1: 1}", "", "The data is not valid JSON: Unexpected token '1'", undefined],
  ])("%j (pointer %j) is refused", (text, pointer, message, place) => {
    expect(() => elementsOf(text, pointer)).toThrow(
      expect.objectContaining({ name: "DamagedData", message: expect.stringContaining(message), place }),
    );
  });

  test("an element of more than 8 MB is refused before it is whole", () => {
    const reader = new JsonElementReader(undefined, 0);
    const found = { values: [], keys: [] };
    reader.push('[1, {"a": "', found);
    const feed = (): void => {
      for (let part = 0; part < 10; part++) reader.push("x".repeat(1_000_000), found);
    };
    expect(feed).toThrow(expect.objectContaining({ message: "The item is larger than 8 MB", place: "item 2" }));
  });

  test("what is beside the pointer's way may be of any size", () => {
    const text = `{"big": "${"x".repeat(9_000_000)}", "items": [1]}`;
    const cuts = Array.from({ length: 100 }, (_, index) => index * 100_000);
    expect(elementsOf(text, "/items", { cuts }).values).toEqual([1]);
  });

  test("names like __proto__ are names", () => {
    const { values } = elementsOf('[{"__proto__": {"polluted": 1}}]');
    expect(JSON.stringify(values)).toBe('[{"__proto__":{"polluted":1}}]');
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

test("what JSON.stringify writes comes back, however it is cut, from any element on", () => {
  const layouts = fc.constantFrom(0, 2, "\t");
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), layouts, fc.array(fc.nat(300)), fc.nat(5), (items, layout, cuts, skip) => {
      const text = JSON.stringify(items, null, layout);
      const expected = JSON.parse(text) as Json[];
      expect(elementsOf(text, undefined, { cuts, skip }).values).toEqual(expected.slice(skip));
      const nested = JSON.stringify({ other: items, at: [null, { here: items }] }, null, layout);
      expect(elementsOf(nested, "/at/1/here", { cuts, skip }).values).toEqual(expected.slice(skip));
    }),
    { numRuns: 500 },
  );
});
