import type { FastifyBaseLogger } from "fastify";
import { type DestinationStream, pino } from "pino";

export interface LoggerOptions {
  /** `trace`, `debug`, `info` (default: a line for each request), `warn`, `error`, `silent`. */
  readonly level?: string;
  /** Where lines go; standard error when absent: standard output says where the service listens. */
  readonly destination?: DestinationStream;
}

const STANDARD_ERROR = 2;
/** Characters that wait at most. */
const WAITING_MAX = 65_536;

/** One JSON object a line: time, level, message and fields. Nothing in this room logs inputs, outputs or definitions. */
export function createLogger({ level = "info", destination }: LoggerOptions = {}): FastifyBaseLogger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, destination ?? standardError());
}

/** Lines of one turn are written together, when it ends or the process does: a call of the system for each is dear. */
function standardError(): DestinationStream {
  const output = pino.destination({ dest: STANDARD_ERROR, sync: true });
  let waiting = "";
  let isScheduled = false;
  const flush = (): void => {
    isScheduled = false;
    const text = waiting;
    waiting = "";
    if (text !== "") output.write(text);
  };
  process.on("exit", flush);
  return {
    write(line) {
      waiting += line;
      if (waiting.length >= WAITING_MAX) flush();
      else if (!isScheduled) {
        isScheduled = true;
        setImmediate(flush);
      }
    },
  };
}
