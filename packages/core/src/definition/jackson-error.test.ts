import { expect, test } from "vitest";
import { JSON_DEPTH_MAX, parseJsonLikeJackson } from "./jackson-error.ts";

const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

function complaint(text: string): string {
  const result = parseJsonLikeJackson(text);
  return result.ok ? "" : result.message;
}

function place(text: string): string {
  const result = parseJsonLikeJackson(text);
  return result.ok ? "" : (/line: \d+, column: \d+/.exec(result.full)?.[0] ?? "");
}

test("JSON is parsed", () => {
  expect(parseJsonLikeJackson(' {"a": [1, "x", null]} ')).toEqual({ ok: true, value: { a: [1, "x", null] } });
});

test("what AWS answered is said to the letter", () => {
  // recorded-behaviour.md, facts 34 and 35
  expect(parseJsonLikeJackson("not a definition")).toEqual({
    ok: false,
    message: `Unrecognized token 'not': was expecting ${VALUES}`,
    full: `Unrecognized token 'not': was expecting ${VALUES}\n at [Source: (String)"not a definition"; line: 1, column: 4]`,
  });
  expect(complaint("{'not': 'json'")).toBe(
    "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
  );
});

test.each([
  [
    "{",
    `Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)"{"; line: 1, column: 1])`,
  ],
  ...["/* c */ {}", '{"a":1} // c', "{ // c"].map((text) => [
    text,
    "Unexpected character ('/' (code 47)): maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)",
  ]),
  ['{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value"],
  ['{"a":1 "b":2}', `Unexpected character ('"' (code 34)): was expecting comma to separate Object entries`],
  ["[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries"],
  ['{"a":1,}', "Unexpected character ('}' (code 125)): was expecting double-quote to start field name"],
  ["[1,]", `Unexpected character (']' (code 93)): expected a valid value ${VALUES}`],
  ['{"a":}', `Unexpected character ('}' (code 125)): expected a valid value ${VALUES}`],
  [
    '["a"}',
    `Unexpected close marker '}': expected ']' (for Array starting at [Source: (String)"["a"}"; line: 1, column: 1])`,
  ],
  [
    '{"a":1',
    `Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)"{"a":1"; line: 1, column: 1])`,
  ],
  ['"abc', "Unexpected end-of-input: was expecting closing quote for a string value"],
  ['{"abc', "Unexpected end-of-input in field name"],
  ['{"a"', "Unexpected end-of-input within/between Object entries"],
  ["[tru]", `Unrecognized token 'tru': was expecting ${VALUES}`],
  ["[truely]", `Unrecognized token 'truely': was expecting ${VALUES}`],
  ["[NaN]", "Non-standard token 'NaN': enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow"],
  ["[01]", "Invalid numeric value: Leading zeroes not allowed"],
  [
    "[-]",
    "Unexpected character (']' (code 93)) in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value",
  ],
  ["[1.]", "Unexpected character (']' (code 93)) in numeric value: Decimal point not followed by a digit"],
  ["[1e]", "Unexpected character (']' (code 93)) in numeric value: Exponent indicator not followed by a digit"],
  ["1x", "Unexpected character ('x' (code 120)): Expected space separating root-level values"],
  ['"a\\q"', "Unrecognized character escape 'q' (code 113)"],
  ['"\\u00g0"', "Unexpected character ('g' (code 103)): expected a hex-digit for character escape sequence"],
  [
    '"a\nb"',
    "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value",
  ],
  [
    "\u0001",
    "Illegal character ((CTRL-CHAR, code 1)): only regular white space (\\r, \\n, \\t) is allowed between tokens",
  ],
  ["\u20ac", `Unrecognized token '\u20ac': was expecting ${VALUES}`],
  ["\u2192", `Unexpected character ('\u2192' (code 8594 / 0x2192)): expected a valid value ${VALUES}`],
  ["", "No content to map due to end-of-input"],
])("%j", (text, message) => {
  expect(complaint(text)).toBe(message);
});

test("a place is counted in lines and columns, just behind what is wrong", () => {
  expect(place("{'a': 1}")).toBe("line: 1, column: 3");
  expect(place('{\n  "a": 1,\r\n  b: 2\n}')).toBe("line: 3, column: 4");
});

test("a long source is shortened", () => {
  const result = parseJsonLikeJackson(`[${"1,".repeat(300)}`);
  expect(!result.ok && result.full).toMatch(/1,1"\[truncated 101 chars\]; line: 1/);
});

test("nesting is bounded", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  expect(parseJsonLikeJackson(nested(JSON_DEPTH_MAX)).ok).toBe(true);
  expect(complaint(nested(JSON_DEPTH_MAX + 1))).toMatch(
    /^Document nesting depth \(1001\) exceeds the maximum allowed \(1000/,
  );
  expect(complaint(nested(200_000))).toMatch(/^Document nesting depth/);
});

test("__proto__ is a name like any other", () => {
  const result = parseJsonLikeJackson('{"__proto__": {"polluted": true}}');
  expect(result.ok && Object.keys(result.value as object)).toEqual(["__proto__"]);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
