import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { type AwsEndpoint, clientSettings } from "./aws-endpoint.ts";
import { type DeliveryOutcome, type EventSink, TAKEN } from "./event-sink.ts";
import { JsonLinesFile } from "./json-lines-file.ts";
import type { StatusEvent } from "./status-event.ts";

const FILE_EVENTS_MAX = 500;
const WEBHOOK_CALLS_AT_ONCE = 8;
const WEBHOOK_TIMEOUT_MS = 10_000;
/** Answers below 500 that may be another one later. User Guide of EventBridge, "API destinations"; RFC 9110 and 8470. */
const WORTH_REPEATING = new Set([401, 407, 408, 409, 425, 429]);
/** PutEvents takes 10 events at once, and 256 KiB; one event may hold nearly that. */
const PUT_EVENTS_MAX = 10;
const PUT_BYTES_MAX = 256 * 1024;
const PUTS_AT_ONCE = 4;
/** What PutEvents says of an entry, or of a call with one entry, that it will say always. */
const NEVER_PUT = /^(MalformedDetail|InvalidArgument|ValidationException|ValidationError|RequestEntityTooLarge.*)$/;
/** Nobody could be asked. */
const NOBODY_THERE =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|UND_ERR_CONNECT_TIMEOUT)$/;

/** Events as lines of a file: see `JsonLinesFile`. */
export function fileEventSink(path: string, bytesMax?: number): EventSink {
  const file = new JsonLinesFile(path, bytesMax);
  return {
    batchMax: FILE_EVENTS_MAX,
    callsAtOnce: 1,
    isWhole: true,
    async send(batch) {
      await file.append(batch.map((event) => JSON.stringify(event)));
      return batch.map(() => TAKEN);
    },
  };
}

/**
 * POSTs each event to a URL. 2xx: taken. 401, 407, 408, 409, 425, 429, 5xx and no answer within ten seconds: sent again
 * later, as late as Retry-After says. Anything else, redirects too: refused. Rejects when nobody can be reached.
 */
export function webhookEventSink(url: string): EventSink {
  return {
    batchMax: 1,
    callsAtOnce: WEBHOOK_CALLS_AT_ONCE,
    isWhole: true,
    send: (batch) => Promise.all(batch.map((event) => post(url, event))),
  };
}

async function post(url: string, event: StatusEvent): Promise<DeliveryOutcome> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "stepwell" },
      body: JSON.stringify(event),
      redirect: "manual",
      signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
    });
  } catch (error) {
    if (NOBODY_THERE.test(codeOf(error))) throw error;
    const reason = new Error(`${new URL(url).origin}: ${deepestMessage(error)}`, { cause: error });
    return { kind: "again", code: "SDK_CLIENT_ERROR", reason };
  }
  await response.body?.cancel().catch(() => undefined);
  if (response.ok) return TAKEN;
  const { status } = response;
  const reason = new Error(`${new URL(url).origin} answered ${status}`);
  const code = String(status);
  if (status < 500 && !WORTH_REPEATING.has(status)) return { kind: "refused", code, reason };
  const afterMs = retryAfterMs(response.headers.get("retry-after"));
  // User Guide of EventBridge, "API destinations": a negative Retry-After ends the attempts.
  if (afterMs !== undefined && afterMs < 0) return { kind: "refused", code, reason };
  return { kind: "again", code, reason, ...(afterMs === undefined ? {} : { afterMs }) };
}

/** Of the error itself, what caused it, or the first of many addresses. */
function codeOf(error: unknown): string {
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: readonly unknown[] };
  if (typeof code === "string") return code;
  const deeper = cause ?? errors?.[0];
  return deeper === undefined || deeper === error ? "" : codeOf(deeper);
}

/** What `fetch` says of a failure is in its cause. */
function deepestMessage(error: unknown): string {
  const { message, cause } = error as { message?: unknown; cause?: unknown };
  return cause === undefined || cause === null || cause === error ? String(message) : deepestMessage(cause);
}

/** Seconds or a date. RFC 9110, "Retry-After". */
function retryAfterMs(text: string | null): number | undefined {
  if (text === null || text.trim() === "") return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return seconds * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

export interface EventBridgeSinkOptions extends AwsEndpoint {
  /** Name or ARN; default: the default bus. */
  readonly busName?: string;
}

/** Puts events on a bus of EventBridge, or of what answers in its place. The SDK is loaded with the first event. */
export function eventBridgeSink(options: EventBridgeSinkOptions): EventSink {
  let client: Promise<EventBridgeClient> | undefined;
  const put = async (batch: readonly StatusEvent[]): Promise<DeliveryOutcome[]> => {
    const { EventBridgeClient, PutEventsCommand } = await import("@aws-sdk/client-eventbridge");
    client ??= Promise.resolve(new EventBridgeClient(clientSettings(options, options.region)));
    const sender = await client;
    const outcomes: DeliveryOutcome[] = [];
    for (const call of inCalls(batch)) {
      try {
        const Entries = call.map((event) => entryOf(event, options.busName));
        const { Entries: results = [] } = await sender.send(new PutEventsCommand({ Entries }));
        outcomes.push(...call.map((_, index) => outcomeOf(results[index])));
      } catch (error) {
        if (outcomes.length === 0 && !isRefusal(error)) throw error;
        const [one] = call;
        if (call.length === 1 && one !== undefined) outcomes.push(failed(error));
        // One of them is wrong: which, is seen one by one.
        else for (const event of call) outcomes.push(...(await put([event]).catch((other) => [failed(other)])));
      }
    }
    return outcomes;
  };
  return {
    batchMax: PUT_EVENTS_MAX,
    callsAtOnce: PUTS_AT_ONCE,
    isWhole: false,
    send: put,
    async close() {
      (await client)?.destroy();
    },
  };
}

function outcomeOf(
  result: { ErrorCode?: string | undefined; ErrorMessage?: string | undefined } | undefined,
): DeliveryOutcome {
  const code = result?.ErrorCode;
  if (code === undefined) return TAKEN;
  return {
    kind: NEVER_PUT.test(code) ? "refused" : "again",
    code,
    reason: new Error(`${code}: ${result?.ErrorMessage}`),
  };
}

function isRefusal(error: unknown): boolean {
  return NEVER_PUT.test(String((error as Error).name));
}

function failed(error: unknown): DeliveryOutcome {
  return { kind: isRefusal(error) ? "refused" : "again", code: String((error as Error).name), reason: error };
}

function entryOf(event: StatusEvent, busName: string | undefined): object {
  return {
    Source: event.source,
    DetailType: event["detail-type"],
    Detail: JSON.stringify(event.detail),
    Resources: [...event.resources],
    Time: new Date(event.time),
    ...(busName === undefined ? {} : { EventBusName: busName }),
  };
}

function inCalls(batch: readonly StatusEvent[]): StatusEvent[][] {
  const calls: StatusEvent[][] = [];
  let bytes = PUT_BYTES_MAX;
  for (const event of batch) {
    const size = Buffer.byteLength(JSON.stringify(event));
    const last = calls.at(-1);
    if (last === undefined || last.length >= PUT_EVENTS_MAX || bytes + size > PUT_BYTES_MAX) {
      calls.push([event]);
      bytes = size;
    } else {
      last.push(event);
      bytes += size;
    }
  }
  return calls;
}
