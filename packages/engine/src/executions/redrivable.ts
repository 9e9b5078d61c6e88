/** Whether an execution may be redriven. features.md A.18; the reasons are AWS's words (API reference, DescribeExecution). */
import type { EpochMs } from "@stepwell/core";
import type { StoredExecution } from "../ports/store.ts";

const DAY_MS = 86_400_000;
const REDRIVABLE_MS = 14 * DAY_MS;
const OPEN_MS_MAX = 365 * DAY_MS;
/** One for ExecutionRedriven and one for what follows must fit. */
const EVENTS_BEFORE_MAX = 2;

/** Of one Map Run. features.md D. */
export const MAP_RUN_REDRIVES_MAX = 1_000;

/** Why an execution may not be redriven; `undefined`: it may. */
export function whyNotRedrivable(
  execution: Pick<StoredExecution, "status" | "start" | "stopDate" | "lastEventId">,
  world: { readonly now: EpochMs; readonly isMachineDeleting: boolean; readonly historyEventsMax: number },
): string | undefined {
  const { status, start, stopDate, lastEventId } = execution;
  if (status === "RUNNING" || status === "SUCCEEDED") return `Execution is ${status} and cannot be redriven`;
  if (world.isMachineDeleting) return "State machine is in DELETING status";
  if (lastEventId > world.historyEventsMax - EVENTS_BEFORE_MAX) return "Execution history event limit exceeded";
  if (world.now - start.startedAt >= OPEN_MS_MAX) return "Execution has exceeded the max execution time";
  if (stopDate !== undefined && world.now - stopDate > REDRIVABLE_MS) return "Execution redrivable period exceeded";
  return undefined;
}
