import { describe, expect, test } from "vitest";
import type { Visit } from "../../run-model/run-fold.ts";
import { criticalPath } from "./critical-path.ts";
import { inTreeOrder } from "./visit-order.ts";

let nextId = 1;

function visit(name: string, enteredAt: number, endedAt: number | undefined, more: Partial<Visit> = {}): Visit {
  return {
    id: nextId++,
    name,
    type: "Task",
    enteredAt,
    status: endedAt === undefined ? "RUNNING" : "SUCCEEDED",
    lastEvent: 0,
    attempts: [],
    ...(endedAt !== undefined && { endedAt }),
    ...more,
  };
}

const names = (visits: readonly Visit[]) =>
  visits.map(({ name, iteration }) => (iteration === undefined ? name : `${name}${iteration}`));

describe("the critical path", () => {
  test("of a Parallel is the branch that ended last", () => {
    const start = visit("Start", 0, 5);
    const both = visit("Both", 5, 105, { type: "Parallel", from: start });
    const quick = visit("Quick", 5, 20, { parent: both });
    const slow = visit("Slow", 5, 65, { parent: both });
    const after = visit("After", 65, 105, { parent: both, from: slow });
    const end = visit("End", 105, 110, { from: both });
    const path = criticalPath([start, both, quick, slow, after, end], 110);
    expect(names(path.leaves)).toEqual(["Start", "Slow", "After", "End"]);
    expect(path.visits.has(both)).toBe(true);
    expect(path.visits.has(quick)).toBe(false);
    expect(path.msByState.get("Slow")).toBe(60);
    expect(path.totalMs).toBe(110);
  });

  test("of a Map whose iterations wait for their turn goes through those they waited for", () => {
    const map = visit("Map", 0, 60, { type: "Map" });
    const item = (iteration: number, from: number, to: number) => visit("Item", from, to, { parent: map, iteration });
    const all = [map, item(0, 0, 30), item(1, 0, 10), item(2, 10, 25), item(3, 30, 60)];
    expect(names(criticalPath(all, 60).leaves)).toEqual(["Item0", "Item3"]);
  });

  test("a failed branch is on it, not those it stopped", () => {
    const both = visit("Both", 0, 50, { type: "Parallel", status: "FAILED" });
    const stopped = visit("Stopped", 0, 50, { parent: both, status: "ABORTED" });
    const failed = visit("Failed", 10, 50, { parent: both, status: "FAILED" });
    expect(names(criticalPath([both, stopped, failed], 50).leaves)).toEqual(["Failed"]);
  });

  test("of a run that goes on ends at what has been open for longest", () => {
    const both = visit("Both", 0, undefined, { type: "Parallel" });
    const ended = visit("Ended", 0, 90, { parent: both });
    const young = visit("Young", 50, undefined, { parent: both });
    const old = visit("Old", 0, undefined, { parent: both });
    const path = criticalPath([both, ended, young, old], 100);
    expect(names(path.leaves)).toEqual(["Old"]);
    expect(path.msByState.get("Old")).toBe(100);
  });

  test("a state that was entered again and again counts all its visits; of nothing it is empty", () => {
    const first = visit("Loop", 0, 10);
    const second = visit("Loop", 10, 30, { from: first });
    const path = criticalPath([first, second], 30);
    expect(path.msByState.get("Loop")).toBe(30);
    expect(criticalPath([], 5)).toMatchObject({ leaves: [], totalMs: 0 });
  });

  test("is found in a Map of 10,000 iterations", () => {
    const map = visit("Map", 0, 10_000, { type: "Map" });
    const all = Array.from({ length: 10_000 }, (_, iteration) =>
      visit("Item", iteration, iteration + 1, { parent: map, iteration }),
    );
    expect(criticalPath([map, ...all], 10_000).leaves).toHaveLength(10_000);
  });
});

test("rows stand below what they ran in, iteration by iteration", () => {
  const map = visit("Map", 0, 60, { type: "Map" });
  const a1 = visit("A", 0, 1, { parent: map, iteration: 1 });
  const a0 = visit("A", 0, 2, { parent: map, iteration: 0 });
  const b1 = visit("B", 1, 5, { parent: map, iteration: 1, from: a1 });
  const b0 = visit("B", 2, 5, { parent: map, iteration: 0, from: a0 });
  const end = visit("End", 60, 61, { from: map });
  expect(names(inTreeOrder([map, a1, a0, b1, b0, end]))).toEqual(["Map", "A0", "B0", "A1", "B1", "End"]);
  const line = [map, end];
  expect(inTreeOrder(line)).toBe(line);
});
