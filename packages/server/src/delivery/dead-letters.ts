import { JsonLinesFile } from "./json-lines-file.ts";
import type { StatusEvent } from "./status-event.ts";

/** An event that was given up, with what EventBridge says of one in a dead-letter queue. */
export interface DeadLetter {
  readonly event: StatusEvent;
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly retryAttempts: number;
  /** Absent: it was refused. */
  readonly exhausted?: "MaximumRetryAttempts" | "MaximumEventAgeInSeconds";
}

/** Rejects when they cannot be kept. */
export type DeadLetters = (letters: readonly DeadLetter[]) => Promise<void>;

/** As lines of a file (see `JsonLinesFile`): message attributes and body. User Guide of EventBridge, "Dead-letter queues". */
export function deadLetterFile(path: string, target: string): DeadLetters {
  const file = new JsonLinesFile(path);
  return (letters) =>
    file.append(
      letters.map(({ event, errorCode, errorMessage, retryAttempts, exhausted }) =>
        JSON.stringify({
          attributes: {
            ERROR_CODE: errorCode,
            ERROR_MESSAGE: errorMessage,
            ...(exhausted === undefined ? {} : { EXHAUSTED_RETRY_CONDITION: exhausted }),
            RETRY_ATTEMPTS: retryAttempts,
            TARGET_ARN: target,
          },
          body: event,
        }),
      ),
    );
}
