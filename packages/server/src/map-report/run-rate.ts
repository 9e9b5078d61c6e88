/** How far back the rate looks. */
const RATE_MS = 10_000;

/** How many items end in a second, of late. */
export class RunRate {
  readonly #seen: { readonly at: number; readonly ended: number }[] = [];

  /** `at` in milliseconds, from any origin; `ended`: items so far. Gives items a second. */
  note(at: number, ended: number): number {
    this.#seen.push({ at, ended });
    while (this.#seen.length > 2 && at - (this.#seen[1]?.at ?? at) > RATE_MS) this.#seen.shift();
    const first = this.#seen[0];
    return first === undefined || first.at === at ? 0 : ((ended - first.ended) * 1_000) / (at - first.at);
  }
}
