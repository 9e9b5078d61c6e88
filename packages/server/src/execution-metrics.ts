import type { CommittedChange } from "@stepwell/engine";
import type { Counter, Metrics } from "./metrics.ts";
import { isTaskEvent, taskMetrics } from "./task-metrics.ts";
import { TIME_BOUNDS } from "./time-bounds.ts";

type EndStatus = NonNullable<CommittedChange["end"]>["status"];

const OUTCOMES: { readonly [status in EndStatus]: string } = {
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  ABORTED: "aborted",
  TIMED_OUT: "timed_out",
};

type Ends<Count> = { readonly [status in EndStatus]: Count };

/** The series of one state machine: a change costs no look at labels. */
interface MachineSeries {
  readonly started: () => void;
  readonly redriven: () => void;
  readonly ended: Ends<() => void>;
  readonly endedAgain: Ends<() => void>;
  readonly time: (ms: number) => void;
}

/** Beyond, what is known of machines is found anew. */
const MACHINES_MAX = 2_000;

/**
 * Counts what executions do, under CloudWatch's names for it (ExecutionsStarted, ExecutionTime, LambdaFunctionsFailed,
 * …; features.md E.7). Give the result to `createExecutions` as `onCommitted`.
 */
export function executionMetrics(metrics: Metrics): (change: CommittedChange) => void {
  const seriesOf = machineMetrics(metrics);
  const count = eventMetrics(metrics);
  const tasks = taskMetrics(metrics);
  return (change) => {
    const series = seriesOf(change.stateMachineArn);
    if (change.started) series.started();
    if (change.redriven) series.redriven();
    let hasTasks = false;
    // A history that nobody has made yet is not made for the sake of its types.
    if (change.historyTypes !== undefined) for (const type of change.historyTypes) hasTasks = count(type) || hasTasks;
    else for (const { type } of change.history) hasTasks = count(type) || hasTasks;
    if (hasTasks) tasks(change);
    const { end } = change;
    if (end === undefined) return;
    if (!hasTasks) tasks.ended(change);
    series.ended[end.status]();
    // ExecutionTime has samples of first attempts only (features.md E.7).
    if (change.redriveCount === 0) series.time(end.stopDate - change.start.startedAt);
    else series.endedAgain[end.status]();
  };
}

function machineMetrics(metrics: Metrics): (stateMachineArn: string) => MachineSeries {
  const counter = (what: string, help: string): Counter =>
    metrics.counter(`stepwell_${what}_total`, help, ["state_machine_arn"]);
  const started = counter("executions_started", "Executions started.");
  const redriven = counter("executions_redriven", "Executions redriven.");
  const ended = byOutcome((outcome) => counter(`executions_${outcome}`, `Executions ${outcome}.`));
  const endedAgain = byOutcome((outcome) =>
    counter(`redriven_executions_${outcome}`, `Redriven executions ${outcome}.`),
  );
  const time = metrics.histogram(
    "stepwell_execution_time_milliseconds",
    "From start to end, of executions that were not redriven.",
    ["state_machine_arn"],
    TIME_BOUNDS,
  );
  const known = new Map<string, MachineSeries>();
  return (stateMachineArn) => {
    let series = known.get(stateMachineArn);
    if (series === undefined) {
      const labels = [stateMachineArn];
      const endsOf = (counters: Ends<Counter>): Ends<() => void> => ({
        SUCCEEDED: counters.SUCCEEDED.of(labels),
        FAILED: counters.FAILED.of(labels),
        ABORTED: counters.ABORTED.of(labels),
        TIMED_OUT: counters.TIMED_OUT.of(labels),
      });
      series = {
        started: started.of(labels),
        redriven: redriven.of(labels),
        ended: endsOf(ended),
        endedAgain: endsOf(endedAgain),
        time: time.of(labels),
      };
      if (known.size >= MACHINES_MAX) known.clear();
      known.set(stateMachineArn, series);
    }
    return series;
  };
}

function byOutcome(make: (outcome: string) => Counter): Ends<Counter> {
  const { SUCCEEDED, FAILED, ABORTED, TIMED_OUT } = OUTCOMES;
  return { SUCCEEDED: make(SUCCEEDED), FAILED: make(FAILED), ABORTED: make(ABORTED), TIMED_OUT: make(TIMED_OUT) };
}

/** Counts an event by its type, and says whether it is about a task. */
function eventMetrics(metrics: Metrics): (type: string) => boolean {
  const events = metrics.counter("stepwell_history_events_total", "History events by type.", ["type"]);
  // There are some sixty types.
  const byType = new Map<string, { readonly count: () => void; readonly isTask: boolean }>();
  return (type) => {
    let series = byType.get(type);
    if (series === undefined) {
      series = { count: events.of([type]), isTask: isTaskEvent(type) };
      byType.set(type, series);
    }
    series.count();
    return series.isTask;
  };
}
