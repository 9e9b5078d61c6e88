/**
 * Keys of executions, made by each node by itself: milliseconds, the node's slot, and a number. They grow with time on
 * every node, so that the newest executions have the largest keys and new rows go to the end of every index.
 */

/** 1 January 2026. 40 bits of milliseconds last until 2060. */
const SINCE = 1_767_225_600_000;
export const SLOTS = 128;
const NUMBERS = 64;
const MS = SLOTS * NUMBERS;

export class ExecutionKeys {
  #ms = 0;
  #number = 0;

  next(slot: number): number {
    const now = Math.max(Date.now() - SINCE, this.#ms);
    if (now > this.#ms) {
      this.#ms = now;
      this.#number = 0;
    } else if (this.#number === NUMBERS) {
      // More than fit into a millisecond: the next one is begun early.
      this.#ms += 1;
      this.#number = 0;
    }
    const key = this.#ms * MS + slot * NUMBERS + this.#number;
    this.#number += 1;
    return key;
  }
}
