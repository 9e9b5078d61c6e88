/** Who is told of what executions do: metrics, execution logs, status events and traces. */
import { join, resolve } from "node:path";
import type { AwsIdentity, Catalog, CommittedChange, Ids, TriggerEvent, Triggers } from "@stepwell/engine";
import {
  CloudWatchLogSink,
  createExecutionLogs,
  createExecutionTraces,
  createStatusEvents,
  deadLetterFile,
  type EventSink,
  eventBridgeSink,
  executionMetrics,
  fileEventSink,
  fileLogSink,
  type LogSink,
  type Metrics,
  type Outbox,
  otlpSender,
  type StatusEvent,
  type StatusEvents,
  type StatusEventsOptions,
  streamLogSink,
  webhookEventSink,
  withLogDestinations,
} from "@stepwell/server/in-process";

/** `logs` of stepwell.yaml. */
export interface LogSettings {
  /** Default: file. `none`: what state machines ask to be logged goes nowhere. */
  readonly sink?: "file" | "stdout" | "cloudwatch" | "none";
  /** Of the file; default `logs/executions.jsonl` in the data directory. */
  readonly path?: string;
  /** Of what answers in CloudWatch Logs' place. */
  readonly endpoint?: string;
}

/** `events` of stepwell.yaml. */
export interface EventSettings {
  readonly sink: "webhook" | "file" | "eventbridge";
  readonly url?: string;
  /** Of the file; default `events/status.jsonl` in the data directory. */
  readonly path?: string;
  readonly bus?: string;
  readonly endpoint?: string;
  readonly source?: string;
  /** A file for events that were given up; default: they are only counted. */
  readonly deadLetters?: string;
  /** 60 to 86,400; default 86,400. */
  readonly maximumEventAgeInSeconds?: number;
  /** 0 to 185; default 185. */
  readonly maximumRetryAttempts?: number;
}

export interface ObserverOptions {
  /** ":memory:": nothing is written to files by default. */
  readonly dataDir: string;
  readonly baseDirectory: string;
  readonly identity: AwsIdentity;
  readonly ids: Ids;
  readonly historyEventsMax: number;
  /** Where status events wait. */
  readonly outbox: Outbox;
  /** Other nodes leave events in the outbox too, for whoever comes after them. */
  readonly isShared?: boolean;
  /** Whether this node tells of an execution now. Default: always. */
  readonly owns?: (executionArn: string) => boolean;
  readonly logs?: LogSettings;
  readonly events?: EventSettings;
  /** Rules that start state machines when status events say so. */
  readonly rules?: Pick<Triggers, "wants" | "wantsAny" | "deliver">;
  readonly metrics?: Metrics;
  /** Spans go where OTEL_EXPORTER_OTLP_* say. */
  readonly traces?: boolean;
  readonly onProblem?: (problem: unknown, about: string) => void;
}

export interface Observers {
  /** The catalog as the API must see it: log groups are asked for. */
  readonly catalog: Catalog;
  /** What is to be stored with a change: status events. Absent: nothing ever is. */
  readonly announcementsOf?: (change: CommittedChange) => readonly string[];
  /** Absent: nobody listens. */
  readonly committed?: (change: CommittedChange) => void;
  /** Delivers what waits, for so long at most. */
  close(timeoutMs: number): Promise<void>;
}

interface Observer {
  committed(change: CommittedChange): void;
  close(timeoutMs: number): Promise<void>;
}

export function createObservers(catalog: Catalog, options: ObserverOptions): Observers {
  const logSink = logSinkOf(options);
  const observers: Observer[] = [];
  if (options.metrics !== undefined) observers.push({ committed: executionMetrics(options.metrics), close: closed });
  if (logSink !== undefined) observers.push(executionLogs(catalog, logSink, options));
  const { rules } = options;
  const events = options.events === undefined && rules === undefined ? undefined : statusEvents(options);
  // Nothing is put together, nor looked for, where nobody wants it.
  const isWanted = (): boolean => options.events !== undefined || rules?.wantsAny() === true;
  if (events !== undefined)
    observers.push({
      committed: (change) => void (isWanted() && events.committed(change)),
      close: (timeoutMs) => events.close(timeoutMs),
    });
  if (options.traces === true) observers.push(traces(options));
  return {
    catalog: logSink === undefined ? catalog : withLogDestinations(catalog, logSink),
    ...(events && { announcementsOf: (change) => (isWanted() ? events.announcementsOf(change) : []) }),
    ...(observers.length > 0 && {
      committed(change: CommittedChange) {
        for (const observer of observers) observer.committed(change);
      },
    }),
    async close(timeoutMs) {
      await Promise.all(observers.map((observer) => observer.close(timeoutMs)));
    },
  };
}

async function closed(): Promise<void> {}

function executionLogs(catalog: Catalog, sink: LogSink, options: ObserverOptions): Observer {
  const { metrics, onProblem } = options;
  const dropped = metrics?.counter("stepwell_log_entries_dropped_total", "Execution log entries that were lost.");
  return createExecutionLogs({
    sink,
    revisions: catalog,
    ...(onProblem && { onProblem }),
    ...(dropped && { dropped: (count: number) => dropped([], count) }),
  });
}

function logSinkOf({ logs = {}, dataDir, baseDirectory, identity }: ObserverOptions): LogSink | undefined {
  const isInMemory = dataDir === ":memory:";
  switch (logs.sink ?? (isInMemory ? "none" : "file")) {
    case "none":
      return undefined;
    case "stdout":
      return streamLogSink(process.stdout);
    case "cloudwatch":
      return new CloudWatchLogSink(endpointOf(identity, logs.endpoint));
    case "file":
      return fileLogSink(
        logs.path === undefined ? join(dataDir, "logs", "executions.jsonl") : resolve(baseDirectory, logs.path),
      );
  }
}

function traces({ metrics, onProblem }: ObserverOptions): Observer {
  const dropped = metrics?.counter("stepwell_spans_dropped_total", "Spans of traces that were lost.");
  return createExecutionTraces({
    sender: otlpSender(),
    ...(onProblem && { onProblem }),
    ...(dropped && { dropped: (count: number) => dropped([], count) }),
  });
}

const SHARED_LOOK_MS = 5_000;

function statusEvents(options: ObserverOptions): StatusEvents {
  const { events, rules, metrics, onProblem, identity, ids, historyEventsMax, outbox, owns } = options;
  const statusEvents = createStatusEvents({
    sink: events === undefined ? NO_SINK : eventSinkOf(events, options),
    ...(rules && { tellFirst: rulesFirst(rules, options.isShared === true) }),
    ...(events === undefined && rules !== undefined ? { wants: (event) => rules.wants(asOfStates(event)) } : {}),
    identity,
    uuid: () => ids.uuid(),
    historyEventsMax,
    outbox,
    ...(options.isShared === true ? { lookEveryMs: SHARED_LOOK_MS } : {}),
    ...(events?.source === undefined ? {} : { source: events.source }),
    ...(owns && { owns }),
    ...(onProblem && { onProblem }),
    ...(metrics && statusEventCounters(metrics)),
    ...retryPolicy(events, options),
  });
  if (metrics !== undefined) addBacklog(metrics, statusEvents);
  return statusEvents;
}

type Retries = Pick<StatusEventsOptions, "deadLetters" | "maximumEventAgeInSeconds" | "maximumRetryAttempts">;

function retryPolicy(events: EventSettings | undefined, { baseDirectory }: ObserverOptions): Retries {
  const { deadLetters, maximumEventAgeInSeconds, maximumRetryAttempts, sink, url, bus } = events ?? {};
  return {
    ...(deadLetters === undefined
      ? {}
      : { deadLetters: deadLetterFile(resolve(baseDirectory, deadLetters), url ?? bus ?? sink ?? "") }),
    ...(maximumEventAgeInSeconds === undefined ? {} : { maximumEventAgeInSeconds }),
    ...(maximumRetryAttempts === undefined ? {} : { maximumRetryAttempts }),
  };
}

function statusEventCounters(metrics: Metrics): Pick<StatusEventsOptions, "delivered" | "refused" | "dropped"> {
  const counting = (name: string, help: string): ((count: number) => void) => {
    const counter = metrics.counter(`stepwell_status_events_${name}_total`, help);
    return (count) => counter([], count);
  };
  return {
    delivered: counting("delivered", "Status events that were delivered."),
    refused: counting("refused", "Attempts to deliver a status event that were not taken."),
    dropped: counting("dropped", "Status events that were lost."),
  };
}

function addBacklog(metrics: Metrics, events: StatusEvents): void {
  // Two names of one look: they are read one after the other.
  metrics.gauge("stepwell_status_events_waiting", "Status events that wait to be delivered.", [], async () => [
    { value: (await events.backlog()).events },
  ]);
  metrics.gauge(
    "stepwell_status_events_oldest_age_seconds",
    "How long the oldest status event has waited to be delivered.",
    [],
    async () => [{ value: (await events.backlog()).oldestAgeSeconds }],
  );
}

/** Where only rules listen. */
const NO_SINK: EventSink = {
  batchMax: 500,
  callsAtOnce: 1,
  isWhole: true,
  send: async (batch) => batch.map(() => ({ kind: "taken" })),
};

/** Rules are asked first: an event that the sink wants again starts nothing again. */
function rulesFirst(
  rules: NonNullable<ObserverOptions["rules"]>,
  isShared: boolean,
): NonNullable<StatusEventsOptions["tellFirst"]> {
  return async (events) => {
    // Another node may know of a rule that this one has not read yet.
    if (isShared || rules.wantsAny()) await rules.deliver(events.map(asOfStates));
  };
}

/** Rules know events by AWS's source, whatever the sink is told. */
function asOfStates(event: StatusEvent): TriggerEvent {
  return { ...event, source: "aws.states", detail: { ...event.detail } } as unknown as TriggerEvent;
}

function eventSinkOf(events: EventSettings, { dataDir, baseDirectory, identity }: ObserverOptions): EventSink {
  const { sink, url = "", path, bus } = events;
  switch (sink) {
    case "webhook":
      return webhookEventSink(url);
    case "file":
      return fileEventSink(path === undefined ? join(dataDir, "events", "status.jsonl") : resolve(baseDirectory, path));
    case "eventbridge":
      return eventBridgeSink({
        ...endpointOf(identity, events.endpoint),
        ...(bus === undefined ? {} : { busName: bus }),
      });
  }
}

function endpointOf({ region }: AwsIdentity, endpoint: string | undefined): { region: string; endpoint?: string } {
  return endpoint === undefined ? { region } : { region, endpoint };
}
