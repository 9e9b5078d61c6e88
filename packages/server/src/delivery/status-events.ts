import type { CommittedChange } from "@stepwell/engine";
import { DeliveryQueue } from "./delivery-queue.ts";
import { DropReport, type DropReportOptions } from "./drop-report.ts";
import { EventJournal } from "./event-journal.ts";
import type { EventSink } from "./event-sink.ts";
import { type StatusEvent, type StatusEventOptions, statusEventsOf } from "./status-event.ts";

export interface StatusEventsOptions extends StatusEventOptions, Pick<DropReportOptions, "onProblem"> {
  readonly sink: EventSink;
  /** Keeps undelivered events over the end of the process; absent: they end with it. */
  readonly journalPath?: string;
  /** Counts events that were lost. */
  readonly dropped?: (count: number) => void;
}

export interface StatusEvents {
  /** For `onCommitted`. */
  committed(change: CommittedChange): void;
  close(timeoutMs: number): Promise<void>;
}

/** Twelve attempts with pauses up to a minute: a sink may be away for some five minutes. */
const ATTEMPTS_MAX = 12;

/** EventBridge-shaped events of what happens to Standard executions: each at least once, those of one execution in order. */
export function createStatusEvents(options: StatusEventsOptions): StatusEvents {
  const { sink, onProblem, dropped, journalPath } = options;
  const report = new DropReport({
    what: "status events",
    ...(onProblem === undefined ? {} : { onProblem }),
    ...(dropped === undefined ? {} : { count: dropped }),
  });
  let closing = false;
  const lost = (count: number, reason: unknown): void => {
    // What the journal still holds comes at the next start.
    if (!(closing && journal !== undefined)) report.dropped(count, reason);
  };
  const journal = journalPath === undefined ? undefined : new EventJournal(journalPath);
  const queue = new DeliveryQueue<StatusEvent>({
    send: (batch) => sink.send(batch, lost),
    sizeOf: ({ detail }) => 1_000 + (detail.input?.length ?? 0) + (detail.output?.length ?? 0),
    dropped: lost,
    emptied: () => journal?.emptied(),
    attemptsMax: ATTEMPTS_MAX,
  });
  for (const event of journal?.left ?? []) queue.push(event);
  return {
    committed(change) {
      const events = statusEventsOf(change, options);
      if (events.length === 0) return;
      if (journal?.add(events) === false) onProblem?.(new Error("the journal of status events is full"), "events");
      for (const event of events) queue.push(event);
    },
    async close(timeoutMs) {
      closing = true;
      await queue.close(timeoutMs);
      journal?.close();
      await sink.close?.();
    },
  };
}
