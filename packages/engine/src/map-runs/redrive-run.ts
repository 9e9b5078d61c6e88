import type { EpochMs } from "@stepwell/core";
import type { StoredMapRun } from "../ports/map-run-store.ts";
import { Counter } from "./status-counts.ts";

/** A run that had ended, as it goes on: what failed is tried again, what was never begun is begun. features.md A.18. */
export function redriven(run: StoredMapRun, redriveCount: number, redriveDate: EpochMs): StoredMapRun {
  const { stopDate: _s, outcome: _o, verdict: _v, ...rest } = run;
  const childCounts = new Counter(run.childCounts);
  const itemCounts = new Counter(run.itemCounts);
  childCounts.redriveFailed();
  itemCounts.redriveFailed();
  return {
    ...rest,
    status: "RUNNING",
    redriveCount,
    redriveDate,
    childCounts: childCounts.counts,
    itemCounts: itemCounts.counts,
    areResultsWritten: false,
  };
}
