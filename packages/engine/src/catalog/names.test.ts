import { expect, test } from "vitest";
import { checkName, isValidName } from "./names.ts";

test.each(["a", "orders-v1.2_x", "注文", "x".repeat(80), "(a)=+'!@"])("%s is a name", (name) => {
  expect(isValidName(name)).toBe(true);
});

const FORBIDDEN = '?*<>{}[]"#%\\^|~`$&,;:/ \t\n\u0000\u001f\u007f\u009f\u00a0\u2003\ufffe\ud83d';

test.each([...FORBIDDEN.split(""), "😀"].map((character) => `a${character}b`))("%j is no name", (name) => {
  expect(() => checkName(name)).toThrow(
    expect.objectContaining({ name: "InvalidName", message: `Invalid Name: '${name}'` }),
  );
});

test("a name has 1 to 80 characters", () => {
  expect(isValidName("")).toBe(false);
  expect(isValidName("x".repeat(81))).toBe(false);
});
