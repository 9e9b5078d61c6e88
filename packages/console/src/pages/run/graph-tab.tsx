/** A run on the graph of its definition, or on its outline. */
import { type ReactElement, useMemo } from "react";
import { useUrlState } from "../../app/url-state.ts";
import { definitionGraphOf } from "../../graph/definition-graph.ts";
import { ViewSwitch } from "../../graph/definition-graph-view.tsx";
import { FlowGraph } from "../../graph/flow-graph.tsx";
import { Outline } from "../../graph/outline.tsx";
import { type RunStore, useRunVersion } from "../../run-model/run-store.ts";
import { formatCount } from "../../ui/format.ts";
import { Empty } from "../../ui/page.tsx";
import { CriticalPathSummary, useCriticalEmphasis, useCriticalPath } from "./critical-path-summary.tsx";

export interface GraphTabProps {
  readonly live: RunStore;
  /** As it is now, or as it was. */
  readonly shown: RunStore;
  readonly definition: string;
  readonly onSelect: (name: string | undefined) => void;
}

export function GraphTab({ live, shown, definition, onSelect }: GraphTabProps): ReactElement {
  const [url, setUrl] = useUrlState();
  const graph = useMemo(() => definitionGraphOf(definition), [definition]);
  const path = useCriticalPath(shown);
  const emphasis = useCriticalEmphasis(path);
  if (graph === undefined || graph.states.size === 0) return <Empty title="The definition of this run is not kept." />;
  const isOutline = url["view"] === "outline";
  return (
    <>
      <div className="row">
        <ViewSwitch
          view={isOutline ? "outline" : "graph"}
          onChange={(view) => setUrl({ view: view === "graph" ? undefined : view })}
        />
        <Loaded store={live} />
        <span className="grow" />
        <CriticalPathSummary path={path} />
      </div>
      {isOutline ? (
        <Outline graph={graph} store={shown} selected={url["state"]} onSelect={onSelect} />
      ) : (
        <FlowGraph graph={graph} store={shown} emphasis={emphasis} selected={url["state"]} onSelect={onSelect} />
      )}
    </>
  );
}

function Loaded({ store }: { readonly store: RunStore }): ReactElement {
  useRunVersion(store);
  const count = store.fold.events.length;
  return (
    <span className="faint" role="status">
      {store.isLoaded
        ? `${formatCount(count)} events`
        : `${formatCount(count)} of ${formatCount(store.lastKnownId)} events`}
    </span>
  );
}
