/** The layout of graphs that are small enough for it. */
import { Graph, layout } from "@dagrejs/dagre";
import type { BlockLayout, LaidEdge, LayoutEdge, LayoutNode } from "./layout-types.ts";

export function dagreLayout(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): BlockLayout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 30, ranksep: 40, edgesep: 14, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of nodes) graph.setNode(id, { width, height });
  for (const { from, to, index } of edges) graph.setEdge(from, to, { weight: 1 }, String(index));
  layout(graph);
  const placed = nodes.map(({ id, width, height }) => {
    const { x = 0, y = 0 } = graph.node(id) as { x?: number; y?: number };
    return { id, width, height, x: x - width / 2, y: y - height / 2 };
  });
  const laid = edges.map((edge): LaidEdge => {
    const { points = [] } = graph.edge(edge.from, edge.to, String(edge.index)) as {
      points?: { x: number; y: number }[];
    };
    return { ...edge, points };
  });
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return { width, height, nodes: placed, edges: laid };
}
