import type { EpochMs } from "@stepwell/core";
import type { MapRunPosition, StoredMapRun } from "../ports/map-run-store.ts";
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
    position: run.verdict?.error === "States.ItemReaderFailed" ? unpinned(run.position) : run.position,
    status: "RUNNING",
    redriveCount,
    redriveDate,
    childCounts: childCounts.counts,
    itemCounts: itemCounts.counts,
    areResultsWritten: false,
  };
}

/** Somebody has looked at what could not be read: it is read on behind the last item, though it may be another object now. */
function unpinned(position: MapRunPosition): MapRunPosition {
  if (position.cursor === undefined) return position;
  const { etag: _, ...cursor } = position.cursor;
  return { ...position, cursor };
}
