/** What made the run take its time, in one line; and the switch that shows it on the graph and the timeline. */
import { type ReactElement, useEffect, useMemo, useState } from "react";
import { useUrlState } from "../../app/url-state.ts";
import type { GraphEmphasis } from "../../graph/graph-nodes.tsx";
import { type RunStore, useRunVersion } from "../../run-model/run-store.ts";
import { formatDuration } from "../../ui/format.ts";
import { useThrottled } from "../../ui/throttled.ts";
import { type CriticalPath, criticalPath } from "./critical-path.ts";

/** Of long runs it is computed again twice a second while they go on, not with each batch of events. */
const AGAIN_MS = 500;

export function useCriticalPath(store: RunStore): CriticalPath {
  const version = useRunVersion(store);
  const [path, setPath] = useState(() => pathOf(store));
  const again = useThrottled(() => setPath(pathOf(store)), AGAIN_MS);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the fold grows in place, the version says so
  useEffect(again, [store, version]);
  return path;
}

function pathOf({ fold, isLoaded }: RunStore): CriticalPath {
  const { visits, events, status } = fold;
  const now = status === "RUNNING" && isLoaded ? Date.now() : (events.at(-1)?.timestamp ?? 0);
  return criticalPath(visits, now);
}

/** The path as the graph shows it, when it is asked for (`?critical=1`). */
export function useCriticalEmphasis(path: CriticalPath): GraphEmphasis | undefined {
  const isOn = useUrlState()[0]["critical"] === "1";
  return useMemo(() => {
    if (!isOn) return undefined;
    const states = new Map<string, { text: string; title: string } | undefined>();
    for (const { name } of path.visits) {
      const ms = path.msByState.get(name) ?? 0;
      const title = `${formatDuration(ms)} of the run's ${formatDuration(path.totalMs)}`;
      states.set(name, ms <= 0 ? undefined : { text: percent(ms, path.totalMs), title });
    }
    return { states, steps: path.steps };
  }, [isOn, path]);
}

const TOLD = 3;

export function CriticalPathSummary({ path }: { readonly path: CriticalPath }): ReactElement | null {
  const [url, setUrl] = useUrlState();
  const isOn = url["critical"] === "1";
  if (path.leaves.length < 2) return null;
  const longest = [...path.msByState].filter(([, ms]) => ms > 0).toSorted(([, a], [, b]) => b - a);
  return (
    <div className="row critical" role="group" aria-label="Critical path">
      <button
        type="button"
        className="chip"
        aria-pressed={isOn}
        title="The states that made the run take as long as it did"
        onClick={() => setUrl({ critical: isOn ? undefined : "1" })}
      >
        Critical path
      </button>
      {longest.slice(0, TOLD).map(([name, ms]) => (
        <button
          key={name}
          type="button"
          className="text-button"
          onClick={() => setUrl({ state: name, visit: undefined })}
        >
          <span className="ellipsis">{name}</span>{" "}
          <span className="faint num">
            {formatDuration(ms)} · {percent(ms, path.totalMs)}
          </span>
        </button>
      ))}
    </div>
  );
}

/** `42 %`, `< 1 %`. */
function percent(part: number, whole: number): string {
  const share = whole <= 0 ? 0 : (part / whole) * 100;
  return share > 0 && share < 1 ? "< 1 %" : `${Math.min(100, Math.round(share))} %`;
}
