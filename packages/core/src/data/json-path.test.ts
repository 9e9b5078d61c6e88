import { describe, expect, test } from "vitest";
import type { Json } from "../json.ts";
import { compileJsonPath, JsonPathSyntaxError, type PathResult } from "./json-path.ts";
import { PATH_LENGTH_MAX, PATH_STEPS_MAX } from "./json-path-parser.ts";

function read(text: string, document: Json): Json | undefined {
  const result: PathResult = compileJsonPath(text).read(document);
  return result.found ? result.value : undefined;
}

function messageOf(text: string, document: Json): string | undefined {
  const result: PathResult = compileJsonPath(text).read(document);
  return result.found ? undefined : result.message;
}

function nested(levels: number): Json {
  return JSON.parse(`${'[{"a":'.repeat(levels)}1${"}]".repeat(levels)}`) as Json;
}

const STORE: Json = { books: [{ t: "A", price: 8 }, { t: "B", price: 12, isbn: "1" }, { t: "C" }], owner: null };

describe("definite paths", () => {
  test.each([
    ["$", STORE],
    ["$.books[1].t", "B"],
    ["$['books'][0]['price']", 8],
    ["$.books.[0].t", "A"],
    ["$.books[(@.length-1)].t", "C"],
    ["$.books[( @.size() - 2 )].t", "B"],
    ["$.owner", null],
  ])("%s", (text, expected) => {
    expect(compileJsonPath(text).definite).toBe(true);
    expect(read(text, STORE)).toEqual(expected);
  });

  test("several names give one object with those that exist", () => {
    expect(compileJsonPath("$['t','x','price']").definite).toBe(true);
    expect(read("$['t','x','price']", { price: 1, t: "A", u: 2 })).toEqual({ t: "A", price: 1 });
  });

  test("a path keeps its text and can be read with again", () => {
    const path = compileJsonPath("$.a");
    expect(path.text).toBe("$.a");
    expect([path.read({ a: 1 }), path.read({ a: 2 })]).toEqual([
      { found: true, value: 1 },
      { found: true, value: 2 },
    ]);
  });
});

describe("indefinite paths", () => {
  test.each<[string, Json]>([
    ["$.books[*].t", ["A", "B", "C"]],
    ["$.books[*].price", [8, 12]],
    ["$.books[1:].t", ["B", "C"]],
    ["$.books[:-1].t", ["A", "B"]],
    ["$.books[-1:].t", ["C"]],
    ["$.books[0,2].t", ["A", "C"]],
    ["$..t", ["A", "B", "C"]],
    ["$.books[?(@.isbn)].t", ["B"]],
    ["$.books[?(@.price < 10 || @.t == 'C')].t", ["A", "C"]],
  ])("%s", (text, expected) => {
    expect(compileJsonPath(text).definite).toBe(false);
    expect(read(text, STORE)).toEqual(expected);
  });

  // recorded-behaviour.md, fact 16.
  test.each(["$.items[*]", "$.items[1:]", "$[*]", "$.item.items[1:5].itemValue"])("%s on {} is []", (text) => {
    expect(read(text, {})).toEqual([]);
  });

  test("the deep scan gives a value before what is in it", () => {
    expect(read("$..*", { a: [{ b: 1 }], c: 2 })).toEqual([[{ b: 1 }], 2, { b: 1 }, 1]);
  });
});

describe("messages", () => {
  // The first two and the fourth are recorded on AWS: recorded-behaviour.md, fact 15; aws-step-functions-developer-guide#5.
  test.each<[string, Json, string]>([
    ["$.NoSuchInputPath", {}, "No results for path: $['NoSuchInputPath']"],
    ["$.no.such.result.path", {}, "Missing property in path $['no']"],
    ["$.a['b'].c.d", { a: { b: {} } }, "Missing property in path $['a']['b']['c']"],
    ["$.list.length()", { list: [1] }, "Property ['length()'] not found in path $['list']"],
    ["$.a[3].b", { a: [1] }, "Index out of bounds when evaluating path $['a'][3]"],
    ["$.a[(@.length-3)]", { a: [1] }, "Index out of bounds when evaluating path $['a'][-2]"],
    ["$.a[0]", { a: null }, "The path $['a'] is null"],
    ["$.a[0].b", { a: { c: 1 } }, `Filter: [0]['b'] can only be applied to arrays. Current context is: {"c":1}`],
    ["$.a[*].b", { a: { x: {} } }, "No results for path: $['a']['x']['b']"],
    ["$.a[?(@.b)]", { a: "text" }, "Filter: [?] can not be applied to primitives. Current context is: text"],
    ["$['a','b'].c", {}, "Multi properties can only be used as path leafs: $['a', 'b']"],
  ])("%s", (text, document, message) => {
    expect(messageOf(text, document)).toBe(message);
  });

  test("a message shortens the value it shows", () => {
    const message = messageOf("$.a[0]", { a: { text: "x".repeat(100_000), deep: nested(50) } });
    expect(message?.length).toBeLessThan(1000);
  });
});

describe("syntax", () => {
  test.each([
    "",
    "a.b",
    "@.a",
    "$x",
    "$constant.field",
    "$.",
    "$.a..",
    "$.a b",
    "$[",
    "$['a'",
    '$["a"]',
    "$[]",
    "$[:]",
    "$[1",
    "$[99999999999]",
    "$[?(@.a]",
    "$[?@.a]",
    "$[?(@.a &&)]",
    "$[?(@.a in ['x'])]",
    "$[?(@.a[*] == 1)]",
    "$[?(@.a =~ /[/)]",
  ])("%s does not compile", (text) => {
    expect(() => compileJsonPath(text)).toThrow(JsonPathSyntaxError);
  });

  test("functions of later Jayway versions are names of members", () => {
    expect(read("$.length()", { "length()": 5 })).toBe(5);
  });

  test("text, steps and nesting are bounded", () => {
    expect(() => compileJsonPath(`$.${"a".repeat(PATH_LENGTH_MAX)}`)).toThrow(/longer than 10000 characters/);
    expect(() => compileJsonPath(`$${".a".repeat(PATH_STEPS_MAX + 1)}`)).toThrow(/more than 500 steps/);
    expect(() => compileJsonPath(`$${"[?(@".repeat(500)}${")]".repeat(500)}`)).toThrow(/nests filters/);
    expect(() => compileJsonPath(`$[?(@.a${")".repeat(4000)}x)]`)).toThrow(JsonPathSyntaxError);
  });

  test("a message shortens the path it shows", () => {
    expect(() => compileJsonPath(`$x${"y".repeat(5000)}`)).toThrow(/^Invalid path '.{0,210}…': must go on/);
  });
});

describe("bounds of a read", () => {
  test("a deep document does not overflow the stack", () => {
    const deep = nested(50_000);
    expect(read("$..nothing", deep)).toEqual([]);
    expect((read("$..a", deep) as readonly Json[]).length).toBe(50_000);
    expect(read(`$${"[0]['a']".repeat(PATH_STEPS_MAX / 2)}`, deep)).toBeDefined();
    expect((read(`$${"[*]".repeat(PATH_STEPS_MAX)}`, deep) as readonly Json[]).length).toBe(1);
    expect(messageOf("$[0].a.b", deep)).toBe("Property ['b'] not found in path $[0]['a']");
    expect(messageOf("$[0][0]", deep)).toMatch(/^Filter: \[0\] can only be applied to arrays/);
  });

  test("a read that would multiply without end is broken off", () => {
    const deep = nested(200);
    expect(messageOf("$..*..*..*..*..*", deep)).toBe(
      "The path takes more than 4000000 steps to evaluate on this document",
    );
  });

  test("comparing one long text with many values is paid for", () => {
    const document: Json = { long: "x".repeat(100_000), items: Array.from({ length: 100_000 }, () => 1) };
    expect(messageOf("$.items[?($.long =~ /x*/)]", document)).toMatch(/more than 4000000 steps/);
    expect(messageOf("$.items[?($.long =~ /(x?){500}x{500}/)]", document)).toMatch(/more than 4000000 steps/);
  });
});

describe("names that every object inherits", () => {
  const plain: Json = JSON.parse('{"a":{"b":1}}') as Json;

  test.each(["$.__proto__", "$.constructor", "$.a.toString", "$['__proto__','b']", "$.a['constructor','b']"])(
    "%s is not found by inheritance",
    (text) => {
      expect([undefined, {}, { b: 1 }]).toContainEqual(read(text, plain));
    },
  );

  test("they are found when the object owns them", () => {
    const document = JSON.parse('{"__proto__":{"x":1},"constructor":2}') as Json;
    expect(read("$.__proto__.x", document)).toBe(1);
    expect(read("$.constructor", document)).toBe(2);
    const both = read("$['__proto__','constructor']", document) as object;
    expect(Object.keys(both)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(both)).toBe(Object.prototype);
    expect(read("$..__proto__", plain)).toEqual([]);
    expect(read("$[?(@.constructor)]", [plain, document])).toEqual([document]);
  });

  test("objects without a prototype are read like others", () => {
    const bare: { [key: string]: Json } = Object.create(null) as { [key: string]: Json };
    bare["a"] = 1;
    expect(read("$.a", bare)).toBe(1);
    expect(read("$.constructor", bare)).toBeUndefined();
  });
});
