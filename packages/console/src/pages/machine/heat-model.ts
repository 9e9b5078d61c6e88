/** How hot a state is: the marks of the graph, and the order of states in the grid. */
import type { ApiHeat, ApiHeatState } from "../../api/api-types.ts";
import type { DefinitionGraph } from "../../graph/definition-graph.ts";
import type { GraphMark, GraphMarks } from "../../graph/graph-nodes.tsx";
import { formatDuration, plural } from "../../ui/format.ts";

export const HEAT_MEASURES = ["failures", "visits", "time"] as const;
export type HeatMeasure = (typeof HEAT_MEASURES)[number];

/** Of the visits that have ended, the part that failed, timed out or went on through a catcher. */
export function failureRate({ succeeded, failed, caught, aborted }: ApiHeatState): number {
  const ended = succeeded + failed + caught + aborted;
  return ended === 0 ? 0 : (failed + caught) / ended;
}

/** `4 %`, `<1 %`. */
export function formatRate(rate: number): string {
  if (rate > 0 && rate < 0.01) return "<1 %";
  return `${Math.round(rate * 100)} %`;
}

/** From 0 to 1: against the state that has most of it; failures against all visits. */
export function heatOf(state: ApiHeatState, measure: HeatMeasure, states: readonly ApiHeatState[]): number {
  if (measure === "failures") return failureRate(state);
  const value = (of: ApiHeatState) => (measure === "visits" ? of.visits : (of.p95Ms ?? 0));
  const most = Math.max(...states.map(value));
  // A root: one slow or busy state would leave all others alike.
  return most === 0 ? 0 : Math.sqrt(value(state) / most);
}

export function heatMarks(heat: ApiHeat, graph: DefinitionGraph, measure: HeatMeasure): GraphMarks {
  const known = new Map(heat.states.map((state) => [state.name, state]));
  const marks = new Map<string, GraphMark>();
  for (const name of graph.states.keys()) {
    const state = known.get(name);
    marks.set(name, state === undefined ? { words: "not entered", isOff: true } : markOf(state, measure, heat.states));
  }
  return marks;
}

function markOf(state: ApiHeatState, measure: HeatMeasure, states: readonly ApiHeatState[]): GraphMark {
  const rate = failureRate(state);
  const fill = heatOf(state, measure, states);
  const tone = measure === "failures" ? (state.failed > 0 ? "bad" : rate > 0 ? "warn" : "good") : "run";
  const badges = [
    ...(state.retries > 0
      ? [{ text: `↻ ${state.retries}`, title: `${plural(state.retries, "retry", "retries")}` }]
      : []),
    ...(state.running > 0 ? [{ text: `${state.running} open`, title: `${state.running} not ended` }] : []),
  ];
  return { words: heatWords(state, measure), tone, ...(fill > 0 && { fill: Math.max(0.15, fill) }), badges };
}

function heatWords(state: ApiHeatState, measure: HeatMeasure): string {
  if (measure === "visits") return `×${state.visits} in ${plural(state.runs, "run")}`;
  if (measure === "time") return state.p95Ms === undefined ? "not ended" : `p95 ${formatDuration(state.p95Ms)}`;
  const rate = failureRate(state);
  if (rate === 0) return `×${state.visits} · none failed`;
  const bad = state.failed > 0 ? `${state.failed} failed` : `${state.caught} caught`;
  return `×${state.visits} · ${formatRate(rate)}: ${bad}`;
}

/** States of the definition from its start along its edges, inner ones behind the state they stand in; then those of older ones. */
export function statesInOrder(heat: ApiHeat, graph: DefinitionGraph | undefined): readonly ApiHeatState[] {
  const known = new Map(heat.states.map((state) => [state.name, state]));
  const order = new Set<string>();
  if (graph !== undefined) walk(graph, "", order);
  const rest = heat.states.filter(({ name }) => !order.has(name));
  return [...[...order].flatMap((name) => known.get(name) ?? []), ...rest];
}

function walk(graph: DefinitionGraph, blockId: string, order: Set<string>): void {
  const block = graph.blocks.get(blockId);
  if (block === undefined) return;
  const queue = [block.startAt];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const state = graph.states.get(name);
    if (state === undefined || order.has(name)) continue;
    order.add(name);
    for (const inner of state.blocks) walk(graph, inner, order);
    queue.push(...block.edges.filter(({ from }) => from === name).map(({ to }) => to));
  }
}
