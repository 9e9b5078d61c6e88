/** A definition as a graph or as an outline, without a run. */
import { type ReactElement, useMemo, useState } from "react";
import { Empty } from "../ui/page.tsx";
import { definitionGraphOf } from "./definition-graph.ts";
import { FlowGraph } from "./flow-graph.tsx";
import { Outline } from "./outline.tsx";

export interface DefinitionGraphViewProps {
  /** JSON text. */
  readonly definition: string;
  readonly selected: string | undefined;
  readonly onSelect: (name: string | undefined) => void;
}

export function DefinitionGraphView({ definition, selected, onSelect }: DefinitionGraphViewProps): ReactElement {
  const graph = useMemo(() => definitionGraphOf(definition), [definition]);
  const [view, setView] = useState<"graph" | "outline">("graph");
  if (graph === undefined || graph.states.size === 0)
    return <Empty icon="machines" title="There is nothing to draw." />;
  return (
    <>
      <div className="row">
        <ViewSwitch view={view} onChange={setView} />
        <span className="faint">{graph.states.size} states</span>
      </div>
      {view === "graph" ? (
        <FlowGraph graph={graph} selected={selected} onSelect={onSelect} />
      ) : (
        <Outline graph={graph} selected={selected} onSelect={onSelect} />
      )}
    </>
  );
}

export interface ViewSwitchProps {
  readonly view: "graph" | "outline";
  readonly onChange: (view: "graph" | "outline") => void;
}

export function ViewSwitch({ view, onChange }: ViewSwitchProps): ReactElement {
  return (
    <div className="segments" role="group" aria-label="View of the states">
      {(["graph", "outline"] as const).map((each) => (
        <button key={each} type="button" aria-pressed={view === each} onClick={() => onChange(each)}>
          {each === "graph" ? "Graph" : "Outline"}
        </button>
      ))}
    </div>
  );
}
