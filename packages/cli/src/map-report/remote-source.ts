/** Reports from a running service: by Stepwell's own API where it is, else by the one that AWS has too. */
import type { HistoryEvent, Json } from "@stepwell/core";
import { childIndex } from "@stepwell/engine";
import type { ApiMapRunItemRow, ApiMapRunItems, ReportRow } from "@stepwell/server";
import type { ReportSource, RunProgress } from "./report-source.ts";
import { mapRunPath, type RunningService } from "./running-service.ts";

const PAGE = 1_000;
const ITEMS_PAGE = 500;
const FAILED = ["FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"] as const;
/** DescribeExecution calls under way at once. */
const CALLS_MAX = 16;

interface Listed {
  readonly executionArn: string;
  readonly name: string;
  readonly status: string;
  readonly startDate: number;
  readonly stopDate?: number;
  readonly itemCount?: number;
  readonly redriveCount?: number;
  readonly redriveDate?: number;
}

interface Described {
  readonly input?: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

type WireEvent = {
  readonly id: number;
  readonly type: string;
  readonly timestamp: number;
  readonly previousEventId: number;
};

export function remoteSource(service: RunningService): ReportSource {
  const call: Call = (operation, input) => service.call(operation, input);
  return {
    async *children(mapRunArn, failed) {
      const first = await itemsPage(service, mapRunArn, failed, undefined);
      yield* first === undefined
        ? remoteChildren(call, mapRunArn, failed)
        : itemRows(service, mapRunArn, failed, first);
    },
    history: (executionArn) => remoteHistory(call, executionArn),
    progress: (mapRunArn) => remoteProgress(call, mapRunArn),
    close: async () => undefined,
  };
}

/** `undefined`: the service has AWS's API only. */
function itemsPage(
  service: RunningService,
  mapRunArn: string,
  failed: boolean,
  after: number | undefined,
): Promise<ApiMapRunItems | undefined> {
  const query = new URLSearchParams({ limit: String(ITEMS_PAGE) });
  if (failed) for (const status of FAILED) query.append("status", status);
  if (after !== undefined) query.append("after", String(after));
  return service.get<ApiMapRunItems>(`${mapRunPath(mapRunArn)}/items?${query}`);
}

async function* itemRows(
  service: RunningService,
  mapRunArn: string,
  failed: boolean,
  first: ApiMapRunItems,
): AsyncGenerator<ReportRow> {
  let page: ApiMapRunItems | undefined = first;
  while (page !== undefined) {
    for (const item of page.items) yield itemRow(item);
    page = page.next === undefined ? undefined : await itemsPage(service, mapRunArn, failed, page.next);
  }
}

function itemRow({ firstItem, input, output, key, durationMs, error, cause, ...item }: ApiMapRunItemRow): ReportRow {
  return {
    index: item.index,
    item: firstItem,
    items: item.items,
    status: item.status,
    attempts: item.attempts,
    ...(key === undefined ? {} : { key }),
    ...(durationMs === undefined ? {} : { durationMs }),
    input: JSON.parse(input) as Json,
    ...(output === undefined ? {} : { output: JSON.parse(output) as Json }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    executionArn: item.executionArn,
  };
}

type Call = <Answer extends object>(operation: string, input: object) => Promise<Answer>;

/** The API lists the newest first: the pages are turned around, with no more than names and dates of each child in memory. */
async function* remoteChildren(call: Call, mapRunArn: string, failed: boolean): AsyncGenerator<ReportRow> {
  const listed: Listed[] = [];
  for (const statusFilter of failed ? ["FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"] : [undefined]) {
    let nextToken: string | undefined;
    do {
      const page: { executions: Listed[]; nextToken?: string } = await call("ListExecutions", {
        mapRunArn,
        maxResults: PAGE,
        ...(statusFilter === undefined ? {} : { statusFilter }),
        ...(nextToken === undefined ? {} : { nextToken }),
      });
      listed.push(...page.executions);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }
  listed.sort((a, b) => childIndex(a.name) - childIndex(b.name));
  let item = 0;
  for (let at = 0; at < listed.length; at += CALLS_MAX) {
    const some = listed.slice(at, at + CALLS_MAX);
    const described = await Promise.all(
      some.map(({ executionArn }) => call<Described>("DescribeExecution", { executionArn })),
    );
    for (const [i, child] of some.entries()) {
      const items = child.itemCount ?? 1;
      // Without the children before it, only an index that counts items is known.
      const first = failed ? childIndex(child.name) : item;
      yield rowOf(child, described[i] as Described, first);
      item += items;
    }
  }
}

function rowOf(child: Listed, { input, output, error, cause }: Described, item: number): ReportRow {
  const { name, itemCount = 1, status, redriveCount = 0, startDate, stopDate, redriveDate = startDate } = child;
  return {
    index: childIndex(name),
    item,
    items: itemCount,
    status,
    attempts: 1 + redriveCount,
    ...(stopDate === undefined ? {} : { durationMs: Math.max(0, Math.round((stopDate - redriveDate) * 1_000)) }),
    ...(input === undefined ? {} : { input: JSON.parse(input) as Json }),
    ...(output === undefined ? {} : { output: JSON.parse(output) as Json }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    executionArn: child.executionArn,
  };
}

async function* remoteHistory(call: Call, executionArn: string): AsyncGenerator<HistoryEvent> {
  let nextToken: string | undefined;
  do {
    const page: { events: WireEvent[]; nextToken?: string } = await call("GetExecutionHistory", {
      executionArn,
      maxResults: PAGE,
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    for (const event of page.events) yield eventOf(event);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

/** The details are in a member that is named after the event's type. */
function eventOf({ id, type, timestamp, previousEventId, ...members }: WireEvent): HistoryEvent {
  const details = Object.entries(members).find(([member]) => member.endsWith("EventDetails"))?.[1];
  const event = { id, type, timestamp: timestamp * 1_000, previousEventId };
  return { ...event, ...(details === undefined ? {} : { details }) } as HistoryEvent;
}

async function remoteProgress(call: Call, mapRunArn: string): Promise<RunProgress> {
  const { status, itemCounts } = await call<{
    status: string;
    itemCounts: Record<"succeeded" | "running" | "failed" | "timedOut" | "aborted" | "total", number>;
  }>("DescribeMapRun", { mapRunArn });
  const { succeeded, running, failed, timedOut, aborted, total } = itemCounts;
  return { status, done: succeeded, running, failed: failed + timedOut + aborted, total };
}
