import type { HistoryEvent } from "@stepwell/core";
import { type Executions, type Page, parseExecutionArn } from "@stepwell/engine";
import { historyEventOnWire } from "../history-event.ts";
import { type Operation, page } from "../operation.ts";

/** A page ends early when its events have this many characters: one event may hold 256 KiB. */
const PAGE_CHARACTERS_MAX = 4 * 1_024 * 1_024;
/** How many events are read at a time, so that a page of large ones is never wholly in memory. */
const EVENTS_PER_READ = 50;

export const getExecutionHistory: Operation<"GetExecutionHistory"> = async (input, context) => {
  parseExecutionArn(input.executionArn);
  const { items, ...next } = await page(context, "GetExecutionHistory", input, (wanted) =>
    readPage(context.executions, input.executionArn, input.reverseOrder ?? false, wanted),
  );
  const includeData = input.includeExecutionData ?? true;
  return { events: items.map((event) => historyEventOnWire(event, includeData)), ...next };
};

async function readPage(
  executions: Executions,
  executionArn: string,
  reverse: boolean,
  { limit, cursor }: { limit: number; cursor?: string },
): Promise<Page<HistoryEvent>> {
  const items: HistoryEvent[] = [];
  let after = cursor === undefined ? undefined : Number(cursor);
  let characters = 0;
  while (items.length < limit && characters < PAGE_CHARACTERS_MAX) {
    const part = await executions.history(executionArn, {
      limit: Math.min(EVENTS_PER_READ, limit - items.length),
      reverse,
      ...(after === undefined ? {} : { after }),
    });
    items.push(...part.items);
    after = part.items.at(-1)?.id ?? after;
    for (const event of part.items) characters += sizeOf(event);
    if (part.cursor === undefined) return { items };
  }
  return after === undefined ? { items } : { items, cursor: String(after) };
}

function sizeOf({ details = {} }: HistoryEvent): number {
  let characters = 0;
  for (const value of Object.values(details)) if (typeof value === "string") characters += value.length;
  return characters;
}
