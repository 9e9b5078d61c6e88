import { describe, expect, test } from "vitest";
import { definitionGraphOf } from "../../graph/definition-graph.ts";
import { changeMarks, rollBackRouting, stateChanges } from "./version-changes.ts";

const machine = (states: object): string => JSON.stringify({ StartAt: "A", States: states });
const map = (inner: object, more: object = {}) => ({
  Type: "Map",
  ItemProcessor: { StartAt: "In", States: { In: inner } },
  End: true,
  ...more,
});

describe("two definitions", () => {
  const before = machine({ A: { Type: "Pass", Next: "M" }, Gone: { Type: "Pass" }, M: map({ Type: "Pass" }) });
  const after = machine({ A: { Next: "M", Type: "Pass" }, New: { Type: "Pass" }, M: map({ Type: "Pass", Result: 1 }) });

  test("differ by states that were added, removed or changed; a Map is as before when only what it holds is not", () => {
    const changes = stateChanges(before, after);
    expect(changes).toEqual({ added: ["New"], removed: ["Gone"], changed: new Map([["In", ["Result"]]]) });
    const bounded = machine({ A: {}, M: map({ Type: "Pass" }, { MaxConcurrency: 2 }) });
    expect(stateChanges(before, bounded).changed.get("M")).toEqual(["MaxConcurrency"]);
  });

  test("are marked on their graphs", () => {
    const changes = stateChanges(before, after);
    const marks = (text: string, side: "before" | "after") =>
      [...changeMarks(changes, definitionGraphOf(text) as never, side)].map(([name, { words }]) => `${name} ${words}`);
    expect(marks(before, "before")).toContain("Gone − removed");
    expect(marks(after, "after")).toEqual(expect.arrayContaining(["New + added", "In ~ Result", "M as before"]));
  });
});

test("an alias goes back to the older of its versions, or to the version before", () => {
  const arn = (version: number) => `arn:aws:states:us-east-1:123456789012:stateMachine:m:${version}`;
  const route = (...versions: number[]) =>
    versions.map((version) => ({ stateMachineVersionArn: arn(version), weight: 100 / versions.length }));
  const versions = [arn(10), arn(9), arn(2)];
  expect(rollBackRouting(route(10, 9), versions)).toEqual([{ stateMachineVersionArn: arn(9), weight: 100 }]);
  expect(rollBackRouting(route(10), versions)).toEqual([{ stateMachineVersionArn: arn(9), weight: 100 }]);
  expect(rollBackRouting(route(2), versions)).toBeUndefined();
});
