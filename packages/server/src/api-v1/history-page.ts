/** History as the console reads it: AWS's events with times in milliseconds, long texts cut, pages bounded in size. */
import type { HistoryEvent } from "@stepwell/core";
import type { Executions } from "@stepwell/engine";
import { historyEventOnWire } from "../aws/history-event.ts";
import type { ApiEventPage, ApiHistoryEvent } from "./types.ts";

/** Longer texts are cut in pages. */
const TEXT_CHARACTERS_MAX = 2_048;
/** A page ends when its events take so many characters, so that a first screen stays below 100 KB. */
const PAGE_CHARACTERS_MAX = 90_000;
const EVENTS_PER_READ = 100;

export interface EventRange {
  readonly after?: number;
  readonly limit: number;
  readonly reverse: boolean;
}

/** `lastEventId`: that of the execution, read before. */
export async function eventPage(
  executions: Executions,
  executionArn: string,
  range: EventRange,
  lastEventId: number,
): Promise<ApiEventPage> {
  const events: ApiHistoryEvent[] = [];
  let { after } = range;
  let characters = 0;
  while (events.length < range.limit) {
    const part = await executions.history(executionArn, {
      limit: Math.min(EVENTS_PER_READ, range.limit - events.length),
      reverse: range.reverse,
      ...(after === undefined ? {} : { after }),
    });
    for (const event of part.items) {
      const shown = shortEvent(event);
      characters += JSON.stringify(shown).length;
      // One event always fits, or nobody would get past it.
      if (characters > PAGE_CHARACTERS_MAX && events.length > 0) return { events, lastEventId };
      events.push(shown);
      after = event.id;
    }
    if (part.cursor === undefined) break;
  }
  return { events, lastEventId: Math.max(lastEventId, range.reverse ? 0 : (after ?? 0)) };
}

export function wholeEvent(event: HistoryEvent): ApiHistoryEvent {
  const { id, previousEventId, type, timestamp } = event;
  return { ...historyEventOnWire(event, true), id, previousEventId, type, timestamp };
}

function shortEvent(event: HistoryEvent): ApiHistoryEvent {
  const whole = wholeEvent(event);
  const cut = { was: false };
  const short = Object.fromEntries(Object.entries(whole).map(([member, value]) => [member, shortened(value, cut)]));
  return { ...(short as unknown as ApiHistoryEvent), ...(cut.was ? { truncated: true as const } : {}) };
}

/** Events nest three objects at most: details, and the texts of variables or headers in them. */
function shortened(value: unknown, cut: { was: boolean }): unknown {
  if (typeof value === "string") {
    if (value.length <= TEXT_CHARACTERS_MAX) return value;
    cut.was = true;
    return value.slice(0, TEXT_CHARACTERS_MAX);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([member, inner]) => [member, shortened(inner, cut)]));
}
