import type { HistoryEvent } from "@stepwell/core";
import { decodeHistory } from "../history/history-chunk.ts";
import type { ExecutionStore } from "../ports/store.ts";

/** Events read at a time on the way back. */
const WINDOW = 50;
/** A failure that is further from its state's entry than so many windows is not followed. */
const WINDOWS_MAX = 5;

/** The state whose failure ended an execution: the first entry on the way back from its last event. */
export async function failedState(
  store: ExecutionStore,
  { executionArn, lastEventId }: { readonly executionArn: string; readonly lastEventId: number },
): Promise<string | undefined> {
  let wanted = lastEventId;
  for (let windows = 0; windows < WINDOWS_MAX && wanted > 0; windows++) {
    const events = await eventsBack(store, executionArn, wanted);
    for (let event = events.get(wanted); event !== undefined; event = events.get(wanted)) {
      const name = event.details?.["name"];
      if (event.type.endsWith("StateEntered")) return typeof name === "string" ? name : undefined;
      // A failure that came between two states is of neither.
      if (event.type.endsWith("StateExited")) return undefined;
      wanted = event.previousEventId;
    }
  }
  return undefined;
}

async function eventsBack(
  store: ExecutionStore,
  executionArn: string,
  from: number,
): Promise<ReadonlyMap<number, HistoryEvent>> {
  const chunks = await store.history(executionArn, { from, limit: WINDOW, reverse: true });
  // Only names and links are looked at: the execution's own texts need not be read.
  const texts = { input: "", output: "" };
  return new Map(chunks.flatMap((chunk) => decodeHistory(chunk, texts)).map((event) => [event.id, event]));
}
