/**
 * The page of an address is loaded, and what it will ask for is asked for, beside each other and beside the session: not
 * one after the other.
 */
import type { ApiSession } from "../api/api-types.ts";
import { arnOf } from "../api/arns.ts";
import { requestEarly } from "../api/http.ts";
import { eventsPath, executionPath, FIRST_EVENTS, overviewPath, searchPath } from "../api/v1.ts";
import { RUNS_PAGE, runQuery, searchTime } from "../pages/runs/run-query.ts";
import { parseSearch } from "./url-state.ts";

/** Paths under /api/v1 that the page asks for first. */
export function firstRequests(path: string, search: string): readonly string[] {
  const url = parseSearch(search);
  if (path === "/") return [overviewPath(Number(url["hours"]) || 24)];
  if (path === "/runs") return [searchPath({ ...runQuery(url, undefined, searchTime()), limit: RUNS_PAGE })];
  const [, id] = /^\/runs\/([^/]+)$/.exec(path) ?? [];
  if (id === undefined) return [];
  const arn = arnOf(decodeURIComponent(id));
  return [executionPath(arn), eventsPath(arn, FIRST_EVENTS)];
}

/** Called when the session is known: ARNs are made of its account. */
export function askEarly({ auth, user }: ApiSession, path: string, search: string): void {
  if (auth && user === undefined) return;
  for (const each of firstRequests(path, search)) requestEarly(`/api/v1${each}`);
}
