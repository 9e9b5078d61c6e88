/**
 * What is to be told to somebody outside, between the engine and a destination that may be slow or away.
 *
 * Q1. `push` never waits and never throws: what does not fit is dropped, and counted.
 * Q2. One batch is on its way at a time, and what was not accepted goes before what came later: order is kept.
 * Q3. An item is given to `send` again until it is accepted, `attemptsMax` times at most: at least once while the
 *     destination is back in time. What is left then is dropped, and counted.
 */
export interface DeliveryOptions<Item> {
  /** Resolves to the items that were not accepted and shall be sent again, in order. A rejection means all of them. */
  send(batch: readonly Item[]): Promise<readonly Item[]>;
  /** About how many characters an item holds. */
  sizeOf(item: Item): number;
  /** Told of every loss: how many items, and why. */
  dropped(count: number, reason: unknown): void;
  readonly itemsMax?: number;
  readonly charactersMax?: number;
  readonly batchItemsMax?: number;
  readonly attemptsMax?: number;
  /** The pause before the second attempt; each further one is twice as long, up to a minute. */
  readonly pauseMs?: number;
}

const ITEMS_MAX = 50_000;
const CHARACTERS_MAX = 32 * 1_048_576;
const BATCH_ITEMS_MAX = 500;
const ATTEMPTS_MAX = 8;
const PAUSE_MS = 250;
const PAUSE_MAX_MS = 60_000;

/** Why an item found no room. */
class QueueFull extends Error {
  override readonly name = "QueueFull";
}

export class DeliveryQueue<Item> {
  readonly #options: DeliveryOptions<Item>;
  readonly #batchItemsMax: number;
  #waiting: Item[] = [];
  #characters = 0;
  #attempts = 0;
  #sending = false;
  #stopped = false;
  #idle: (() => void)[] = [];
  #endPause: (() => void) | undefined;

  constructor(options: DeliveryOptions<Item>) {
    this.#options = options;
    this.#batchItemsMax = options.batchItemsMax ?? BATCH_ITEMS_MAX;
  }

  /** Items that are waiting or on their way. */
  get size(): number {
    return this.#waiting.length;
  }

  push(item: Item): void {
    const size = this.#options.sizeOf(item);
    const { itemsMax = ITEMS_MAX, charactersMax = CHARACTERS_MAX } = this.#options;
    if (this.#stopped || this.#waiting.length >= itemsMax || this.#characters + size > charactersMax) {
      this.#options.dropped(1, new QueueFull(`${this.#waiting.length} items are waiting: there is no room for more`));
      return;
    }
    this.#waiting.push(item);
    this.#characters += size;
    if (this.#sending) return;
    this.#sending = true;
    // What the same turn brings goes in one batch.
    setImmediate(() => void this.#run());
  }

  /** Resolves when nothing waits any more, or after `timeoutMs`; then what is left is dropped, as is all that comes. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#sending) {
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      });
      await Promise.race([new Promise<void>((resolve) => this.#idle.push(resolve)), timeout]);
      clearTimeout(timer);
    }
    this.#stopped = true;
    this.#endPause?.();
    const left = this.#waiting.length;
    if (left > 0) this.#options.dropped(left, new Error("the service stopped before they could be delivered"));
    this.#waiting = [];
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#stopped) await this.#sendBatch();
    this.#sending = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #sendBatch(): Promise<void> {
    const batch = this.#waiting.slice(0, this.#batchItemsMax);
    let left: readonly Item[] = batch;
    let reason: unknown;
    try {
      left = await this.#options.send(batch);
    } catch (error) {
      reason = error;
    }
    if (this.#stopped) return;
    this.#attempts = left.length === batch.length ? this.#attempts + 1 : 0;
    const isGivenUp = this.#attempts >= (this.#options.attemptsMax ?? ATTEMPTS_MAX);
    this.#waiting.splice(0, batch.length, ...(isGivenUp ? [] : left));
    this.#characters -= this.#sizeOf(batch) - (isGivenUp ? 0 : this.#sizeOf(left));
    if (isGivenUp) {
      this.#options.dropped(left.length, reason);
      this.#attempts = 0;
    } else if (left.length > 0) await this.#pause();
  }

  #sizeOf(items: readonly Item[]): number {
    return items.reduce((sum, item) => sum + this.#options.sizeOf(item), 0);
  }

  #pause(): Promise<void> {
    const delayMs = Math.min((this.#options.pauseMs ?? PAUSE_MS) * 2 ** Math.max(0, this.#attempts - 1), PAUSE_MAX_MS);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
