import type { HistoryEvent } from "@stepwell/core";
import type { Catalog, ExecutionDescription, Executions, Flow } from "@stepwell/engine";
import { VirtualClock } from "@stepwell/engine";
import { SimulatedThreads } from "@stepwell/engine/testing";
import { expect, test } from "vitest";
import { readFlowHistory } from "./read-history.ts";

const STEPS = 30;

function events(): HistoryEvent[] {
  const made: HistoryEvent[] = [
    { id: 1, previousEventId: 0, timestamp: 0, type: "ExecutionStarted", details: { input: "{}" } },
  ];
  for (let step = 1; step <= STEPS; step++) {
    const name = "S";
    const id = made.length + 1;
    const details = { name, input: JSON.stringify({ n: step }) };
    made.push({ id, previousEventId: id - 1, timestamp: 0, type: "PassStateEntered", details });
    made.push({
      id: id + 1,
      previousEventId: id,
      timestamp: 0,
      type: "PassStateExited",
      details: { name, output: "{}" },
    });
  }
  return made;
}

const executions = { history: async () => ({ items: events() }) } as unknown as Executions;
const catalog = {
  describeRevision: async () => ({ definition: '{"StartAt":"S","States":{"S":{"Type":"Pass","Next":"S"}}}' }),
} as unknown as Catalog;
const execution = { executionArn: "a", name: "e", stateMachineArn: "m", revisionKey: "r" } as ExecutionDescription;

function flow(input: string): Flow {
  const states = { S: { step: "S", type: "pass", part: "whole", input } };
  return { name: "f", language: "steps", states } as unknown as Flow;
}

test("inputs of steps that take long are evaluated by threads, each once, and the history is the same", async () => {
  const long = flow("{% $states.input.n + $sum([1..10000].($ * 2)) %}");
  const here = await readFlowHistory({ executions, catalog }, execution, long);
  expect(JSON.stringify(here)).toContain(String(100_010_000 + STEPS));
  const threads = new SimulatedThreads(new VirtualClock(0));
  const services = { executions, catalog, long: { threads, quickMs: 0.2, report: () => undefined } };
  expect(await readFlowHistory(services, execution, long)).toEqual(here);
  expect(threads.performed.flowInput).toBe(STEPS);
});

test("many that are short leave others their turn, and are each evaluated once", async () => {
  const short = flow("{% $states.input.n + $sum([1..100]) %}");
  const here = await readFlowHistory({ executions, catalog }, execution, short);
  const threads = new SimulatedThreads(new VirtualClock(0));
  const services = { executions, catalog, long: { threads, quickMs: 0.1, report: () => undefined } };
  expect(await readFlowHistory(services, execution, short)).toEqual(here);
  expect(threads.performed.flowInput).toBe(0);
});
