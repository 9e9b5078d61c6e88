/**
 * A run as it was after any of its events: a fold over the beginning of its history.
 *
 * T1. What is shown of event n depends on events 1 to n only.
 * T2. Going on costs the events between; going back costs a copy and CHECKPOINT_EVENTS events at most, however long the
 *     history is.
 */
import type { ApiHistoryEvent } from "../api/api-types.ts";
import { RunFold } from "./run-fold.ts";

/** A copy of 25,000 events' visits is some milliseconds; this many events are one or two. */
const CHECKPOINT_EVENTS = 2_000;

export class TimeTravel {
  readonly #events: readonly ApiHistoryEvent[];
  /** After 0, CHECKPOINT_EVENTS, 2 × CHECKPOINT_EVENTS … events; made on the way, never folded on. */
  readonly #checkpoints: RunFold[] = [new RunFold()];
  #current = new RunFold();

  /** `events`: those of the run's own fold, which grow while it is read. */
  constructor(events: readonly ApiHistoryEvent[]) {
    this.#events = events;
  }

  /** After the event of this id, at least none and at most all that are known. Valid until the next call. */
  at(eventId: number): RunFold {
    const id = Math.max(0, Math.min(eventId, this.#events.length));
    const place = Math.min(Math.floor(id / CHECKPOINT_EVENTS), this.#checkpoints.length - 1);
    const near = this.#checkpoints[place] as RunFold;
    const here = this.#current.lastEventId;
    if (here > id || here < near.lastEventId) this.#current = near.copy();
    while (this.#current.lastEventId < id) this.#forward(id);
    return this.#current;
  }

  #forward(id: number): void {
    const from = this.#current.lastEventId;
    const next = this.#checkpoints.length * CHECKPOINT_EVENTS;
    const to = from < next ? Math.min(id, next) : id;
    this.#current.add(this.#events.slice(from, to));
    if (to === next) this.#checkpoints.push(this.#current.copy());
  }
}

/** Where a step to the state before or after ends: the nearest event that enters or leaves a state, or is the first or last. */
export function nextMove(events: readonly ApiHistoryEvent[], from: number, by: 1 | -1): number {
  for (let id = from + by; id >= 1 && id <= events.length; id += by) {
    if (/State(?:Entered|Exited)$/.test(events[id - 1]?.type ?? "")) return id;
  }
  return by === 1 ? events.length : Math.min(1, events.length);
}
