import type { MapRunPlan } from "../execution/map-run-plan.ts";
import { utf8Bytes } from "../execution/payload.ts";
import type { Json } from "../json.ts";

/** What one child of a Distributed Map with an ItemBatcher begins with. */
export interface ItemBatch {
  readonly items: readonly Json[];
  readonly batchInput?: Json;
}

/**
 * Packs items in order into as few batches as the batcher's bounds allow; 0 is no bound. Bytes are those of the child's
 * whole input; an item that is larger alone has a batch of its own. features.md A.13.
 */
export function batchItems(items: readonly Json[], batcher: NonNullable<MapRunPlan["batcher"]>): ItemBatch[] {
  const { maxItemsPerBatch = 0, maxInputBytesPerBatch = 0, batchInput } = batcher;
  const around = bytesOf({ ...(batchInput === undefined ? {} : { BatchInput: batchInput }), Items: [] });
  const batches: Json[][] = [];
  let open: Json[] | undefined;
  let openBytes = 0;
  for (const item of items) {
    const bytes = bytesOf(item) + 1;
    const isFull =
      open === undefined ||
      (maxItemsPerBatch > 0 && open.length >= maxItemsPerBatch) ||
      (maxInputBytesPerBatch > 0 && openBytes + bytes > maxInputBytesPerBatch);
    if (isFull) {
      open = [];
      // One item has no comma.
      openBytes = around - 1;
      batches.push(open);
    }
    open?.push(item);
    openBytes += bytes;
  }
  return batches.map((batch) => ({ items: batch, ...(batchInput === undefined ? {} : { batchInput }) }));
}

function bytesOf(value: Json): number {
  return utf8Bytes(JSON.stringify(value));
}
