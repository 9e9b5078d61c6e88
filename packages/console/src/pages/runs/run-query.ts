/** The search of runs as the URL holds it, and as the API takes it. */
import { machineArnOf } from "../../api/arns.ts";
import type { ExecutionQuery } from "../../api/v1.ts";
import { listIn, type UrlState } from "../../app/url-text.ts";

export const RUN_STATUSES = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"] as const;

/** What of the URL is a search: what a saved view keeps. */
export const SEARCH_MEMBERS = ["status", "name", "error", "machine", "since", "in", "path", "equals"] as const;

/** Times in queries move in steps, so that a page that is drawn again does not ask again. */
const STEP_MS = 60_000;
export const searchTime = (): number => Math.ceil(Date.now() / STEP_MS) * STEP_MS;

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90m`, `24h`, `7d` in milliseconds. */
export function parseSince(text: string | undefined): number | undefined {
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(text ?? "") ?? [];
  return count === undefined || unit === undefined ? undefined : Number(count) * (UNITS[unit] ?? 0);
}

/** What stands behind `equals` must be JSON for the API: a bare word is taken as a text. */
export function asJsonText(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}

/** `machine`: the page's own, over the URL's. `now`: rounded by the caller, so that equal searches are equal keys. */
export function runQuery(url: UrlState, machine: string | undefined, now: number): ExecutionQuery {
  const name = machine ?? url["machine"];
  const status = listIn(url["status"]);
  const since = parseSince(url["since"]);
  const path = url["path"];
  const inside = path !== undefined && path !== "" && url["equals"] !== undefined;
  return {
    ...(name !== undefined && { stateMachineArn: machineArnOf(name) }),
    ...(status.length > 0 && { status }),
    ...(url["name"] !== undefined && { name: url["name"] }),
    ...(url["error"] !== undefined && { error: url["error"] }),
    ...(since !== undefined && { from: now - since }),
    ...(inside && {
      in: url["in"] === "output" ? ("output" as const) : ("input" as const),
      path,
      equals: asJsonText(url["equals"] ?? ""),
    }),
  };
}
