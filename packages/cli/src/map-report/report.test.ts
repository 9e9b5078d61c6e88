import type { HistoryEvent } from "@stepwell/core";
import type { ReportRow } from "@stepwell/server";
import { describe, expect, test } from "vitest";
import { composeStepwell } from "../compose.ts";
import { inlineRows } from "./inline-rows.ts";
import { localSource } from "./local-source.ts";

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
