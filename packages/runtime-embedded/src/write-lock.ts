/**
 * One writer at a time among the threads of this process. SQLite has a lock of its own, but whoever finds it taken only
 * looks again after a while, and under steady load hardly ever finds it free. This one is handed over: the thread that
 * writes all the time gives way to those that write now and then.
 */

// Places in the shared memory.
const HELD = 0;
const WAITING = 1;
const GIVE_WAY_MS = 50;
const WAIT_MS = 1_000;

export class WriteLock {
  readonly shared: SharedArrayBuffer;
  readonly #state: Int32Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.shared = shared;
    this.#state = new Int32Array(shared);
  }

  /** Runs `write` as the only one; blocks the thread until then, for about as long as one commit takes. */
  during<T>(write: () => T): T {
    Atomics.add(this.#state, WAITING, 1);
    while (Atomics.compareExchange(this.#state, HELD, 0, 1) !== 0) Atomics.wait(this.#state, HELD, 1, WAIT_MS);
    Atomics.sub(this.#state, WAITING, 1);
    Atomics.notify(this.#state, WAITING);
    try {
      return write();
    } finally {
      this.#free();
    }
  }

  /** The same for the thread that writes all the time: lets those that wait go first. */
  duringWithDeference<T>(write: () => T): T {
    const waiting = Atomics.load(this.#state, WAITING);
    if (waiting > 0) Atomics.wait(this.#state, WAITING, waiting, GIVE_WAY_MS);
    return this.during(write);
  }

  #free(): void {
    Atomics.store(this.#state, HELD, 0);
    Atomics.notify(this.#state, HELD, 1);
  }
}
