import fc from "fast-check";
import { expect, test } from "vitest";
import { javaMapOrder } from "./java-map-order.ts";

function ordered(names: readonly string[]): string[] {
  return javaMapOrder(names).map((position) => names[position] as string);
}

test.each<[string[], string[]]>([
  // Recorded on AWS.
  [
    ["0", "True", "{}"],
    ["0", "{}", "True"],
  ],
  [
    ["H1", ""],
    ["", "H1"],
  ],
  [
    ["H1", "H2", "H3"],
    ["H1", "H2", "H3"],
  ],
  [
    ["Col1", "Col2"],
    ["Col1", "Col2"],
  ],
  // Equal hash codes keep the order in which they came.
  [
    ["Aa", "BB"],
    ["Aa", "BB"],
  ],
  [
    ["BB", "Aa"],
    ["BB", "Aa"],
  ],
])("%j come out as %j", (names, expected) => {
  expect(ordered(names)).toEqual(expected);
});

test("more than twelve names need a larger table", () => {
  const letters = [..."zyxwvutsrqponmlkjihgfedcba"];
  // The codes 97 to 122 in 64 buckets: those from 32 on in order.
  expect(ordered(letters)).toEqual([...letters].reverse());
  // In 16 buckets p (112) comes first.
  expect(ordered([..."op"])).toEqual(["p", "o"]);
});

test("many names with one hash code double the table", () => {
  // Words of Aa and BB: 2112 for one, and one hash code for all words of a length.
  const words = [
    "AaAaAaAa",
    "AaAaAaBB",
    "AaAaBBAa",
    "AaAaBBBB",
    "AaBBAaAa",
    "AaBBAaBB",
    "AaBBBBAa",
    "AaBBBBBB",
    "BBAaAaAa",
  ];
  // A space is 32: bucket 0 of 16 and of 32, and 32 of 64; @ is 64: bucket 0 of all.
  expect(ordered([" ", "@", ...words]).filter((name) => name.length === 1)).toEqual([" ", "@"]);
  expect(ordered([" ", "@", ...words, "BBAaAaBB"]).filter((name) => name.length === 1)).toEqual(["@", " "]);
});

test("every position comes once", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 100 }), (names) => {
      expect([...javaMapOrder(names)].sort((a, b) => a - b)).toEqual(names.map((_, index) => index));
    }),
  );
});
