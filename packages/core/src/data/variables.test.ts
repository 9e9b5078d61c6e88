import { expect, test } from "vitest";
import { isVariableName, leadingVariable } from "./variables.ts";

test("names are Unicode identifiers of at most 80 characters", () => {
  for (const name of ["x", "größe", "x_1", "変数", "x".repeat(80), "__proto__".slice(2)]) {
    expect(isVariableName(name)).toBe(true);
  }
  for (const name of ["", "1x", "_x", "a-b", "a b", "$x", "x".repeat(81), "states"]) {
    expect(isVariableName(name)).toBe(false);
  }
});

test("a path begins with a variable where a name follows the dollar sign", () => {
  expect(leadingVariable("$order.items[0]")).toBe("order");
  expect(leadingVariable("$order['id']")).toBe("order");
  for (const path of ["$", "$.order", "$['order']", "$$", "$$.Execution", "$or der", "$a-b"]) {
    expect(leadingVariable(path)).toBe(path === "$or der" ? "or" : undefined);
  }
});
