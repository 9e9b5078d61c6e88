import { describe, expect, test } from "vitest";
import type { ApiHeat, ApiHeatState } from "../../api/api-types.ts";
import { definitionGraph } from "../../graph/definition-graph.ts";
import { failureRate, formatRate, heatMarks, heatOf, statesInOrder } from "./heat-model.ts";

const state = (name: string, more: Partial<ApiHeatState> = {}): ApiHeatState => ({
  name,
  type: "Pass",
  runs: 1,
  visits: 10,
  succeeded: 10,
  failed: 0,
  caught: 0,
  aborted: 0,
  running: 0,
  retries: 0,
  ...more,
});

const heat = (...states: ApiHeatState[]): ApiHeat => ({ states, runs: [], events: 0, isPartial: false });

const graph = definitionGraph({
  StartAt: "A",
  States: {
    Z: { Type: "Pass", End: true },
    A: { Type: "Map", Next: "Z", ItemProcessor: { StartAt: "In", States: { In: { Type: "Pass", End: true } } } },
  },
});

describe("heat", () => {
  test("of failures is the part of ended visits that failed or were caught", () => {
    expect(failureRate(state("A", { succeeded: 6, failed: 1, caught: 2, aborted: 1 }))).toBe(0.3);
    expect(failureRate(state("A", { succeeded: 0, running: 3 }))).toBe(0);
    expect([0, 0.001, 0.042, 1].map(formatRate)).toEqual(["0 %", "<1 %", "4 %", "100 %"]);
  });

  test("of visits and time is against the state with most of it", () => {
    const states = [state("A", { p95Ms: 400 }), state("B", { p95Ms: 100, visits: 40 }), state("C")];
    expect(states.map((each) => heatOf(each, "time", states))).toEqual([1, 0.5, 0]);
    expect(states.map((each) => heatOf(each, "visits", states))).toEqual([0.5, 1, 0.5]);
  });

  test("marks every state of the graph, those nobody entered too", () => {
    const marks = heatMarks(heat(state("A", { succeeded: 8, failed: 2 })), graph, "failures");
    expect(marks.get("A")).toMatchObject({ tone: "bad", words: "×10 · 20 %: 2 failed", fill: 0.2 });
    expect(marks.get("Z")).toMatchObject({ isOff: true });
  });

  test("lists states from the start along the edges, those of older definitions last", () => {
    const order = statesInOrder(heat(state("Old"), state("Z"), state("In"), state("A")), graph);
    expect(order.map(({ name }) => name)).toEqual(["A", "In", "Z", "Old"]);
  });
});
