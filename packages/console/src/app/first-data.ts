/** What a page asks for first, under the keys it looks for: the answers are there when it is drawn for the first time. */
import type { QueryClient } from "@tanstack/react-query";
import { arnOf, machineArnOf } from "../api/arns.ts";
import { executionQuery, machineQuery, overviewQuery, runsQuery } from "../api/queries.ts";
import { runQuery, searchTime } from "../pages/runs/run-query.ts";
import { overviewHours, parseSearch } from "./url-text.ts";

/** Ends when the answers are there, or are refused: the page asks again then, and tells why. */
export async function fetchFirst(client: QueryClient, path: string, search: string): Promise<void> {
  const url = parseSearch(search);
  const runs = (machine?: string) => client.prefetchInfiniteQuery(runsQuery(runQuery(url, machine, searchTime())));
  if (path === "/") return client.prefetchQuery(overviewQuery(overviewHours(url)));
  if (path === "/runs") return runs();
  const [, kind, text] = /^\/(runs|machines)\/([^/]+)$/.exec(path) ?? [];
  if (kind === undefined || text === undefined) return;
  const id = decodeURIComponent(text);
  if (kind === "runs") return client.prefetchQuery(executionQuery(arnOf(id)));
  const isOfRuns = url["tab"] === undefined || url["tab"] === "runs";
  await Promise.all([client.prefetchQuery(machineQuery(machineArnOf(id))), ...(isOfRuns ? [runs(id)] : [])]);
}
