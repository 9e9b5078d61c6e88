import { Fifo } from "../executions/fifo.ts";

/** Lets so many calls of one connector go at once; the others wait in line. */
export class ConnectorLane {
  readonly #waiting = new Fifo<(isTurn: boolean) => boolean>();
  #free: number;

  constructor(callsMax: number) {
    this.#free = callsMax;
  }

  /** Resolves to true when it is one's turn (then `leave` must follow), to false when `signal` aborted before. */
  enter(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      let isWaiting = true;
      const answer = (isTurn: boolean): boolean => {
        const wasWaiting = isWaiting;
        isWaiting = false;
        signal.removeEventListener("abort", onAbort);
        if (wasWaiting) resolve(isTurn);
        return wasWaiting;
      };
      const onAbort = (): void => {
        answer(false);
      };
      signal.addEventListener("abort", onAbort);
      this.#waiting.push(answer);
    });
  }

  leave(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (next(true)) return;
    }
    this.#free += 1;
  }
}
