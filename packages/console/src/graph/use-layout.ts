/**
 * A graph's layout. Small ones are made in a worker in bounded time: whoever takes too long is stopped and laid out in layers
 * instead. Larger ones are laid out in layers from the start, at once: that takes less time than telling a worker.
 */
import { useEffect, useMemo, useState } from "react";
import type { DefinitionGraph } from "./definition-graph.ts";
import { type GraphLayout, layoutGraph } from "./graph-layout.ts";
import { layeredLayout } from "./layered-layout.ts";
import type { LayoutOrder } from "./layout.worker.ts";
import { beginLayoutWorker, giveLayoutWorker, takeLayoutWorker } from "./layout-worker.ts";

/** Larger graphs are laid out in layers from the start. */
export const DAGRE_STATES_MAX = 150;
/** Up to here layers take a few milliseconds. */
const AT_ONCE_STATES_MAX = 1_500;
const DAGRE_MS_MAX = 1_500;

beginLayoutWorker();

function layOut(order: LayoutOrder, onLayout: (layout: GraphLayout) => void): () => void {
  let worker: Worker | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    worker?.terminate();
    worker = undefined;
    clearTimeout(timer);
  };
  const run = (engine: LayoutOrder["engine"]) => {
    const taken = takeLayoutWorker();
    worker = taken;
    taken.onmessage = ({ data }: MessageEvent<GraphLayout>) => {
      worker = undefined;
      clearTimeout(timer);
      giveLayoutWorker(taken);
      onLayout(data);
    };
    const again = () => {
      stop();
      if (engine === "dagre") run("layered");
    };
    taken.onerror = again;
    if (engine === "dagre") timer = setTimeout(again, DAGRE_MS_MAX);
    const states = new Map([...order.graph.states].map(([name, state]) => [name, { ...state, source: {} }]));
    taken.postMessage({ ...order, graph: { ...order.graph, states }, engine } satisfies LayoutOrder);
  };
  run(order.engine);
  return stop;
}

/** Undefined until the first layout is there; the one before stays while the next is made. */
export function useLayout(graph: DefinitionGraph | undefined, collapsed: ReadonlySet<string>): GraphLayout | undefined {
  const [layout, setLayout] = useState<GraphLayout>();
  const states = graph?.states.size ?? 0;
  const isAtOnce = states > DAGRE_STATES_MAX && states <= AT_ONCE_STATES_MAX;
  const made = useMemo(
    () => (graph !== undefined && isAtOnce ? layoutGraph(graph, collapsed, layeredLayout) : undefined),
    [graph, collapsed, isAtOnce],
  );
  useEffect(() => {
    if (graph === undefined || isAtOnce) return undefined;
    return layOut({ graph, collapsed, engine: states > DAGRE_STATES_MAX ? "layered" : "dagre" }, setLayout);
  }, [graph, collapsed, isAtOnce, states]);
  return made ?? layout;
}
