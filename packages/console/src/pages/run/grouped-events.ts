/** Events by the visit of the state they belong to, visits as a tree is read; what belongs to the run stands around them. */
import type { ApiHistoryEvent } from "../../api/api-types.ts";
import type { RunFold } from "../../run-model/run-fold.ts";
import { inTreeOrder } from "./visit-order.ts";

export function byVisit(fold: RunFold, events: readonly ApiHistoryEvent[]): readonly ApiHistoryEvent[] {
  const places = new Map(inTreeOrder(fold.visits).map((visit, place) => [visit, place]));
  const place = ({ id, type }: ApiHistoryEvent): number => {
    if (type.startsWith("Execution")) return id === 1 ? -1 : places.size;
    const visit = fold.visitOf(id);
    return visit === undefined ? -1 : (places.get(visit) ?? places.size);
  };
  return events
    .map((event) => [place(event), event] as const)
    .sort(([a, one], [b, other]) => a - b || one.id - other.id)
    .map(([, event]) => event);
}

/** The ids of those with which another visit begins. */
export function firstOfVisits(fold: RunFold, events: readonly ApiHistoryEvent[]): ReadonlySet<number> {
  const first = new Set<number>();
  for (const [index, { id }] of events.entries()) {
    const before = events[index - 1];
    if (before === undefined || fold.visitOf(before.id) !== fold.visitOf(id)) first.add(id);
  }
  return first;
}
