import fc from "fast-check";
import { expect, test } from "vitest";
import { StatesErrorSignal } from "../errors/states-error.ts";
import type { Json } from "../json.ts";
import { compileJsonPath, type JsonPath, JsonPathSyntaxError } from "./json-path.ts";
import { compileReferencePath } from "./reference-path.ts";

const NAMES = ["a", "b", "a b", "x.y", "0", "__proto__", "constructor", "ä"] as const;
const name = fc.constantFrom(...NAMES);

const document: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<Json>(null, true, 0, 1, -2.5, "", "a", "it's"),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie("value")), { maxLength: 4 }).map((members) => Object.fromEntries(members) as Json),
  ),
})).value;

const referencePath = fc
  .array(
    fc.oneof(
      name.map((text) => `['${text}']`),
      fc.nat({ max: 3 }).map((index) => `[${index}]`),
    ),
    { maxLength: 5 },
  )
  .map((steps) => `$${steps.join("")}`);

/** Mostly made of what paths are made of, so that many of them compile. */
const pathText = fc
  .array(
    fc.constantFrom(
      ...[".", "..", "*", "[*]", "['a']", "['a','b']", "[0]", "[-1]", "[1:]", "[:-1]", "[0:2]", "[(@.length-1)]", ".a"],
      ...[".b", "[?(@.a)]", "[?(@.b == 'a')]", "[?(!@.a || @ > 0)]", "[?(@ =~ /a*/i)]", "[?(@.a[0] != $.b)]", "[?]"],
      ...["$", "@", "[", "]", "(", ")", "?", "'", '"', "&&", "||", "==", "<", "=~", "/", "!", ",", ":", "-", "7", " "],
      ...["\\", "\n", "ä", "__proto__", "null", "true"],
    ),
    { maxLength: 12 },
  )
  .map((parts) => `$${parts.join("")}`);

function compileOrRefuse(text: string): JsonPath | undefined {
  try {
    return compileJsonPath(text);
  } catch (error) {
    if (error instanceof JsonPathSyntaxError) return undefined;
    throw error;
  }
}

function frozenCopy(value: Json): Json {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) => Object.freeze(inner)) as Json;
}

test("parsing random text throws nothing but JsonPathSyntaxError", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      compileOrRefuse(text);
      compileOrRefuse(`$${text}`);
      compileOrRefuse(`$.a[?(@.${text})]`);
    }),
    { numRuns: 3000 },
  );
});

test("reading with whatever compiles never throws, and an indefinite path that is found gives an array", () => {
  fc.assert(
    fc.property(pathText, document, (text, value) => {
      const path = compileOrRefuse(text);
      const result = path?.read(frozenCopy(value));
      if (result === undefined) return;
      if (!result.found) expect(result.message).not.toBe("");
      else if (path?.definite === false) expect(Array.isArray(result.value)).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test("what is written is read again, and the document does not change", () => {
  fc.assert(
    fc.property(referencePath, document, document, (text, before, value) => {
      const path = compileReferencePath(text);
      const frozen = frozenCopy(before);
      try {
        const after = path.write(frozen, value);
        expect(path.read(after)).toEqual({ found: true, value });
        // A second write of the same value changes nothing more.
        expect(path.write(after, value)).toEqual(after);
      } catch (error) {
        if (!(error instanceof StatesErrorSignal)) throw error;
        expect(path.read(frozen).found).toBe(false);
      }
      expect(JSON.stringify(frozen)).toBe(JSON.stringify(before));
    }),
    { numRuns: 3000 },
  );
});

test("a definite path finds what a deep scan with a filter for it finds", () => {
  fc.assert(
    fc.property(name, document, (key, value) => {
      const direct = compileJsonPath(`$['${key}']`).read(value);
      const scanned = compileJsonPath(`$..['${key}']`).read(value);
      if (direct.found && scanned.found) expect(scanned.value).toContainEqual(direct.value);
    }),
  );
});
