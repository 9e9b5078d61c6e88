export type * from "./api-v1/flow-types.ts";
export type * from "./api-v1/map-runs-types.ts";
export type * from "./api-v1/types.ts";
export type { AllowRule } from "./aws/access-rules.ts";
export {
  type AccessKey,
  type Authenticator,
  type AuthenticatorOptions,
  type Caller,
  createAuthenticator,
  type SignedRequest,
} from "./aws/authentication.ts";
export { createInProcessApi, type InProcessApi, type InProcessApiOptions } from "./aws/in-process-api.ts";
export {
  type PerformTask,
  performWith,
  type StateTesting,
} from "./aws/state-testing.ts";
export type { CloudFlowOptions } from "./cloudflow/cloudflow-front.ts";
export { createFlowAuthenticator, type FlowAuthenticator } from "./cloudflow/flow-authentication.ts";
export { RateLimits } from "./cloudflow/rate-limits.ts";
export { createCloudFlowServer, createServer, type ServerOptions } from "./create-server.ts";
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
export { assertMayListen, isLoopback } from "./listen-address.ts";
export { createLogger, type LoggerOptions } from "./logger.ts";
export { parseItems } from "./map-report/item-ranges.ts";
export { type Column, DEFAULT_COLUMNS, parseColumns } from "./map-report/report-columns.ts";
export { REPORT_FORMATS, type ReportFormat, reportText } from "./map-report/report-formats.ts";
export { childRow, hasFailed, type ReportRow } from "./map-report/report-row.ts";
export { RunRate } from "./map-report/run-rate.ts";
export { Metrics, type Sample } from "./metrics.ts";
export { DEFAULT_SERVER_CONFIG, type ServerConfig } from "./server-config.ts";
export {
  createExecutionTraces,
  type EndedSpan,
  type ExecutionTraces,
  type ExecutionTracesOptions,
  type SpanSender,
} from "./tracing/execution-traces.ts";
export { otlpSender, wantsTraces } from "./tracing/otlp-sender.ts";
export { traceparentOf } from "./tracing/trace-ids.ts";
