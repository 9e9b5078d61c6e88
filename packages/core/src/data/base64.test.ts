import fc from "fast-check";
import { expect, test } from "vitest";
import { base64Decode, base64Encode } from "./base64.ts";

test("encodes as Node's Buffer does, and decodes back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const wellFormed = text.toWellFormed();
      expect(base64Encode(wellFormed)).toBe(Buffer.from(wellFormed, "utf8").toString("base64"));
      expect(base64Decode(base64Encode(wellFormed))).toBe(wellFormed);
    }),
  );
});

test("bytes that are not UTF-8 become U+FFFD", () => {
  expect(base64Decode("/w==")).toBe("\ufffd");
  expect(base64Decode("YcCvYg==")).toBe("a\ufffd\ufffdb");
});

test("what is not base64 has no text", () => {
  for (const bad of ["a", "ab!=", "====", "YQ=", "Y Q=="]) expect(base64Decode(bad)).toBeUndefined();
});
