import fc from "fast-check";
import { expect, test } from "vitest";
import { locatedText } from "./located-text.ts";

async function textOf(bytes: Buffer, size: number): Promise<string> {
  let text = "";
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  try {
    for await (const part of locatedText(chunks(), () => undefined)) text += part;
  } catch (error) {
    return `${text} | ${(error as Error).message}`;
  }
  return text;
}

test("text comes back, however its bytes are cut, without a mark at its beginning", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 9 }), async (text, size) => {
      expect(await textOf(Buffer.from(`\uFEFF${text}`), size)).toBe(text);
    }),
  );
  expect(await textOf(Buffer.from("a\uFEFFb"), 1)).toBe("a\uFEFFb");
});

test.each([
  ["a wrong byte", Buffer.from([0x61, 0xc3, 0x28, 0x62]), "a"],
  ["a byte too many", Buffer.from([0x61, 0x80]), "a"],
  ["a cut character", Buffer.from([0x61, 0x62, 0xe2, 0x82]), "ab"],
  ["a surrogate", Buffer.from([0xf0, 0x9f, 0x98, 0x80, 0xed, 0xa0, 0x80]), "\u{1F600}"],
  ["after a replacement character", Buffer.from([0xef, 0xbf, 0xbd, 0x61, 0xff]), "\uFFFDa"],
])("%s is told behind the text before it", async (_, bytes, before) => {
  for (const size of [1, 2, 3, 100]) expect(await textOf(bytes, size)).toBe(`${before} | The data is not valid UTF-8`);
});
