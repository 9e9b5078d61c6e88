import fc from "fast-check";
import { expect, test } from "vitest";
import { utf8Bytes } from "../execution/payload.ts";
import type { Json } from "../json.ts";
import { batchItems } from "./item-batches.ts";

const bytesOf = (items: readonly Json[], batchInput?: Json) =>
  utf8Bytes(JSON.stringify({ ...(batchInput === undefined ? {} : { BatchInput: batchInput }), Items: items }));

test("a batch holds as many items as its bounds allow", () => {
  expect(batchItems([1, 2, 3], { maxItemsPerBatch: 2 })).toEqual([{ items: [1, 2] }, { items: [3] }]);
  const room = bytesOf(["aaaa", "bbbb"]);
  expect(batchItems(["aaaa", "bbbb", "c"], { maxInputBytesPerBatch: room })).toEqual([
    { items: ["aaaa", "bbbb"] },
    { items: ["c"] },
  ]);
  expect(batchItems(["aaaa", "bbbb"], { maxInputBytesPerBatch: room - 1 })).toHaveLength(2);
  expect(batchItems([], { maxItemsPerBatch: 2 })).toEqual([]);
});

test("no item is lost or moved, and no batch is larger than it may be unless it holds one item", () => {
  const batcher = fc.record({ maxItemsPerBatch: fc.nat(5), maxInputBytesPerBatch: fc.nat(200) });
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), batcher, fc.boolean(), (values, bounds, withInput) => {
      const items = values as Json[];
      const batchInput = { k: "é" };
      const batches = batchItems(items, { ...bounds, ...(withInput ? { batchInput } : {}) });
      expect(batches.flatMap((batch) => batch.items)).toEqual(items);
      for (const { items: held } of batches) {
        expect(held.length).toBeGreaterThan(0);
        if (held.length === 1) continue;
        if (bounds.maxItemsPerBatch > 0) expect(held.length).toBeLessThanOrEqual(bounds.maxItemsPerBatch);
        if (bounds.maxInputBytesPerBatch > 0) {
          expect(bytesOf(held, withInput ? batchInput : undefined)).toBeLessThanOrEqual(bounds.maxInputBytesPerBatch);
        }
      }
    }),
  );
});
