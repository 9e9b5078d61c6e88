import { UsageError } from "../usage-error.ts";

type Range = readonly [first: number, last: number];

/** `3,17-20` as ranges in order, both ends included; what overlaps is joined. Throws UsageError. */
export function parseItems(text: string): readonly Range[] {
  const ranges = text.split(",").map((part): Range => {
    const [, first, last = first] = /^\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?\s*$/.exec(part) ?? [];
    if (first === undefined || Number(last) < Number(first)) {
      throw new UsageError(`--items: must be numbers and ranges such as 3,17-20, got "${part}"`);
    }
    return [Number(first), Number(last)];
  });
  const joined: [number, number][] = [];
  for (const [first, last] of ranges.sort(([a], [b]) => a - b)) {
    const before = joined.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined;
}
