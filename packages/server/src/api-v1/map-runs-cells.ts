import { setImmediate as turn } from "node:timers/promises";
import { CHILD_CELLS, type MapRuns } from "@stepwell/engine";
import type { ApiMapRunBucket } from "./map-runs-types.ts";

/** Asked of the store at once; others have their turn in between. */
const SPAN = 20_000;
const BUCKET = 1_000;
const BUCKETS_MAX = 1_000;
const CELLS = Object.keys(CHILD_CELLS).length + 1;

/** The cells of `count` children, span by span. */
export async function* cellSpans(mapRuns: MapRuns, mapRunArn: string, count: number): AsyncGenerator<Uint8Array> {
  for (let first = 0; first < count; first += SPAN) {
    yield await mapRuns.cells(mapRunArn, first, Math.min(SPAN, count - first));
    await turn();
  }
}

/** How many of each in every thousand children; of more than a thousand each where there would be too many buckets. */
export async function bucketsOf(mapRuns: MapRuns, mapRunArn: string, count: number): Promise<ApiMapRunBucket[]> {
  const size = BUCKET * Math.max(1, Math.ceil(count / BUCKET / BUCKETS_MAX));
  const sums = Array.from({ length: Math.ceil(count / size) }, () => new Uint32Array(CELLS));
  let index = 0;
  for await (const cells of cellSpans(mapRuns, mapRunArn, count)) {
    for (const cell of cells) {
      const sum = sums[Math.floor(index++ / size)] as Uint32Array;
      sum[cell] = (sum[cell] ?? 0) + 1;
    }
  }
  return sums.map((sum, i) => bucketOf(sum, i * size, Math.min(size, count - i * size)));
}

function bucketOf(sum: Uint32Array, first: number, children: number): ApiMapRunBucket {
  return {
    first,
    children,
    pending: sum[0] ?? 0,
    running: sum[CHILD_CELLS.RUNNING] ?? 0,
    succeeded: sum[CHILD_CELLS.SUCCEEDED] ?? 0,
    failed: sum[CHILD_CELLS.FAILED] ?? 0,
    timedOut: sum[CHILD_CELLS.TIMED_OUT] ?? 0,
    aborted: sum[CHILD_CELLS.ABORTED] ?? 0,
    pendingRedrive: sum[CHILD_CELLS.PENDING_REDRIVE] ?? 0,
  };
}
