import { expect, test } from "vitest";
import { executionMetrics } from "./execution-metrics.ts";
import { Metrics } from "./metrics.ts";

test("starts, ends and events are counted as they are committed", async () => {
  const metrics = new Metrics();
  const told = executionMetrics(metrics);
  const change = { executionArn: "e", stateMachineArn: "m", revisionKey: "r", redriveCount: 0, committedAt: 5 };
  const event = (id: number, type: string) => ({ id, previousEventId: 0, timestamp: 5, type });
  told({ ...change, started: true, history: [event(1, "ExecutionStarted"), event(2, "WaitStateEntered")] });
  const end = { status: "TIMED_OUT", stopDate: 9 } as const;
  told({ ...change, started: false, history: [event(3, "ExecutionTimedOut")], end });
  told({ ...change, started: false, history: [event(4, "ExecutionRedriven")] });
  const text = await metrics.text();
  for (const line of [
    'stepwell_executions_started_total{state_machine_arn="m"} 1',
    'stepwell_executions_timed_out_total{state_machine_arn="m"} 1',
    'stepwell_executions_redriven_total{state_machine_arn="m"} 1',
    'stepwell_history_events_total{type="WaitStateEntered"} 1',
  ]) {
    expect(text).toContain(line);
  }
  expect(text).not.toContain("stepwell_executions_failed_total{");
});
