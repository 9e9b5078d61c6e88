/**
 * Reads an outbox on from where it was read last, when there may be something new and room for it.
 *
 * R1. What commits under way add before the place that was read is seen within `SETTLED_MS` of them, with the next news.
 * R2. Reading what is known already takes no more than a fifth of the time.
 */
import type { Announcement, ExecutionStore } from "@stepwell/engine";

/** Where events wait: the store of the executions. */
export type Outbox = Pick<
  ExecutionStore,
  "announcements" | "announcementsAt" | "countAnnouncements" | "forgetAnnouncements"
>;

export interface OutboxReaderOptions {
  readonly outbox: Pick<Outbox, "announcements">;
  readonly now: () => number;
  /** The pause after a failure; each further one is twice as long, up to a minute. */
  readonly pauseMs: number;
  readonly onProblem?: ((problem: unknown, about: string) => void) | undefined;
  hasRoom(): boolean;
  isKnown(position: number): boolean;
  /** Gets what is not known yet. A rejection means: once more, later. */
  take(announcements: readonly Announcement[]): Promise<void>;
  /** Nothing more is being read now. */
  rested(): void;
}

const PAGE = 500;
const SETTLED_MS = 10_000;
const PAUSE_MAX_MS = 60_000;
const KNOWN_PAUSE_FACTOR = 4;

export class OutboxReader {
  readonly #options: OutboxReaderOptions;
  /** Everything up to here was seen, but for what commits under way add. */
  #cursor = 0;
  /** Nothing is added before this place any more. */
  #settled = 0;
  #settling = { cursor: 0, since: 0 };
  #isBehind = false;
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #stopped = false;

  constructor(options: OutboxReaderOptions) {
    this.#options = options;
  }

  /** It is reading, or will do so as soon as there is room. */
  get isBusy(): boolean {
    return this.#reading !== undefined || (this.#isBehind && this.#timer === undefined && this.#options.hasRoom());
  }

  /** There is something new. */
  wake(): void {
    const now = this.#options.now();
    if (now - this.#settling.since > SETTLED_MS) {
      this.#settled = Math.min(this.#settling.cursor, this.#cursor);
      this.#settling = { cursor: this.#cursor, since: now };
    }
    this.readFrom(this.#settled);
  }

  readFrom(position: number): void {
    this.#cursor = Math.min(this.#cursor, position);
    this.#isBehind = true;
    this.goOn();
  }

  /** There may be room now. */
  goOn(): void {
    if (this.#stopped || this.#reading || this.#timer || !this.#isBehind || !this.#options.hasRoom()) return;
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined;
      this.#options.rested();
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #read(): Promise<void> {
    // What the same turn commits goes in one batch.
    await new Promise<void>((resolve) => void setImmediate(resolve));
    const begun = performance.now();
    try {
      const known = await this.#readPages();
      this.#failures = 0;
      if (known > PAGE) this.#later((performance.now() - begun) * KNOWN_PAUSE_FACTOR);
    } catch (error) {
      this.#isBehind = true;
      this.#failures += 1;
      if (this.#failures === 1) this.#options.onProblem?.(error, "status events");
      this.#later(Math.min(this.#options.pauseMs * 2 ** Math.min(this.#failures - 1, 30), PAUSE_MAX_MS));
    }
  }

  /** How many of those it read were known. */
  async #readPages(): Promise<number> {
    const { outbox, hasRoom, isKnown, take } = this.#options;
    let known = 0;
    while (!this.#stopped && hasRoom()) {
      const after = this.#cursor;
      this.#isBehind = false;
      const page = await outbox.announcements(PAGE, after);
      const fresh = page.filter(({ position }) => !isKnown(position));
      known += page.length - fresh.length;
      if (fresh.length > 0) await take(fresh);
      const last = page.at(-1);
      // Somebody may have asked for an earlier place meanwhile.
      if (last !== undefined && this.#cursor === after) this.#cursor = last.position;
      if (last === undefined && !this.#isBehind) break;
      this.#isBehind = true;
    }
    return known;
  }

  #later(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.goOn();
    }, delayMs);
  }
}
