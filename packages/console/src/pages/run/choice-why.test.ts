import { describe, expect, test } from "vitest";
import { choiceWhy } from "./choice-why.ts";

const ask = (source: object, input: object, variables: object = {}, language: "JSONPath" | "JSONata" = "JSONPath") =>
  choiceWhy({
    source: source as Readonly<Record<string, unknown>>,
    language,
    input: input as never,
    variables: variables as never,
    context: {},
    now: 0,
  });

describe("a Choice", () => {
  const Choices = [
    {
      And: [{ Variable: "$.total", NumericGreaterThan: 5000 }, { Not: { Variable: "$.vip", IsPresent: true } }],
      Next: "Ask",
    },
    { Variable: "$.total", NumericGreaterThanPath: "$.limit", Next: "Pay" },
    { Variable: "$.never", StringEquals: "looked at", Next: "Pay" },
  ];

  test("is explained test by test, up to the rule that matched", () => {
    const why = ask({ Choices }, { total: 42, limit: 40 });
    expect(why.map(({ number, next, holds }) => [number, next, holds])).toEqual([
      [1, "Ask", false],
      [2, "Pay", true],
    ]);
    expect(why[0]?.tests.map(({ depth, text, holds }) => [depth, text, holds])).toEqual([
      [0, "And", false],
      [1, "$.total NumericGreaterThan 5000", false],
      [1, "Not", true],
      [2, "$.vip IsPresent true", false],
    ]);
    expect(why[1]?.tests[0]?.values).toEqual([
      ["$.total", "42"],
      ["$.limit", "40"],
    ]);
  });

  test("without a rule that matches has looked at all; a path that finds nothing says so", () => {
    const why = ask({ Choices }, { total: 1, limit: 2 });
    expect(why.at(-1)).toMatchObject({ number: 3, holds: undefined });
    expect(why.at(-1)?.tests[0]?.values).toEqual([["$.never", "not there"]]);
  });

  test("looks at what InputPath takes", () => {
    const why = ask(
      { InputPath: "$.order", Choices: [{ Variable: "$.n", NumericEquals: 1, Next: "A" }] },
      { order: { n: 1 } },
    );
    expect(why[0]?.holds).toBe(true);
  });

  test("in JSONata shows what its conditions read", () => {
    const rules = { Choices: [{ Condition: "{% $n < $states.input.total and $exists($n) %}", Next: "More" }] };
    const why = ask(rules, { total: 3 }, { n: 2 }, "JSONata");
    expect(why[0]).toMatchObject({ holds: true, next: "More" });
    expect(why[0]?.tests[0]?.values).toEqual([
      ["$n", "2"],
      ["$states.input.total", "3"],
    ]);
  });
});
