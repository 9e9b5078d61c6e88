import { describe, expect, test } from "vitest";
import type { ApiHistoryEvent } from "../../api/api-types.ts";
import { RunFold } from "../../run-model/run-fold.ts";
import { alignRuns } from "./align-runs.ts";
import { compareVisits, partingOf, partingWords } from "./divergence.ts";

interface Given {
  readonly name: string;
  readonly input?: string;
  readonly output?: string;
  readonly error?: string;
}

/** A run through states, each left unless it has an error: then it fails the run. */
function runOf(states: readonly (string | Given)[]): RunFold {
  const events: ApiHistoryEvent[] = [];
  const add = (type: string, details: object = {}, previous = events.length) =>
    events.push({
      id: events.length + 1,
      previousEventId: previous,
      timestamp: events.length,
      type,
      someEventDetails: details,
    });
  add("ExecutionStarted");
  for (const state of states) {
    const { name, input = "{}", output = "{}", error } = typeof state === "string" ? { name: state } : state;
    add("PassStateEntered", { name, input });
    if (error === undefined) add("PassStateExited", { name, output });
    else add("ExecutionFailed", { error });
  }
  const fold = new RunFold();
  fold.add(events);
  return fold;
}

const names = (a: RunFold, b: RunFold) => alignRuns(a, b).map((row) => `${row.a?.name ?? "-"}${row.b?.name ?? "-"}`);

/** A Map of two iterations whose events come in the order given. */
function mapOf(order: readonly [first: number, second: number]): RunFold {
  const events: ApiHistoryEvent[] = [];
  const add = (type: string, previous: number, details: object = {}) =>
    events.push({ id: events.length + 1, previousEventId: previous, timestamp: 0, type, someEventDetails: details });
  add("ExecutionStarted", 0);
  add("MapStateEntered", 0, { name: "Map" });
  add("MapStateStarted", 2, { length: 2 });
  for (const index of order) {
    const began = add("MapIterationStarted", 3, { name: "Map", index });
    add("PassStateEntered", began, { name: "In", input: String(index) });
  }
  const fold = new RunFold();
  fold.add(events);
  return fold;
}

describe("two runs", () => {
  test("are aligned by the states they went through", () => {
    expect(names(runOf(["A", "B", "C"]), runOf(["A", "X", "C"]))).toEqual(["AA", "B-", "-X", "CC"]);
    expect(names(runOf(["A", "L", "L", "L", "C"]), runOf(["A", "L", "C"]))).toEqual(["AA", "LL", "L-", "L-", "CC"]);
    expect(names(runOf([]), runOf(["A"]))).toEqual(["-A"]);
  });

  test("are aligned when loops make them long", () => {
    const loop = (count: number) => Array.from({ length: count }, (_, index) => (index % 2 === 0 ? "L" : "M"));
    const rows = names(runOf(["A", "P", ...loop(2_000), "Q", "Z"]), runOf(["A", ...loop(1_500), "R", "Z"]));
    expect(rows.slice(0, 3)).toEqual(["AA", "P-", "LL"]);
    expect(rows.at(-1)).toBe("ZZ");
    expect(rows.filter((row) => row === "LL")).toHaveLength(750);
  });

  test("have their iterations compared by index, whatever came first", () => {
    const rows = alignRuns(mapOf([0, 1]), mapOf([1, 0]));
    expect(rows.map(({ a, b, depth }) => [a?.name, a?.iteration, b?.iteration, depth])).toEqual([
      ["Map", undefined, undefined, 0],
      ["In", 0, 0, 1],
      ["In", 1, 1, 1],
    ]);
  });

  test("part where one fails, and before that where the data do", () => {
    const a = runOf(["A", { name: "B", output: '{"n":1}' }, { name: "C", input: '{"n":1}' }]);
    const b = runOf(["A", { name: "B", output: '{"n":2}' }, { name: "C", input: '{"n":2}', error: "Bad" }]);
    const rows = compareVisits(alignRuns(a, b), a, b);
    expect(rows.map(({ differences }) => differences)).toEqual([
      [],
      ["output"],
      ["input", "status", "error", "output"],
    ]);
    const { way, data } = partingOf(rows);
    expect(way === undefined ? "" : partingWords(way)).toBe("at C A succeeded, B failed with Bad");
    expect(data === undefined ? "" : partingWords(data)).toBe("B is given the same and makes something else of it");
  });

  test("that are alike do not part; order of members and white space are no difference", () => {
    const a = runOf([{ name: "A", input: '{"x":1,"y":2}' }]);
    const b = runOf([{ name: "A", input: '{ "y": 2, "x": 1 }' }]);
    expect(partingOf(compareVisits(alignRuns(a, b), a, b))).toEqual({});
  });
});
