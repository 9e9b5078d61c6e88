/** The moment of a run that is looked at: an event of its history (`?t=` in the URL), or now. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useUrlState } from "../../app/url-state.ts";
import { RunStore, useRunVersion } from "../../run-model/run-store.ts";
import { TimeTravel } from "../../run-model/time-travel.ts";

/** Browsers refuse a page that changes its address for every step of a dragged slider. */
const URL_REST_MS = 200;

export interface Moment {
  /** An event; undefined is now. */
  readonly at: number | undefined;
  /** The run as it was then. */
  readonly store: RunStore;
  /** When that was, in epoch milliseconds. */
  readonly time: number | undefined;
  readonly go: (at: number | undefined) => void;
}

export function useMoment(live: RunStore): Moment {
  const version = useRunVersion(live);
  const [url, setUrl] = useUrlState();
  const told = useRef(url["t"]);
  const seen = useRef(url["t"]);
  const [at, setAt] = useState(() => eventOf(url["t"]));
  const past = useMemo(() => pastOf(live), [live]);
  const travel = useMemo(() => new TimeTravel(live.fold.events), [live]);
  // Only an address that changed is heeded: ours takes a moment to arrive, and pages are drawn meanwhile.
  if (url["t"] !== seen.current) {
    seen.current = url["t"];
    if (url["t"] !== told.current) {
      told.current = url["t"];
      setAt(eventOf(url["t"]));
    }
  }
  useEffect(() => {
    const text = at === undefined ? undefined : String(at);
    if (text === told.current) return undefined;
    const timer = setTimeout(() => {
      told.current = text;
      setUrl({ t: text });
    }, URL_REST_MS);
    return () => clearTimeout(timer);
  }, [at, setUrl]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says when more of the history is there
  useLayoutEffect(() => {
    if (at === undefined || past.fold.lastEventId === Math.min(at, live.fold.lastEventId)) return;
    past.isLoaded = live.isLoaded;
    past.show(travel.at(at));
  }, [at, past, travel, live, version]);
  const go = useCallback((next: number | undefined) => setAt(next), []);
  const time = at === undefined ? undefined : live.fold.events[Math.min(at, live.fold.lastEventId) - 1]?.timestamp;
  return { at, store: at === undefined ? live : past, time, go };
}

function eventOf(text: string | undefined): number | undefined {
  return /^[1-9]\d{0,6}$/.test(text ?? "") ? Number(text) : undefined;
}

/** One for each run: what listens to it is told of moments of this run only. */
function pastOf(live: RunStore): RunStore {
  const past = new RunStore();
  past.lastKnownId = live.lastKnownId;
  return past;
}
