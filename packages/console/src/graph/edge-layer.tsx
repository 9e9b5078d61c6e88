/** All edges of a graph as one drawing under its nodes. */
import { ViewportPortal } from "@xyflow/react";
import { memo, type ReactElement } from "react";
import type { RunFold } from "../run-model/run-fold.ts";
import { transitionKey } from "../run-model/run-fold.ts";
import { type RunStore, useRunVersion } from "../run-model/run-store.ts";
import { END_ID, edgePath, type GraphEdgePlace, type GraphLayout, START_ID } from "./graph-layout.ts";
import type { GraphEmphasis } from "./graph-nodes.tsx";

/** Whether the run went along this edge. */
export function isTaken(fold: RunFold, { from, to }: GraphEdgePlace): boolean {
  if (from === START_ID) return fold.summary(to) !== undefined;
  if (to === END_ID) {
    const last = fold.summary(from)?.last;
    return fold.status === "SUCCEEDED" && last?.exitedEvent !== undefined && isLastOf(fold, last.id);
  }
  return fold.transitions.has(transitionKey(from, to));
}

function isLastOf(fold: RunFold, visitId: number): boolean {
  const end = fold.events.at(-1);
  return end !== undefined && fold.visitOf(end.previousEventId)?.id === visitId;
}

const FADED = " is-dim is-faded";

function edgeLook(fold: RunFold, edge: GraphEdgePlace, emphasis: GraphEmphasis | undefined): string {
  const taken = isTaken(fold, edge);
  if (emphasis === undefined) return taken ? " is-taken" : " is-dim";
  return taken && isStrong(edge, emphasis) ? " is-taken" : FADED;
}

export function isStrong({ from, to }: GraphEdgePlace, emphasis: GraphEmphasis): boolean {
  if (from === START_ID) return emphasis.states.has(to);
  if (to === END_ID) return emphasis.states.has(from);
  return emphasis.steps.has(transitionKey(from, to));
}

/** Above frames, below states. */
export const EDGES_Z = 500;

export interface EdgeLayerProps {
  readonly layout: GraphLayout;
  readonly store: RunStore | undefined;
  readonly emphasis: GraphEmphasis | undefined;
}

export function EdgeLayer({ layout, store, emphasis }: EdgeLayerProps): ReactElement {
  return (
    <ViewportPortal>
      <svg
        width={layout.width}
        height={layout.height}
        style={{ position: "absolute", overflow: "visible", pointerEvents: "none", zIndex: EDGES_Z }}
        aria-hidden="true"
      >
        <defs>
          {["line-strong", "accent"].map((colour) => (
            <marker
              key={colour}
              id={`arrow-${colour}`}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="8"
              markerHeight="8"
              markerUnits="userSpaceOnUse"
              orient="auto-start-reverse"
            >
              <path d="M0 0.500 7.500 4 0 7.500z" fill={`var(--${colour})`} />
            </marker>
          ))}
        </defs>
        {store === undefined ? (
          layout.edges.map((edge) => <Edge key={edge.id} edge={edge} look="" />)
        ) : (
          <RunEdges layout={layout} store={store} emphasis={emphasis} />
        )}
      </svg>
    </ViewportPortal>
  );
}

interface RunEdgesProps extends EdgeLayerProps {
  readonly store: RunStore;
}

function RunEdges({ layout, store, emphasis }: RunEdgesProps): ReactElement {
  useRunVersion(store);
  return (
    <>
      {layout.edges.map((edge) => (
        <Edge key={edge.id} edge={edge} look={edgeLook(store.fold, edge, emphasis)} />
      ))}
    </>
  );
}

const Edge = memo(function Edge({
  edge,
  look,
}: {
  readonly edge: GraphEdgePlace;
  readonly look: string;
}): ReactElement {
  const { points, kind, label } = edge;
  const middle = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 };
  const [first] = points;
  const at = points.length === 2 && first ? { x: (first.x + middle.x) / 2, y: (first.y + middle.y) / 2 } : middle;
  const taken = look === " is-taken";
  return (
    <>
      <path
        className={`gedge${kind === "catch" ? " is-catch" : ""}${look}`}
        d={edgePath(points)}
        markerEnd={`url(#arrow-${taken ? "accent" : "line-strong"})`}
      />
      {label !== undefined && (
        <text className="gedge-label" x={at.x} y={at.y} textAnchor="middle">
          {label.length > 26 ? `${label.slice(0, 25)}…` : label}
        </text>
      )}
    </>
  );
});
