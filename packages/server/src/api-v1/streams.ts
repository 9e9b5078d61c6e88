/** What happens, as it happens: the history of one execution, and the executions that begin and end. */
import { type Executions, GatheredChanges } from "@stepwell/engine";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type ApiContext, type ApiRoutes, ARN_PARAMS, queriesOf } from "./api-context.ts";
import { invalidRequest } from "./api-failure.ts";
import { executionItem, failedStateOf } from "./execution-item.ts";
import { eventPage } from "./history-page.ts";
import { Bell, type EventStream } from "./sse.ts";
import type { ApiExecutionItem } from "./types.ts";

/** What happens within such a time is sent together. */
const COALESCED_MS = 50;
/** Looked at again without being told. */
const LOOK_MS = 5_000;
/** A list is asked for anew at most so often. */
const MISSED_MS = 1_000;
const EVENTS_PER_MESSAGE = 200;
/** Executions sent together; of more than that the newest. */
const CHANGED_MAX = 500;

const AFTER_SCHEMA = { type: "object", properties: { after: { type: "integer", minimum: 0 } } };
const MACHINE_SCHEMA = {
  type: "object",
  properties: { stateMachineArn: { type: "string", minLength: 1, maxLength: 2_048 } },
};

export const streamRoutes: ApiRoutes = (scope, context) => {
  scope.get(
    "/executions/:arn/stream",
    { schema: { params: ARN_PARAMS, querystring: AFTER_SCHEMA } },
    async (request, reply) => {
      const { arn } = request.params as { arn: string };
      context.authorize(request, "states:GetExecutionHistory", arn);
      const after = lastEventId(request) ?? (request.query as { after?: number }).after ?? 0;
      // An execution that is not there is an answer, not a stream.
      await context.executions.describe(arn);
      follow(context, request, reply, (stream) => streamExecution(context, stream, arn, after));
    },
  );
  scope.get("/stream", { schema: { querystring: MACHINE_SCHEMA } }, async (request, reply) => {
    const { stateMachineArn } = request.query as { stateMachineArn?: string };
    context.authorize(request, "stepwell:SearchExecutions", stateMachineArn ?? "*");
    queriesOf(context);
    follow(context, request, reply, (stream) => streamChanges(context, stream, stateMachineArn));
  });
};

function lastEventId({ headers }: FastifyRequest): number | undefined {
  const given = headers["last-event-id"];
  if (given === undefined) return undefined;
  const id = Number(given);
  if (!Number.isSafeInteger(id) || id < 0) throw invalidRequest("Last-Event-ID", "the id of an event", given);
  return id;
}

function follow(
  { streams }: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  run: (stream: EventStream) => Promise<void>,
): void {
  const stream = streams.open(request, reply);
  run(stream)
    // The client asks again with the last id it has.
    .catch((error: unknown) => request.log.error({ err: error }, "a stream failed"))
    .finally(() => stream.end());
}

async function streamExecution(
  context: ApiContext,
  stream: EventStream,
  executionArn: string,
  after: number,
): Promise<void> {
  const { executions } = context;
  const queries = queriesOf(context);
  const bell = new Bell();
  const ring = (): void => bell.ring();
  const stop = queries.changes({ executionArn }, { changed: ring, missed: ring });
  stream.signal.addEventListener("abort", stop);
  let last = after;
  let shown = "";
  while (!stream.signal.aborted) {
    const item = await itemOf(executions, executionArn);
    last = await sendHistory(context, stream, executionArn, last);
    const status = JSON.stringify(item);
    if (status !== shown) await stream.send("status", item);
    shown = status;
    await pause(COALESCED_MS, stream.signal);
    await bell.rung(LOOK_MS, stream.signal);
  }
}

async function sendHistory(
  context: ApiContext,
  stream: EventStream,
  executionArn: string,
  after: number,
): Promise<number> {
  let last = after;
  while (!stream.signal.aborted) {
    const { lastEventId: newest } = await queriesOf(context).lineage(executionArn);
    if (newest <= last) break;
    const range = { after: last, limit: EVENTS_PER_MESSAGE, reverse: false };
    const { events } = await eventPage(context.executions, executionArn, range, newest);
    const id = events.at(-1)?.id;
    if (id === undefined) break;
    await stream.send("history", events, id);
    last = id;
  }
  return last;
}

async function itemOf(executions: Executions, executionArn: string): Promise<ApiExecutionItem> {
  const description = await executions.describe(executionArn);
  const state = description.status === "FAILED" ? await failedStateOf(executions, executionArn) : undefined;
  return executionItem(description, state);
}

async function streamChanges(
  context: ApiContext,
  stream: EventStream,
  stateMachineArn: string | undefined,
): Promise<void> {
  const bell = new Bell();
  const gathered = new GatheredChanges(CHANGED_MAX);
  let missed = false;
  let saidAt = Number.NEGATIVE_INFINITY;
  const stop = queriesOf(context).changes(stateMachineArn === undefined ? {} : { stateMachineArn }, {
    changed(change) {
      gathered.add(change);
      bell.ring();
    },
    missed() {
      missed = true;
      bell.ring();
    },
  });
  stream.signal.addEventListener("abort", stop);
  while (!stream.signal.aborted) {
    const pauseMs = missed ? saidAt + MISSED_MS - performance.now() : LOOK_MS;
    if (pauseMs > 0) await bell.rung(pauseMs, stream.signal);
    if (missed && performance.now() >= saidAt + MISSED_MS) {
      missed = false;
      saidAt = performance.now();
      await stream.send("missed", {});
    }
    const items = gathered.take().reverse();
    if (items.length > 0)
      await stream.send(
        "execution",
        items.map((item) => executionItem(item)),
      );
    await pause(COALESCED_MS, stream.signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Bell().rung(ms, signal);
}
