import fc from "fast-check";
import { expect, test } from "vitest";
import { combineResults } from "./shaped-results.ts";

const outputs = ["[1,[2]]", '{"a":1.50}', "[]", '"x"', '[{"b":"],"}]'];

test.each([
  ["without a writer, an array of outputs", undefined, '[[1,[2]],{"a":1.50},[],"x",[{"b":"],"}]]'],
  ["COMPACT, the same", { outputType: "JSON", transformation: "COMPACT" }, '[[1,[2]],{"a":1.50},[],"x",[{"b":"],"}]]'],
  [
    "FLATTEN, elements of arrays",
    { outputType: "JSON", transformation: "FLATTEN" },
    '[1,[2],{"a":1.50},"x",{"b":"],"}]',
  ],
  [
    "JSON Lines",
    { outputType: "JSONL", transformation: "FLATTEN" },
    JSON.stringify('1\n[2]\n{"a":1.50}\n"x"\n{"b":"],"}\n'),
  ],
] as const)("%s", (_, writer, expected) => {
  expect(combineResults(writer, outputs)).toBe(expected);
});

test("no outputs are an empty array, or an empty string", () => {
  expect(combineResults(undefined, [])).toBe("[]");
  expect(combineResults({ outputType: "JSONL", transformation: "COMPACT" }, [])).toBe('""');
});

test("FLATTEN is one level of flat, in any layout", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom(0, 2, "\t"), (values, layout) => {
      const texts = values.map((value) => JSON.stringify(value, null, layout));
      const combined = combineResults({ outputType: "JSON", transformation: "FLATTEN" }, texts);
      expect(JSON.parse(combined)).toEqual((JSON.parse(JSON.stringify(values)) as unknown[]).flat());
    }),
  );
});
