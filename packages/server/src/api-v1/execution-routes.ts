/** Searching executions, and what is to be known of one. */
import { explainFailure, type Json, parseJsonLikeJackson } from "@stepwell/core";
import { type ExecutionDescription, type ExecutionStatus, Rejection } from "@stepwell/engine";
import type { FastifyRequest } from "fastify";
import { type ApiContext, type ApiRoutes, ARN_PARAMS, LIMIT_SCHEMA, queriesOf } from "./api-context.ts";
import { invalidRequest, notFound } from "./api-failure.ts";
import { executionItem, executionItems, failedStateOf, waitingTask } from "./execution-item.ts";
import { eventPage, wholeEvent } from "./history-page.ts";
import { lintFinding } from "./lint-routes.ts";
import type { ApiExecution, ApiExecutionPage, ApiMapRunItem, ApiTimer } from "./types.ts";

const STATUSES: readonly ExecutionStatus[] = [
  "RUNNING",
  "SUCCEEDED",
  "FAILED",
  "TIMED_OUT",
  "ABORTED",
  "PENDING_REDRIVE",
];
const MAP_RUNS_MAX = 100;
const EVENTS_MAX = 1_000;

interface SearchQuery {
  readonly stateMachineArn?: string;
  readonly status?: readonly ExecutionStatus[];
  readonly from?: number;
  readonly to?: number;
  readonly name?: string;
  readonly error?: string;
  readonly in?: "input" | "output";
  readonly path?: string;
  readonly equals?: string;
  readonly limit: number;
  readonly cursor?: string;
}

const text = (maxLength: number): object => ({ type: "string", minLength: 1, maxLength });
const time = { type: "integer", minimum: 0, maximum: 8_640_000_000_000_000 };

const SEARCH_SCHEMA = {
  type: "object",
  properties: {
    stateMachineArn: text(2_048),
    status: { type: "array", maxItems: STATUSES.length, items: { type: "string", enum: STATUSES } },
    from: time,
    to: time,
    name: text(256),
    error: text(256),
    in: { type: "string", enum: ["input", "output"] },
    path: text(1_024),
    equals: text(4_096),
    limit: LIMIT_SCHEMA,
    cursor: text(64),
  },
};

const EVENTS_SCHEMA = {
  type: "object",
  properties: {
    after: { type: "integer", minimum: 0 },
    limit: { type: "integer", minimum: 1, maximum: EVENTS_MAX, default: 200 },
    reverse: { type: "boolean", default: false },
  },
};

const EVENT_PARAMS = {
  type: "object",
  properties: { arn: text(2_048), id: { type: "integer", minimum: 1 } },
};

export const executionRoutes: ApiRoutes = (scope, context) => {
  scope.get("/executions", { schema: { querystring: SEARCH_SCHEMA } }, async (request) =>
    search(context, request, request.query as SearchQuery),
  );
  scope.get("/executions/:arn", { schema: { params: ARN_PARAMS } }, async (request) => {
    const { arn } = request.params as { arn: string };
    context.authorize(request, "states:DescribeExecution", arn);
    return describe(context, request, arn);
  });
  scope.get(
    "/executions/:arn/events",
    { schema: { params: ARN_PARAMS, querystring: EVENTS_SCHEMA } },
    async (request) => {
      const { arn } = request.params as { arn: string };
      const range = request.query as { after?: number; limit: number; reverse: boolean };
      context.authorize(request, "states:GetExecutionHistory", arn);
      const { lastEventId } = await queriesOf(context).lineage(arn);
      return eventPage(context.executions, arn, range, lastEventId);
    },
  );
  scope.get("/executions/:arn/events/:id", { schema: { params: EVENT_PARAMS } }, async (request) => {
    const { arn, id } = request.params as { arn: string; id: number };
    context.authorize(request, "states:GetExecutionHistory", arn);
    const page = await context.executions.history(arn, { limit: 1, after: id - 1, reverse: false });
    const [event] = page.items;
    if (event?.id !== id) throw notFound(`event ${id}: ${arn} has none of this id`);
    return wholeEvent(event);
  });
};

async function search(context: ApiContext, request: FastifyRequest, query: SearchQuery): Promise<ApiExecutionPage> {
  const { stateMachineArn, status, from, to, name, error, limit, cursor } = query;
  context.authorize(request, "stepwell:SearchExecutions", stateMachineArn ?? "*");
  const where = whereOf(query);
  const page = await queriesOf(context).search({
    limit,
    ...(stateMachineArn === undefined ? {} : { stateMachineArn }),
    ...(status === undefined ? {} : { statuses: status }),
    ...(from === undefined ? {} : { startedFrom: from }),
    ...(to === undefined ? {} : { startedBefore: to }),
    ...(name === undefined ? {} : { namePrefix: name }),
    ...(error === undefined ? {} : { errorPart: error }),
    ...(where === undefined ? {} : { where }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  const items = await executionItems(context.executions, page.items);
  return { items, examined: page.examined, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
}

function whereOf(query: SearchQuery): { in: "input" | "output"; path: string; equals: Json } | undefined {
  const { in: where, path, equals } = query;
  if (where === undefined && path === undefined && equals === undefined) return undefined;
  if (where === undefined || path === undefined || equals === undefined) {
    throw invalidRequest("in, path, equals", "given together or not at all");
  }
  try {
    return { in: where, path, equals: JSON.parse(equals) as Json };
  } catch {
    throw invalidRequest("equals", "JSON (a text in quotes)", equals);
  }
}

async function describe(context: ApiContext, request: FastifyRequest, executionArn: string): Promise<ApiExecution> {
  const description = await described(context, executionArn);
  if (description === undefined) return describeExpressChild(context, executionArn);
  const queries = queriesOf(context);
  const { catalog, executions } = context;
  const isRunning = description.status === "RUNNING";
  const [revision, lineage, waiting, timers, failedState, mapRuns] = await Promise.all([
    catalog.describeRevision(description.revisionKey),
    queries.lineage(executionArn),
    isRunning ? queries.waitingTasksOf(executionArn) : [],
    isRunning ? timersOf(context, executionArn) : [],
    description.status === "FAILED" ? failedStateOf(executions, executionArn) : undefined,
    mapRunsOf(context, executionArn),
  ]);
  const mayAnswer = context.may(request, "states:SendTaskSuccess", "*");
  const { output, cause, redriveDate, redriveStatusReason, stateMachineVersionArn, stateMachineAliasArn } = description;
  return {
    ...executionItem(description, failedState),
    definition: revision.definition,
    ...(revision.revisionId === undefined ? {} : { revisionId: revision.revisionId }),
    ...(stateMachineVersionArn === undefined ? {} : { stateMachineVersionArn }),
    ...(stateMachineAliasArn === undefined ? {} : { stateMachineAliasArn }),
    type: description.type,
    input: description.input,
    ...(output === undefined ? {} : { output }),
    ...(cause === undefined ? {} : { cause }),
    ...hintsOf(description, revision.definition, failedState),
    ...(redriveDate === undefined ? {} : { redriveDate }),
    redriveStatus: description.redriveStatus,
    ...(redriveStatusReason === undefined ? {} : { redriveStatusReason }),
    forks: lineage.forks,
    waitingFor: waiting.map((task) => waitingTask(task, mayAnswer)),
    timers,
    mapRuns,
    lastEventId: lineage.lastEventId,
  };
}

const TIMERS_MAX = 1_000;

async function timersOf({ executions }: ApiContext, executionArn: string): Promise<ApiTimer[]> {
  const waiting = await executions.waiting(executionArn).catch((error: unknown) => {
    // It ended meanwhile.
    if (error instanceof Rejection) return [];
    throw error;
  });
  const timers: ApiTimer[] = [];
  for (const { waitsFor, stateName, enteredEventId: eventId, since, until } of waiting) {
    if (until === undefined || (waitsFor !== "timer" && waitsFor !== "retry")) continue;
    timers.push({ kind: waitsFor === "retry" ? "retry" : "wait", stateName, eventId, since, until });
  }
  return timers.sort((a, b) => a.until - b.until).slice(0, TIMERS_MAX);
}

/** The rules of the linter that would have told of a failure. */
function hintsOf(
  { status, type, error, cause }: ExecutionDescription,
  definition: string,
  stateName: string | undefined,
): Pick<ApiExecution, "hints"> {
  const parsed = status === "FAILED" || status === "TIMED_OUT" ? parseJsonLikeJackson(definition) : undefined;
  if (parsed?.ok !== true) return {};
  const failure = {
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    ...(stateName === undefined ? {} : { stateName }),
  };
  const hints = explainFailure(parsed.value, failure, { type }).map(lintFinding);
  return hints.length === 0 ? {} : { hints };
}

async function described(context: ApiContext, executionArn: string): Promise<ExecutionDescription | undefined> {
  try {
    return await context.executions.describe(executionArn);
  } catch (error) {
    if (error instanceof Rejection && error.name === "ExecutionDoesNotExist") return undefined;
    throw error;
  }
}

/** Those that were over at once are stored with their run: there is no history of them. */
async function describeExpressChild({ executions, catalog }: ApiContext, executionArn: string): Promise<ApiExecution> {
  const child = await executions.mapRuns?.expressChild(executionArn);
  if (child === undefined) throw notFound(`Execution Does Not Exist: '${executionArn}'`);
  const run = await executions.mapRuns?.describe(child.mapRunArn);
  const revision = run && (await catalog.describeRevision(run.revisionKey));
  const { stateMachineArn, name, status, startedAt, stoppedAt, error, cause, input, output, mapRunArn } = child;
  return {
    executionArn,
    stateMachineArn,
    name,
    status: status === "PENDING_REDRIVE" ? "FAILED" : status,
    startDate: startedAt,
    redriveCount: child.redriveCount,
    mapRunArn,
    ...(stoppedAt === undefined ? {} : { stopDate: stoppedAt }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    definition: revision?.definition ?? "",
    type: "EXPRESS",
    input: input ?? "{}",
    ...(output === undefined ? {} : { output }),
    redriveStatus: child.redriveStatus,
    forks: [],
    waitingFor: [],
    timers: [],
    mapRuns: [],
    lastEventId: 0,
  };
}

async function mapRunsOf({ executions }: ApiContext, executionArn: string): Promise<ApiMapRunItem[]> {
  const runs = await executions.mapRuns?.list(executionArn, { limit: MAP_RUNS_MAX });
  return (runs?.items ?? []).map(({ mapRunArn, stateName, status }) => ({ mapRunArn, stateName, status }));
}
