import { type Catalog, type LoggingConfiguration, Rejection } from "@stepwell/engine";
import type { LogSink } from "./log-sink.ts";

/**
 * A catalog that asks for the log group before it lets a state machine log to it, as AWS does: it makes the stream that
 * proves that it can, and throws InvalidLoggingConfiguration when there is no such group. Sinks without groups say nothing.
 */
export function withLogDestinations(catalog: Catalog, sink: Pick<LogSink, "prepare">): Catalog {
  return {
    ...catalog,
    async createStateMachine(request) {
      await prepare(sink, request.loggingConfiguration);
      return catalog.createStateMachine(request);
    },
    async updateStateMachine(request) {
      await prepare(sink, request.loggingConfiguration);
      return catalog.updateStateMachine(request);
    },
  };
}

/** What is wrong in itself is left for the catalog to refuse. */
async function prepare(
  sink: Pick<LogSink, "prepare">,
  logging: Partial<LoggingConfiguration> | undefined,
): Promise<void> {
  const { level = "OFF", destinations = [] } = logging ?? {};
  const arn = destinations[0]?.cloudWatchLogsLogGroup?.logGroupArn;
  if (level === "OFF" || destinations.length !== 1 || !/^arn:[^:]+:logs:[^:]+:[^:]*:log-group:.+:\*$/.test(arn ?? ""))
    return;
  if ((await sink.prepare?.(arn as string)) !== false) return;
  throw new Rejection(
    "InvalidLoggingConfiguration",
    `Invalid Logging Configuration: there is no log group ${arn}. Create it before state machines log to it.`,
  );
}
