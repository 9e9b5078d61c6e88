/** Lays graphs out beside the page. One message in, one out. */
import { dagreLayout } from "./dagre-layout.ts";
import type { DefinitionGraph } from "./definition-graph.ts";
import { type GraphLayout, layoutGraph } from "./graph-layout.ts";
import { layeredLayout } from "./layered-layout.ts";

export interface LayoutOrder {
  readonly graph: DefinitionGraph;
  readonly collapsed: ReadonlySet<string>;
  readonly engine: "dagre" | "layered";
}

self.onmessage = ({ data }: MessageEvent<LayoutOrder>): void => {
  const engine = data.engine === "dagre" ? dagreLayout : layeredLayout;
  const layout: GraphLayout = layoutGraph(data.graph, data.collapsed, engine);
  self.postMessage(layout);
};
