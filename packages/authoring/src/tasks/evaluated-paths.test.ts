// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what is evaluated later is given as text.
import { expect, it } from "vitest";
import { EVALUATED_PATH, pathsInsideLiterals } from "./evaluated-paths.ts";

it.each([
  ["$.a + $.b", []],
  ["JSON.parse($.body)", []],
  ["`year=${$.year}`", []],
  ["'year=$.year'", ["$.year"]],
  ['"hello $.user"', ["$.user"]],
  ["`total: $.n`", ["$.n"]],
  ["JSON.parse('$.a').concat('$.b')", ["$.a", "$.b"]],
  [`"key='$.a'"`, ["$.a"]],
  ["'it\\'s ' + $.a", []],
  ["`${`${$.a} and $.b`}`", ["$.b"]],
  ["`${({ a: $.a }).a}`", []],
  ["$.a.replace(/'/g, '') + $.b", []],
  ["$.a / 2 + '$.b' / 2", ["$.b"]],
])("%s: a path in a literal would stay text", (expression, found) => {
  expect(pathsInsideLiterals(expression)).toEqual(found);
});

it("a path has names, dashes, underscores and indexes", () => {
  expect("`/${$.a_b}/${$.c-d}/${$[_e]}/${$.list[0].x}`".match(EVALUATED_PATH)).toEqual([
    "$.a_b",
    "$.c-d",
    "$[_e]",
    "$.list[0].x",
  ]);
});
