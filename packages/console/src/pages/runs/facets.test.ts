import { expect, test } from "vitest";
import { facetsOf } from "./facets.ts";

test("facets are the most frequent values, equal ones by name", () => {
  const values = ["b", "a", "b", undefined, "", "c", "d", "e", "f", "f"];
  expect(facetsOf(values, (value) => value)).toEqual([
    { value: "b", count: 2 },
    { value: "f", count: 2 },
    { value: "a", count: 1 },
    { value: "c", count: 1 },
  ]);
});
