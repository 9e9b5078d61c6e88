import { expect, test } from "vitest";
import { readCsvRows } from "./csv-rows.ts";

test.each<[string, string, string[][]]>([
  [
    "plain fields",
    "a,b\n1,2",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "line ends of Windows, and one at the end",
    "a,b\r\n1,2\r\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  ["empty lines", "a\n\n\nb\n", [["a"], ["b"]]],
  [
    "empty fields",
    ",\n,,x",
    [
      ["", ""],
      ["", "", "x"],
    ],
  ],
  ["quotes around delimiters and line ends", '"a,b","c\nd"', [["a,b", "c\nd"]]],
  ["doubled quotes", '"say ""hi"""', [['say "hi"']]],
  ["escapes", String.raw`a\,b,c\"d,e\\f,g\h`, [["a,b", 'c"d', "e\\f", "gh"]]],
  ["a byte order mark", "\uFEFFa,b", [["a", "b"]]],
  ["a carriage return inside a line", "a\rb,c", [["a\rb", "c"]]],
  ["nothing", "", []],
])("%s", (_what, text, rows) => {
  expect(readCsvRows(text, ",")).toEqual(rows);
});

test("another delimiter leaves commas alone", () => {
  expect(readCsvRows("a,b|c\\|d\n", "|")).toEqual([["a,b", "c|d"]]);
});
