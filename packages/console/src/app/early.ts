/**
 * What an address needs is asked for at once, by a script small enough to be there long before the console itself: the
 * session, the page's chunks, and as soon as the account is known what the page will ask for.
 */
import { arnOf, machineArnOf } from "../api/arns.ts";
import { describeRequest } from "../api/aws.ts";
import { type RequestOptions, requestEarly } from "../api/http.ts";
import { RUNS_PAGE } from "../api/queries.ts";
import { eventsPath, executionPath, FIRST_EVENTS, overviewPath, searchPath } from "../api/v1.ts";
import { runQuery, searchTime } from "../pages/runs/run-query.ts";
import { beginSession } from "./load-session.ts";
import { pageAt, pagePath } from "./pages.ts";
import { overviewHours, parseSearch } from "./url-text.ts";

/** A path of the server, and how it is asked for. */
export type EarlyRequest = readonly [path: string, options?: RequestOptions];

/** What the page of an address asks for first. */
export function firstRequests(path: string, search: string): readonly EarlyRequest[] {
  const url = parseSearch(search);
  const v1 = (...paths: readonly string[]): readonly EarlyRequest[] => paths.map((each) => [`/api/v1${each}`]);
  const runs = (machine?: string) => searchPath({ ...runQuery(url, machine, searchTime()), limit: RUNS_PAGE });
  if (path === "/") return v1(overviewPath(overviewHours(url)));
  if (path === "/runs") return v1(runs());
  const [, kind, text] = /^\/(runs|machines)\/([^/]+)$/.exec(path) ?? [];
  if (kind === undefined || text === undefined) return [];
  const id = decodeURIComponent(text);
  if (kind === "runs") return v1(executionPath(arnOf(id)), eventsPath(arnOf(id), FIRST_EVENTS));
  const isOfRuns = url["tab"] === undefined || url["tab"] === "runs";
  return [["/", describeRequest(machineArnOf(id))], ...(isOfRuns ? v1(runs(id)) : [])];
}

/** Called once, before anything else of the console runs. */
export function begin({ pathname, search }: Pick<Location, "pathname" | "search">): void {
  const path = pagePath(pathname);
  // Whoever takes the session, or shows the page, tells what went wrong.
  beginSession()
    .then(({ auth, user }) => {
      if (auth && user === undefined) return;
      for (const request of firstRequests(path, search)) requestEarly(...request);
    })
    .catch(() => undefined);
  const page = pageAt(path);
  if (page === undefined) return;
  for (const chunk of [page.load(), ...(page.parts?.(parseSearch(search)) ?? [])]) chunk.catch(() => undefined);
}
