/**
 * What is known in memory of an outbox: the events that wait, by execution.
 *
 * O1. The events of an execution stand in one line, in their order; only the first of a line is on its way (or, to a sink
 *     that takes all or nothing, several from the first on).
 * O2. Of lines that rest only positions are kept: their events are in the store.
 */
import type { EpochMs } from "@stepwell/core";
import type { StatusEvent } from "./status-event.ts";

export interface WaitingEvent {
  readonly position: number;
  /** Of the event. */
  readonly at: EpochMs;
  readonly characters: number;
  /** Absent while its line rests. */
  event: StatusEvent | undefined;
}

export interface Line {
  readonly executionArn: string;
  readonly waiting: WaitingEvent[];
  /** Of the first, that failed. */
  attempts: number;
  state: "fresh" | "due" | "sending" | "resting";
  timer?: NodeJS.Timeout;
}

export class OutboxLines {
  readonly #lines = new Map<string, Line>();
  readonly #known = new Set<number>();
  #fresh: Line[] = [];
  #due: Line[] = [];
  #characters = 0;
  #held = 0;

  get size(): number {
    return this.#lines.size;
  }

  /** Positions that are waiting, or not yet taken off. */
  get positions(): number {
    return this.#known.size;
  }

  /** Events that are in memory. */
  get held(): number {
    return this.#held;
  }

  /** About what they take. */
  get characters(): number {
    return this.#characters;
  }

  isKnown(position: number): boolean {
    return this.#known.has(position);
  }

  add(position: number, event: StatusEvent, characters: number): void {
    const [executionArn = ""] = event.resources;
    this.#known.add(position);
    let line = this.#lines.get(executionArn);
    if (line === undefined) {
      line = { executionArn, waiting: [], attempts: 0, state: "fresh" };
      this.#lines.set(executionArn, line);
      this.#fresh.push(line);
    }
    const keeps = line.state === "fresh" || line.state === "sending";
    const waiting: WaitingEvent = {
      position,
      at: Date.parse(event.time),
      characters,
      event: keeps ? event : undefined,
    };
    if (keeps) this.#hold(waiting);
    // What is read late stands where it belongs.
    const later = line.waiting.findIndex((other) => other.position > position);
    if (later < 0) line.waiting.push(waiting);
    else line.waiting.splice(later, 0, waiting);
  }

  hasReady(kind: "fresh" | "due"): boolean {
    return (kind === "fresh" ? this.#fresh : this.#due).length > 0;
  }

  /** The lines that are next, so many at most; they are sending from now on. */
  take(kind: "fresh" | "due", limit: number): Line[] {
    const lines = (kind === "fresh" ? this.#fresh : this.#due).splice(0, limit);
    for (const line of lines) line.state = "sending";
    return lines;
  }

  /** Goes on with what is next in the line; `isFirst`: before all others of its kind. */
  ready(line: Line, isFirst = false): void {
    if (this.#forgotten(line)) return;
    line.state = line.waiting[0]?.event === undefined ? "due" : "fresh";
    const queue = line.state === "fresh" ? this.#fresh : this.#due;
    if (isFirst) queue.unshift(line);
    else queue.push(line);
  }

  /** Waits until `rested` makes it due. */
  rest(line: Line): void {
    line.state = "resting";
    for (const waiting of line.waiting) this.#release(waiting);
  }

  rested(line: Line): void {
    if (line.state !== "resting" || this.#forgotten(line)) return;
    line.state = "due";
    this.#due.push(line);
  }

  /** The first ones of a line are settled; they stay known until they are taken off. */
  shift(line: Line, count: number): void {
    for (const waiting of line.waiting.splice(0, count)) this.#release(waiting);
  }

  /** Those that are no longer in the store. */
  remove(line: Line, gone: (waiting: WaitingEvent) => boolean): void {
    for (const waiting of line.waiting.filter(gone)) {
      this.#release(waiting);
      this.#known.delete(waiting.position);
      line.waiting.splice(line.waiting.indexOf(waiting), 1);
    }
  }

  takenOff(positions: readonly number[]): void {
    for (const position of positions) this.#known.delete(position);
  }

  fill(waiting: WaitingEvent, event: StatusEvent): void {
    if (waiting.event === undefined) this.#hold(waiting);
    waiting.event = event;
  }

  #hold({ characters }: WaitingEvent): void {
    this.#characters += characters;
    this.#held += 1;
  }

  #release(waiting: WaitingEvent): void {
    if (waiting.event === undefined) return;
    this.#characters -= waiting.characters;
    this.#held -= 1;
    waiting.event = undefined;
  }

  #forgotten(line: Line): boolean {
    if (line.waiting.length === 0) this.#lines.delete(line.executionArn);
    return line.waiting.length === 0;
  }

  /** Lines that nothing is being done about and whose first event is older than `at`; taken out of their queues. */
  takeOld(at: EpochMs, limit: number): Line[] {
    const old: Line[] = [];
    for (const line of this.#lines.values()) {
      if (old.length >= limit) break;
      if (line.state !== "sending" && (line.waiting[0]?.at ?? at) < at) old.push(line);
    }
    if (old.length === 0) return old;
    const isOld = new Set(old);
    this.#fresh = this.#fresh.filter((line) => !isOld.has(line));
    this.#due = this.#due.filter((line) => !isOld.has(line));
    for (const line of old) {
      clearTimeout(line.timer);
      line.state = "sending";
    }
    return old;
  }

  clear(): void {
    for (const { timer } of this.#lines.values()) clearTimeout(timer);
  }
}
