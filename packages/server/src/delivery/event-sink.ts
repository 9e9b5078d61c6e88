import type { StatusEvent } from "./status-event.ts";

/** Where status events go. */
export interface EventSink {
  /** Resolves to what shall be sent again; rejects when nothing was accepted. What can never be accepted is `refused`. */
  send(
    batch: readonly StatusEvent[],
    refused: (count: number, reason: unknown) => void,
  ): Promise<readonly StatusEvent[]>;
  close?(): Promise<void>;
}
