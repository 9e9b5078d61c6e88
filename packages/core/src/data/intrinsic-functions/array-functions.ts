import type { Json } from "../../json.ts";
import { wholeNumber } from "./int-argument.ts";
import { IntrinsicFailure, type IntrinsicFunction } from "./intrinsic-function.ts";
import { canonicalText, jsonEquals } from "./json-equality.ts";

/** AWS, "States.ArrayRange". */
const RANGE_ITEMS_MAX = 1000;

type Items = readonly Json[];

export const ARRAY_FUNCTIONS: { readonly [name: string]: IntrinsicFunction } = {
  Array: { params: [], rest: "any", apply: (args) => args },

  ArrayPartition: {
    params: ["array", "number"],
    apply([items, chunkSize]) {
      const size = wholeNumber("ArrayPartition", 1, chunkSize);
      if (size < 1) throw IntrinsicFailure.of("ArrayPartition", `the size of a part must be at least 1, got ${size}`);
      const parts: Items[] = [];
      for (let at = 0; at < (items as Items).length; at += size) parts.push((items as Items).slice(at, at + size));
      return parts;
    },
  },

  ArrayContains: {
    params: ["array", "any"],
    apply: ([items, value]) => (items as Items).some((item) => jsonEquals(item, value as Json)),
  },

  ArrayRange: {
    params: ["number", "number", "number"],
    apply(args) {
      const [first, last, step] = args.map((value, index) => wholeNumber("ArrayRange", index, value)) as [
        number,
        number,
        number,
      ];
      if (step === 0) throw IntrinsicFailure.of("ArrayRange", "the step must not be 0");
      const length = Math.max(0, Math.floor((last - first) / step) + 1);
      if (length > RANGE_ITEMS_MAX) {
        throw IntrinsicFailure.of("ArrayRange", `the range must have at most ${RANGE_ITEMS_MAX} items, got ${length}`);
      }
      return Array.from({ length }, (_, index) => first + index * step);
    },
  },

  ArrayGetItem: {
    params: ["array", "number"],
    apply([items, position]) {
      const index = wholeNumber("ArrayGetItem", 1, position);
      const item = (items as Items)[index];
      if (item !== undefined) return item;
      const { length } = items as Items;
      throw IntrinsicFailure.of("ArrayGetItem", `the index ${index} is not in the array of ${length} items`);
    },
  },

  ArrayLength: { params: ["array"], apply: ([items]) => (items as Items).length },

  /** AWS promises no order; the first of equals stays where it is. */
  ArrayUnique: {
    params: ["array"],
    apply([items]) {
      const seen = new Set<string>();
      return (items as Items).filter((item) => {
        const text = canonicalText(item);
        return !seen.has(text) && seen.add(text);
      });
    },
  },
};
