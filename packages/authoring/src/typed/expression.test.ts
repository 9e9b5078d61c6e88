import { compileJsonataTemplate, type Json } from "@stepwell/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { toDefinitionJson } from "../fields/field-utils.ts";
import { codeOf, expr, refTo } from "./expression.ts";
import {
  add,
  and,
  count,
  divide,
  each,
  eq,
  exists,
  gt,
  gte,
  lt,
  lte,
  ne,
  not,
  or,
  subtract,
  sum,
  text,
  times,
  where,
} from "./operators.ts";

interface Data {
  readonly n: number;
  readonly word: string;
  readonly items: readonly { readonly price: number; readonly in: string }[];
  readonly "odd name": boolean;
  readonly missing?: string;
}

const INPUT = {
  n: 3,
  word: 'it\'s "so"',
  items: [
    { price: 2, in: "a" },
    { price: 5, in: "b" },
  ],
  "odd name": true,
};
const FACTS = { now: 0, random: () => 0.5, uuid: () => "" };
const input = refTo<Data>("$states.input");

function evaluate(template: unknown, data: Json = INPUT): unknown {
  const scope = { input: data, context: {}, variables: {}, facts: FACTS };
  return compileJsonataTemplate(toDefinitionJson(template) as Json, "Output").evaluate(scope);
}

it.each([
  [input.n, 3],
  [input.items[1]?.in, "b"],
  [input["odd name"], true],
  [text`${input.word}: ${input.n} of "${"x"}"`, 'it\'s "so": 3 of "x"'],
  [add(input.n, 1, 2), 6],
  [times(subtract(input.n, 1), divide(8, 2)), 8],
  [sum(input.items, (item) => times(item.price, 2)), 14],
  [count(input.items), 2],
  [
    each(input.items, (item) => ({ was: item.in, more: add(item.price, input.n) })),
    [
      { was: "a", more: 5 },
      { was: "b", more: 8 },
    ],
  ],
  [
    each(
      where(input.items, (item) => gt(item.price, 2)),
      (item) => item.in,
    ),
    ["b"],
  ],
  [and(gt(input.n, 2), lte(input.n, 3), not(lt(input.n, 1))), true],
  [or(eq(input.word, "no"), ne(input.n, 3)), false],
  [gte(input.n, 3), true],
  [exists(input.missing), false],
  [
    { nested: [input.n, { deep: input.word }], plain: null },
    { nested: [3, { deep: INPUT.word }], plain: null },
  ],
])("%#: evaluates to what it says", (template, expected) => {
  expect(evaluate(template)).toEqual(expected);
});

it("one element alone stays a list", () => {
  const one = { ...INPUT, items: INPUT.items.slice(0, 1) };
  expect(
    evaluate(
      each(input.items, (item) => item.price),
      one,
    ),
  ).toEqual([2]);
});

it("cannot be computed with or written into text", () => {
  expect(() => `${input.word as unknown as string}`).toThrow("use text`…`");
  expect(() => codeOf(() => 1)).toThrow("no JSON");
  expect(() => refTo<Record<string, string>>("$x")["`"]).toThrow("backtick");
});

it("any field of any name is found", () => {
  const name = fc.string({ unit: "grapheme", minLength: 1 }).filter((key) => !key.includes("`") && !/^\d+$/.test(key));
  fc.assert(
    fc.property(name, fc.integer(), (key, value) => {
      expect(evaluate(refTo<Record<string, number>>("$states.input")[key], { [key]: value })).toBe(value);
    }),
    { numRuns: 200 },
  );
});

it("is parsed when the definition is", () => {
  expect(() => evaluate(expr("1 +"))).toThrow();
});
