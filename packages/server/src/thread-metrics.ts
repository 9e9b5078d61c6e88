import type { WorkThreads } from "@stepwell/engine";
import type { Metrics } from "./metrics.ts";

/** What threads did in the place of the one that answers requests. */
export function addThreadMetrics(metrics: Metrics, threads: WorkThreads): void {
  metrics.total(
    "stepwell_long_work_total",
    "Decisions (and evaluations for requests) that took long and were made by a thread.",
    ["kind"],
    () => Object.entries(threads.stats.performed).map(([kind, value]) => ({ labels: [kind], value })),
  );
  metrics.total("stepwell_long_work_lost_total", "Those whose thread ran out of memory or time.", [], () => [
    { value: threads.stats.lost },
  ]);
  metrics.total("stepwell_long_work_milliseconds_total", "How long threads worked.", [], () => [
    { value: Math.round(threads.stats.busyMs) },
  ]);
  metrics.gauge("stepwell_long_work_running", "Threads at work.", [], () => [{ value: threads.stats.running }]);
}
