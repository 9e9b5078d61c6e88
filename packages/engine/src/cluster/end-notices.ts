/** Tells the processes that perform map runs of the ends of children that were decided on here. */
import type { Clock } from "../ports/clock.ts";
import { type Cluster, NotOwned } from "../ports/cluster.ts";
import type { EndedExecution } from "../ports/map-run-host.ts";
import { StoreUnavailable } from "../rejection.ts";
import type { EndNotice } from "./clustered-children.ts";

const TOGETHER_MAX = 200;
const GATHERED_MS = 2;
const ATTEMPTS_MAX = 5;
const PAUSE_MS = 300;
const PARENTS_MAX = 10_000;
/** Notices kept for one run whose performer cannot be reached; it finds the others in the store. */
const KEPT_MAX = 10_000;

export interface EndNoticePorts {
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** The execution that waits for a run. */
  parentOf(mapRunArn: string): Promise<string | undefined>;
  readonly problem: (problem: unknown, about: string) => void;
}

export class EndNotices {
  readonly #ports: EndNoticePorts;
  readonly #parents = new Map<string, string>();
  readonly #kept = new Map<string, EndNotice[]>();

  constructor(ports: EndNoticePorts) {
    this.#ports = ports;
  }

  tell({ start, redriveCount, end }: EndedExecution): void {
    const { executionArn, executionName, mapRunArn, startedAt } = start;
    if (mapRunArn === undefined) return;
    const notice = { executionArn, executionName, startedAt, redriveCount, end };
    const kept = this.#kept.get(mapRunArn);
    if (kept !== undefined) {
      if (kept.length < KEPT_MAX) kept.push(notice);
      return;
    }
    this.#kept.set(mapRunArn, [notice]);
    const { clock } = this.#ports;
    clock.wakeAt(clock.now() + GATHERED_MS, () => void this.#send(mapRunArn));
  }

  async #send(mapRunArn: string): Promise<void> {
    const kept = this.#kept.get(mapRunArn) ?? [];
    for (let attempt = 1; kept.length > 0 && attempt <= ATTEMPTS_MAX; ) {
      const notices = kept.slice(0, TOGETHER_MAX);
      const sent = await this.#sendOnce(mapRunArn, notices);
      if (sent) {
        kept.splice(0, notices.length);
        attempt = 1;
        continue;
      }
      attempt += 1;
      await this.#pause();
    }
    this.#kept.delete(mapRunArn);
  }

  async #sendOnce(mapRunArn: string, notices: readonly EndNotice[]): Promise<boolean> {
    const { cluster, problem } = this.#ports;
    try {
      const parent = await this.#parentOf(mapRunArn);
      // Its performer is here, and has been told already.
      if (parent === undefined || cluster.owns(parent)) return true;
      await cluster.ask(parent, { method: "childrenEnded", args: [mapRunArn, notices] });
      return true;
    } catch (error) {
      if (!(error instanceof NotOwned || error instanceof StoreUnavailable)) problem(error, mapRunArn);
      return false;
    }
  }

  async #parentOf(mapRunArn: string): Promise<string | undefined> {
    const known = this.#parents.get(mapRunArn);
    if (known !== undefined) return known;
    const parent = await this.#ports.parentOf(mapRunArn);
    if (parent === undefined) return undefined;
    if (this.#parents.size >= PARENTS_MAX) this.#parents.clear();
    this.#parents.set(mapRunArn, parent);
    return parent;
  }

  #pause(): Promise<void> {
    const { clock } = this.#ports;
    return new Promise((resolve) => void clock.wakeAt(clock.now() + PAUSE_MS, resolve));
  }
}
