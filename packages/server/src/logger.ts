import type { FastifyBaseLogger } from "fastify";
import { type DestinationStream, pino } from "pino";

export interface LoggerOptions {
  /** `trace`, `debug`, `info` (default: a line for each request), `warn`, `error`, `silent`. */
  readonly level?: string;
  /** Where lines go; standard output when absent. */
  readonly destination?: DestinationStream;
}

/** One JSON object a line: time, level, message and fields. Nothing in this room logs inputs, outputs or definitions. */
export function createLogger({ level = "info", destination }: LoggerOptions = {}): FastifyBaseLogger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
