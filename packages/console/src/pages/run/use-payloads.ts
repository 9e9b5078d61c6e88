/** The payloads of visits as values. Pages of events hold long texts cut; those of the first visits are fetched whole. */
import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ApiHistoryEvent } from "../../api/api-types.ts";
import { getEvent } from "../../api/v1.ts";
import type { RunFold, Visit } from "../../run-model/run-fold.ts";
import { parseJson } from "../../ui/json-diff.ts";
import type { Json } from "../../ui/json-value.ts";
import { eventAt, textDetail } from "./run-data.ts";

/** How many long events are fetched for one page. */
const WHOLE_MAX = 60;

export interface Payload {
  /** Characters; of a text that was cut, those that are here. */
  readonly size: number;
  readonly isCut: boolean;
  readonly value: Json | undefined;
}

export interface VisitPayloads {
  readonly visit: Visit;
  readonly input: Payload;
  /** Undefined while the state has not been left. */
  readonly output: Payload | undefined;
}

/** What was parsed once: events never change, and are the same in every fold of a run. */
const parsed = new WeakMap<ApiHistoryEvent, Payload>();

function payloadOf(event: ApiHistoryEvent | undefined, member: "input" | "output"): Payload {
  const known = event === undefined ? undefined : parsed.get(event);
  if (known !== undefined) return known;
  const text = textDetail(event, member);
  const isCut = event?.truncated === true;
  const payload = { size: text?.length ?? 0, isCut, value: isCut ? undefined : parseJson(text) };
  if (event !== undefined) parsed.set(event, payload);
  return payload;
}

/** One for each visit, in order. `version`: that of the store, which says when the fold changed. */
export function usePayloads(executionArn: string, fold: RunFold, version: number): readonly VisitPayloads[] {
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const cut = useMemo(() => cutEvents(fold), [fold, version]);
  const whole = useQueries({
    queries: cut.map((id) => ({
      queryKey: ["event", executionArn, id],
      queryFn: () => getEvent(executionArn, id),
      staleTime: Number.POSITIVE_INFINITY,
    })),
    combine: (results) =>
      new Map(results.flatMap(({ data }) => (data === undefined ? [] : [[data.id, data] as const]))),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  return useMemo(() => {
    const at = (id: number | undefined) => (id === undefined ? undefined : (whole.get(id) ?? eventAt(fold, id)));
    return fold.visits.map((visit) => ({
      visit,
      input: payloadOf(at(visit.id), "input"),
      output: visit.exitedEvent === undefined ? undefined : payloadOf(at(visit.exitedEvent), "output"),
    }));
  }, [fold, version, whole]);
}

function cutEvents(fold: RunFold): readonly number[] {
  const ids: number[] = [];
  for (const { id, exitedEvent } of fold.visits) {
    for (const each of [id, exitedEvent]) {
      if (each !== undefined && eventAt(fold, each)?.truncated === true) ids.push(each);
    }
    if (ids.length >= WHOLE_MAX) break;
  }
  return ids.slice(0, WHOLE_MAX);
}
