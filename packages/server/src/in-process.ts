/**
 * `@stepwell/server/in-process`: what a Stepwell without HTTP has of the server: the API as a function, and those who watch
 * executions. Loading Fastify would be a fifth of the start of a command that runs one execution.
 */
export { createInProcessApi, type InProcessApi, type InProcessApiOptions } from "./aws/in-process-api.ts";
export {
  type PerformTask,
  performWith,
  type StateTesting,
} from "./aws/state-testing.ts";
export { CloudWatchLogSink } from "./delivery/cloudwatch-log-sink.ts";
export { type DeadLetter, type DeadLetters, deadLetterFile } from "./delivery/dead-letters.ts";
export type { DeliveryOutcome, EventSink } from "./delivery/event-sink.ts";
export {
  type EventBridgeSinkOptions,
  eventBridgeSink,
  fileEventSink,
  webhookEventSink,
} from "./delivery/event-sinks.ts";
export { createExecutionLogs, type ExecutionLogs, type ExecutionLogsOptions } from "./delivery/execution-logs.ts";
export { fileLogSink, streamLogSink } from "./delivery/local-log-sinks.ts";
export { withLogDestinations } from "./delivery/log-destinations.ts";
export type { LogRecord, LogSink } from "./delivery/log-sink.ts";
export type { StatusDetail, StatusEvent } from "./delivery/status-event.ts";
export {
  createStatusEvents,
  type Outbox,
  type StatusEvents,
  type StatusEventsOptions,
} from "./delivery/status-events.ts";
export { executionMetrics } from "./execution-metrics.ts";
export { RunRate } from "./map-report/run-rate.ts";
export { Metrics, type Sample } from "./metrics.ts";
export {
  createExecutionTraces,
  type EndedSpan,
  type ExecutionTraces,
  type ExecutionTracesOptions,
  type SpanSender,
} from "./tracing/execution-traces.ts";
export { otlpSender, wantsTraces } from "./tracing/otlp-sender.ts";
export { traceparentOf } from "./tracing/trace-ids.ts";
