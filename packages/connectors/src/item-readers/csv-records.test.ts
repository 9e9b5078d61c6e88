import { CsvRecords } from "@stepwell/core";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

function recordsOf(text: string, delimiter = ",", cuts: readonly number[] = []): string[][] {
  const records: string[][] = [];
  const reader = new CsvRecords(delimiter);
  let from = 0;
  for (const cut of [...cuts, text.length].map((at) => Math.min(at, text.length)).sort((a, b) => a - b)) {
    reader.push(text.slice(from, cut), records);
    from = cut;
  }
  reader.end(records);
  return records;
}

describe("records of CSV text", () => {
  test.each<[string, string, string[][]]>([
    [
      "lines end with LF, CRLF or CR, the last with nothing",
      "a,b\nc,d\r\ne,f\rg,h",
      [
        ["a", "b"],
        ["c", "d"],
        ["e", "f"],
        ["g", "h"],
      ],
    ],
    ["empty lines are no records, blanks and delimiters are", "a\n\n  \n,,\n\r\n", [["a"], ["  "], ["", "", ""]]],
    ["single quotes mean nothing", "true,1,'Hello'", [["true", "1", "'Hello'"]]],
    ["quotes keep delimiters and line ends", '"a,b","c\nd\r\ne",f', [["a,b", "c\nd\ne", "f"]]],
    ["doubled quotes are one", '"say ""hi""",""""', [['say "hi"', '"']]],
    ["doubled quotes are one outside quotes, too", 'abc,{""k"":""v""},x', [["abc", '{"k":"v"}', "x"]]],
    ["empty quotes are an empty field", '"","",x,""', [["", "", "x", ""]]],
    [
      "a backslash keeps backslash, quote and delimiter",
      String.raw`C:\\Files\\x,a\,b,\"q\"`,
      [["C:\\Files\\x", "a,b", '"q"']],
    ],
    ["other backslashes are dropped", `${String.raw`a\nb,\c,"d\te",f`}\\`, [["anb", "c", "dte", "f"]]],
    ["a quote inside a field stays", 'long field "x" here,y', [['long field "x" here', "y"]]],
    ["blanks before quotes go", 'abc,  "x,y"  ,z', [["abc", 'x,y"  ', "z"]]],
    [
      "a record may go on over many lines",
      '1,"a\n\nb\nc",2\n3,4',
      [
        ["1", "a\n\nb\nc", "2"],
        ["3", "4"],
      ],
    ],
  ])("%s", (_, text, expected) => {
    expect(recordsOf(text)).toEqual(expected);
  });

  test.each(["|", ";", " ", "\t"])("the delimiter may be %j", (delimiter) => {
    const line = ["a", `b${delimiter}c`, "d,e", 'q"q'].map((field) => `"${field.replaceAll('"', '""')}"`);
    expect(recordsOf(line.join(delimiter), delimiter)).toEqual([["a", `b${delimiter}c`, "d,e", 'q"q']]);
  });

  test("quotes that never end are told with their row", () => {
    const records: string[][] = [];
    const reader = new CsvRecords(",");
    reader.push('a,b\nc,"d\ne', records);
    expect(records).toEqual([["a", "b"]]);
    expect(() => reader.end(records)).toThrow(
      expect.objectContaining({
        message: "Unterminated quoted field at end of CSV line. Beginning of lost text: [d\ne\n]",
        place: "row 2",
      }),
    );
  });

  test("a row of more than 8 MB is refused before it is whole", () => {
    for (const filler of ["x".repeat(1_000_000), `"${"y\n".repeat(500_000)}`]) {
      const reader = new CsvRecords(",");
      const records: string[][] = [];
      const feed = (): void => {
        for (let part = 0; part < 10; part++)
          reader.push(part === 0 ? `a,b\n${filler}` : filler.replace('"', ""), records);
      };
      expect(feed).toThrow(expect.objectContaining({ message: "The row is larger than 8 MB" }));
      expect(records).toEqual([["a", "b"]]);
    }
  });

  test("places name the row, and the line where it is another", () => {
    const reader = new CsvRecords(",");
    reader.push("a\nb\n", []);
    expect(reader.place).toBe("row 3");
    reader.push('\n"c\nd"\n', []);
    expect(reader.place).toBe("row 4 (line 6)");
  });
});

/** Line ends other than LF do not come back: each becomes LF. A single empty field is an empty line. */
const FIELD = fc
  .array(fc.constantFrom("a", "ß", "\u{1F600}", ",", ";", "|", '"', '""', "\n", " ", "\t", "'", "{", "0"), {
    maxLength: 8,
  })
  .map((parts) => parts.join(""));
const ROWS = fc.array(fc.array(FIELD, { minLength: 2, maxLength: 5 }), { maxLength: 20 });

test("rows written by another program come back as another reader reads them, however the text is cut", () => {
  fc.assert(
    fc.property(
      ROWS,
      fc.constantFrom(",", ";", "|", "\t"),
      fc.boolean(),
      fc.array(fc.nat(400)),
      (rows, delimiter, quoted, cuts) => {
        const text = stringify(rows, { delimiter, quoted, quoted_empty: true });
        expect(recordsOf(text, delimiter, cuts)).toEqual(rows);
        expect(parse(text, { delimiter, relax_column_count: true })).toEqual(rows);
      },
    ),
    { numRuns: 500 },
  );
});

test("text cut anywhere gives the same records, also where it is no proper CSV", () => {
  const anyText = fc
    .array(fc.constantFrom("a", "bc", ",", '"', '""', "\\", "\n", "\r", "\r\n", " "), { maxLength: 40 })
    .map((parts) => parts.join(""));
  const outcome = (text: string, cuts: readonly number[]): unknown => {
    try {
      return recordsOf(text, ",", cuts);
    } catch (error) {
      return (error as Error).message;
    }
  };
  fc.assert(
    fc.property(anyText, fc.array(fc.nat(60)), (text, cuts) => {
      expect(outcome(text, cuts)).toEqual(outcome(text, []));
    }),
    { numRuns: 1000 },
  );
});
