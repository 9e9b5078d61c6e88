import { expect, test } from "vitest";
import { evaluateInLab, type LabLanguage } from "./evaluate.ts";

const ask = (language: LabLanguage, expression: string, input = '{"a":[1,2,3]}') =>
  evaluateInLab({ language, expression, input, variables: '{"n":2}', context: "", now: 0 });

test("each language is evaluated by the core", () => {
  expect(ask("jsonpath", "$.a[1]")).toEqual({ kind: "value", value: 2 });
  expect(ask("jsonpath", "States.MathAdd($.a[0], $n)")).toEqual({ kind: "value", value: 3 });
  expect(ask("template", '{"x.$":"$.a[0]"}')).toEqual({ kind: "value", value: { x: 1 } });
  expect(ask("jsonata", "$sum($states.input.a)")).toEqual({ kind: "value", value: 6 });
});

test("run-time errors, refused expressions and broken data are told apart", () => {
  expect(ask("jsonpath", "$.b")).toMatchObject({ kind: "error", error: "States.Runtime" });
  expect(ask("jsonpath", "a.b")).toMatchObject({ kind: "syntax" });
  expect(ask("jsonpath", "$.a", "{")).toMatchObject({ kind: "syntax", code: "NO_JSON" });
});
