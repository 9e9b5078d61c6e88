import type { HistoryEvent } from "@stepwell/core";
import { describe, expect, test } from "vitest";
import { composeStepwell } from "../compose.ts";
import { inlineRows } from "./inline-rows.ts";
import { parseItems } from "./item-ranges.ts";
import { localSource } from "./local-source.ts";
import { DEFAULT_COLUMNS, parseColumns } from "./report-columns.ts";
import { type ReportFormat, writeReport } from "./report-formats.ts";
import type { ReportRow } from "./report-row.ts";

const CHOOSY = {
  StartAt: "C",
  States: {
    C: { Type: "Choice", Choices: [{ Variable: "$.n", NumericEquals: 2, Next: "F" }], Default: "P" },
    F: { Type: "Fail", Error: "Bad", Cause: "a 2, of all" },
    P: { Type: "Pass", Result: { twice: true }, ResultPath: "$.more", End: true },
  },
};
const ROLE = "arn:aws:iam::123456789012:role/r";

async function rowsOf(map: object, failed: boolean): Promise<ReportRow[]> {
  const stepwell = await composeStepwell({ dataDir: ":memory:", time: "virtual" });
  try {
    const definition = JSON.stringify({ StartAt: "M", States: { M: { Type: "Map", End: true, ...map } } });
    const { stateMachineArn } = await stepwell.catalog.createStateMachine({ name: "m", definition, roleArn: ROLE });
    const { executions } = stepwell;
    const { executionArn } = await executions.start({ stateMachineArn, input: '[{"n":1},{"n":2},{"n":3}]' });
    const events: HistoryEvent[] = [];
    for await (const event of executions.watch(executionArn, 0, new AbortController().signal)) events.push(event);
    if (executions.mapRuns === undefined) throw new Error("there must be map runs");
    const source = localSource(executions, executions.mapRuns, async () => undefined);
    const [run] = (await executions.mapRuns.list(executionArn, { limit: 1 })).items;
    if (run === undefined) return await inlineRows(source.history(executionArn), undefined);
    return await Array.fromAsync(source.children(run.mapRunArn, failed));
  } finally {
    await stepwell.close(0);
  }
}

const distributed = (ExecutionType: string): object => ({
  ToleratedFailureCount: 1,
  ItemProcessor: { ...CHOOSY, ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType } },
});

describe("a report of a Map Run", () => {
  test.each(["STANDARD", "EXPRESS"])("has a line for each item of %s children", async (type) => {
    const rows = await rowsOf(distributed(type), false);
    expect(rows.map(({ item, status, attempts }) => [item, status, attempts])).toEqual([
      [0, "SUCCEEDED", 1],
      [1, "FAILED", 1],
      [2, "SUCCEEDED", 1],
    ]);
    expect(rows[1]).toMatchObject({ input: { n: 2 }, error: "Bad", cause: "a 2, of all" });
    expect(rows[2]).toMatchObject({ input: { n: 3 }, output: { n: 3, more: { twice: true } } });
  });

  test("has only what failed when that is asked for", async () => {
    expect((await rowsOf(distributed("EXPRESS"), true)).map(({ item }) => item)).toEqual([1]);
  });
});

test("a report of an inline Map is read off its history", async () => {
  const rows = await rowsOf({ MaxConcurrency: 1, ItemProcessor: CHOOSY }, false);
  expect(rows.map(({ index, status, error }) => [index, status, error])).toEqual([
    [0, "SUCCEEDED", undefined],
    [1, "FAILED", "Bad"],
  ]);
  expect(rows[0]).toMatchObject({ input: { n: 1 }, output: { n: 1, more: { twice: true } }, durationMs: 0 });
});

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
  let text = "";
  await writeReport(one(), columns, format, (more) => {
    text += more;
  });
  return text;
}

describe("columns and formats", () => {
  test("a path is looked for in the output, then the input, then the line", async () => {
    const columns = parseColumns("id=$.number,error=$.error.Error,status=$.status,none=$.nothing");
    expect(await written("jsonl", columns)).toBe('{"id":7,"error":"Bad","status":"SUCCEEDED"}\n');
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
  });
});

test("items are numbers and ranges, in order", () => {
  expect(parseItems("17-20, 3,18-22,4")).toEqual([
    [3, 4],
    [17, 22],
  ]);
  expect(() => parseItems("5-3")).toThrow(/--items/);
  expect(() => parseItems("x")).toThrow(/--items/);
});
