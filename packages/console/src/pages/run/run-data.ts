/** Payloads and variables of visits, read off the history; what was cut is fetched whole when it is looked at. */
import { useQuery } from "@tanstack/react-query";
import type { ApiHistoryEvent } from "../../api/api-types.ts";
import { getEvent } from "../../api/v1.ts";
import { eventDetails, type RunFold, type Visit } from "../../run-model/run-fold.ts";
import { parseJson } from "../../ui/json-diff.ts";
import type { Json } from "../../ui/json-value.ts";

/** The whole event: at once when nothing of it was cut. */
export function useWholeEvent(executionArn: string, event: ApiHistoryEvent | undefined): ApiHistoryEvent | undefined {
  const cut = event?.truncated === true;
  const { data } = useQuery({
    queryKey: ["event", executionArn, event?.id],
    queryFn: () => getEvent(executionArn, event?.id ?? 0),
    enabled: cut,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return cut ? data : event;
}

export function textDetail(event: ApiHistoryEvent | undefined, member: string): string | undefined {
  const value = event === undefined ? undefined : eventDetails(event)[member];
  return typeof value === "string" ? value : undefined;
}

export const eventAt = (fold: RunFold, id: number | undefined): ApiHistoryEvent | undefined =>
  id === undefined ? undefined : fold.events[id - 1];

const STEPS_MAX = 30_000;

/**
 * The variables a visit saw: those assigned before it in its own line of states, then in the lines around it. "leaving":
 * and what it assigned itself.
 */
export function variablesAt(
  fold: RunFold,
  visit: Visit,
  when: "entering" | "leaving" = "entering",
): Readonly<Record<string, Json>> {
  const found = new Map<string, Json>();
  let steps = 0;
  for (let scope: Visit | undefined = visit; scope !== undefined; scope = scope.parent) {
    const last = when === "leaving" && scope === visit ? visit : scope.from;
    for (let each = last; each !== undefined && steps++ < STEPS_MAX; each = each.from) {
      const exited = eventAt(fold, each.exitedEvent);
      const assigned = exited === undefined ? undefined : eventDetails(exited)["assignedVariables"];
      if (typeof assigned !== "object" || assigned === null) continue;
      for (const [name, text] of Object.entries(assigned)) {
        if (!found.has(name) && typeof text === "string") found.set(name, parseJson(text) ?? text);
      }
    }
  }
  return Object.fromEntries(found);
}

/** How a visit is called where there are many: `#3 of 22`, `iteration 4`. */
export function visitLabel(visit: Visit): string {
  const line: string[] = [];
  for (let each: Visit | undefined = visit; each !== undefined; each = each.parent) {
    if (each.iteration !== undefined) line.unshift(`iteration ${each.iteration}`);
  }
  return line.join(" › ");
}
