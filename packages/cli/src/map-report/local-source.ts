import type { HistoryEvent } from "@stepwell/core";
import { type Executions, type MapRuns, Rejection } from "@stepwell/engine";
import { childRow, type ReportRow } from "@stepwell/server";
import { UsageError } from "../usage-error.ts";
import { progressOf, type ReportSource } from "./report-source.ts";

const PAGE = 500;

/** Reports from the store of a Stepwell in this process. */
export function localSource(
  executions: Pick<Executions, "history">,
  mapRuns: Pick<MapRuns, "children" | "describe">,
  close: () => Promise<void>,
): ReportSource {
  return {
    async *children(mapRunArn, failed): AsyncGenerator<ReportRow> {
      const statuses = failed ? { statuses: ["FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"] as const } : {};
      let cursor: string | undefined;
      do {
        const query = { mapRunArn, limit: PAGE, oldestFirst: true, texts: true, ...statuses };
        const page = await known(() => mapRuns.children({ ...query, ...(cursor === undefined ? {} : { cursor }) }));
        for (const child of page.items) yield childRow(child);
        cursor = page.cursor;
      } while (cursor !== undefined);
    },
    async *history(executionArn): AsyncGenerator<HistoryEvent> {
      let after: number | undefined;
      do {
        const at = after === undefined ? {} : { after };
        const page = await known(() => executions.history(executionArn, { limit: PAGE, reverse: false, ...at }));
        yield* page.items;
        after = page.cursor === undefined ? undefined : page.items.at(-1)?.id;
      } while (after !== undefined);
    },
    progress: async (mapRunArn) => progressOf(await known(() => mapRuns.describe(mapRunArn))),
    close,
  };
}

/** What is not there is what the caller wrote. */
async function known<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Rejection) throw new UsageError(`${error.name}: ${error.message}`);
    throw error;
  }
}
