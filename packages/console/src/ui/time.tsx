import { createContext, type ReactElement, useContext, useSyncExternalStore } from "react";
import { formatAgo, formatDateTime, formatDuration, formatLeft } from "./format.ts";

/** One clock for all of the page, ticking each second while anybody looks at it. */
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time in epoch milliseconds, renewed each second. */
function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** Within it durations that have no end yet go on to this time, not to now: the page shows a moment of the past. */
export const PastTime: React.Context<number | undefined> = createContext<number | undefined>(undefined);

/** The whole date is told when it is asked for: tables have hundreds of times. */
function titled(element: HTMLElement, at: number): void {
  element.title = formatDateTime(at);
}

/** How long ago; the whole date is its title. */
export function Ago({ at }: { readonly at: number }): ReactElement {
  const current = Math.max(useNow(), Date.now() - 1_000);
  return (
    <time dateTime={new Date(at).toISOString()} onPointerEnter={(event) => titled(event.currentTarget, at)}>
      {formatAgo(at, current)}
    </time>
  );
}

/** From `from` to `to`, or to now while there is no end. */
export function Elapsed({ from, to }: { readonly from: number; readonly to?: number | undefined }): ReactElement {
  const past = useContext(PastTime);
  const end = to ?? past;
  return end === undefined ? <Running from={from} /> : <span className="num">{formatDuration(end - from)}</span>;
}

/** `59 min 12 s left`; `due` when the time is over. */
export function Left({ until }: { readonly until: number }): ReactElement {
  const left = until - Math.max(useNow(), Date.now() - 1_000);
  return <span className="num">{left <= 0 ? "due now" : `${formatLeft(left)} left`}</span>;
}

/** From `since` to `until`, in words and as a bar that fills. */
export function Countdown({ since, until }: { readonly since: number; readonly until: number }): ReactElement {
  const now = Math.max(useNow(), Date.now() - 1_000);
  const share = until <= since ? 1 : Math.min(1, Math.max(0, (now - since) / (until - since)));
  return (
    <span className="countdown">
      <time dateTime={new Date(until).toISOString()} title={formatDateTime(until)} role="timer">
        <Left until={until} />
      </time>
      <span className="countdown-bar" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </span>
  );
}

function Running({ from }: { readonly from: number }): ReactElement {
  return <span className="num">{formatDuration(Math.max(0, useNow() - from))}</span>;
}
