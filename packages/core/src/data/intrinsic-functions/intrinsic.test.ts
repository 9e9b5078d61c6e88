import { describe, expect, it } from "vitest";
import type { Json } from "../../json.ts";
import type { EvaluationScope } from "../evaluation-scope.ts";
import { JavaRandom } from "../java-random.ts";
import { INTRINSIC_FUNCTIONS } from "./function-table.ts";
import { compileIntrinsic } from "./intrinsic.ts";

function scopeOf(input: Json): EvaluationScope {
  const facts = { now: 0, random: () => 0.999, uuid: () => "an-id" };
  return { input, context: { Execution: { Name: "run" } }, variables: { order: { id: 7 } }, facts };
}

function call(text: string, input: Json = {}): Json {
  const intrinsic = compileIntrinsic(text);
  if (intrinsic === undefined) throw new Error(`not compiled: ${text}`);
  return intrinsic.evaluate(scopeOf(input));
}

function failureOf(text: string, input: Json = {}): unknown {
  try {
    return call(text, input);
  } catch (error) {
    return (error as { statesError: unknown }).statesError;
  }
}

describe("the grammar", () => {
  it("has 18 functions", () => {
    expect(INTRINSIC_FUNCTIONS.size).toBe(18);
  });

  it("takes blanks between arguments and after the call", () => {
    expect(call("States.Array( 1 ,\n-2.5e1, true,null , 'a, b)' )  \n")).toEqual([1, -25, true, null, "a, b)"]);
  });

  it("takes paths with commas, quotes and parentheses of their own", () => {
    const input = { "a,b)": 1, list: [{ n: "x,(y" }, { n: "z" }] };
    expect(call("States.Array($['a,b)'], $.list[?(@.n == 'x,(y')].n, $order.id, $$.Execution.Name)", input)).toEqual([
      1,
      ["x,(y"],
      7,
      "run",
    ]);
  });

  it("knows the escapes \\' \\{ \\} and \\\\ in texts and no others (recorded)", () => {
    expect(call(String.raw`States.Array('it\'s', '\{\}', '\\')`)).toEqual(["it's", "{}", "\\"]);
    for (const other of ["\\n", '\\"', "\\u0041"]) expect(compileIntrinsic(`States.Array('${other}')`)).toBeUndefined();
  });

  it.each([
    " States.UUID()",
    "States.UUID(",
    "States.UUID",
    "States. UUID()",
    "States.UUID() x",
    "States.Nothing()",
    "States.constructor()",
    "UUID()",
    "States.Array(1,)",
    "States.Array(,1)",
    "States.Array('a)",
    'States.Array("a")',
    "States.Array([1])",
    "States.Array(01)",
    "States.Array(truth)",
    "States.Array($.)",
  ])("refuses %j", (text) => {
    expect(compileIntrinsic(text)).toBeUndefined();
  });

  it("refuses a wrong number of arguments and literals that can never do", () => {
    for (const text of [
      "States.UUID(1)",
      "States.MathAdd(1)",
      "States.MathAdd(1, 2, 3)",
      "States.Format()",
      "States.MathAdd(1, '-1')",
    ]) {
      expect(compileIntrinsic(text)).toBeUndefined();
    }
  });

  it("nests ten calls and not more", () => {
    const nested = (calls: number) => "States.Array(".repeat(calls) + ")".repeat(calls);
    expect(compileIntrinsic(nested(10))).toBeDefined();
    expect(compileIntrinsic(nested(11))).toBeUndefined();
    expect(compileIntrinsic(nested(100_000))).toBeUndefined();
  });

  it("takes a thousand arguments and not more", () => {
    expect(compileIntrinsic(`States.Array(${"1,".repeat(999)}1)`)).toBeDefined();
    expect(compileIntrinsic(`States.Array(${"1,".repeat(1000)}1)`)).toBeUndefined();
  });

  it("tells which variables are read, inner calls included", () => {
    const text = "States.MathAdd(States.MathAdd($yCurrent, $xCurrent), $yCurrent.z)";
    expect(compileIntrinsic(text)?.variables).toEqual(["yCurrent", "xCurrent"]);
  });
});

describe("failures", () => {
  it("a path that finds nothing is States.Runtime and names the call and the path", () => {
    expect(failureOf("States.Array(States.Format('{}', $.a))", { b: 1 })).toEqual({
      error: "States.Runtime",
      cause:
        "The function 'States.Array(States.Format('{}', $.a))' had the following error: The JsonPath argument for the field '$.a' could not be found in the input '{\"b\":1}'",
    });
  });

  it.each([
    ["States.ArrayGetItem($.a, 3)", "the index 3 is not in the array of 2 items"],
    ["States.ArrayGetItem($.a, -1)", "the index -1 is not in the array of 2 items"],
    ["States.ArrayPartition($.a, 0)", "the size of a part must be at least 1, got 0"],
    ["States.ArrayRange(0, 1000, 1)", "the range must have at most 1000 items, got 1001"],
    ["States.ArrayRange(0, 1, 0.4)", "the step must not be 0"],
    ["States.ArrayLength($.n)", "argument 1 must be an array, got 1"],
    ["States.MathAdd($.text, 1)", 'argument 1 must be a number, got "x"'],
    ["States.MathAdd(2147483648, 1)", "argument 1 must be from -2147483648 to 2147483647, got 2147483648"],
    ["States.MathRandom(5, 5)", "the start 5 must be less than the end 5"],
    ["States.JsonMerge($, $, true)", "deep merging is not supported; argument 3 must be false"],
    ["States.StringToJson('{')", 'argument 1 is not JSON, got "{"'],
    ["States.Format('{} {}', 1)", "the template has 2 '{}', but 1 values follow it"],
    ["States.Base64Decode('=')", "argument 1 is not Base64"],
    ["States.Hash('a', 'SHA1')", "argument 2 must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512"],
    ["States.Hash($.long, 'MD5')", "argument 1 must have at most 10000 characters, got 10001"],
  ])("%s is States.IntrinsicFailure", (text, rule) => {
    const name = /^States\.\w+/.exec(text)?.[0];
    expect(failureOf(text, { a: [1, 2], n: 1, text: "x", long: "x".repeat(10_001) })).toEqual({
      error: "States.IntrinsicFailure",
      cause: `The function '${text}' had the following error: Invalid arguments in ${name}: ${rule}`,
    });
  });

  it("data nested beyond the stack is a failure, not a crash", () => {
    let deep: Json = [];
    for (let i = 0; i < 100_000; i++) deep = [deep];
    for (const text of ["States.ArrayUnique($)", "States.Format('{}', $)", "States.JsonToString($)"]) {
      expect(failureOf(text, deep)).toMatchObject({ error: "States.IntrinsicFailure" });
    }
  });
});

describe("the functions", () => {
  it("round halves upwards (recorded)", () => {
    const roundings = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 1.49].map((n) => call("States.MathAdd($, 0)", n));
    expect(roundings).toEqual([-2, -1, 0, 1, 2, 3, 1]);
  });

  it("MathAdd gives sums beyond a Java int", () => {
    expect(call("States.MathAdd(2147483647, 1)")).toBe(2147483648);
  });

  it("MathRandom leaves the end out, and a seed gives java.util.Random's numbers", () => {
    expect(call("States.MathRandom(1, 999)")).toBe(998);
    expect(call("States.MathRandom(-5, 5, 42)")).toBe(-5 + new JavaRandom(42).nextInt(10));
    expect(call("States.MathRandom(-2147483648, 2147483647, 1)")).toSatisfy(Number.isInteger);
  });

  it("ArrayRange includes the end, goes down too, and is empty in the wrong direction", () => {
    expect(call("States.ArrayRange(1, 9.4, 2)")).toEqual([1, 3, 5, 7, 9]);
    expect(call("States.ArrayRange(3, 1, -1)")).toEqual([3, 2, 1]);
    expect(call("States.ArrayRange(1, 3, -1)")).toEqual([]);
    expect(call("States.ArrayRange(1, 1000, 1)")).toHaveLength(1000);
  });

  it("ArrayContains and ArrayUnique compare JSON, whatever the order of members", () => {
    const input = [{ a: 1, b: [2] }, { b: [2], a: 1 }, 1, "1", null, [null], [null]];
    expect(call("States.ArrayUnique($)", input)).toEqual([{ a: 1, b: [2] }, 1, "1", null, [null]]);
    expect(call("States.ArrayContains($, $[1])", input)).toBe(true);
    expect(call("States.ArrayContains($, 'null')", input)).toBe(false);
  });

  it("StringSplit splits at every character of the separators and drops empty pieces", () => {
    expect(call("States.StringSplit('1-2]3:4+-5', '-]:+')")).toEqual(["1", "2", "3", "4", "5"]);
    expect(call("States.StringSplit('', ',')")).toEqual([]);
    expect(call("States.StringSplit('a,b', '')")).toEqual(["a,b"]);
  });

  it("StringToJson gives null for a blank text (recorded) and keeps __proto__ harmless", () => {
    expect(call("States.StringToJson('  ')")).toBeNull();
    const merged = call(`States.JsonMerge($, States.StringToJson('{"__proto__":{"polluted":1}}'), false)`, { a: 1 });
    expect(JSON.stringify(merged)).toBe('{"a":1,"__proto__":{"polluted":1}}');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it("JsonMerge is shallow; members of the second object win", () => {
    const input = { a: { x: { deep: 1 }, y: 1 }, b: { x: { other: 2 }, z: 3 } };
    expect(call("States.JsonMerge($.a, $.b, false)", input)).toEqual({ x: { other: 2 }, y: 1, z: 3 });
  });

  it("UUID takes its id from the facts", () => {
    expect(call("States.UUID()")).toBe("an-id");
  });
});
