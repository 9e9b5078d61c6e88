import type { CommittedChange } from "@stepwell/engine";
import type { Metrics } from "./metrics.ts";
import { taskMetrics } from "./task-metrics.ts";
import { TIME_BOUNDS } from "./time-bounds.ts";

type EndStatus = NonNullable<CommittedChange["end"]>["status"];

const OUTCOMES: { readonly [status in EndStatus]: string } = {
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  ABORTED: "aborted",
  TIMED_OUT: "timed_out",
};

/**
 * Counts what executions do, under CloudWatch's names for it (ExecutionsStarted, ExecutionTime, LambdaFunctionsFailed,
 * …; features.md E.7). Give the result to `createExecutions` as `onCommitted`.
 */
export function executionMetrics(metrics: Metrics): (change: CommittedChange) => void {
  const counter = (what: string, help = `Executions ${what}.`) =>
    metrics.counter(`stepwell_${what}_total`, help, ["state_machine_arn"]);
  const started = counter("executions_started", "Executions started.");
  const redriven = counter("executions_redriven", "Executions redriven.");
  const outcomes = Object.entries(OUTCOMES);
  const ended = new Map(
    outcomes.map(([s, outcome]) => [s, counter(`executions_${outcome}`, `Executions ${outcome}.`)]),
  );
  const endedAgain = new Map(
    outcomes.map(([s, outcome]) => [s, counter(`redriven_executions_${outcome}`, `Redriven executions ${outcome}.`)]),
  );
  const time = metrics.histogram(
    "stepwell_execution_time_milliseconds",
    "From start to end, of executions that were not redriven.",
    ["state_machine_arn"],
    TIME_BOUNDS,
  );
  const events = metrics.counter("stepwell_history_events_total", "History events by type.", ["type"]);
  const tasks = taskMetrics(metrics);
  return (change) => {
    const labels = [change.stateMachineArn];
    if (change.started) started(labels);
    if (change.redriven) redriven(labels);
    for (const { type } of change.history) events([type]);
    tasks(change);
    const { end } = change;
    if (end === undefined) return;
    ended.get(end.status)?.(labels);
    // ExecutionTime has samples of first attempts only (features.md E.7).
    if (change.redriveCount === 0) time(labels, end.stopDate - change.start.startedAt);
    else endedAgain.get(end.status)?.(labels);
  };
}
