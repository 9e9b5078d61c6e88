/** Whatever is done to a right definition, reading it gives findings and never an exception. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isJsonArray, isJsonObject, type Json, parseState, parseStateMachine } from "@stepwell/core";
import fc from "fast-check";
import { expect, test } from "vitest";

const DATA = join(import.meta.dirname, "../data/corpus/valid");
const INDEX = JSON.parse(readFileSync(join(DATA, "index.json"), "utf8")) as readonly { readonly file: string }[];

const texts: fc.Arbitrary<string> = fc.constantFrom(...INDEX).map(({ file }) => readFileSync(join(DATA, file), "utf8"));

/** Values that are likely to be in somebody's way. */
const oddities: fc.Arbitrary<Json> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json),
  fc.constantFrom<Json>(
    "",
    "$",
    "$$",
    "$.",
    "$..",
    "$[",
    "$x",
    "{%%}",
    "{% %}",
    "{% ( %}",
    "States.Format(",
    "{%",
    "%}",
  ),
  fc.constantFrom<Json>("__proto__", "constructor", -1, 0, 1.5, 1e308, null, true, [], {}, [[]], "JSONata", "JSONPath"),
);

/** Replaces, renames, doubles or drops the n-th thing in a JSON value. */
function mutate(value: Json, choice: { n: number; how: number; with: Json; name: string }): Json {
  let left = choice.n;
  const visit = (node: Json): Json => {
    if (left-- === 0) return choice.with;
    if (isJsonArray(node)) {
      const items = node.map(visit);
      return choice.how === 1 && left < 0 ? [...items, choice.with] : items;
    }
    if (!isJsonObject(node)) return node;
    const entries: [string, Json][] = [];
    for (const [key, member] of Object.entries(node)) {
      const before = left;
      const visited = visit(member);
      const hit = before >= 0 && left < 0;
      if (hit && choice.how === 2) continue;
      entries.push([hit && choice.how === 3 ? choice.name : key, hit && choice.how === 3 ? member : visited]);
    }
    return Object.fromEntries(entries);
  };
  return visit(value);
}

const mutations = fc.record({
  n: fc.nat({ max: 200 }),
  how: fc.nat({ max: 3 }),
  with: oddities,
  name: fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "Type", "QueryLanguage", "Next", "x.$")),
});

function expectFindings(text: string): void {
  for (const type of ["STANDARD", "EXPRESS"] as const) {
    const result = parseStateMachine(text, { type });
    const errors = result.diagnostics.filter((diagnostic) => diagnostic.severity === "ERROR");
    expect(errors.length > 0).toBe(!result.ok);
  }
}

test("a definition with changed, dropped and renamed parts is read without an exception", () => {
  fc.assert(
    fc.property(texts, fc.array(mutations, { minLength: 1, maxLength: 4 }), (text, changes) => {
      const changed = changes.reduce((value, change) => mutate(value, change), JSON.parse(text) as Json);
      expectFindings(JSON.stringify(changed));
      parseState(changed, "S");
    }),
    { numRuns: 1_500 },
  );
});

test("a definition with broken text is read without an exception", () => {
  fc.assert(
    fc.property(texts, fc.nat(), fc.nat({ max: 20 }), fc.string(), (text, where, length, put) => {
      const at = where % (text.length + 1);
      expectFindings(text.slice(0, at) + put + text.slice(at + length));
    }),
    { numRuns: 1_500 },
  );
});

test("any text and any JSON is read without an exception", () => {
  fc.assert(fc.property(fc.string(), (text) => expectFindings(text)));
  fc.assert(
    fc.property(fc.json(), (text) => {
      expectFindings(text);
      parseState(JSON.parse(text) as Json, "S");
    }),
  );
});
