import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePattern } from "./choice-pattern.ts";

const matches = (pattern: string, text: string) => compilePattern(pattern)(text);

describe("compilePattern", () => {
  it.each([
    ["log-*.txt", "log-2026.txt", true],
    ["log-*.txt", "log-.txt", true],
    ["log-*.txt", "log.txt", false],
    ["*", "", true],
    ["", "", true],
    ["", "a", false],
    ["a*a", "a", false],
    ["*ab*ab*", "abab", true],
    ["*ab*ab*", "aba", false],
    ["foo\\*bar", "foo*bar", true],
    ["foo\\*bar", "fooxbar", false],
    ["foo\\\\*", "foo\\bar", true],
    ["foo\\bar", "foo\\bar", true],
    ["a.c", "abc", false],
    ["*\n*", "a\nb", true],
  ])("%j on %j is %s", (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  it("agrees with a regular expression of the same meaning", () => {
    const letters = (maxLength: number, unit: fc.Arbitrary<string>) => fc.string({ unit, maxLength });
    const pattern = fc.array(letters(20, fc.constantFrom("a", "b")), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(pattern, letters(60, fc.constantFrom("a", "b")), (pieces, text) => {
        expect(matches(pieces.join("*"), text)).toBe(new RegExp(`^${pieces.join(".*")}$`).test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("takes time in proportion to the text at its worst", () => {
    const text = "a".repeat(262_144);
    const piece = `${"a".repeat(100_000)}b`;
    const pattern = compilePattern(`*${piece}*`);
    const started = performance.now();
    expect(pattern(text)).toBe(false);
    expect(compilePattern(`${"*a".repeat(1000)}*b*`)(text)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
