/**
 * EventBridge-shaped events of what happens to Standard executions, from the store's outbox to their sink.
 *
 * V1. An event is stored by the commit that it tells of (`announcementsOf`): none is lost, whatever dies when.
 * V2. It is taken off when the sink has taken or refused it (outbox-sender.ts): each comes at least once, those of one
 *     execution in order.
 * V3. What the sink does not take for a day, or 186 times, is given up, and counted, as EventBridge does.
 */
import type { CommittedChange } from "@stepwell/engine";
import { OutboxSender, type OutboxSenderOptions } from "./outbox-sender.ts";
import { parseStatusEvent, type StatusEvent, type StatusEventOptions, statusEventsOf } from "./status-event.ts";

export type { Outbox } from "./outbox-reader.ts";

export interface StatusEventsOptions extends StatusEventOptions, OutboxSenderOptions {
  /** Which events are wanted. Default: all. */
  readonly wants?: (event: StatusEvent) => boolean;
}

export interface StatusEvents {
  /** For `announcementsOf`. */
  announcementsOf(change: CommittedChange): readonly string[];
  /** For `onCommitted`: there may be something to send. */
  committed(change: CommittedChange): void;
  /** Events that wait to be delivered, and how many seconds the oldest has waited (0: none does). */
  backlog(): Promise<{ readonly events: number; readonly oldestAgeSeconds: number }>;
  /** Waits for what is being sent, so long at most. What is left is sent after the next start. */
  close(timeoutMs: number): Promise<void>;
}

/** Begins with what an earlier process left. */
export function createStatusEvents(options: StatusEventsOptions): StatusEvents {
  const sender = new OutboxSender(options);
  const { outbox, now = Date.now } = options;
  sender.wake();
  return {
    announcementsOf: (change) =>
      statusEventsOf(change, options)
        .filter((event) => options.wants?.(event) ?? true)
        .map((event) => JSON.stringify(event)),
    committed(change) {
      const isNews = change.started || change.redriven || change.end !== undefined;
      if (isNews && change.start.type !== "EXPRESS") sender.wake();
    },
    async backlog() {
      const [events, [oldest]] = await Promise.all([outbox.countAnnouncements(), outbox.announcements(1)]);
      const first = oldest && parseStatusEvent(oldest.text);
      if (first === undefined) return { events, oldestAgeSeconds: 0 };
      const at = Date.parse(first.time);
      return { events, oldestAgeSeconds: Math.max(0, Math.round((now() - at) / 1_000)) };
    },
    async close(timeoutMs) {
      await sender.close(timeoutMs);
      await options.sink.close?.();
    },
  };
}
