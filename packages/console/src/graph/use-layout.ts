/** A graph's layout, made in a worker in bounded time: whoever takes too long is stopped and laid out in layers instead. */
import { useEffect, useState } from "react";
import type { DefinitionGraph } from "./definition-graph.ts";
import type { GraphLayout } from "./graph-layout.ts";
import type { LayoutOrder } from "./layout.worker.ts";

/** Larger graphs are laid out in layers from the start. */
export const DAGRE_STATES_MAX = 150;
const DAGRE_MS_MAX = 1_500;

function newWorker(): Worker {
  const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
  worker.onerror = () => {
    if (idle === worker) idle = undefined;
  };
  return worker;
}

/** Ready before the first graph is there, and kept for the next: its script takes longer than most layouts. */
let idle: Worker | undefined;
idle = newWorker();

function takeWorker(): Worker {
  const worker = idle ?? newWorker();
  idle = undefined;
  return worker;
}

function layOut(order: LayoutOrder, onLayout: (layout: GraphLayout) => void): () => void {
  let worker: Worker | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    worker?.terminate();
    worker = undefined;
    clearTimeout(timer);
  };
  const run = (engine: LayoutOrder["engine"]) => {
    const taken = takeWorker();
    worker = taken;
    taken.onmessage = ({ data }: MessageEvent<GraphLayout>) => {
      worker = undefined;
      clearTimeout(timer);
      if (idle === undefined) idle = taken;
      else taken.terminate();
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
  useEffect(() => {
    if (graph === undefined) return undefined;
    const engine = graph.states.size > DAGRE_STATES_MAX ? "layered" : "dagre";
    return layOut({ graph, collapsed, engine }, setLayout);
  }, [graph, collapsed]);
  return layout;
}
