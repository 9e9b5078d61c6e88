import { describe, expect, test } from "vitest";
import { AllowanceSpent, OPERATIONS_PER_MS, operationsSpent, withAllowance, withSmallerBound } from "./allowance.ts";
import { compileJsonata, JsonataEvaluationError } from "./jsonata.ts";
import { compilePathExpression } from "./path-expression.ts";

const scope = {
  input: { list: Array.from({ length: 500 }, (_, i) => ({ n: i, text: `a${i}` })) },
  context: {},
  variables: {},
  facts: { now: 0, random: () => 0.5, uuid: () => "" },
};

const EXPRESSIONS = [
  "$sum([1..2000].($ * 2))",
  "$count($states.input.list[n % 7 = 0])",
  "$states.input.list.text ~> $join('-') ~> $match(/a(\\d+)/) ~> $count",
  "$sort($states.input.list, function($a, $b) { $a.n < $b.n }).n[0]",
  "$length($pad('x', 5000))",
  "($f := function($n) { $n <= 1 ? $n : $f($n - 1) + $f($n - 2) }; $f(10))",
];

function evaluated(text: string): unknown {
  return compileJsonata(text).evaluate(scope);
}

function outcome(decide: () => unknown): unknown {
  try {
    return decide();
  } catch (error) {
    if (!(error instanceof AllowanceSpent)) throw error;
    return "given up";
  }
}

describe("an allowance", () => {
  test.each(EXPRESSIONS)("changes no result of %s", (text) => {
    const expected = evaluated(text);
    const before = operationsSpent();
    evaluated(text);
    const needed = operationsSpent() - before;
    expect(needed).toBeGreaterThan(0);
    for (const share of [0, 0.1, 0.5, 0.9]) {
      const given = outcome(() => withAllowance(Math.floor(needed * share), () => evaluated(text)));
      expect(given).toBe("given up");
    }
    expect(withAllowance(needed, () => evaluated(text))).toEqual(expected);
    // And leaves nothing behind.
    expect(evaluated(text)).toEqual(expected);
  });

  test("counts all expressions of a decision together", () => {
    const text = "$sum([1..100])";
    const before = operationsSpent();
    evaluated(text);
    const needed = operationsSpent() - before;
    const three = (): unknown[] => [evaluated(text), evaluated(text), evaluated(text)];
    expect(withAllowance(needed * 3, three)).toEqual([5050, 5050, 5050]);
    expect(outcome(() => withAllowance(needed * 3 - 1, three))).toBe("given up");
  });

  test("is for paths too", () => {
    const path = compilePathExpression("$..n");
    const all = path.evaluate(scope);
    expect(outcome(() => withAllowance(100, () => path.evaluate(scope)))).toBe("given up");
    expect(withAllowance(10 * OPERATIONS_PER_MS, () => path.evaluate(scope))).toEqual(all);
    expect(path.evaluate(scope)).toEqual(all);
  });

  test("does not hide that an expression never ends", () => {
    const endless = compileJsonata("($f := function($n) { $f($n + 1) }; $f(0))");
    expect(() => withAllowance(1_000, () => endless.evaluate(scope))).toThrow(AllowanceSpent);
    const limits = { operationsMax: 1_000, depthMax: 100, valueBytesMax: 1e6, allocationBytesMax: 1e6 };
    expect(() => withAllowance(100_000, () => endless.evaluate(scope, limits))).toThrow(JsonataEvaluationError);
  });
});

describe("a smaller bound", () => {
  test("fails an expression as its usual bound does", () => {
    expect(() => withSmallerBound(1_000, () => evaluated("$sum([1..2000].($ * 2))"))).toThrow(
      "Expression evaluation timeout: Check for infinite loop",
    );
    expect(withSmallerBound(1_000, () => evaluated("1 + 1"))).toBe(2);
  });

  test("holds for each expression alone", () => {
    const text = "$sum([1..20])";
    expect(withSmallerBound(2_000, () => [1, 2, 3, 4, 5, 6].map(() => evaluated(text)))).toEqual(Array(6).fill(210));
  });
});
