import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compactJson, isJsonText } from "./json-text.ts";

describe("compactJson", () => {
  it("takes away white space between tokens only", () => {
    expect(compactJson('{ "a b" : [ 1 , "x  y" ] ,\n"c": null }')).toBe('{"a b":[1,"x  y"],"c":null}');
  });

  it("keeps numbers as they are written and members in their order", () => {
    const text = '{ "10": 1.0, "2": 12345678901234567890, "1": 1e400 }';
    expect(compactJson(text)).toBe('{"10":1.0,"2":12345678901234567890,"1":1e400}');
  });

  it("writes escapes the shortest way", () => {
    expect(compactJson('"\\u00e9\\/ \\" \\\\"')).toBe('"é/ \\" \\\\"');
  });

  it("gives what parsing and writing gives, for JSON without special numbers", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(0, 1, 2), (value, indent) => {
        const plain = JSON.stringify(value);
        expect(compactJson(JSON.stringify(value, null, indent))).toBe(plain);
      }),
    );
  });

  it("takes a payload of 6 MB", () => {
    const text = JSON.stringify({ a: '"\\'.repeat(1_500_000) }, null, 2);
    expect(compactJson(text)).toBe(JSON.stringify(JSON.parse(text)));
  });
});

describe("isJsonText", () => {
  it("tells JSON from other text", () => {
    expect(isJsonText("[1]")).toBe(true);
    expect(isJsonText("NaN")).toBe(false);
    expect(isJsonText("")).toBe(false);
  });
});
