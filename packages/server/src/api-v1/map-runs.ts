/**
 * Map Runs: counts, cells, errors, items, reports, and reruns of chosen items. What takes a look at all children is summed
 * up where they are stored, and asked for once in a while however often it is looked at.
 */
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChildStatus, type MapRunDescription, type MapRuns, parseMapRunArn } from "@stepwell/engine";
import type { FastifyReply, FastifyRequest } from "fastify";
import { mapRunsOf } from "../aws/operations/map-runs.ts";
import { parseItems } from "../map-report/item-ranges.ts";
import { DEFAULT_COLUMNS, parseColumns } from "../map-report/report-columns.ts";
import { REPORT_FORMATS, REPORT_TYPES, type ReportFormat, reportText } from "../map-report/report-formats.ts";
import { childRow, type ReportRow } from "../map-report/report-row.ts";
import { RunRate } from "../map-report/run-rate.ts";
import { type ApiRoutes, ARN_PARAMS, LIMIT_SCHEMA } from "./api-context.ts";
import { cellSpans } from "./map-runs-cells.ts";
import type { ApiMapRun, ApiMapRunItems, ApiMapRunRedrive, ApiMapRunRedriveAnswer } from "./map-runs-types.ts";
import { aggregatesOf, endedItems, itemRow, type MapRunAggregates, mapRunView, progressOf } from "./map-runs-view.ts";
import type { EventStream } from "./sse.ts";

const STATUSES: readonly ChildStatus[] = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"];
const FAILED: readonly ChildStatus[] = ["FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"];
/** Children of a report read at once: their texts may be long. */
const REPORT_PAGE = 100;
/** Children of a page of items read at once, and characters of texts after which a page is ended. */
const ITEMS_AT_ONCE = 50;
const PAGE_CHARACTERS = 2_000_000;
/** Four looks a second. */
const PROGRESS_MS = 250;
/** The children of a run that goes on are summed up once in such a time. */
const AGGREGATES_MS = 1_000;
const AGGREGATES_KEPT = 50;

const REPORT_SCHEMA = {
  type: "object",
  properties: {
    failed: { type: "boolean", default: false },
    format: { type: "string", enum: REPORT_FORMATS, default: "jsonl" },
    columns: { type: "string", minLength: 1, maxLength: 8_192 },
  },
};

const ITEMS_SCHEMA = {
  type: "object",
  properties: {
    status: { type: "array", maxItems: STATUSES.length, items: { type: "string", enum: STATUSES } },
    error: { type: "string", minLength: 1, maxLength: 256 },
    after: { type: "integer", minimum: 0, maximum: 100_000_000 },
    limit: LIMIT_SCHEMA,
  },
};

const REDRIVE_SCHEMA = {
  type: "object",
  required: ["items"],
  properties: {
    items: {
      anyOf: [
        { type: "string", minLength: 1, maxLength: 262_144 },
        { type: "array", minItems: 1, maxItems: 100_000, items: { type: "integer", minimum: 0 } },
      ],
    },
    inputPatch: {},
  },
};

type WithArn = { readonly arn: string };

export const mapRunRoutes: ApiRoutes = (scope, context) => {
  const aggregates = new Aggregates();
  /** The run of a request that may ask for it. */
  const ask = (request: FastifyRequest, action: string): { mapRuns: MapRuns; arn: string } => {
    const { arn } = request.params as WithArn;
    context.authorize(request, action, arn);
    parseMapRunArn(arn);
    return { mapRuns: mapRunsOf(context.executions), arn };
  };
  const params = ARN_PARAMS;
  scope.get("/map-runs/:arn", { schema: { params } }, async (request): Promise<ApiMapRun> => {
    const { mapRuns, arn } = ask(request, "states:DescribeMapRun");
    const run = await mapRuns.describe(arn);
    return mapRunView(run, await aggregates.of(mapRuns, run), context.clock.now());
  });
  scope.get("/map-runs/:arn/cells", { schema: { params } }, async (request, reply) => {
    const { mapRuns, arn } = ask(request, "states:DescribeMapRun");
    const { children } = await mapRuns.describe(arn);
    reply.header("content-type", "application/octet-stream").header("x-stepwell-cells", children);
    return reply.send(Readable.from(cellSpans(mapRuns, arn, children), { objectMode: false }));
  });
  scope.get("/map-runs/:arn/items", { schema: { params, querystring: ITEMS_SCHEMA } }, async (request) => {
    const { mapRuns, arn } = ask(request, "stepwell:ReadMapRunItems");
    return itemsOf(mapRuns, arn, request.query as ItemsQuery);
  });
  scope.get("/map-runs/:arn/report", { schema: { params, querystring: REPORT_SCHEMA } }, async (request, reply) => {
    const { mapRuns, arn } = ask(request, "stepwell:ReadMapRunItems");
    return sendReport(mapRuns, arn, request.query as ReportQuery, reply);
  });
  scope.post("/map-runs/:arn/redrive", { schema: { params, body: REDRIVE_SCHEMA } }, async (request) => {
    const { mapRuns, arn } = ask(request, "stepwell:RedriveMapRunItems");
    return redrive(mapRuns, arn, request.body as ApiMapRunRedrive);
  });
  scope.get("/map-runs/:arn/stream", { schema: { params } }, async (request, reply) => {
    const { mapRuns, arn } = ask(request, "states:DescribeMapRun");
    // A run that is not there is an answer, not a stream.
    await mapRuns.describe(arn);
    const stream = context.streams.open(request, reply);
    streamProgress(mapRuns, arn, stream)
      .catch((error: unknown) => request.log.error({ err: error }, "a stream failed"))
      .finally(() => stream.end());
  });
};

/** What was summed up last of each run: good while the run has not changed, and for a moment after. */
class Aggregates {
  readonly #known = new Map<
    string,
    { readonly version: number; readonly at: number; readonly of: Promise<MapRunAggregates> }
  >();

  of(mapRuns: MapRuns, run: MapRunDescription): Promise<MapRunAggregates> {
    const { mapRunArn, version, status } = run;
    const now = performance.now();
    const known = this.#known.get(mapRunArn);
    const isFresh = status === "RUNNING" && known !== undefined && now - known.at < AGGREGATES_MS;
    if (known !== undefined && (known.version === version || isFresh)) return known.of;
    const of = aggregatesOf(mapRuns, run);
    this.#known.delete(mapRunArn);
    this.#known.set(mapRunArn, { version, at: now, of });
    of.catch(() => this.#known.delete(mapRunArn));
    for (const arn of this.#known.keys()) {
      if (this.#known.size <= AGGREGATES_KEPT) break;
      this.#known.delete(arn);
    }
    return of;
  }
}

interface ItemsQuery {
  readonly status?: readonly ChildStatus[];
  readonly error?: string;
  readonly after?: number;
  readonly limit: number;
}

async function itemsOf(mapRuns: MapRuns, mapRunArn: string, query: ItemsQuery): Promise<ApiMapRunItems> {
  const { status: statuses, error, after, limit } = query;
  const items: ApiMapRunItems["items"][number][] = [];
  let cursor = after === undefined ? undefined : String(after);
  let characters = 0;
  do {
    const page = await mapRuns.children({
      mapRunArn,
      limit: Math.min(limit - items.length, ITEMS_AT_ONCE),
      oldestFirst: true,
      texts: true,
      ...(statuses === undefined ? {} : { statuses }),
      ...(error === undefined ? {} : { error }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const child of page.items) characters += child.input.length + (child.output?.length ?? 0);
    items.push(...page.items.map(itemRow));
    cursor = page.cursor;
  } while (cursor !== undefined && items.length < limit && characters < PAGE_CHARACTERS);
  return cursor === undefined ? { items } : { items, next: Number(cursor) };
}

interface ReportQuery {
  readonly failed: boolean;
  readonly format: ReportFormat;
  readonly columns?: string;
}

async function sendReport(
  mapRuns: MapRuns,
  mapRunArn: string,
  { failed, format, columns }: ReportQuery,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const shown = columns === undefined ? DEFAULT_COLUMNS : parseColumns(columns);
  await mapRuns.describe(mapRunArn);
  const text = reportText(reportRows(mapRuns, mapRunArn, failed), shown, format);
  reply.header("content-type", REPORT_TYPES[format]);
  return reply.send(Readable.from(text, { objectMode: false }));
}

async function* reportRows(mapRuns: MapRuns, mapRunArn: string, failed: boolean): AsyncGenerator<ReportRow> {
  const query = {
    mapRunArn,
    limit: REPORT_PAGE,
    oldestFirst: true,
    texts: true,
    ...(failed ? { statuses: FAILED } : {}),
  };
  let cursor: string | undefined;
  do {
    const page = await mapRuns.children({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.items.map(childRow);
    cursor = page.cursor;
  } while (cursor !== undefined);
}

async function redrive(
  mapRuns: MapRuns,
  mapRunArn: string,
  { items, inputPatch }: ApiMapRunRedrive,
): Promise<ApiMapRunRedriveAnswer> {
  const { executionArn } = await mapRuns.describe(mapRunArn);
  const indexes = parseItems(typeof items === "string" ? items : items.join(","));
  const patch = inputPatch === undefined ? {} : { inputPatch: JSON.stringify(inputPatch) };
  const rerun = await mapRuns.rerun({ mapRunArn, indexes, ...patch });
  return { executionArn, mapRunArn: rerun.mapRunArn };
}

/** What changed, until the run is over. */
async function streamProgress(mapRuns: MapRuns, mapRunArn: string, stream: EventStream): Promise<void> {
  const rate = new RunRate();
  let sent = -1;
  while (!stream.signal.aborted) {
    const run = await mapRuns.describe(mapRunArn);
    const ratePerSecond = rate.note(performance.now(), endedItems(run));
    if (run.version !== sent) await stream.send("progress", progressOf(run, ratePerSecond));
    sent = run.version;
    if (run.status !== "RUNNING") return;
    await sleep(PROGRESS_MS, undefined, { signal: stream.signal }).catch(() => undefined);
  }
}
