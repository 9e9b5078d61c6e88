/**
 * Server-sent events. The browser reconnects by itself and sends the last event id, so nothing is lost; when a server
 * refuses for good (EventSource closes), a new source is opened after a pause that grows to 15 s.
 */
import { useEffect, useRef, useSyncExternalStore } from "react";

export type LiveStatus = "connecting" | "live" | "away" | "paused";

const RETRY_MS_MAX = 15_000;

let paused = false;
const pauseListeners = new Set<() => void>();

/** WCAG 2.2.2: whoever reads may stop what moves. Streams close while paused and resume from where they were. */
export function setPaused(next: boolean): void {
  paused = next;
  for (const listener of pauseListeners) listener();
}

export function usePaused(): boolean {
  return useSyncExternalStore(
    (listener) => {
      pauseListeners.add(listener);
      return () => pauseListeners.delete(listener);
    },
    () => paused,
  );
}

export interface Stream {
  /** Called at each connect, so that a stream that was closed goes on after the last event seen. */
  readonly path: () => string;
  /** By the name of the SSE event; data is parsed JSON. */
  readonly on: Readonly<Record<string, (data: unknown) => void>>;
  readonly onStatus?: (status: LiveStatus) => void;
}

/**
 * Whether nobody can see this tab. A browser opens six connections to a server and no more: the streams of hidden tabs
 * must not keep the one that is looked at from loading.
 */
function useHidden(): boolean {
  return useSyncExternalStore(
    (listener) => {
      document.addEventListener("visibilitychange", listener);
      return () => document.removeEventListener("visibilitychange", listener);
    },
    () => document.visibilityState === "hidden",
  );
}

/** Listens while mounted, enabled, seen and not paused. `key` names the stream: another key opens another one. */
export function useStream(key: string, enabled: boolean, stream: Stream): void {
  const latest = useRef(stream);
  latest.current = stream;
  const isPaused = usePaused();
  const isHidden = useHidden();
  useEffect(() => {
    if (!enabled || isHidden) return undefined;
    if (isPaused) {
      latest.current.onStatus?.("paused");
      return undefined;
    }
    return listen(latest, key);
  }, [key, enabled, isPaused, isHidden]);
}

function listen(stream: { readonly current: Stream }, _key: string): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = 500;
  const tell = (status: LiveStatus) => stream.current.onStatus?.(status);
  const open = () => {
    tell("connecting");
    const opened = new EventSource(stream.current.path());
    source = opened;
    opened.onopen = () => {
      pauseMs = 500;
      tell("live");
    };
    opened.onerror = () => {
      tell("away");
      if (opened.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, pauseMs);
      pauseMs = Math.min(RETRY_MS_MAX, pauseMs * 2);
    };
    for (const name of Object.keys(stream.current.on)) {
      opened.addEventListener(name, (message) => {
        stream.current.on[name]?.(JSON.parse((message as MessageEvent<string>).data) as unknown);
      });
    }
  };
  open();
  return () => {
    source?.close();
    clearTimeout(timer);
  };
}
