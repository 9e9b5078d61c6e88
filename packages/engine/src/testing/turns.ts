/**
 * Runs what the engine puts off, turn by turn, until nothing is left to do but wait for time to pass: the `later` of its
 * options in tests, so that a test knows when to move the virtual clock.
 */
export class Turns {
  #queue: (() => void)[] = [];

  readonly later = (run: () => void): void => {
    this.#queue.push(run);
  };

  /** Resolves when nothing was put off any more for some turns of the real loop (in which promises go on). */
  async settle(turnsMax = 100_000): Promise<void> {
    let quiet = 0;
    for (let turn = 0; quiet < 3; turn++) {
      if (turn > turnsMax) throw new Error(`not quiet after ${turnsMax} turns`);
      await new Promise<void>((resolve) => setImmediate(resolve));
      const due = this.#queue;
      this.#queue = [];
      for (const run of due) run();
      quiet = due.length === 0 ? quiet + 1 : 0;
    }
  }
}
