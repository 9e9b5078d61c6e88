import type { MapRunLimits } from "../ports/map-run-store.ts";

/**
 * Whether more items have failed than a run tolerates: more than the count, or more than the percentage of all items.
 * With neither set, one is too many. `total` is absent as long as nobody knows how many items there are: then only the
 * count can be exceeded. features.md A.11.
 */
export function exceedsTolerance(limits: MapRunLimits, failed: number, total: number | undefined): boolean {
  if (failed === 0) return false;
  const { toleratedFailureCount: count, toleratedFailurePercentage: percentage } = limits;
  if (count === 0 && percentage === 0) return true;
  if (count > 0 && failed > count) return true;
  // Multiplied, not divided: 1.1 % of 1,000 items is exactly 11 of them.
  return percentage > 0 && total !== undefined && failed * 100 > percentage * total;
}
