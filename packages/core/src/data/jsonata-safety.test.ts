import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { generate } from "../../scripts/build-jsonata.mjs";
import type { Json, JsonObject } from "../json.ts";
import { compileJsonata, JsonataEvaluationError } from "./jsonata.ts";

const facts = { now: 0, random: () => 0.5, uuid: () => "" };

function run(text: string, input: Json = {}, variables: JsonObject = {}): Json | undefined {
  return compileJsonata(text).evaluate({ input, context: {}, variables, facts });
}

describe("the generated evaluator", () => {
  it("is what the build script makes of the pinned library", () => {
    const committed = readFileSync(new URL("../generated/jsonata-sync.ts", import.meta.url), "utf8");
    expect(committed === generate()).toBe(true);
  });
});

describe("prototypes", () => {
  it.each([
    "$states.constructor",
    "$states.input.__proto__",
    "$states.input.toString",
    "$lookup($states, 'constructor')",
    "$states.constructor.constructor('return 1')()",
    "$constructor",
    "$__proto__",
    "$sum.constructor",
    "$sum.*",
    "(function($x){ $x }).*",
    "(function($x){ $x }).**.body",
    "/a/.constructor",
    "/a/('a').next.constructor",
    "[$sum].implementation",
  ])("%s gives nothing", (text) => {
    expect(run(text)).toBeUndefined();
  });

  it("are never set by a member called __proto__", () => {
    const input = JSON.parse('{"o": {"__proto__": {"polluted": 1}, "a": 1}, "k": "__proto__"}') as JsonObject;
    const texts = [
      "{$states.input.k: {'polluted': 1}}",
      "$merge([$states.input.o, {'b': 2}])",
      "$sift($states.input.o, function($v){ true })",
      "$spread($states.input.o)[0]",
      "$states.input ~> |o|{'c': 3}|",
      "$states.input ~> |$|$states.input.o|",
      "$states.input.o{$string($states.input.k): $}",
    ];
    for (const text of texts) {
      const value = run(text, input) as JsonObject;
      expect(JSON.stringify(value)).toContain('"__proto__"');
      expect((value as { polluted?: unknown }).polluted).toBeUndefined();
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    }
    expect(run("$states.input.list@$__proto__.$__proto__", { list: [1, 2] })).toEqual([1, 2]);
    expect(run("($__proto__ := {'x': 1}; $x)")).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it("are not missed: names of their members are ordinary names", () => {
    const input = { hasOwnProperty: 1, toString: "t", isPrototypeOf: 2, valueOf: null };
    expect(run("$states.input.(hasOwnProperty + isPrototypeOf)", input)).toBe(3);
    expect(run("$states.input ~> |$|{'a': 1}|", input)).toEqual({ ...input, a: 1 });
    expect(run("$states.input{'hasOwnProperty': 1, 'constructor': 2}")).toEqual({ hasOwnProperty: 1, constructor: 2 });
    expect(
      run("($hasOwnProperty := 1; $toString := 2; $hasOwnProperty + $toString + $constructor)", {}, { constructor: 3 }),
    ).toBe(6);
    expect(run("$states.input.toString", Object.assign(Object.create(null), { toString: 1 }) as Json)).toBe(1);
  });
});

describe("data", () => {
  it("cannot pass for a function", () => {
    const input = {
      native: { _jsonata_function: true, implementation: "x" },
      lambda: { _jsonata_lambda: true, arguments: [], body: { type: "string", value: "injected" } },
    };
    for (const text of ["$states.input.native()", "$states.input.lambda()", "$map([1], $states.input.lambda)"]) {
      expect(() => run(text, input)).toThrow(JsonataEvaluationError);
    }
    expect(run("$states.input", input)).toBe(input);
  });

  it("cannot pass for the evaluator's own arrays", () => {
    const input = {
      tupleStream: true,
      outerWrapper: true,
      sequence: true,
      keepSingleton: true,
      cons: true,
      sum: 1,
      "0": "z",
    };
    expect(run("$states.input{'a': $sum([1, 2])}", input)).toEqual({ a: 3 });
    expect(run("$states.input.($)", input)).toBe(input);
    expect(run("[$states.input][0]", input)).toBe(input);
  });

  it("is never changed", () => {
    const input = frozen({ list: [], items: [{ a: 1 }, { a: 2 }], object: { b: { c: 1 } }, f: {} });
    const texts = [
      "$states.input.list{'a': 1}",
      "$states.input.items[]",
      "$states.input.list[]",
      "($clone := function($x){ $x }; $states.input ~> |object|{'evil': 1}, 'b'|)",
      "$states.input ~> |items|{'a': 3}|",
      "{'x': 1} ~> |$states.input.object|{'evil': 1}, 'b'|",
      "$append($states.input.list, 1)",
      "$sort($states.input.items, function($l, $r){ $l.a < $r.a })",
      "$states.input.items#$i.{'i': $i, 'a': a}",
      "$reverse($states.input.items)",
      "$states.input.items^(>a)",
    ];
    for (const text of texts) run(text, input);
    for (const text of ["$states.input.f()", "$states.input.f(1, 2)"]) {
      expect(() => run(text, input)).toThrow("Attempted to invoke a non-function");
    }
    expect(input).toEqual({ list: [], items: [{ a: 1 }, { a: 2 }], object: { b: { c: 1 } }, f: {} });
  });
});

function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
