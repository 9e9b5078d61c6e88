import type { HistoryEvent } from "@stepwell/core";
import { expect, test } from "vitest";
import { composeStepwell } from "../compose.ts";
import { MapRunProgress } from "./map-run-progress.ts";

test("a Map Run is shown from its beginning to its end", async () => {
  const stepwell = await composeStepwell({ dataDir: ":memory:", time: "virtual" });
  try {
    const W = { Type: "Wait", Seconds: 60, End: true };
    const ProcessorConfig = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" };
    const M = { Type: "Map", ItemProcessor: { ProcessorConfig, StartAt: "W", States: { W } }, End: true };
    const { stateMachineArn } = await stepwell.catalog.createStateMachine({
      name: "m",
      definition: JSON.stringify({ StartAt: "M", States: { M } }),
      roleArn: "arn:aws:iam::123456789012:role/r",
    });
    const { executions } = stepwell;
    if (executions.mapRuns === undefined) throw new Error("there must be map runs");
    const lines: [string, boolean][] = [];
    const progress = new MapRunProgress({
      mapRuns: executions.mapRuns,
      show: (line, isOver) => lines.push([line, isOver]),
    });
    const { executionArn } = await executions.start({ stateMachineArn, input: "[1,2,3]" });
    const events: HistoryEvent[] = [];
    for await (const event of executions.watch(executionArn, 0, new AbortController().signal)) {
      events.push(event);
      await progress.note(event);
    }
    progress.close();
    expect(events.at(-1)?.type).toBe("ExecutionSucceeded");
    const [line, isOver] = lines.at(-1) ?? [];
    expect(line).toMatch(/^ {2}M: SUCCEEDED: 3 done, 0 running, 0 failed, 3 in all, /);
    expect(isOver).toBe(true);
  } finally {
    await stepwell.close(0);
  }
});
