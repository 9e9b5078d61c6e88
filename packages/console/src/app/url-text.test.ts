import { expect, test } from "vitest";
import { listIn, parseSearch, stringifySearch } from "./url-text.ts";

test("what is selected is readable in the URL and comes back as it was", () => {
  const state = { state: "How much?", visit: "12", status: "FAILED,TIMED_OUT" };
  const text = stringifySearch(state);
  expect(text).toBe("?state=How+much%3F&visit=12&status=FAILED,TIMED_OUT");
  expect(parseSearch(text)).toEqual(state);
});

test("what is empty is not in the URL", () => {
  expect(stringifySearch({ a: undefined, b: "" })).toBe("");
  expect(listIn("")).toEqual([]);
  expect(listIn("A,B")).toEqual(["A", "B"]);
});
