/** Reports from a running service, by the API that AWS has too. Requests are not signed. */
import type { HistoryEvent, Json } from "@stepwell/core";
import { childIndex } from "@stepwell/engine";
import { UsageError } from "../usage-error.ts";
import type { ReportRow } from "./report-row.ts";
import type { ReportSource, RunProgress } from "./report-source.ts";

const PAGE = 1_000;
/** DescribeExecution calls under way at once. */
const CALLS_MAX = 16;
const TIMEOUT_MS = 30_000;

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

export function remoteSource(endpoint: string): ReportSource {
  const call = async <Answer>(operation: string, input: object): Promise<Answer> => {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AWSStepFunctions.${operation}` },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new UsageError(`--endpoint ${endpoint}: ${String((error as Error).cause ?? error)}`);
    });
    const answer = (await response.json()) as Answer & { readonly __type?: string; readonly message?: string };
    if (!response.ok) throw new UsageError(`${operation}: ${answer.__type?.split("#").at(-1)}: ${answer.message}`);
    return answer;
  };
  return {
    children: (mapRunArn, failed) => remoteChildren(call, mapRunArn, failed),
    history: (executionArn) => remoteHistory(call, executionArn),
    progress: (mapRunArn) => remoteProgress(call, mapRunArn),
    close: async () => undefined,
  };
}

type Call = <Answer>(operation: string, input: object) => Promise<Answer>;

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
