import type { HistoryEvent } from "@stepwell/core";
import type { ExecutionStore } from "../ports/store.ts";
import { decodeHistory, type ExecutionTexts } from "./history-chunk.ts";

/** Characters of payloads in one page, after which it ends early. */
const PAGE_CHARACTERS_MAX = 8 * 1_048_576;

export interface HistoryPage {
  readonly items: readonly HistoryEvent[];
  /** False when more follow. */
  readonly isLast: boolean;
}

/**
 * Events of one execution from `from` on, at most `limit`; fewer when they are large. `texts` and `lastEventId` are the
 * execution's own.
 */
export async function readHistory(
  store: ExecutionStore,
  execution: { readonly executionArn: string; readonly texts: ExecutionTexts; readonly lastEventId: number },
  page: { readonly from: number; readonly limit: number; readonly reverse: boolean },
): Promise<HistoryPage> {
  const { executionArn, texts, lastEventId } = execution;
  const items: HistoryEvent[] = [];
  let characters = 0;
  const isOutside = ({ id }: HistoryEvent): boolean => (page.reverse ? id > page.from : id < page.from);
  for (const chunk of await store.history(executionArn, page)) {
    // A commit may have come after the execution was read: its chunk points to texts that are not known here.
    if (chunk.firstId > lastEventId) continue;
    const events = decodeHistory(chunk, texts);
    for (const event of page.reverse ? events.reverse() : events) {
      if (isOutside(event) || event.id > lastEventId) continue;
      if (items.length >= page.limit || characters > PAGE_CHARACTERS_MAX) break;
      items.push(event);
      characters += charactersOf(event);
    }
  }
  const last = items.at(-1)?.id;
  const isLast = last === undefined || (page.reverse ? last === 1 : last >= lastEventId);
  return { items, isLast };
}

function charactersOf(event: HistoryEvent): number {
  let characters = 50;
  for (const value of Object.values(event.details ?? {})) characters += typeof value === "string" ? value.length : 20;
  return characters;
}
