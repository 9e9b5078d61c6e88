import { describe, expect, it } from "vitest";
import type { Json } from "../json.ts";
import {
  compileJsonata,
  evaluateJsonata,
  JSONATA_LIMITS,
  JsonataEvaluationError,
  type JsonataLimits,
} from "./jsonata.ts";

const TIMEOUT = "Expression evaluation timeout: Check for infinite loop";
const STACK =
  "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive";
const MEMORY = "Expression evaluation memory limit exceeded: Check for excessive memory usage";

const facts = { now: 0, random: () => 0.5, uuid: () => "" };
/** A fifth of the usual time: the suite shares its machine. */
const LIMITS = { ...JSONATA_LIMITS, operationsMax: JSONATA_LIMITS.operationsMax / 5 };
const SHORT = { ...JSONATA_LIMITS, operationsMax: JSONATA_LIMITS.operationsMax / 50 };
const TEXT = "x".repeat(256 * 1024);

function run(text: string, input: Json = {}, limits: JsonataLimits = LIMITS): Json | undefined {
  return compileJsonata(text).evaluate({ input, context: {}, variables: {}, facts }, limits);
}

function message(text: string, input?: Json, limits?: JsonataLimits): string {
  try {
    return `gave ${JSON.stringify(run(text, input, limits))?.slice(0, 80)}`;
  } catch (error) {
    if (error instanceof JsonataEvaluationError && error.code === "U1001") return error.message;
    throw error;
  }
}

describe("bounds as on AWS", () => {
  it("a range has at most 873,782 elements", () => {
    expect(run("[1..873782] ~> $count()")).toBe(873_782);
    expect(message("[1..873783] ~> $count()")).toBe(MEMORY);
    expect(run("$range(1, 360145, 1) ~> $count()")).toBe(360_145);
    expect(message("$range(1, 360146, 1) ~> $count()")).toBe(MEMORY);
  });

  it("a text may become 2^22 characters long, not 2^23", () => {
    const doubled = (times: number): string =>
      `($p := function($s, $n){ $n = 0 ? $s : $p($s & $s, $n - 1) }; $length($p('x', ${times})))`;
    expect(run("$length($pad('', 4194304))")).toBe(2 ** 22);
    expect(message("$length($pad('', 8388608))")).toBe(MEMORY);
    expect(run(doubled(22))).toBe(2 ** 22);
    expect(message(doubled(23))).toBe(MEMORY);
  });

  it("an expression is nested 100 deep at most", () => {
    const sum = (terms: number): string => Array.from({ length: terms }, () => "1").join("+");
    expect(run(sum(100))).toBe(100);
    expect(message(sum(101))).toBe(STACK);
    expect(message("($f := function($n){ 1 + $f($n + 1) }; $f(1))")).toBe(STACK);
  });

  it("have AWS's sentence: a colon, and no code", () => {
    const error = (() => {
      try {
        return run("[1..900000] ~> $count()");
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toMatchObject({ sentence: `threw an error during evaluation: ${MEMORY}` });
  });

  it("may be set for one evaluation", () => {
    const limits = { ...JSONATA_LIMITS, operationsMax: 500_000, depthMax: 3 };
    const scope = { variables: {}, facts };
    expect(evaluateJsonata("1 + 1", undefined, scope, limits)).toBe(2);
    expect(() => evaluateJsonata("1 + 1 + 1 + 1", undefined, scope, limits)).toThrow(STACK);
    const deeper = { ...limits, depthMax: 10 };
    expect(() => evaluateJsonata("[1..100000].$", undefined, scope, deeper)).toThrow(TIMEOUT);
  });
});

describe("an evaluation ends", () => {
  it.each([
    ["tail recursion", "($f := function($x){ $f($x + 1) }; $f(1))"],
    ["mutual tail recursion", "($f := function(){ $g() }; $g := function(){ $f() }; $f())"],
    ["backtracking", "$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)"],
    [
      "a backtracking picture",
      "$toMillis('1111111111111111111111111111111111!', '[Y1][M1][D1][H1][m1][s1][f1][d1][W1][X1]')",
    ],
    ["a backtracking signature", `λ($a)<${"n?".repeat(40)}:n>{1}(${Array(25).fill(1).join(",")}, 'x')`],
    ["quadratic comparisons", "$distinct([1..200000])"],
    ["nested loops", "$map([1..100000], function($i){ $filter([1..100000], function($j){ $i = $j }) })"],
    ["a result that is a tree of 2^60 leaves", "$reduce([1..60], function($a, $i){ {'l': $a, 'r': $a} }, {})"],
    ["the text of that tree", "$string($reduce([1..60], function($a, $i){ {'l': $a, 'r': $a} }, {}))"],
    ["letters of infinity", "$formatInteger(1/0, 'a')"],
    ["an exponent of infinity", "$formatNumber(1/0, '0e0')"],
    ["a picture of 200,000 characters", "$formatInteger(5, $join([1..100000].('0,')))"],
  ])("%s", (_name, text) => {
    expect(message(text, {}, SHORT)).toBe(TIMEOUT);
  });

  it.each([
    ["its descendants", "($reduce([1..60], function($a, $i){ {'l': $a, 'r': $a} }, {})).**"],
    ["many long texts", "[1..1000].($pad('x', 4000000 + $))"],
    [
      "many long texts that share their beginning",
      "($b := $pad('x', 4000000); $a := [1..1000].($b & $); $a[$contains($, 'z')])",
    ],
    ["many long arrays", "[1..1000].[1..100000]"],
    ["appending to long arrays", "($a := [1..100000]; [1..1000].($append($a, $)))"],
    ["replacing", "$replace($states.input.text, 'x', $states.input.text)"],
    ["replacing matches", "$replace($states.input.text, /x/, '$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0')"],
    ["joining", "$join($map([1..5000], function($i){ $states.input.text }))"],
    ["a width of a picture", "$fromMillis(0, '[Y,999999999]')"],
    ["padding without end", "$pad('a', 1/0)"],
    [
      "padding with a long text",
      "$pad('a', 4000000, $states.input.text & '😀') & $states.input.text & $pad('a', 4000000)",
    ],
  ])("%s", (_name, text) => {
    expect(message(text, { text: TEXT }, JSONATA_LIMITS)).toBe(MEMORY);
  });

  it.each([
    ["deep results", "$reduce([1..20000], function($a, $i){ {'a': $a} }, {})"],
    ["the text of deep values", "$string($reduce([1..20000], function($a, $i){ {'a': $a} }, {}))"],
    ["roman numerals", "$formatInteger(1e300, 'I')"],
  ])("%s", (_name, text) => {
    expect(message(text)).toBe(STACK);
  });
});

describe("ordinary work is far from the bounds", () => {
  const items = Array.from({ length: 5_000 }, (_, id) => ({ id, kind: `k${id % 7}`, text: `item ${id}` }));

  it.each([
    ["$count($states.input.items[kind = 'k1'])", 715],
    ["$count($keys($states.input.items{kind: $count(id)}))", 7],
    ["$states.input.items^(>id)[0].id", 4_999],
    ["$length($reduce($states.input.items.text, function($a, $b){ $a & $b }))", 43_890],
    ["$count($reduce($states.input.items.id, $append))", 5_000],
    ["$count($split($states.input.text, /x/))", 262_145],
    ["$count($match($states.input.text, /x{1,5}/))", 52_429],
    ["$count($distinct($states.input.items.kind))", 7],
    ["$count($spread($states.input.items))", 15_000],
    ["$count($sort($states.input.items, function($a, $b){ $a.text > $b.text }))", 5_000],
    ["$max([1..500000])", 500_000],
  ])("%s", (text, value) => {
    expect(run(text, { items, text: TEXT })).toBe(value);
  });
});
