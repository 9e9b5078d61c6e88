import { expect, test } from "vitest";
import { withinLength } from "./states-error.ts";

test("an error has 256 characters at most, a cause 32,768", () => {
  const { error, cause } = withinLength({ error: "e".repeat(300), cause: "c".repeat(40_000) });
  expect(error).toHaveLength(256);
  expect(cause).toHaveLength(32_768);
});

test("what fits is left as it is, and what is not there stays away", () => {
  const failure = { error: "e".repeat(256), cause: "c".repeat(32_768) };
  expect(withinLength(failure)).toBe(failure);
  expect(withinLength({ cause: "c".repeat(32_769) })).not.toHaveProperty("error");
});

test("no character is cut in two", () => {
  expect(withinLength({ error: `${"e".repeat(255)}\u{1f600}` }).error).toBe("e".repeat(255));
  expect(withinLength({ error: `${"e".repeat(254)}\u{1f600}!` }).error).toBe(`${"e".repeat(254)}\u{1f600}`);
});
