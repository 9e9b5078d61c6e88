import { expect, test } from "vitest";
import { ruleWords } from "./rule-words.ts";

test.each<[rule: unknown, words: string | undefined]>([
  [{ Variable: "$.total", NumericGreaterThan: 1000, Next: "A" }, "$.total > 1000"],
  [{ Variable: "$.total", NumericLessThanEqualsPath: "$.limit", Next: "A" }, "$.total ≤ $.limit"],
  [{ Variable: "$.kind", StringEquals: "refund" }, '$.kind = "refund"'],
  [{ Variable: "$.bad", BooleanEquals: true }, "$.bad"],
  [{ Variable: "$.bad", BooleanEquals: false }, "not $.bad"],
  [{ Variable: "$.x", IsPresent: false }, "$.x is not there"],
  [{ Not: { Variable: "$.x", IsNull: true } }, "not $.x is null"],
  [
    {
      And: [
        { Variable: "$.a", NumericEquals: 1 },
        { Variable: "$.b", NumericEquals: 2 },
      ],
    },
    "$.a = 1 and $.b = 2",
  ],
  [{ Or: [{ Variable: "$.a", NumericEquals: 1 }, {}, {}] }, "$.a = 1 or 2 more"],
  [{ Condition: "{% $states.input.total > 5 %}" }, "$states.input.total > 5"],
  [{ Variable: "$.x" }, undefined],
  ["no rule", undefined],
])("%j is %s", (rule, words) => {
  expect(ruleWords(rule)).toBe(words);
});
