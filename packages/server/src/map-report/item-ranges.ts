import { Rejection } from "@stepwell/engine";

const RANGES_MAX = 100_000;
const SHOWN_MAX = 40;

type Range = readonly [first: number, last: number];

/** `3,17-20` as ranges in order, both ends included; what overlaps is joined. Throws a ValidationException. */
export function parseItems(text: string): readonly Range[] {
  const parts = text.split(",");
  if (parts.length > RANGES_MAX) {
    throw new Rejection("ValidationException", `items: must be ${RANGES_MAX} ranges at most, got ${parts.length}`);
  }
  const ranges = parts.map((part): Range => {
    const [, first, last = first] = /^\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?\s*$/.exec(part) ?? [];
    if (first === undefined || Number(last) < Number(first)) {
      throw new Rejection(
        "ValidationException",
        `items: must be numbers and ranges such as 3,17-20, got "${part.slice(0, SHOWN_MAX)}"`,
      );
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
