import type { Database } from "./database.ts";

/** Keys of executions of one machine and status. */
export interface KeyRange {
  readonly scope: number;
  readonly status: number;
}

const BLOCK = 256;

interface Walk extends KeyRange {
  /** Keys read and not given yet, the next one last. */
  ahead: number[];
  /** The least key read. */
  reached: number;
}

/** The keys of some ranges of `executions_by_status` as one list, greatest first, read as far as they are asked for. */
export class KeyRanges {
  readonly #database: Database;
  readonly #ranges: readonly KeyRange[];
  readonly #bounds: { readonly low: number; readonly high: number };

  constructor(
    database: Database,
    ranges: readonly KeyRange[],
    bounds: { readonly low: number; readonly high: number },
  ) {
    this.#database = database;
    this.#ranges = ranges;
    this.#bounds = bounds;
  }

  *keys(): Generator<number> {
    const { high } = this.#bounds;
    const heap = new GreatestFirst();
    for (const range of this.#ranges) {
      const walk: Walk = { ...range, ahead: [], reached: high };
      // One by one at first: most ranges never give their second key.
      if (this.#read(walk, 1)) heap.add(walk);
    }
    for (let walk = heap.greatest; walk !== undefined; walk = heap.greatest) {
      yield walk.ahead.pop() as number;
      heap.changed(walk.ahead.length > 0 || this.#read(walk, BLOCK));
    }
  }

  /** False when the range has no more. */
  #read(walk: Walk, limit: number): boolean {
    const rows = this.#database
      .prepare<{ id: number }>(
        `SELECT id FROM executions INDEXED BY executions_by_status
         WHERE scope = ? AND status = ? AND id < ? AND id > ? ORDER BY id DESC LIMIT ?`,
      )
      .all(walk.scope, walk.status, walk.reached, this.#bounds.low, limit);
    const last = rows.at(-1);
    if (last === undefined) return false;
    walk.reached = last.id;
    walk.ahead = rows.map(({ id }) => id).reverse();
    return true;
  }
}

/** A binary heap of walks by their next key. */
class GreatestFirst {
  readonly #walks: Walk[] = [];

  get greatest(): Walk | undefined {
    return this.#walks[0];
  }

  add(walk: Walk): void {
    this.#walks.push(walk);
    for (let at = this.#walks.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (this.#key(parent) >= this.#key(at)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** The greatest has gone on to its next key, or it has none. */
  changed(hasNext: boolean): void {
    const last = this.#walks.length - 1;
    if (!hasNext) {
      this.#swap(0, last);
      this.#walks.pop();
    }
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let greatest = at;
      if (this.#key(left) > this.#key(greatest)) greatest = left;
      if (this.#key(right) > this.#key(greatest)) greatest = right;
      if (greatest === at) return;
      this.#swap(at, greatest);
      at = greatest;
    }
  }

  #key(at: number): number {
    return this.#walks[at]?.ahead.at(-1) ?? -1;
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#walks[one], this.#walks[other]];
    if (a === undefined || b === undefined) return;
    this.#walks[one] = b;
    this.#walks[other] = a;
  }
}
