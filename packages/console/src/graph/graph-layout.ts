/**
 * Lays out a whole definition: each block alone, inner blocks first, since edges never leave a block. What it gives is flat:
 * places in one plane, frames before what stands in them.
 */
import type { DefinitionGraph, EdgeKind, GraphBlock, GraphState } from "./definition-graph.ts";
import type { BlockLayout, LayoutEdge, LayoutNode, Point } from "./layout-types.ts";

export const START_ID = "\u0000start";
export const END_ID = "\u0000end";

const NODE_WIDTH = 196;
const NODE_HEIGHT = 46;
const TERMINAL = 26;
const FRAME_HEAD = 40;
const FRAME_WIDTH_MIN = 260;
const FRAME_PAD = 14;
const BRANCH_GAP = 18;

export interface GraphNodePlace {
  readonly id: string;
  readonly kind: "state" | "frame" | "start" | "end";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
}

export interface GraphEdgePlace {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  readonly label?: string;
  readonly points: readonly Point[];
}

export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly GraphNodePlace[];
  readonly edges: readonly GraphEdgePlace[];
}

export type BlockEngine = (nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]) => BlockLayout;

interface Laid {
  readonly layout: BlockLayout;
  readonly edges: readonly Omit<GraphEdgePlace, "points" | "id">[];
  readonly inner: ReadonlyMap<string, readonly Laid[]>;
}

/** `collapsed`: the frames shown as one node. */
export function layoutGraph(graph: DefinitionGraph, collapsed: ReadonlySet<string>, engine: BlockEngine): GraphLayout {
  const root = graph.blocks.get("");
  if (root === undefined || root.states.length === 0) return { width: 0, height: 0, nodes: [], edges: [] };
  const laid = layBlock(graph, root, collapsed, engine);
  const nodes: GraphNodePlace[] = [];
  const edges: GraphEdgePlace[] = [];
  flatten(laid, { x: 0, y: 0 }, 0, nodes, edges);
  return { width: laid.layout.width, height: laid.layout.height, nodes, edges };
}

function layBlock(
  graph: DefinitionGraph,
  block: GraphBlock,
  collapsed: ReadonlySet<string>,
  engine: BlockEngine,
): Laid {
  const inner = new Map<string, readonly Laid[]>();
  const nodes: LayoutNode[] = [];
  for (const name of block.states) {
    const state = graph.states.get(name) as GraphState;
    const laid = collapsed.has(name) ? [] : innerOf(graph, state, collapsed, engine);
    if (laid.length === 0) nodes.push({ id: name, width: NODE_WIDTH, height: NODE_HEIGHT });
    else {
      inner.set(name, laid);
      nodes.push({ id: name, ...frameSize(laid) });
    }
  }
  const isRoot = block.owner === undefined;
  const edges: Omit<GraphEdgePlace, "points" | "id">[] = mergeEdges(block);
  if (isRoot) {
    const startAt = block.states.includes(block.startAt) ? block.startAt : block.states[0];
    nodes.unshift({ id: START_ID, width: TERMINAL, height: TERMINAL });
    nodes.push({ id: END_ID, width: TERMINAL, height: TERMINAL });
    if (startAt !== undefined) edges.unshift({ from: START_ID, to: startAt, kind: "next" });
    for (const name of block.states) {
      if (graph.states.get(name)?.isEnd === true) edges.push({ from: name, to: END_ID, kind: "next" });
    }
  }
  const layout = engine(
    nodes,
    edges.map(({ from, to }, index) => ({ from, to, index })),
  );
  return { layout, edges, inner };
}

/** Several rules or catchers from one state to another are one line with their labels. */
function mergeEdges(block: GraphBlock): Omit<GraphEdgePlace, "points" | "id">[] {
  const merged = new Map<string, { from: string; to: string; kind: EdgeKind; labels: string[] }>();
  for (const { from, to, kind, label } of block.edges) {
    const key = JSON.stringify([from, to, kind === "catch"]);
    const edge = merged.get(key) ?? { from, to, kind, labels: [] };
    if (label !== undefined && edge.labels.length < 4) edge.labels.push(label);
    merged.set(key, edge);
  }
  return [...merged.values()].map(({ labels, ...edge }) => ({
    ...edge,
    ...(labels.length > 0 && { label: labels.join(", ") }),
  }));
}

function innerOf(
  graph: DefinitionGraph,
  state: GraphState,
  collapsed: ReadonlySet<string>,
  engine: BlockEngine,
): readonly Laid[] {
  return state.blocks.flatMap((id) => {
    const block = graph.blocks.get(id);
    return block === undefined || block.states.length === 0 ? [] : [layBlock(graph, block, collapsed, engine)];
  });
}

function frameSize(laid: readonly Laid[]): { readonly width: number; readonly height: number } {
  const width = laid.reduce((sum, { layout }) => sum + layout.width + BRANCH_GAP, -BRANCH_GAP);
  const height = Math.max(...laid.map(({ layout }) => layout.height));
  return { width: Math.max(FRAME_WIDTH_MIN, width + FRAME_PAD * 2), height: height + FRAME_HEAD + FRAME_PAD };
}

function flatten(laid: Laid, at: Point, depth: number, nodes: GraphNodePlace[], edges: GraphEdgePlace[]): void {
  for (const edge of laid.layout.edges) {
    const about = laid.edges[edge.index];
    if (about === undefined) continue;
    const points = edge.points.map(({ x, y }) => ({ x: x + at.x, y: y + at.y }));
    edges.push({ ...about, id: `${about.from}\u0000${about.to}\u0000${about.kind}`, points });
  }
  for (const node of laid.layout.nodes) {
    const inner = laid.inner.get(node.id);
    const kind = node.id === START_ID ? "start" : node.id === END_ID ? "end" : inner === undefined ? "state" : "frame";
    const placed = { ...node, x: node.x + at.x, y: node.y + at.y, kind, depth } as const;
    nodes.push(placed);
    if (inner === undefined) continue;
    const total = inner.reduce((sum, { layout }) => sum + layout.width + BRANCH_GAP, -BRANCH_GAP);
    let x = placed.x + (node.width - total) / 2;
    for (const each of inner) {
      flatten(each, { x, y: placed.y + FRAME_HEAD }, depth + 1, nodes, edges);
      x += each.layout.width + BRANCH_GAP;
    }
  }
}

const CORNER = 10;

/** An SVG path through the points: two points make an S-curve, more make a line with round corners. */
export function edgePath(points: readonly Point[]): string {
  const [first, second] = points;
  const last = points.at(-1);
  if (first === undefined || second === undefined || last === undefined) return "";
  if (points.length === 2) {
    const middle = (first.y + last.y) / 2;
    return `M${first.x} ${first.y}C${first.x} ${middle} ${last.x} ${middle} ${last.x} ${last.y}`;
  }
  let path = `M${first.x} ${first.y}`;
  for (let at = 1; at < points.length - 1; at++) {
    const [before, corner, after] = [points[at - 1], points[at], points[at + 1]] as [Point, Point, Point];
    const enter = towards(corner, before);
    const leave = towards(corner, after);
    path += `L${enter.x} ${enter.y}Q${corner.x} ${corner.y} ${leave.x} ${leave.y}`;
  }
  return `${path}L${last.x} ${last.y}`;
}

function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const part = length === 0 ? 0 : Math.min(CORNER, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}
