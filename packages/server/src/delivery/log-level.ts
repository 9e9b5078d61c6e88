import type { LoggingConfiguration } from "@stepwell/engine";

const FATAL = new Set(["ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"]);
const FAILURES = /(?:Failed|TimedOut|Aborted)$/;

/** Whether the log of this level has events of this type. AWS, "Logging using CloudWatch Logs", log levels. */
export function isLogged(level: LoggingConfiguration["level"], type: string): boolean {
  switch (level) {
    case "ALL":
      return true;
    case "ERROR":
      return FAILURES.test(type) || type === "FailStateEntered";
    case "FATAL":
      return FATAL.has(type);
    case "OFF":
      return false;
  }
}
