import { describe, expect, it } from "vitest";
import { inOrder } from "./order.ts";
import { referencesOf } from "./references.ts";

describe("the order of things", () => {
  it("puts what is needed first, and otherwise keeps the order given", () => {
    const needs: Record<string, string[]> = { a: ["c", "elsewhere"], b: [], c: ["d"], d: [] };
    expect(inOrder(["a", "b", "c", "d"], (name) => needs[name] ?? [])).toEqual({ order: ["d", "c", "a", "b"] });
  });

  it("names a circle", () => {
    const needs: Record<string, string[]> = { a: ["b"], b: ["c"], c: ["b"] };
    expect(inOrder(["a", "b", "c"], (name) => needs[name] ?? [])).toEqual({ cycle: ["b", "c", "b"] });
  });

  it("takes a chain of any length", () => {
    const names = Array.from({ length: 50_000 }, (_, index) => String(index));
    const ordered = inOrder(names, (name) => [String(Number(name) + 1)]);
    expect("order" in ordered && ordered.order[0]).toBe("49999");
  });
});

describe("references", () => {
  it("are found in Ref, Fn::GetAtt and Fn::Sub, but not in literals", () => {
    const { names, imports, stacks } = referencesOf([
      { Ref: "A" },
      { "Fn::GetAtt": ["B", "Arn"] },
      { "Fn::GetAtt": "C.Arn" },
      { "Fn::Sub": `\${D} \${E.Arn} \${!F}` },
      { "Fn::Sub": [`\${G} \${H}`, { G: { Ref: "I" } }] },
      { "Fn::ImportValue": "exported" },
      { "Fn::GetStackOutput": { StackName: "Other", OutputName: "x" } },
    ]);
    expect([...names].sort()).toEqual(["A", "B", "C", "D", "E", "H", "I"]);
    expect([...imports]).toEqual(["exported"]);
    expect([...stacks]).toEqual(["Other"]);
  });
});
