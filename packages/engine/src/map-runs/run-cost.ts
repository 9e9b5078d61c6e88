/** What running a child costs, as far as it was seen lately: whether it pays to ask others. */

/** Less was seen than can be told from the clock's milliseconds. */
const SEEN_MS_MIN = 10;
const SEEN_MS_MAX = 200;
const SEEN_CHILDREN_MAX = 4_096;
/** A child that is run in less is cheaper than its way to another process and back. */
const WORTH_MS = 0.1;
/** The same of its texts, which are written, sent and read twice: 20 ns a character. */
const CHARACTERS_A_MS = 50_000;
/** What a pack should take: long beside its way, short beside a lease. */
const PACK_MS = 50;
const PACK_CHILDREN_MAX = 256;

export class RunCost {
  #children = 0;
  #ms = 0;
  #characters = 0;

  saw(children: number, ms: number, characters: number): void {
    this.#children += children;
    this.#ms += ms;
    this.#characters += characters;
    if (this.#ms <= SEEN_MS_MAX && this.#children <= SEEN_CHILDREN_MAX) return;
    this.#children /= 2;
    this.#ms /= 2;
    this.#characters /= 2;
  }

  /** Whether children take longer than it takes to send them. */
  get isWorthSending(): boolean {
    if (this.#ms < SEEN_MS_MIN) return false;
    return this.#ms >= this.#children * WORTH_MS + this.#characters / CHARACTERS_A_MS;
  }

  /** Children of one pack. */
  get packSize(): number {
    const size = Math.ceil((PACK_MS * this.#children) / Math.max(this.#ms, 1));
    return Math.min(Math.max(size, 1), PACK_CHILDREN_MAX);
  }
}
