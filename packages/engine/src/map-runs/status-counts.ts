/** The counters of a run: they move only together with the rows they count (design invariant 7). */
import type { ChildStatus, StatusCounts } from "../ports/map-run-store.ts";

const FAILED: readonly ChildStatus[] = ["FAILED", "TIMED_OUT", "ABORTED"];

export class Counter {
  readonly #counts: { [status in ChildStatus]: number };

  constructor(counts: StatusCounts) {
    this.#counts = { ...counts };
  }

  add(status: ChildStatus, count: number): void {
    this.#counts[status] += count;
  }

  move(from: ChildStatus, to: ChildStatus, count: number): void {
    this.#counts[from] -= count;
    this.#counts[to] += count;
  }

  /** What failed is to be tried again. */
  redriveFailed(): void {
    for (const status of FAILED) this.move(status, "PENDING_REDRIVE", this.#counts[status]);
  }

  of(status: ChildStatus): number {
    return this.#counts[status];
  }

  /** Failed as the tolerated failures count: an aborted child did not fail. features.md A.11. */
  get failed(): number {
    return this.#counts.FAILED + this.#counts.TIMED_OUT;
  }

  get total(): number {
    return totalOf(this.#counts);
  }

  get counts(): StatusCounts {
    return { ...this.#counts };
  }
}

function totalOf(counts: StatusCounts): number {
  let total = 0;
  for (const count of Object.values(counts)) total += count;
  return total;
}
