import { describe, expect, test } from "vitest";
import { readCases } from "./cases.ts";
import type { Comparison } from "./compare.ts";
import { judge } from "./judge.ts";
import { createPlaceholderTable } from "./placeholders.ts";
import { alterations, answerOf, fillIn, madeUpTemplate } from "./recorded-answers.ts";
import type { Match, RecordedCase } from "./recorded-case.ts";

const cases = readCases();
const ALTERATIONS_PER_MATCH = 25;

function comparisonOf(recorded: RecordedCase): Comparison {
  return { rules: recorded, placeholders: createPlaceholderTable(recorded.placeholders, madeUpTemplate) };
}

function matchesOf(recorded: RecordedCase): Match[] {
  return recorded.steps.flatMap((step) => step.match ?? []);
}

describe("every recording", () => {
  test("is accepted as an answer to itself", () => {
    const refused: string[] = [];
    for (const recorded of cases) {
      const comparison = comparisonOf(recorded);
      for (const match of matchesOf(recorded)) {
        const value = fillIn(recorded.expected[match.key]!, recorded.placeholders);
        const differences = judge(match, recorded.expected[match.key], answerOf(match, value)!, comparison);
        if (differences.length > 0) refused.push(`${recorded.id} ${match.key}: ${JSON.stringify(differences[0])}`);
      }
    }
    expect(refused.slice(0, 10)).toEqual([]);
  });

  test("is refused when anything that is compared is altered", () => {
    const accepted: string[] = [];
    let tried = 0;
    for (const recorded of cases) {
      for (const match of matchesOf(recorded)) {
        const all = alterations(recorded, match);
        const stride = Math.max(1, Math.floor(all.length / ALTERATIONS_PER_MATCH));
        for (let index = 0; index < all.length; index += stride) {
          const answer = answerOf(match, all[index]!.value());
          if (answer === undefined) continue;
          tried += 1;
          const differences = judge(match, recorded.expected[match.key], answer, comparisonOf(recorded));
          if (differences.length === 0) accepted.push(`${recorded.id} ${match.key} ${all[index]!.what}`);
        }
      }
    }
    console.log(`${tried} altered recordings refused`);
    expect(accepted.slice(0, 10)).toEqual([]);
    expect(tried).toBeGreaterThan(10_000);
  });
});
