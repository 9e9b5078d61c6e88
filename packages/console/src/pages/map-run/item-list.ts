/** Lists of items as people write them: `3, 17-20`. */

const RANGES_MAX = 10_000;

/** The indexes as ranges: [3, 17, 18] is `3,17-18`. They must be in order. */
export function rangesOf(indexes: readonly number[]): string {
  const ranges: string[] = [];
  for (let at = 0; at < indexes.length; ) {
    const first = indexes[at] as number;
    let last = first;
    at++;
    while (at < indexes.length && indexes[at] === last + 1) {
      last++;
      at++;
    }
    ranges.push(first === last ? String(first) : `${first}-${last}`);
  }
  return ranges.join(",");
}

/** What is wrong with a list, if anything. `count`: how many items there are. */
export function itemListProblem(text: string, count: number): string | undefined {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length > RANGES_MAX) return `More than ${RANGES_MAX} ranges.`;
  for (const part of parts) {
    const [, first, last] = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(part) ?? [];
    if (first === undefined) return `${part === "" ? "An empty place" : part} is no number and no range such as 17-20.`;
    const [from, to] = [Number(first), Number(last ?? first)];
    if (to < from) return `${part}: the range ends before it begins.`;
    if (to >= count) return `${part}: the last item is ${count - 1}.`;
  }
  return undefined;
}
