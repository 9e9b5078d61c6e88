import type { CommittedChange } from "@stepwell/engine";
import type { Metrics } from "./metrics.ts";

type EndStatus = NonNullable<CommittedChange["end"]>["status"];

const OUTCOMES: { readonly [status in EndStatus]: string } = {
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  ABORTED: "aborted",
  TIMED_OUT: "timed_out",
};

/**
 * Counts what executions do, under CloudWatch's names for it (ExecutionsStarted, ExecutionsFailed, …). Give the result
 * to `createExecutions` as `onCommitted`.
 */
export function executionMetrics(metrics: Metrics): (change: CommittedChange) => void {
  const counter = (what: string) =>
    metrics.counter(`stepwell_executions_${what}_total`, `Executions ${what}.`, ["state_machine_arn"]);
  const started = counter("started");
  const redriven = counter("redriven");
  const ended = new Map(Object.entries(OUTCOMES).map(([status, outcome]) => [status, counter(outcome)]));
  const events = metrics.counter("stepwell_history_events_total", "History events by type.", ["type"]);
  return ({ stateMachineArn, started: isStart, history, end }) => {
    if (isStart) started([stateMachineArn]);
    for (const { type } of history) {
      events([type]);
      if (type === "ExecutionRedriven") redriven([stateMachineArn]);
    }
    if (end !== undefined) ended.get(end.status)?.([stateMachineArn]);
  };
}
