/**
 * Two runs of one kind side by side: visits of states aligned by path, and the first place where the runs part.
 *
 * A1. Visits are compared within their line of states only: the top level, an iteration of a Map, a branch of a Parallel.
 *     Lines run side by side in time, so the order of events across them says nothing.
 * A2. Within a line the states' names are aligned (longest common subsequence; by the nearest match where a loop makes the
 *     lines too long for that).
 */
import type { RunFold, Visit } from "../../run-model/run-fold.ts";

export interface AlignedVisit {
  readonly a?: Visit;
  readonly b?: Visit;
  readonly depth: number;
}

/** A table larger than this is not built. */
const TABLE_MAX = 1_000_000;
/** How far ahead the nearest match is looked for. */
const LOOK_AHEAD = 200;
const DEPTH_MAX = 40;

export function alignRuns(a: RunFold, b: RunFold): readonly AlignedVisit[] {
  const rows: AlignedVisit[] = [];
  alignInside(rows, linesOf(a), linesOf(b), undefined, undefined, 0);
  return rows;
}

/** Lines of states by what they stand in. */
type Lines = ReadonlyMap<Visit | undefined, ReadonlyMap<string, readonly Visit[]>>;

function linesOf(fold: RunFold): Lines {
  const lines = new Map<Visit | undefined, Map<string, Visit[]>>();
  const keys = new Map<Visit, string>();
  for (const visit of fold.visits) {
    // Iterations are told apart by index, branches by their first state: a name stands in one branch only.
    const known = visit.from === undefined ? undefined : keys.get(visit.from);
    const key = known ?? (visit.iteration === undefined ? `branch ${visit.name}` : `iteration ${visit.iteration}`);
    keys.set(visit, key);
    const inside = lines.get(visit.parent) ?? new Map<string, Visit[]>();
    lines.set(visit.parent, inside);
    const line = inside.get(key) ?? [];
    inside.set(key, line);
    line.push(visit);
  }
  return lines;
}

function alignInside(
  rows: AlignedVisit[],
  left: Lines,
  right: Lines,
  a: Visit | undefined,
  b: Visit | undefined,
  depth: number,
): void {
  const [ours, theirs] = [left.get(a) ?? NO_LINES, right.get(b) ?? NO_LINES];
  // The one line of the top level begins where the machine begins, in both.
  const keys = depth === 0 ? [undefined] : [...new Set([...ours.keys(), ...theirs.keys()])].toSorted(byIteration);
  for (const key of keys) {
    const line = (lines: ReadonlyMap<string, readonly Visit[]>) =>
      key === undefined ? [...lines.values()].flat() : (lines.get(key) ?? []);
    for (const pair of alignLines(line(ours), line(theirs))) {
      rows.push({ ...pair, depth });
      if (depth < DEPTH_MAX) alignInside(rows, left, right, pair.a ?? NOBODY, pair.b ?? NOBODY, depth + 1);
    }
  }
}

const NO_LINES: ReadonlyMap<string, readonly Visit[]> = new Map();
/** Stands in for a visit that one run does not have: nothing stands in it. */
const NOBODY = {} as Visit;

function byIteration(a: string, b: string): number {
  const [left, right] = [a, b].map((key) => (key.startsWith("iteration ") ? Number(key.slice(10)) : -1));
  return (left ?? 0) - (right ?? 0);
}

type Pair = { readonly a?: Visit; readonly b?: Visit };

function alignLines(a: readonly Visit[], b: readonly Visit[]): readonly Pair[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head]?.name === b[head]?.name) head++;
  let tail = 0;
  const rest = () => Math.min(a.length, b.length) - head - tail;
  while (rest() > 0 && a[a.length - 1 - tail]?.name === b[b.length - 1 - tail]?.name) tail++;
  const both = (from: number, to: number, shift: number) =>
    a.slice(from, to).map((visit, index) => ({ a: visit, b: b[from + index + shift] as Visit }));
  const middle = alignMiddle(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  return [...both(0, head, 0), ...middle, ...both(a.length - tail, a.length, b.length - a.length)];
}

function alignMiddle(a: readonly Visit[], b: readonly Visit[]): readonly Pair[] {
  if (a.length === 0 || b.length === 0)
    return [...a.map((visit) => ({ a: visit })), ...b.map((visit) => ({ b: visit }))];
  const isSame = a.length * b.length > TABLE_MAX ? nearest(a, b) : commonest(a, b);
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  for (const [left, right] of isSame) {
    while (i < left) pairs.push({ a: a[i++] as Visit });
    while (j < right) pairs.push({ b: b[j++] as Visit });
    pairs.push({ a: a[i++] as Visit, b: b[j++] as Visit });
  }
  while (i < a.length) pairs.push({ a: a[i++] as Visit });
  while (j < b.length) pairs.push({ b: b[j++] as Visit });
  return pairs;
}

type Match = readonly [a: number, b: number];

function commonest(a: readonly Visit[], b: readonly Visit[]): readonly Match[] {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => table[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i * width + j] = a[i]?.name === b[j]?.name ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const matches: Match[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i]?.name === b[j]?.name) matches.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return matches;
}

function nearest(a: readonly Visit[], b: readonly Visit[]): readonly Match[] {
  const matches: Match[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const step = nearestStep(a, b, i, j);
    if (step === undefined) {
      i++;
      j++;
      continue;
    }
    [i, j] = [i + step[0], j + step[1]];
    matches.push([i++, j++]);
  }
  return matches;
}

/** The fewest visits to pass over, in both lines together, until names are the same. */
function nearestStep(a: readonly Visit[], b: readonly Visit[], i: number, j: number): Match | undefined {
  for (let sum = 0; sum <= LOOK_AHEAD; sum++) {
    for (let left = 0; left <= sum; left++) {
      const [one, other] = [a[i + left], b[j + sum - left]];
      if (one !== undefined && one.name === other?.name) return [left, sum - left];
    }
  }
  return undefined;
}
