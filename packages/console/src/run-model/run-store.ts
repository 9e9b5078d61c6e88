/**
 * The model of one run as React reads it: events are folded as they come and told at most once a frame; who looks at one
 * state is woken only when that state changes.
 */
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { ApiExecutionItem, ApiHistoryEvent } from "../api/api-types.ts";
import { type LiveStatus, useStream } from "../api/live.ts";
import { executionStreamPath, FIRST_EVENTS, getEvents } from "../api/v1.ts";
import { RunFold, type StateSummary } from "./run-fold.ts";

type Listener = () => void;

export class RunStore {
  fold: RunFold = new RunFold();
  /** Grows with every batch told. */
  version = 0;
  live: LiveStatus = "connecting";
  /** Of the server when it was last asked. */
  lastKnownId = 0;
  /** The newest status told by the stream. */
  item: ApiExecutionItem | undefined;
  problem: unknown;
  isLoaded = false;
  readonly #all = new Set<Listener>();
  readonly #byState = new Map<string, Set<Listener>>();
  #frame = 0;

  add(events: readonly ApiHistoryEvent[]): void {
    this.fold.add(events);
    this.lastKnownId = Math.max(this.lastKnownId, this.fold.lastEventId);
    this.tell();
  }

  setWakes(wakes: Parameters<RunFold["setWakes"]>[0]): void {
    this.fold.setWakes(wakes);
    this.tell();
  }

  /** Once a frame at most: 200 events a second are 60 updates. */
  tell(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.version++;
      for (const name of this.fold.takeChanged()) for (const listener of this.#byState.get(name) ?? []) listener();
      for (const listener of this.#all) listener();
    });
  }

  /** Another fold in the place of this one: of another moment of the same run. */
  show(fold: RunFold): void {
    this.fold = fold;
    this.lastKnownId = Math.max(this.lastKnownId, fold.lastEventId);
    this.version++;
    for (const listeners of this.#byState.values()) for (const listener of listeners) listener();
    for (const listener of this.#all) listener();
  }

  readonly subscribe = (listener: Listener): (() => void) => {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  };

  subscribeState(name: string, listener: Listener): () => void {
    const listeners = this.#byState.get(name) ?? new Set();
    listeners.add(listener);
    this.#byState.set(name, listeners);
    return () => listeners.delete(listener);
  }
}

/** Re-renders with every batch of events. */
export function useRunVersion(store: RunStore): number {
  return useSyncExternalStore(store.subscribe, () => store.version);
}

/** What is known of one state; re-renders only when that changes. */
export function useStateSummary(store: RunStore | undefined, name: string): StateSummary | undefined {
  const subscribe = useCallback(
    (listener: Listener) => store?.subscribeState(name, listener) ?? (() => undefined),
    [store, name],
  );
  return useSyncExternalStore(subscribe, () => store?.fold.summary(name));
}

const PAGE = 500;

/** Loads the history of an execution and, when `isLive`, follows it. */
export function useRunStore(executionArn: string, isLive: boolean): RunStore {
  const [store, setStore] = useState(() => new RunStore());
  const [loadedArn, setLoadedArn] = useState<string>();
  useEffect(() => {
    const next = new RunStore();
    setStore(next);
    setLoadedArn(undefined);
    const abort = new AbortController();
    load(next, executionArn, abort.signal)
      .then(() => setLoadedArn(executionArn))
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        next.problem = error;
        next.tell();
      });
    return () => abort.abort();
  }, [executionArn]);
  useStream(executionArn, isLive && loadedArn === executionArn, {
    path: () => executionStreamPath(executionArn, store.fold.lastEventId),
    on: {
      history: (data) => store.add(data as readonly ApiHistoryEvent[]),
      status: (data) => {
        store.item = data as ApiExecutionItem;
        store.tell();
      },
    },
    onStatus: (status) => {
      store.live = status;
      store.tell();
    },
  });
  return store;
}

async function load(store: RunStore, executionArn: string, signal: AbortSignal): Promise<void> {
  for (let limit = FIRST_EVENTS.limit; ; limit = PAGE) {
    const after = store.fold.lastEventId;
    const page = await getEvents(executionArn, { after, limit }, signal);
    store.lastKnownId = page.lastEventId;
    store.add(page.events);
    if (page.events.length === 0 || store.fold.lastEventId >= page.lastEventId) break;
  }
  store.isLoaded = true;
  store.tell();
}
