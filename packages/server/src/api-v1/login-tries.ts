const WINDOW_MS = 60_000;
/** Failures in a window. Many people may come from one address: that of the proxy between. */
const KEY_FAILURES_MAX = 10;
const ADDRESS_FAILURES_MAX = 60;
const COUNTED_MAX = 10_000;

interface Count {
  readonly since: number;
  failures: number;
}

/** How often somebody may try to log in: who has failed too often waits for a new minute. */
export class LoginTries {
  readonly #now: () => number;
  /** In order of last failure. */
  readonly #counts = new Map<string, Count>();

  constructor(now: () => number) {
    this.#now = now;
  }

  mayTry(address: string, accessKeyId: string): boolean {
    return (
      this.#failures(ofAddress(address)) < ADDRESS_FAILURES_MAX && this.#failures(ofKey(accessKeyId)) < KEY_FAILURES_MAX
    );
  }

  failed(address: string, accessKeyId: string): void {
    for (const one of [ofAddress(address), ofKey(accessKeyId)]) {
      const count = this.#current(one) ?? { since: this.#now(), failures: 0 };
      count.failures += 1;
      this.#counts.delete(one);
      this.#counts.set(one, count);
    }
    for (const one of this.#counts.keys()) {
      if (this.#counts.size <= COUNTED_MAX) return;
      this.#counts.delete(one);
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

function ofAddress(address: string): string {
  return `address ${address}`;
}

function ofKey(accessKeyId: string): string {
  return `key ${accessKeyId}`;
}
