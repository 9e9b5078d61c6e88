/**
 * Follows the history of executions as it is committed. A watcher that keeps up is given the events from memory; one
 * that does not reads what it missed from the store. Nothing is kept for executions nobody watches.
 */
import type { HistoryEvent } from "@stepwell/core";
import { ExecutionMissing } from "../executions/execution-loop.ts";
import type { Clock } from "../ports/clock.ts";
import type { ExecutionStore } from "../ports/store.ts";
import { readHistory } from "./history-reader.ts";

/** Events kept for one watcher that is not reading just now. */
const BUFFERED_MAX = 256;
const PAGE = 200;
/** How often the store is asked for what another process commits. */
const ELSEWHERE_MS = 200;
const OWN_MS = 1_000;

interface Watcher {
  buffered: HistoryEvent[];
  /** Some events went past while the buffer was full. */
  missed: boolean;
  ended: boolean;
  wake: () => void;
}

/** Where several processes share the store. */
export interface SharedWatch {
  readonly clock: Clock;
  owns(executionArn: string): boolean;
}

export class HistoryWatch {
  readonly #store: ExecutionStore;
  readonly #shared: SharedWatch | undefined;
  readonly #watchers = new Map<string, Set<Watcher>>();

  constructor(store: ExecutionStore, shared?: SharedWatch) {
    this.#store = store;
    this.#shared = shared;
  }

  /** After a commit. */
  committed(executionArn: string, history: readonly HistoryEvent[], ended: boolean): void {
    const watchers = this.#watchers.get(executionArn);
    if (watchers === undefined) return;
    for (const watcher of watchers) {
      if (watcher.buffered.length + history.length > BUFFERED_MAX) watcher.missed = true;
      else watcher.buffered.push(...history);
      watcher.ended ||= ended;
      watcher.wake();
    }
  }

  /** Events with ids above `after`, until the execution has ended or `signal` aborts. */
  async *watch(executionArn: string, after: number, signal: AbortSignal): AsyncGenerator<HistoryEvent> {
    const watcher: Watcher = { buffered: [], missed: true, ended: false, wake: () => undefined };
    const onAbort = (): void => watcher.wake();
    // From before the first reading, so that nothing falls between.
    this.#add(executionArn, watcher);
    signal.addEventListener("abort", onAbort);
    try {
      let last = after;
      while (!signal.aborted) {
        for await (const event of watcher.missed
          ? this.#catchUp(executionArn, last, watcher)
          : watcher.buffered.splice(0)) {
          if (signal.aborted) return;
          if (event.id <= last) continue;
          last = event.id;
          yield event;
        }
        if (watcher.missed || watcher.buffered.length > 0) continue;
        if (watcher.ended) return;
        const stopLooking = this.#lookLater(executionArn, watcher);
        await new Promise<void>((resolve) => {
          watcher.wake = resolve;
          if (signal.aborted) resolve();
        });
        stopLooking?.();
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#remove(executionArn, watcher);
    }
  }

  /** Nobody tells of what another process commits: the store is looked at once more, some time later. */
  #lookLater(executionArn: string, watcher: Watcher): (() => void) | undefined {
    const shared = this.#shared;
    if (shared === undefined) return undefined;
    const { clock } = shared;
    return clock.wakeAt(clock.now() + (shared.owns(executionArn) ? OWN_MS : ELSEWHERE_MS), () => {
      if (!shared.owns(executionArn)) watcher.missed = true;
      watcher.wake();
    });
  }

  async *#catchUp(executionArn: string, after: number, watcher: Watcher): AsyncGenerator<HistoryEvent> {
    watcher.missed = false;
    watcher.buffered = [];
    const execution = await this.#store.describe(executionArn);
    if (execution === undefined) throw new ExecutionMissing(`${executionArn} does not exist`);
    const { lastEventId, output, start, status } = execution;
    const texts = { input: start.input, output };
    for (let last = after; last < lastEventId; ) {
      const range = { from: last + 1, limit: PAGE, reverse: false };
      const page = await readHistory(this.#store, { executionArn, texts, lastEventId }, range);
      if (page.items.length === 0) break;
      for (const event of page.items) {
        last = event.id;
        yield event;
      }
    }
    if (status !== "RUNNING") watcher.ended = true;
  }

  #add(executionArn: string, watcher: Watcher): void {
    const watchers = this.#watchers.get(executionArn);
    if (watchers === undefined) this.#watchers.set(executionArn, new Set([watcher]));
    else watchers.add(watcher);
  }

  #remove(executionArn: string, watcher: Watcher): void {
    const watchers = this.#watchers.get(executionArn);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#watchers.delete(executionArn);
  }
}
