/**
 * The visits that made a run take as long as it did: from its end back to its start, at each Map and Parallel the line of
 * states that ended last. Shortening anything else would not have shortened the run.
 */
import { transitionKey, type Visit } from "../../run-model/run-fold.ts";

export interface CriticalPath {
  /** All visits on it, Maps and Parallels too. */
  readonly visits: ReadonlySet<Visit>;
  /** Of them those with nothing of the path inside, in the order of time: their times add up to the run's, but for gaps. */
  readonly leaves: readonly Visit[];
  /** Names of states on it → milliseconds of their leaves on the path. */
  readonly msByState: ReadonlyMap<string, number>;
  /** `from` and `to` of steps on it, as of RunFold.transitions. */
  readonly steps: ReadonlySet<string>;
  readonly totalMs: number;
}

/** `now` ends what has not ended: an open visit is the last of its line. */
export function criticalPath(visits: readonly Visit[], now: number): CriticalPath {
  const lines = lastVisits(visits);
  const on = new Set<Visit>();
  const leaves: Visit[] = [];
  const steps = new Set<string>();
  const open: Step[] = [];
  const last = visits.findLast(({ parent }) => parent === undefined);
  if (last !== undefined) open.push({ visit: last, until: last.endedAt ?? now });
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    const { visit, until } = step;
    if (on.has(visit)) continue;
    on.add(visit);
    const { from, parent } = visit;
    if (from !== undefined) {
      steps.add(transitionKey(from.name, visit.name));
      open.push({ visit: from, until: from.endedAt ?? visit.enteredAt });
    } else if (parent !== undefined) {
      // The first of its line waited for its turn: for the end of another iteration.
      const before = lastBefore(lines.get(parent) ?? [], visit.enteredAt, now, on);
      if (before !== undefined && visit.enteredAt > parent.enteredAt)
        open.push({ visit: before, until: visit.enteredAt });
    }
    const inside = lastBefore(lines.get(visit) ?? [], until, now, on);
    if (inside === undefined) leaves.push(visit);
    else open.push({ visit: inside, until });
  }
  leaves.sort((a, b) => a.enteredAt - b.enteredAt || a.id - b.id);
  const msByState = new Map<string, number>();
  for (const visit of leaves) msByState.set(visit.name, (msByState.get(visit.name) ?? 0) + tookMs(visit, now));
  const first = visits[0]?.enteredAt ?? now;
  return { visits: on, leaves, steps, msByState, totalMs: Math.max(0, (last?.endedAt ?? now) - first) };
}

interface Step {
  readonly visit: Visit;
  readonly until: number;
}

const tookMs = ({ enteredAt, endedAt }: Visit, now: number): number => Math.max(0, (endedAt ?? now) - enteredAt);

/** The last visits of the lines inside each Map and Parallel: nothing came from them. Those that ended first are first. */
function lastVisits(visits: readonly Visit[]): ReadonlyMap<Visit, readonly Visit[]> {
  const left = new Set<Visit>();
  for (const { from } of visits) if (from !== undefined) left.add(from);
  const inside = new Map<Visit, Visit[]>();
  for (const visit of visits) {
    if (visit.parent === undefined || left.has(visit)) continue;
    const siblings = inside.get(visit.parent);
    if (siblings === undefined) inside.set(visit.parent, [visit]);
    else siblings.push(visit);
  }
  for (const siblings of inside.values()) siblings.sort(byEnd);
  return inside;
}

const END = Number.POSITIVE_INFINITY;

const hasFailed = ({ status }: Visit): number => (status === "FAILED" || status === "TIMED_OUT" ? 1 : 0);

/** Of those that ended together one that failed is last: it ended the others. Else the one that took longest. */
function byEnd(a: Visit, b: Visit): number {
  const [left, right] = [a.endedAt ?? END, b.endedAt ?? END];
  if (left !== right) return left - right;
  return hasFailed(a) - hasFailed(b) || b.enteredAt - a.enteredAt;
}

/** The line that ended last, at `until` or before: sorted lists are searched, Maps have thousands of iterations. */
function lastBefore(sorted: readonly Visit[], until: number, now: number, on: ReadonlySet<Visit>): Visit | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.endedAt ?? now) <= until) low = middle + 1;
    else high = middle;
  }
  for (let at = low - 1; at >= 0; at--) {
    const visit = sorted[at];
    if (visit !== undefined && !on.has(visit)) return visit;
  }
  return undefined;
}
