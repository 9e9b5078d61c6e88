import type { EpochMs } from "@stepwell/core";
import type { Clock } from "./clock.ts";

interface Wake {
  readonly at: EpochMs;
  readonly order: number;
  readonly wake: () => void;
}

/**
 * A clock that stands still until it is told to go on: `advance` jumps to the next wake. Give the engine
 * `onIdle: () => clock.advance()` and time passes exactly when nothing else can happen.
 */
export class VirtualClock implements Clock {
  readonly #wakes: Wake[] = [];
  #now: EpochMs;
  #order = 0;

  constructor(now: EpochMs) {
    this.#now = now;
  }

  now(): EpochMs {
    return this.#now;
  }

  wakeAt(at: EpochMs, wake: () => void): () => void {
    // Time here goes in whole milliseconds, as everywhere.
    const entry = { at: Math.ceil(at), order: this.#order++, wake };
    insert(this.#wakes, entry);
    return () => {
      const index = this.#wakes.indexOf(entry);
      if (index >= 0) this.#wakes.splice(index, 1);
    };
  }

  /** When the next wake is due; `undefined` when nobody waits. */
  get next(): EpochMs | undefined {
    return this.#wakes[0]?.at;
  }

  /** Jumps to the next wake and calls it and all others of the same time, in the order they were asked for. */
  advance(): boolean {
    const next = this.next;
    if (next === undefined) return false;
    this.advanceTo(Math.max(next, this.#now));
    return true;
  }

  /** Sets the time, forwards or (as real clocks sometimes do) backwards, and calls what is due then. */
  advanceTo(now: EpochMs): void {
    this.#now = now;
    const due = this.#wakes.filter((entry) => entry.at <= now);
    this.#wakes.splice(0, due.length);
    for (const { wake } of due) wake();
  }
}

/** Keeps the wakes sorted by time, equal times in order of arrival. */
function insert(wakes: Wake[], entry: Wake): void {
  let low = 0;
  let high = wakes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((wakes[middle] as Wake).at <= entry.at) low = middle + 1;
    else high = middle;
  }
  wakes.splice(low, 0, entry);
}
