// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what is evaluated later is given as text.
import { compilePayloadTemplate, type Json } from "@stepwell/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expr } from "../typed/expression.ts";
import { FieldUtils, renderFields, toDefinitionJson, withoutReferences } from "./field-utils.ts";
import { JsonPath } from "./json-path.ts";

const FACTS = { now: 0, random: () => 0.5, uuid: () => "" };
const evaluate = (fields: unknown, input: Json): unknown =>
  compilePayloadTemplate(toDefinitionJson(fields) as Json).evaluate({
    input,
    context: {},
    variables: {},
    facts: FACTS,
  });

describe("fields of a JSONPath state", () => {
  it("mark references by their keys, at any depth", () => {
    const fields = {
      a: { b: JsonPath.stringAt("$.x"), n: JsonPath.numberAt("$.n"), l: JsonPath.listAt("$.l") },
      plain: "$.x",
    };
    expect(renderFields(fields)).toEqual({ a: { "b.$": "$.x", "n.$": "$.n", "l.$": "$.l" }, plain: "$.x" });
  });

  it("leave out what is null or undefined, but not in lists", () => {
    expect(renderFields({ a: null, b: undefined, c: [null, { d: null }] })).toEqual({ c: [null, {}] });
  });

  it("have a list with references as the call that makes it", () => {
    const list = ["it's {a} \\ list", JsonPath.numberAt("$.n"), true, 1.5, null];
    const fields = renderFields({ list });
    expect(evaluate(fields, { n: 7 })).toEqual({ list: ["it's {a} \\ list", 7, true, 1.5, null] });
    const nested = renderFields({ list: [[1, [JsonPath.numberAt("$.n")]], []] });
    expect(evaluate(nested, { n: 7 })).toEqual({ list: [[1, [7]], []] });
    expect(() => renderFields({ list: [JsonPath.numberAt("$.n"), {}] })).toThrow("a list of objects");
    expect(() => renderFields([JsonPath.numberAt("$.n")])).toThrow("a member of an object");
  });

  it("have the text of a call as the CDK writes it", () => {
    expect(renderFields({ a: JsonPath.format("it's\n\\{{}\\} \\", JsonPath.stringAt("$.x")) })).toEqual({
      "a.$": "States.Format('it\\'s\n\\{{}\\} \\\\', $.x)",
    });
    const lines = { text: JsonPath.format("a\n\t{}", JsonPath.stringAt("$.x")) };
    expect(evaluate(renderFields(lines), { x: "b" })).toEqual({ text: "a\n\tb" });
  });

  it("cannot hold a reference inside a text, or an expression", () => {
    expect(() => renderFields({ v: `a ${JsonPath.stringAt("$.x")}` })).toThrow(
      "Field references must be the entire string",
    );
    expect(() => renderFields({ v: `${JsonPath.stringAt("$.x")}!` })).toThrow("(found '${$.x}!')");
    expect(() => renderFields({ v: expr("1") })).toThrow("is JSONata, and this state speaks JSONPath");
  });

  it("never pollute a prototype", () => {
    const fields = renderFields(JSON.parse('{"__proto__":{"polluted":true}}')) as object;
    expect(Object.hasOwn(fields, "__proto__")).toBe(true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("that hold themselves are refused", () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    expect(() => renderFields(loop)).toThrow("deep");
    expect(() => toDefinitionJson(loop)).toThrow("deep");
  });

  it("give literals back as they were", () => {
    const literal = fc.string({ unit: "grapheme-ascii" });
    fc.assert(
      fc.property(fc.array(literal, { minLength: 1 }), (texts) => {
        const fields = renderFields({ list: [...texts, JsonPath.stringAt("$.end")] });
        expect(evaluate(fields, { end: "" })).toEqual({ list: [...texts, ""] });
      }),
      { numRuns: 300 },
    );
  });
});

it("a JSONata state holds no path: it would only be text", () => {
  const fields = { a: [{ b: "{% $x %}" }] };
  expect(withoutReferences(fields)).toBe(fields);
  expect(() => withoutReferences({ a: [{ b: JsonPath.stringAt("$.x") }] })).toThrow("$.x is JSONPath");
});

describe("a number that is a reference", () => {
  it("cannot be computed with", () => {
    const number = JsonPath.numberAt("$.n");
    expect(() => number + 1).not.toThrow();
    expect(() => toDefinitionJson(number + 1)).toThrow("Field references must be the entire string");
    expect(() => number * 2).toThrow("$.n has no value before an execution runs");
  });
});

describe("the task token", () => {
  it.each([
    [{ a: { b: JsonPath.taskToken } }, true],
    [{ a: JsonPath.array(JsonPath.taskToken) }, true],
    [{ a: JsonPath.format("'$$.Task.Token' {}", JsonPath.stringAt("$.x")) }, false],
    [{ a: JsonPath.entireContext }, true],
    [{ a: "{% $states.context.Task.Token %}" }, true],
    [{ a: expr("$states.context.Task.Token") }, true],
    [{ a: "{% $states.context.Tasks %}" }, false],
    [{ a: "$$.Task.Token" }, false],
  ])("%#: is found where it is given", (object, found) => {
    expect(FieldUtils.containsTaskToken(object)).toBe(found);
  });

  it("is among the paths referred to", () => {
    const object = {
      a: JsonPath.format("{} {}", JsonPath.stringAt("$.b['x y']"), JsonPath.taskToken),
      c: JsonPath.listAt("$.c[*]"),
    };
    expect(FieldUtils.findReferencedPaths(object)).toEqual(["$$.Task.Token", "$.b['x y']", "$.c[*]"]);
  });
});
