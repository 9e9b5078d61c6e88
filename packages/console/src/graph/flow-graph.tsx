/**
 * The graph of a definition, with a run's progress on it when there is one. Small graphs are nodes of the document; above
 * DAGRE_STATES_MAX states edges are drawn on a canvas, and boxes too until one is near enough to read them.
 */
import { type Node, ReactFlow, ReactFlowProvider, useReactFlow, useStore } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { type KeyboardEvent, memo, type ReactElement, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { RunStore } from "../run-model/run-store.ts";
import { Icon } from "../ui/icon.tsx";
import { Loading } from "../ui/page.tsx";
import type { DefinitionGraph } from "./definition-graph.ts";
import { EDGES_Z, EdgeLayer } from "./edge-layer.tsx";
import { GraphCanvas } from "./graph-canvas.tsx";
import type { GraphLayout, GraphNodePlace } from "./graph-layout.ts";
import {
  FrameNode,
  GraphContext,
  type GraphContextValue,
  type GraphEmphasis,
  type GraphMarks,
  StateNode,
  TerminalNode,
} from "./graph-nodes.tsx";
import { DAGRE_STATES_MAX, useLayout } from "./use-layout.ts";

const NODE_TYPES = { state: StateNode, frame: FrameNode, start: TerminalNode, end: TerminalNode };
const NO_NODES: Node[] = [];
/** Nearer than this, boxes of a large graph are nodes of the document. */
const NEAR_ZOOM = 0.6;

export interface FlowGraphProps {
  readonly graph: DefinitionGraph;
  readonly store?: RunStore | undefined;
  /** Instead of a run's progress. */
  readonly marks?: GraphMarks | undefined;
  readonly emphasis?: GraphEmphasis | undefined;
  readonly selected: string | undefined;
  readonly onSelect: (name: string | undefined) => void;
}

export function FlowGraph(props: FlowGraphProps): ReactElement {
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(NONE);
  const layout = useLayout(props.graph, collapsed);
  const toggle = useCallback((name: string) => {
    setCollapsed((before) => {
      const next = new Set(before);
      if (!next.delete(name)) next.add(name);
      return next;
    });
  }, []);
  if (layout === undefined) return <Loading what="Drawing" />;
  return (
    <div className="graph">
      <ReactFlowProvider>
        <Flow {...props} layout={layout} collapsed={collapsed} onToggle={toggle} />
      </ReactFlowProvider>
    </div>
  );
}

const NONE: ReadonlySet<string> = new Set();

interface FlowProps extends FlowGraphProps {
  readonly layout: GraphLayout;
  readonly collapsed: ReadonlySet<string>;
  readonly onToggle: (name: string) => void;
}

/** Drawn again for another graph, selection or view: what a run does, its nodes hear themselves. */
const Flow = memo(function Flow(props: FlowProps): ReactElement {
  const { graph, store, marks, emphasis, selected, onSelect, layout, collapsed, onToggle } = props;
  const isLarge = graph.states.size > DAGRE_STATES_MAX;
  const part = useStore((state) => (isLarge ? partInSight(state.transform, state.width, state.height) : "all"));
  const nodes = useMemo(() => nodesIn(layout, part), [layout, part]);
  const flow = useReactFlow();
  const host = useRef<HTMLDivElement>(null);
  const byId = useMemo(() => new Map(layout.nodes.map((node) => [node.id, node])), [layout]);
  const focusable = selected !== undefined && byId.has(selected) ? selected : graph.blocks.get("")?.startAt;
  const context = useMemo<GraphContextValue>(
    () => ({ graph, store, marks, emphasis, selected, focusable, collapsed, onSelect, onToggle }),
    [graph, store, marks, emphasis, selected, focusable, collapsed, onSelect, onToggle],
  );
  useSelectionInSight(byId, selected);
  useFirstView(layout, selected);

  const onKeyDown = (event: KeyboardEvent) => {
    const at = (event.target as HTMLElement).dataset["state"] ?? focusable;
    const next = at === undefined ? undefined : neighbour(graph, layout, byId, at, event.key);
    if (event.key === "Escape") onSelect(undefined);
    if (next === undefined) return;
    event.preventDefault();
    onSelect(next);
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        host.current?.querySelector<HTMLElement>(`[data-state="${CSS.escape(next)}"]`)?.focus({ preventScroll: true }),
      ),
    );
  };
  return (
    <GraphContext.Provider value={context}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons inside are what has the focus */}
      <div ref={host} style={{ position: "absolute", inset: 0 }} onKeyDown={onKeyDown}>
        <ReactFlow
          nodes={nodes}
          nodeTypes={NODE_TYPES}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          minZoom={0.03}
          maxZoom={2}
          zoomOnDoubleClick={false}
          aria-label="Graph of states"
          onPaneClick={(event) => {
            const point = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
            onSelect(isLarge ? nodeAt(layout, point.x, point.y) : undefined);
          }}
        >
          {isLarge ? (
            <GraphCanvas
              layout={layout}
              store={store}
              marks={marks}
              emphasis={emphasis}
              selected={selected}
              withNodes={part === "none"}
            />
          ) : (
            <EdgeLayer layout={layout} store={store} emphasis={emphasis} />
          )}
        </ReactFlow>
      </div>
      <div className="graph-tools">
        <button
          type="button"
          className="icon-button"
          aria-label="Nearer"
          title="Nearer"
          onClick={() => void flow.zoomIn()}
        >
          <Icon name="plus" size={14} />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label="Farther"
          title="Farther"
          onClick={() => void flow.zoomOut()}
        >
          <Icon name="minus" size={14} />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label="Show all"
          title="Show all"
          onClick={() => void flow.fitBounds({ x: 0, y: 0, width: layout.width, height: layout.height }, FIT)}
        >
          <Icon name="fit" size={14} />
        </button>
      </div>
    </GraphContext.Provider>
  );
});

/** Flow units by which the part of a large graph that is in the document grows and moves. */
const PART_STEP = 400;

/**
 * The part of a large graph whose boxes are nodes of the document, as text so that it only changes in steps: the library
 * would first draw every node it is given, to measure it.
 */
function partInSight([x, y, zoom]: readonly [number, number, number], width: number, height: number): string {
  if (zoom < NEAR_ZOOM) return "none";
  const down = (value: number) => Math.floor(value / PART_STEP) * PART_STEP;
  const up = (value: number) => Math.ceil(value / PART_STEP) * PART_STEP;
  return [down(-x / zoom), down(-y / zoom), up((width - x) / zoom), up((height - y) / zoom)].join(" ");
}

function nodesIn(layout: GraphLayout, part: string): Node[] {
  if (part === "none") return NO_NODES;
  if (part === "all") return layout.nodes.map(flowNode);
  const [left = 0, top = 0, right = 0, bottom = 0] = part.split(" ").map(Number);
  return layout.nodes
    .filter((node) => node.x < right && node.y < bottom && node.x + node.width > left && node.y + node.height > top)
    .map(flowNode);
}

const FIT = { padding: 0.06 };
/** Smaller than this nobody can read: a longer graph begins at its start instead. */
const FIT_ZOOM_MIN = 0.3;
const START_ZOOM = 0.85;

/** A new layout is shown whole, or from its start when it is too long for that. */
function useFirstView(layout: GraphLayout, selected: string | undefined): void {
  const flow = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const ready = width > 0 && height > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new layout moves the view
  useEffect(() => {
    if (!ready || (selected !== undefined && layout.nodes.some(({ id }) => id === selected) && isLong())) return;
    if (!isLong()) {
      const zoom = Math.min(1, (width * 0.92) / layout.width, (height * 0.92) / layout.height);
      const x = (width - layout.width * zoom) / 2;
      void flow.setViewport({ x, y: (height - layout.height * zoom) / 2, zoom });
      return;
    }
    const start = layout.nodes.find(({ kind }) => kind === "start");
    const x = width / 2 - ((start?.x ?? 0) + (start?.width ?? 0) / 2) * START_ZOOM;
    void flow.setViewport({ x, y: 24 - (start?.y ?? 0) * START_ZOOM, zoom: START_ZOOM });
  }, [layout, flow, ready]);

  function isLong(): boolean {
    return Math.min(width / layout.width, height / layout.height) < FIT_ZOOM_MIN;
  }
}

function flowNode(place: GraphNodePlace): Node {
  const { id, kind, x, y, width, height, depth } = place;
  return {
    id,
    type: kind,
    position: { x, y },
    width,
    height,
    data: {},
    zIndex: kind === "frame" ? depth : EDGES_Z + depth,
    style: { width, height },
  };
}

/** Moves to what was selected elsewhere (an event, the timeline) when it is out of sight. */
function useSelectionInSight(byId: ReadonlyMap<string, GraphNodePlace>, selected: string | undefined): void {
  const flow = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new selection moves the view
  useEffect(() => {
    const place = selected === undefined ? undefined : byId.get(selected);
    if (place === undefined || width === 0) return;
    const { x, y, zoom } = flow.getViewport();
    const [left, top] = [place.x * zoom + x, place.y * zoom + y];
    const inSight =
      zoom >= FIT_ZOOM_MIN && left >= 0 && top >= 0 && left + place.width * zoom <= width && top + 40 * zoom <= height;
    if (!inSight) {
      const middle = place.kind === "frame" ? 30 : place.height / 2;
      void flow.setCenter(place.x + place.width / 2, place.y + middle, { zoom: Math.max(zoom, 0.7), duration: 150 });
    }
  }, [selected, byId, width]);
}

function nodeAt(layout: GraphLayout, x: number, y: number): string | undefined {
  const hits = layout.nodes.filter(
    (node) =>
      (node.kind === "state" || node.kind === "frame") &&
      x >= node.x &&
      y >= node.y &&
      x <= node.x + node.width &&
      y <= node.y + node.height,
  );
  return hits.toSorted((a, b) => b.depth - a.depth)[0]?.id;
}

/** Down and up walk along edges (and into and out of frames), left and right among what stands beside. */
function neighbour(
  graph: DefinitionGraph,
  layout: GraphLayout,
  byId: ReadonlyMap<string, GraphNodePlace>,
  at: string,
  key: string,
): string | undefined {
  const state = graph.states.get(at);
  const block = state === undefined ? undefined : graph.blocks.get(state.block);
  const place = byId.get(at);
  if (state === undefined || block === undefined || place === undefined) return undefined;
  if (key === "ArrowDown") return block.edges.find(({ from }) => from === at)?.to;
  if (key === "ArrowUp") return block.edges.find(({ to }) => to === at)?.from ?? block.owner;
  if (key === "Enter" && place.kind === "frame") return graph.blocks.get(state.blocks[0] ?? "")?.startAt;
  if (key !== "ArrowLeft" && key !== "ArrowRight") return undefined;
  const right = key === "ArrowRight";
  const beside = layout.nodes.filter(
    (node) =>
      node.id !== at &&
      (node.kind === "state" || node.kind === "frame") &&
      node.depth === place.depth &&
      node.y < place.y + place.height &&
      node.y + node.height > place.y &&
      (right ? node.x > place.x : node.x < place.x),
  );
  return beside.toSorted((a, b) => (right ? a.x - b.x : b.x - a.x))[0]?.id;
}
