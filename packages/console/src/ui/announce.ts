/** What a screen reader is told: at most one message in five seconds, the newest one wins. The shell shows the region. */
import { useSyncExternalStore } from "react";

const PAUSE_MS = 5_000;

let shown = "";
let waiting: string | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function show(text: string): void {
  shown = text;
  for (const listener of listeners) listener();
  timer = setTimeout(() => {
    timer = undefined;
    const next = waiting;
    waiting = undefined;
    if (next !== undefined) show(next);
  }, PAUSE_MS);
}

export function announce(text: string): void {
  if (timer === undefined) show(text);
  else waiting = text;
}

export function useAnnouncement(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
}
