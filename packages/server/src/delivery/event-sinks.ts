import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { type AwsEndpoint, clientSettings } from "./aws-endpoint.ts";
import type { EventSink } from "./event-sink.ts";
import { JsonLinesFile } from "./json-lines-file.ts";
import type { StatusEvent } from "./status-event.ts";

const WEBHOOK_CALLS_AT_ONCE = 8;
const WEBHOOK_TIMEOUT_MS = 10_000;
/** Answers below 500 that may be another one later. */
const WORTH_REPEATING = new Set([408, 425, 429]);
/** PutEvents takes 10 events at once, and 256 KiB; one event may hold nearly that. */
const PUT_EVENTS_MAX = 10;
const PUT_BYTES_MAX = 256 * 1024;

/** Events as lines of a file: see `JsonLinesFile`. */
export function fileEventSink(path: string, bytesMax?: number): EventSink {
  const file = new JsonLinesFile(path, bytesMax);
  return {
    async send(batch) {
      await file.append(batch.map((event) => JSON.stringify(event)));
      return [];
    },
  };
}

/**
 * POSTs each event to a URL. 2xx: taken. 408, 425, 429, 5xx and no answer within ten seconds: sent again later. Anything
 * else, redirects too: refused. Events of one execution come in order; those of several go side by side.
 */
export function webhookEventSink(url: string): EventSink {
  return {
    async send(batch, refused) {
      const executions = [...Map.groupBy(batch, (event) => event.resources[0]).values()];
      const left = new Set<StatusEvent>();
      let failure: unknown;
      const lane = async (): Promise<void> => {
        for (let events = executions.shift(); events !== undefined; events = executions.shift()) {
          for (const [index, event] of events.entries()) {
            const outcome = await post(url, event).catch((error: unknown) => ({ again: error }));
            if (outcome === "taken") continue;
            if ("refused" in outcome) {
              refused(1, outcome.refused);
              continue;
            }
            failure = outcome.again;
            for (const later of events.slice(index)) left.add(later);
            break;
          }
        }
      };
      await Promise.all(Array.from({ length: WEBHOOK_CALLS_AT_ONCE }, lane));
      if (left.size === batch.length) throw failure;
      return batch.filter((event) => left.has(event));
    },
  };
}

async function post(
  url: string,
  event: StatusEvent,
): Promise<"taken" | { readonly refused: Error } | { readonly again: Error }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "stepwell" },
    body: JSON.stringify(event),
    redirect: "manual",
    signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
  });
  await response.body?.cancel();
  if (response.ok) return "taken";
  const error = new Error(`${new URL(url).origin} answered ${response.status}`);
  return response.status >= 500 || WORTH_REPEATING.has(response.status) ? { again: error } : { refused: error };
}

export interface EventBridgeSinkOptions extends AwsEndpoint {
  /** Name or ARN; default: the default bus. */
  readonly busName?: string;
}

/** Puts events on a bus of EventBridge, or of what answers in its place. The SDK is loaded with the first event. */
export function eventBridgeSink(options: EventBridgeSinkOptions): EventSink {
  let client: Promise<EventBridgeClient> | undefined;
  return {
    async send(batch) {
      const { EventBridgeClient, PutEventsCommand } = await import("@aws-sdk/client-eventbridge");
      client ??= Promise.resolve(new EventBridgeClient(clientSettings(options, options.region)));
      const sender = await client;
      const left: StatusEvent[] = [];
      for (const call of inCalls(batch)) {
        const Entries = call.map((event) => entryOf(event, options.busName));
        const { Entries: results = [] } = await sender.send(new PutEventsCommand({ Entries }));
        left.push(...call.filter((_, index) => results[index]?.ErrorCode !== undefined));
      }
      return left;
    },
    async close() {
      (await client)?.destroy();
    },
  };
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
