import { describe, expect, it } from "vitest";
import { formatTemplate, javaText, splitTemplate } from "./format.ts";

describe("javaText", () => {
  it.each([
    [{ Id: "arn:x", Tags: ["a", null, true], In: { n: 1.5 } }, "{Id=arn:x, Tags=[a, null, true], In={n=1.5}}"],
    ["as it is", "as it is"],
    [null, "null"],
    [10_000_000, "10000000"],
    [-3, "-3"],
    [0.001, "0.001"],
    [0.0001, "1.0E-4"],
    [0.00012, "1.2E-4"],
    [12_345_678.5, "1.23456785E7"],
    [9_999_999.5, "9999999.5"],
    [1e21, "1.0E21"],
    [-1.5e300, "-1.5E300"],
  ])("%j is %s", (value, text) => {
    expect(javaText(value)).toBe(text);
  });
});

describe("splitTemplate", () => {
  it.each([
    ["a {} b {}", ["a ", " b ", ""]],
    ["\\{{}\\}", ["{", "}"]],
    ["\\{\\}", ["{}"]],
    ["{ } {", ["{ } {"]],
    ["\\\\{}", ["\\", ""]],
    ["{{}}", ["{", "}"]],
  ])("cuts %j", (template, pieces) => {
    expect(splitTemplate(template, "'{}\\")).toEqual(pieces);
  });

  it("leaves a backslash alone where it escapes nothing", () => {
    expect(splitTemplate(String.raw`C:\dir\{} {}`, "{}")).toEqual([String.raw`C:\dir{} `, ""]);
  });
});

describe("formatTemplate", () => {
  it("bounds the result", () => {
    const pieces = splitTemplate("{}".repeat(1000), "");
    const values = Array.from({ length: 1000 }, () => "x".repeat(10_000));
    expect(() => formatTemplate(pieces, values)).toThrow("the result must have at most 4000000 characters");
  });
});
