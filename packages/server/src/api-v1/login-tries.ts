const WINDOW_MS = 60_000;
/** Failures in a window, of one address and of one key, and of all together. */
const FAILURES_MAX = 10;
const ALL_FAILURES_MAX = 200;
const COUNTED_MAX = 10_000;

const ALL = "all";

interface Count {
  readonly since: number;
  failures: number;
}

/** How often somebody may try to log in: who has failed too often waits for a new minute. */
export class LoginTries {
  readonly #now: () => number;
  readonly #counts = new Map<string, Count>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `who`: the address and the key of a try. */
  mayTry(who: readonly string[]): boolean {
    return this.#failures(ALL) < ALL_FAILURES_MAX && who.every((one) => this.#failures(one) < FAILURES_MAX);
  }

  failed(who: readonly string[]): void {
    for (const one of [ALL, ...who]) {
      const count = this.#current(one) ?? { since: this.#now(), failures: 0 };
      count.failures += 1;
      this.#counts.delete(one);
      this.#counts.set(one, count);
    }
    for (const one of this.#counts.keys()) {
      if (this.#counts.size <= COUNTED_MAX) return;
      if (one !== ALL) this.#counts.delete(one);
    }
  }

  #failures(one: string): number {
    return this.#current(one)?.failures ?? 0;
  }

  #current(one: string): Count | undefined {
    const count = this.#counts.get(one);
    return count !== undefined && this.#now() - count.since < WINDOW_MS ? count : undefined;
  }
}
