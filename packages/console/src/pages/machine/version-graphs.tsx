/** Two definitions as graphs side by side, with what was added, removed and changed. */
import { type ReactElement, useMemo } from "react";
import { useUrlState } from "../../app/url-state.ts";
import { definitionGraphOf } from "../../graph/definition-graph.ts";
import { FlowGraph } from "../../graph/flow-graph.tsx";
import { parseJson } from "../../ui/json-diff.ts";
import type { Json } from "../../ui/json-value.ts";
import { JsonDiffView } from "../../ui/json-view.tsx";
import { Empty } from "../../ui/page.tsx";
import { changeMarks, type StateChanges } from "./version-changes.ts";

export interface VersionGraphsProps {
  /** JSON texts. */
  readonly before: string;
  readonly after: string;
  readonly changes: StateChanges;
}

export function VersionGraphs({ before, after, changes }: VersionGraphsProps): ReactElement {
  const [url, setUrl] = useUrlState();
  const selected = url["state"];
  const select = (state: string | undefined) => setUrl({ state });
  return (
    <>
      <div className="version-graphs">
        <Side title="From" definition={before} side="before" changes={changes} selected={selected} onSelect={select} />
        <Side title="To" definition={after} side="after" changes={changes} selected={selected} onSelect={select} />
      </div>
      {selected !== undefined && changes.changed.has(selected) && (
        <StateDifference name={selected} before={before} after={after} />
      )}
    </>
  );
}

interface SideProps {
  readonly title: string;
  readonly definition: string;
  readonly side: "before" | "after";
  readonly changes: StateChanges;
  readonly selected: string | undefined;
  readonly onSelect: (state: string | undefined) => void;
}

function Side({ title, definition, side, changes, selected, onSelect }: SideProps): ReactElement {
  const graph = useMemo(() => definitionGraphOf(definition), [definition]);
  const marks = useMemo(() => graph && changeMarks(changes, graph, side), [changes, graph, side]);
  if (graph === undefined || graph.states.size === 0)
    return <Empty icon="machines" title="There is nothing to draw." />;
  return (
    <section className="version-graph" aria-label={title}>
      <FlowGraph graph={graph} marks={marks} selected={selected} onSelect={onSelect} />
    </section>
  );
}

interface StateDifferenceProps {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

function StateDifference({ name, before, after }: StateDifferenceProps): ReactElement {
  const source = (definition: string) =>
    parseJson(JSON.stringify(definitionGraphOf(definition)?.states.get(name)?.source ?? {})) as Json;
  return (
    <section className="stack">
      <h3>{name}</h3>
      <JsonDiffView before={source(before)} after={source(after)} label={`difference of ${name}`} />
    </section>
  );
}
