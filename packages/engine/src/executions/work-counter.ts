/** Counts what is under way in the engine, so that a virtual clock knows when nothing can happen but by time passing. */
export class WorkCounter {
  readonly #later: (run: () => void) => void;
  readonly #onIdle: (() => void) | undefined;
  readonly #waiting: (() => void)[] = [];
  #count = 0;
  #checking = false;

  /** `onIdle` is called each time nothing is left under way, one turn later, when that is still so. */
  constructor(later: (run: () => void) => void, onIdle: (() => void) | undefined) {
    this.#later = later;
    this.#onIdle = onIdle;
  }

  begin(): void {
    this.#count += 1;
  }

  end(): void {
    this.#count -= 1;
    if (this.#count === 0) this.check();
  }

  /** Counts a promise until it is settled. */
  during<T>(work: Promise<T>): Promise<T> {
    this.begin();
    return work.finally(() => this.end());
  }

  get isIdle(): boolean {
    return this.#count === 0;
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.check();
    });
  }

  check(): void {
    if (this.#checking || this.#count > 0) return;
    this.#checking = true;
    this.#later(() => {
      this.#checking = false;
      if (this.#count > 0) return;
      for (const resolve of this.#waiting.splice(0)) resolve();
      this.#onIdle?.();
    });
  }
}
