import { compileJsonPath, type Json, jsonEquals } from "@stepwell/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { payloadHolds } from "./payload-search.ts";

const holds = (path: string, payload: string, wanted: Json) => payloadHolds(compileJsonPath(path), wanted)(payload);

test.each<[path: string, payload: string, wanted: Json, held: boolean]>([
  ["$.order.id", '{"order":{"id":"a-1"}}', "a-1", true],
  ["$.order.id", '{"order":{"id":"a-2"}}', "a-1", false],
  ["$.order.id", '{"other":{"id":"a-1"}}', "a-1", false],
  ["$.order.id", '{"\\u006frder":{"id":"a-1"}}', "a-1", true],
  ["$.id", '{"id":"\\u0061-1"}', "a-1", true],
  ["$.path", '{"path":"a\\/b"}', "a/b", true],
  ["$.n", '{"n":5.0}', 5, true],
  ["$.n", '{"n":5e0}', 5, true],
  ["$.n", '{"n":50e-1}', 5, true],
  ["$.n", '{"n":55}', 5, false],
  ["$.n", '{"n":-0}', 0, true],
  ["$.n", '{"n":0.50}', 0.5, true],
  ["$.items[*].sku", '{"items":[{"sku":"x"},{"sku":"y"}]}', "y", true],
  ["$.items[1]", '{"items":[1,true]}', true, true],
  ["$.items[?(@.n == 1)].sku", '{"items":[{"n":1,"sku":"x"}]}', "x", true],
  ["$..sku", '{"a":{"sku":"x"}}', "x", true],
  ["$.list", '{"list":[1, 2]}', [1, 2], true],
  ["$", "null", null, true],
])("%s in %s equal to %j: %s", (path, payload, wanted, held) => {
  expect(holds(path, payload, wanted)).toBe(held);
});

test("what is left out without being parsed would not have matched", () => {
  const scalar = fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.integer({ min: -20, max: 20 }),
    fc.boolean(),
    fc.constant(null),
  );
  const escaped = (text: string, all: boolean) =>
    all ? text.replace(/[a-z]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`) : text;
  fc.assert(
    fc.property(
      scalar,
      scalar,
      fc.constantFrom("a", "b"),
      fc.boolean(),
      fc.boolean(),
      (value, wanted, name, all, point) => {
        const written = typeof value === "number" && point ? `${value}.0` : JSON.stringify(value);
        const text = typeof value === "string" ? escaped(written, all && !written.includes("\\")) : written;
        const payload = `{"${name}":${text}}`;
        const expected = name === "a" && jsonEquals(JSON.parse(written) as Json, wanted);
        expect(holds("$.a", payload, wanted)).toBe(expected);
      },
    ),
  );
});
