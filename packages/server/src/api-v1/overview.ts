/** What needs attention. Computed from the newest executions when it is asked for, a few seconds at most before. */
import type { EpochMs } from "@stepwell/core";
import { EXTENDED_LIMITS, STRICT_LIMITS } from "@stepwell/core";
import type { FoundExecution, RunningExecution } from "@stepwell/engine";
import { type ApiContext, type ApiRoutes, queriesOf } from "./api-context.ts";
import { failedStateOf, waitingTask } from "./execution-item.ts";
import type { ApiFailingGroup, ApiNearLimit, ApiOverview, ApiStatusBucket } from "./types.ts";

const HOUR_MS = 3_600_000;
const BUCKETS = 48;
/** Executions that are looked at, and how many at a time: others have their turn between two readings. */
const EXAMINED_MAX = 10_000;
const PAGE = 1_000;
const GROUPS_MAX = 20;
const WAITING_MAX = 20;
/** The oldest running executions, among which those that wait longest or are near a limit are looked for. */
const RUNNING_EXAMINED = 200;
const NEAR = 0.8;
/** An answer serves all who ask within so long. */
const KEPT_MS = 2_000;

const OVERVIEW_SCHEMA = {
  type: "object",
  properties: { hours: { type: "integer", minimum: 1, maximum: 720, default: 24 } },
};

export const overviewRoutes: ApiRoutes = (scope, context) => {
  const kept = new Map<number, { readonly at: number; readonly overview: Promise<ApiOverview> }>();
  scope.get("/overview", { schema: { querystring: OVERVIEW_SCHEMA } }, async (request) => {
    const { hours } = request.query as { hours: number };
    context.authorize(request, "stepwell:SearchExecutions", "*");
    const current = kept.get(hours);
    const isFresh = current !== undefined && performance.now() - current.at < KEPT_MS;
    const overview = isFresh ? current.overview : overviewOf(context, hours);
    if (!isFresh) {
      kept.clear();
      kept.set(hours, { at: performance.now(), overview });
    }
    const answer = await overview;
    // It serves all callers: tokens are not in it.
    return { ...answer, waiting: answer.waiting.map((task) => waitingTask(task, false)) };
  });
};

async function overviewOf(context: ApiContext, hours: number): Promise<ApiOverview> {
  const now = context.clock.now();
  const from = now - hours * HOUR_MS;
  const [recent, running, oldest] = await Promise.all([
    startedFrom(context, from),
    context.executions.countRunning(),
    queriesOf(context).waitingTasks({ limit: RUNNING_EXAMINED }),
  ]);
  const waiting = [...oldest.items].sort((a, b) => a.since - b.since).slice(0, WAITING_MAX);
  return {
    buckets: bucketsOf(recent.items, from, now),
    running,
    failing: await failingGroups(context, recent.items),
    waiting,
    nearLimits: oldest.executions.flatMap((execution) => nearLimits(execution, now)),
    examined: recent.items.length,
    isPartial: recent.isPartial,
  };
}

async function startedFrom(
  context: ApiContext,
  from: EpochMs,
): Promise<{ readonly items: readonly FoundExecution[]; readonly isPartial: boolean }> {
  const items: FoundExecution[] = [];
  let cursor: string | undefined;
  do {
    const at = cursor === undefined ? {} : { cursor };
    const page = await queriesOf(context).search({ startedFrom: from, limit: PAGE, ...at });
    items.push(...page.items);
    cursor = page.cursor;
    await new Promise<void>((resolve) => setImmediate(resolve));
  } while (cursor !== undefined && items.length < EXAMINED_MAX);
  return { items, isPartial: cursor !== undefined };
}

type Counts = { -readonly [status in keyof Omit<ApiStatusBucket, "at">]: number };

const COUNTED: { readonly [status in FoundExecution["status"]]: keyof Counts } = {
  RUNNING: "running",
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  PENDING_REDRIVE: "failed",
  TIMED_OUT: "timedOut",
  ABORTED: "aborted",
};

function bucketsOf(items: readonly FoundExecution[], from: EpochMs, until: EpochMs): ApiStatusBucket[] {
  const width = (until - from) / BUCKETS;
  const buckets = Array.from({ length: BUCKETS }, (_, index) => ({
    at: Math.round(from + index * width),
    running: 0,
    succeeded: 0,
    failed: 0,
    timedOut: 0,
    aborted: 0,
  }));
  for (const { startDate, status } of items) {
    const index = Math.min(BUCKETS - 1, Math.floor((startDate - from) / width));
    const bucket = buckets[index];
    if (bucket !== undefined) bucket[COUNTED[status]] += 1;
  }
  return buckets;
}

async function failingGroups(context: ApiContext, items: readonly FoundExecution[]): Promise<ApiFailingGroup[]> {
  const groups = new Map<string, { count: number; readonly last: FoundExecution; readonly error: string }>();
  for (const item of items) {
    if (item.status !== "FAILED" && item.status !== "TIMED_OUT") continue;
    const error = item.status === "TIMED_OUT" ? "States.Timeout" : (item.error ?? "");
    const key = `${item.stateMachineArn}\n${error}`;
    const group = groups.get(key);
    // Newest first: the first one met is the last one that failed.
    if (group === undefined) groups.set(key, { count: 1, last: item, error });
    else group.count += 1;
  }
  const most = [...groups.values()].sort((a, b) => b.count - a.count).slice(0, GROUPS_MAX);
  return Promise.all(
    most.map(async ({ count, last, error }) => {
      const stateName = await failedStateOf(context.executions, last.executionArn);
      return {
        stateMachineArn: last.stateMachineArn,
        name: last.stateMachineArn.split(":").at(-1) ?? last.stateMachineArn,
        ...(stateName === undefined ? {} : { stateName }),
        error,
        count,
        lastExecutionArn: last.executionArn,
        lastAt: last.stopDate ?? last.startDate,
      };
    }),
  );
}

function nearLimits(execution: RunningExecution, now: EpochMs): ApiNearLimit[] {
  const { executionArn, lastEventId, startDate, timeoutSeconds } = execution;
  const found: ApiNearLimit[] = [];
  const strict = STRICT_LIMITS.historyEventsMax;
  const eventsMax = lastEventId > strict ? EXTENDED_LIMITS.historyEventsMax : strict;
  if (lastEventId >= eventsMax * NEAR) {
    found.push({ executionArn, limit: "history", value: lastEventId, max: eventsMax });
  }
  if (timeoutSeconds !== undefined && now - startDate >= timeoutSeconds * 1_000 * NEAR) {
    found.push({ executionArn, limit: "timeout", value: now - startDate, max: timeoutSeconds * 1_000 });
  }
  return found;
}
