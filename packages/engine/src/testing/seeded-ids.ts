import type { Ids } from "../ports/clock.ts";

/** Chance that is the same for the same seed, for tests and simulations; not for secrets. */
export class SeededIds implements Ids {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number in [0, 1). Mulberry32 (Tommy Ettinger, public domain). */
  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to `below - 1`. */
  below(below: number): number {
    return Math.floor(this.random() * below);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.random() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("there must be something to pick from");
    return item;
  }

  seed(): string {
    return this.#hex() + this.#hex() + this.#hex() + this.#hex();
  }

  uuid(): string {
    const hex = this.seed();
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  #hex(): string {
    return Math.floor(this.random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  }
}
