/** Visits as a tree is read: what ran inside of a Map or Parallel right below it, iteration by iteration, branch by branch. */
import type { Visit } from "../../run-model/run-fold.ts";

/** The same array when nothing stands inside of anything. */
export function inTreeOrder(visits: readonly Visit[]): readonly Visit[] {
  const inside = childrenOf(visits);
  if (inside.size === 0) return visits;
  const ordered: Visit[] = [];
  // No recursion: the depth is whatever somebody has defined.
  const open: Visit[] = visits.filter(({ parent }) => parent === undefined).reverse();
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    ordered.push(visit);
    const below = inside.get(visit);
    if (below !== undefined) for (const each of below.toReversed()) open.push(each);
  }
  return ordered;
}

/** What stands directly inside of each Map and Parallel, line of states by line of states. */
function childrenOf(visits: readonly Visit[]): ReadonlyMap<Visit, readonly Visit[]> {
  const inside = new Map<Visit, Visit[]>();
  const lines = new Map<Visit, readonly [iteration: number, first: number]>();
  for (const visit of visits) {
    if (visit.parent === undefined) continue;
    const before = visit.from === undefined ? undefined : lines.get(visit.from);
    lines.set(visit, before ?? [visit.iteration ?? 0, visit.id]);
    const siblings = inside.get(visit.parent);
    if (siblings === undefined) inside.set(visit.parent, [visit]);
    else siblings.push(visit);
  }
  const place = (visit: Visit) => lines.get(visit) ?? [0, visit.id];
  for (const siblings of inside.values()) {
    siblings.sort((a, b) => {
      const [left, right] = [place(a), place(b)];
      return left[0] - right[0] || left[1] - right[1] || a.id - b.id;
    });
  }
  return inside;
}
