/** A Map Run, and a child of it, as `/api/v1` shows them. */
import type { ChildDescription, MapRunDescription, MapRuns } from "@stepwell/engine";
import { countsOf } from "../aws/operations/map-runs.ts";
import { bucketsOf } from "./map-runs-cells.ts";
import type { ApiMapRun, ApiMapRunItemRow, ApiMapRunProgress } from "./map-runs-types.ts";

const ERRORS_MAX = 20;
const SLOWEST_MAX = 20;

/** What costs a look at every child. */
export type MapRunAggregates = Pick<ApiMapRun, "buckets" | "errors" | "slowest">;

export async function aggregatesOf(mapRuns: MapRuns, run: MapRunDescription): Promise<MapRunAggregates> {
  const { mapRunArn } = run;
  const buckets = await bucketsOf(mapRuns, mapRunArn, run.children);
  const [errors, slowest] = await Promise.all([
    mapRuns.errors(mapRunArn, ERRORS_MAX),
    mapRuns.slowest(mapRunArn, SLOWEST_MAX),
  ]);
  return {
    buckets,
    errors: errors.map(({ error, children, firstIndex: index, cause }) => ({
      error,
      count: children,
      sample: cause === undefined ? { index } : { index, cause },
    })),
    slowest,
  };
}

export function mapRunView(run: MapRunDescription, aggregates: MapRunAggregates, now: number): ApiMapRun {
  const { stopDate, redriveDate, error, cause, rerunOf } = run;
  const total = itemsTotalOf(run);
  const began = redriveDate ?? run.startDate;
  // A redriven run began with what had ended before: what it did since is not known.
  const ratePerSecond = run.redriveCount > 0 ? 0 : (endedItems(run) * 1_000) / Math.max(1, (stopDate ?? now) - began);
  return {
    mapRunArn: run.mapRunArn,
    executionArn: run.executionArn,
    stateMachineArn: run.stateMachineArn,
    stateName: run.stateName,
    executionType: run.executionType,
    status: run.status,
    startDate: run.startDate,
    ...(stopDate === undefined ? {} : { stopDate }),
    redriveCount: run.redriveCount,
    ...(redriveDate === undefined ? {} : { redriveDate }),
    ...run.limits,
    itemCounts: countsOf(run, run.itemCounts, run.pendingItems),
    executionCounts: countsOf(run, run.childCounts, run.pendingChildren),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    ...(rerunOf === undefined ? {} : { rerunOf: rerunOf.mapRunArn }),
    children: run.children,
    ...(total === undefined ? {} : { itemsTotal: total }),
    ...(ratePerSecond === 0 ? {} : { ratePerSecond }),
    ...etaOf(run, ratePerSecond),
    ...aggregates,
  };
}

export function progressOf(run: MapRunDescription, ratePerSecond: number): ApiMapRunProgress {
  const total = itemsTotalOf(run);
  return {
    status: run.status,
    counts: countsOf(run, run.childCounts, run.pendingChildren),
    itemCounts: countsOf(run, run.itemCounts, run.pendingItems),
    ...(total === undefined ? {} : { total }),
    ratePerSecond,
    ...etaOf(run, ratePerSecond),
  };
}

export function endedItems({ itemCounts }: MapRunDescription): number {
  const { SUCCEEDED, FAILED, TIMED_OUT, ABORTED } = itemCounts;
  return SUCCEEDED + FAILED + TIMED_OUT + ABORTED;
}

function itemsTotalOf(run: MapRunDescription): number | undefined {
  if (!run.isTotalKnown) return undefined;
  const { RUNNING, PENDING_REDRIVE } = run.itemCounts;
  return endedItems(run) + RUNNING + PENDING_REDRIVE + run.pendingItems;
}

function etaOf(run: MapRunDescription, ratePerSecond: number): { readonly etaMs?: number } {
  const total = itemsTotalOf(run);
  if (total === undefined || ratePerSecond <= 0 || run.status !== "RUNNING") return {};
  return { etaMs: Math.round(((total - endedItems(run)) * 1_000) / ratePerSecond) };
}

export function itemRow(child: ChildDescription): ApiMapRunItemRow {
  const { stoppedAt, redrivenAt, output, error, cause, key } = child;
  const startedAt = redrivenAt ?? child.startedAt;
  return {
    index: child.index,
    firstItem: child.firstItem,
    items: child.items,
    ...(key === undefined ? {} : { key }),
    name: child.name,
    executionArn: child.executionArn,
    status: child.status,
    attempts: 1 + child.redriveCount,
    startedAt,
    ...(stoppedAt === undefined ? {} : { stoppedAt, durationMs: Math.max(0, stoppedAt - startedAt) }),
    input: child.input,
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
}
