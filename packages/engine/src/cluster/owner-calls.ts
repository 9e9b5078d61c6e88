/** Asks whoever owns an execution, with patience: an owner may have died, and another one takes over within seconds. */
import type { Clock } from "../ports/clock.ts";
import { type Cluster, NotOwned, type PeerCall } from "../ports/cluster.ts";
import { StoreUnavailable } from "../rejection.ts";

/** Longer than it takes to find out that an owner is gone and to take over from it. */
const PATIENCE_MS = 12_000;
const LEAVING_MS = 2_000;
const PAUSE_FIRST_MS = 50;
const PAUSE_MAX_MS = 500;
/** Names are made anew until one is this process's; with so many tries it owns nothing, or next to nothing. */
const NAMES_MAX = 32;

export class OwnerCalls {
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  #latest = Number.POSITIVE_INFINITY;

  constructor(cluster: Cluster, clock: Clock) {
    this.#cluster = cluster;
    this.#clock = clock;
  }

  /** This process leaves the others: nobody is waited for much longer. */
  stop(): void {
    this.#latest = this.#clock.now() + LEAVING_MS;
  }

  /** Does it here, when the execution is this process's, and else asks its owner. */
  at<T>(executionArn: string, call: PeerCall, here: () => Promise<T>): Promise<T> {
    return this.#patiently(PATIENCE_MS, () => {
      if (this.#cluster.owns(executionArn)) return here();
      return this.#cluster.ask(executionArn, call) as Promise<T>;
    });
  }

  /** The same for what may be done twice: also while the store is away. */
  repeatable<T>(executionArn: string, call: PeerCall, here: () => Promise<T>, patienceMs: number): Promise<T> {
    const asked = async (): Promise<T> => {
      try {
        return await (this.#cluster.owns(executionArn)
          ? here()
          : (this.#cluster.ask(executionArn, call) as Promise<T>));
      } catch (error) {
        throw error instanceof StoreUnavailable ? new NotOwned(executionArn) : error;
      }
    };
    return this.#patiently(patienceMs, asked);
  }

  /** Begins an execution here, or with the owner of its name. Where no name was given, another one is made. */
  begin<T>(call: PeerCall, isNamed: boolean, here: () => Promise<T>): Promise<T> {
    return this.#patiently(PATIENCE_MS, async () => {
      for (let names = isNamed ? NAMES_MAX : 1; ; names++) {
        try {
          return await here();
        } catch (error) {
          if (!(error instanceof NotOwned) || error.executionArn === undefined) throw error;
          if (names >= NAMES_MAX) return (await this.#cluster.ask(error.executionArn, call)) as T;
        }
      }
    });
  }

  async #patiently<T>(patienceMs: number, attempt: () => Promise<T>): Promise<T> {
    const until = this.#clock.now() + patienceMs;
    for (let pause = PAUSE_FIRST_MS; ; pause = Math.min(pause * 2, PAUSE_MAX_MS)) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof NotOwned)) throw error;
        if (this.#clock.now() + pause > Math.min(until, this.#latest)) {
          throw new StoreUnavailable(`nobody decides on it now: ${error.message}`, { cause: error });
        }
      }
      await new Promise<void>((resolve) => this.#clock.wakeAt(this.#clock.now() + pause, resolve));
    }
  }
}
