/**
 * A layered layout in linear time: longest-path ranks, a few barycentre sweeps, and edges that skip ranks or go back on
 * rails at the sides instead of through dummy nodes. State machines are nearly lines with many edges into few handlers:
 * general algorithms pay for exactly those edges (console.md, section 4: 16 ms here, 78 s with dagre, for 1,000 states).
 */
import type { BlockLayout, LaidEdge, LayoutEdge, LayoutNode, Point } from "./layout-types.ts";

const GAP_X = 28;
const GAP_Y = 44;
const SWEEPS = 4;
const LANE = 7;
const LANES_MAX = 14;

export function layeredLayout(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): BlockLayout {
  const index = new Map(nodes.map(({ id }, at) => [id, at]));
  const pairs = edges.map(({ from, to }) => [index.get(from) ?? -1, index.get(to) ?? -1] as const);
  const out = nodes.map((): number[] => []);
  for (const [from, to] of pairs) if (from >= 0 && to >= 0 && from !== to) out[from]?.push(to);
  const back = backEdges(out);
  const forward = out.map((targets, from) => targets.filter((to) => !back.has(from * nodes.length + to)));
  const ranks = longestPathRanks(forward);
  const rows = orderRows(ranks, forward);
  return place(nodes, edges, pairs, ranks, rows);
}

/** Edges that close a circle, found by walking in depth; the walk keeps its own stack. */
function backEdges(out: readonly (readonly number[])[]): ReadonlySet<number> {
  const found = new Set<number>();
  const mark = new Uint8Array(out.length);
  for (let root = 0; root < out.length; root++) {
    if (mark[root] !== 0) continue;
    const stack: { readonly at: number; next: number }[] = [{ at: root, next: 0 }];
    mark[root] = 1;
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const to = out[top.at]?.[top.next++];
      if (to === undefined) {
        mark[top.at] = 2;
        stack.pop();
      } else if (mark[to] === 1) {
        found.add(top.at * out.length + to);
      } else if (mark[to] === 0) {
        mark[to] = 1;
        stack.push({ at: to, next: 0 });
      }
    }
  }
  return found;
}

function longestPathRanks(forward: readonly (readonly number[])[]): Int32Array {
  const ranks = new Int32Array(forward.length);
  const waiting = new Int32Array(forward.length);
  for (const targets of forward) for (const to of targets) waiting[to] = (waiting[to] ?? 0) + 1;
  const ready = forward.flatMap((_, at) => (waiting[at] === 0 ? [at] : []));
  for (let next = 0; next < ready.length; next++) {
    const at = ready[next] as number;
    for (const to of forward[at] ?? []) {
      ranks[to] = Math.max(ranks[to] ?? 0, (ranks[at] ?? 0) + 1);
      waiting[to] = (waiting[to] ?? 0) - 1;
      if (waiting[to] === 0) ready.push(to);
    }
  }
  return ranks;
}

function orderRows(ranks: Int32Array, forward: readonly (readonly number[])[]): number[][] {
  const rows: number[][] = [];
  for (const [at, rank] of ranks.entries()) {
    rows[rank] ??= [];
    rows[rank].push(at);
  }
  const into = forward.map((): number[] => []);
  for (const [from, targets] of forward.entries()) for (const to of targets) into[to]?.push(from);
  const place = new Float64Array(ranks.length);
  const number = (row: readonly number[]) => {
    for (const [order, at] of row.entries()) place[at] = order - (row.length - 1) / 2;
  };
  for (const row of rows) number(row);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    const near = down ? into : forward;
    for (const row of down ? rows : rows.toReversed()) {
      const centre = new Map(row.map((at) => [at, mean(near[at] ?? [], place, place[at] ?? 0)]));
      row.sort((a, b) => (centre.get(a) ?? 0) - (centre.get(b) ?? 0));
      number(row);
    }
  }
  return rows;
}

function mean(neighbours: readonly number[], place: Float64Array, otherwise: number): number {
  if (neighbours.length === 0) return otherwise;
  return neighbours.reduce((sum, at) => sum + (place[at] ?? 0), 0) / neighbours.length;
}

function place(
  nodes: readonly LayoutNode[],
  edges: readonly LayoutEdge[],
  pairs: readonly (readonly [number, number])[],
  ranks: Int32Array,
  rows: readonly (readonly number[])[],
): BlockLayout {
  const widths = rows.map((row) => row.reduce((sum, at) => sum + (nodes[at]?.width ?? 0) + GAP_X, -GAP_X));
  const inner = Math.max(0, ...widths);
  const needsRail = pairs.map(([from, to]) => (from < 0 || to < 0 ? 0 : (ranks[to] ?? 0) - (ranks[from] ?? 0)));
  const lanesLeft = Math.min(LANES_MAX, needsRail.filter((span) => span <= 0).length);
  const left = lanesLeft === 0 ? 0 : lanesLeft * LANE + GAP_X / 2;
  const x = new Float64Array(nodes.length);
  const y = new Float64Array(nodes.length);
  let top = 0;
  for (const [rank, row] of rows.entries()) {
    let at = left + (inner - (widths[rank] ?? 0)) / 2;
    const height = Math.max(...row.map((node) => nodes[node]?.height ?? 0));
    for (const node of row) {
      x[node] = at;
      y[node] = top + (height - (nodes[node]?.height ?? 0)) / 2;
      at += (nodes[node]?.width ?? 0) + GAP_X;
    }
    top += height + GAP_Y;
  }
  let lane = 0;
  const laid = edges.flatMap((edge, at): readonly LaidEdge[] => {
    const [from, to] = pairs[at] ?? [-1, -1];
    const [source, target] = [nodes[from], nodes[to]];
    if (source === undefined || target === undefined) return [];
    const span = needsRail[at] ?? 0;
    const start = { x: (x[from] ?? 0) + source.width / 2, y: (y[from] ?? 0) + source.height };
    const end = { x: (x[to] ?? 0) + target.width / 2, y: y[to] ?? 0 };
    if (span === 1) return [{ ...edge, points: [start, end] }];
    const offset = ((lane++ % LANES_MAX) + 1) * LANE;
    const railX = span > 1 ? left + inner + offset : left - offset;
    const side = (node: number, size: LayoutNode): Point => ({
      x: span > 1 ? (x[node] ?? 0) + size.width : (x[node] ?? 0),
      y: (y[node] ?? 0) + size.height / 2,
    });
    const [out, back] = [side(from, source), side(to, target)];
    return [{ ...edge, points: [out, { x: railX, y: out.y }, { x: railX, y: back.y }, back] }];
  });
  const hasRight = needsRail.some((span) => span > 1);
  return {
    width: left + inner + (hasRight ? LANES_MAX * LANE : 0),
    height: Math.max(0, top - GAP_Y),
    nodes: nodes.map(({ id, width, height }, at) => ({ id, width, height, x: x[at] ?? 0, y: y[at] ?? 0 })),
    edges: laid,
  };
}
