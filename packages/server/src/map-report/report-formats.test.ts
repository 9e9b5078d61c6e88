import { describe, expect, test } from "vitest";
import { parseItems } from "./item-ranges.ts";
import { DEFAULT_COLUMNS, parseColumns } from "./report-columns.ts";
import { type ReportFormat, reportText } from "./report-formats.ts";
import type { ReportRow } from "./report-row.ts";

const ROW: ReportRow = {
  index: 0,
  item: 0,
  items: 1,
  status: "SUCCEEDED",
  attempts: 1,
  durationMs: 12,
  input: { number: 7, error: null },
  output: { error: { Error: "Bad" }, note: 'a "b",\nc' },
};

async function* one(): AsyncGenerator<ReportRow> {
  yield ROW;
}

async function written(format: ReportFormat, columns = DEFAULT_COLUMNS): Promise<string> {
  return (await Array.fromAsync(reportText(one(), columns, format))).join("");
}

describe("columns and formats", () => {
  test("a path is looked for in the output, then the input, then the line", async () => {
    const columns = parseColumns("id=$.number,error=$.error.Error,status=$.status,none=$.nothing");
    expect(await written("jsonl", columns)).toBe('{"id":7,"error":"Bad","status":"SUCCEEDED"}\n');
  });

  test("an error that nobody caught is found by the path of one that was caught", async () => {
    const { output: _, ...failed } = { ...ROW, status: "FAILED", error: "Bad", cause: "why", input: { number: 7 } };
    const columns = parseColumns("id=$.number,error=$.error.Error,cause=$.error.Cause,name=$.error");
    const lines = reportText(
      (async function* () {
        yield failed;
      })(),
      columns,
      "csv",
    );
    expect((await Array.fromAsync(lines)).join("")).toBe("id,error,cause,name\r\n7,Bad,why,Bad\r\n");
  });

  test("CSV quotes what needs it", async () => {
    expect(await written("csv", parseColumns("id=$.number,note=$.note"))).toBe('id,note\r\n7,"a ""b"",\nc"\r\n');
  });

  test("a table has a head, and cells on one line", async () => {
    const [head, line] = (await written("table")).split("\n");
    expect(head).toMatch(/^index {2}key {2}status {5}attempts {2}ms/);
    expect(line).toMatch(/^0 {11}SUCCEEDED {2}1 {9}12/);
  });

  test("columns without a path are refused", () => {
    expect(() => parseColumns("id")).toThrow(/must be name=\$\.path/);
    expect(() => parseColumns("id=$.[")).toThrow(/columns: "\$\.\["/);
    expect(() => parseColumns(`a=$${",a=$".repeat(100)}`)).toThrow(/100 at most, got 101/);
  });
});

test("items are numbers and ranges, in order", () => {
  expect(parseItems("17-20, 3,18-22,4")).toEqual([
    [3, 4],
    [17, 22],
  ]);
  expect(() => parseItems("5-3")).toThrow(/^items: must be/);
  expect(() => parseItems("x")).toThrow(/^items: must be/);
});
