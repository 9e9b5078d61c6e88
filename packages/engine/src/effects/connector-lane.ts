import { Fifo } from "../executions/fifo.ts";

/** Lets so many calls go at once; the others wait in line. */
export class ConnectorLane {
  readonly #waiting = new Fifo<(isTurn: boolean) => boolean>();
  readonly #callsMax: number;
  #free: number;

  constructor(callsMax: number) {
    this.#callsMax = callsMax;
    this.#free = callsMax;
  }

  /** No call goes, and none waits. */
  get isEmpty(): boolean {
    return this.#free === this.#callsMax;
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

/** A connector that calls many has this many times as many calls under way as go to one of them. */
const LANES_WORTH = 4;

/**
 * The calls of one connector. To each of those it calls (a host, a function) at most `callsMax` go at once, to all together
 * at most four times as many: one that is slow does not keep the others waiting.
 */
export class ConnectorLanes {
  readonly #callsMax: number;
  readonly #whole: ConnectorLane;
  readonly #lanes = new Map<string, ConnectorLane>();

  constructor(callsMax: number) {
    this.#callsMax = callsMax;
    this.#whole = new ConnectorLane(callsMax * LANES_WORTH);
  }

  /** As `ConnectorLane.enter`; `name` is undefined where all calls go to the same. */
  async enter(name: string | undefined, signal: AbortSignal): Promise<boolean> {
    const key = name ?? "";
    const lane = this.#lanes.get(key) ?? new ConnectorLane(this.#callsMax);
    this.#lanes.set(key, lane);
    const isTurn = await lane.enter(signal);
    if (isTurn && (await this.#whole.enter(signal))) return true;
    if (isTurn) lane.leave();
    this.#tidy(key, lane);
    return false;
  }

  leave(name: string | undefined): void {
    const key = name ?? "";
    const lane = this.#lanes.get(key);
    this.#whole.leave();
    lane?.leave();
    if (lane !== undefined) this.#tidy(key, lane);
  }

  /** There may be as many lanes as hosts that workflows call: nobody's is forgotten. */
  #tidy(key: string, lane: ConnectorLane): void {
    if (lane.isEmpty && this.#lanes.get(key) === lane) this.#lanes.delete(key);
  }
}
