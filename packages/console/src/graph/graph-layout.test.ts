import { describe, expect, test } from "vitest";
import { dagreLayout } from "./dagre-layout.ts";
import { definitionGraph, definitionGraphOf } from "./definition-graph.ts";
import { edgePath, type GraphNodePlace, layoutGraph } from "./graph-layout.ts";
import { layeredLayout } from "./layered-layout.ts";

const NESTED = {
  StartAt: "Each",
  States: {
    Each: {
      Type: "Map",
      ItemProcessor: {
        StartAt: "Call",
        States: {
          Call: {
            Type: "Task",
            Resource: "arn:aws:states:::lambda:invoke",
            Catch: [{ ErrorEquals: ["States.ALL"], Next: "Note" }],
            End: true,
          },
          Note: { Type: "Pass", End: true },
        },
      },
      Next: "Ok?",
    },
    "Ok?": { Type: "Choice", Choices: [{ Variable: "$.x", IsNull: true, Next: "Each" }], Default: "Done" },
    Done: { Type: "Succeed" },
  },
};

/** A line with a shared handler: what general algorithms pay for. */
function long(count: number): unknown {
  const states = Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      `S${at}`,
      {
        Type: "Task",
        Resource: "r",
        ...(at === count - 1 ? { End: true } : { Next: `S${at + 1}` }),
        ...(at % 10 === 0 && { Catch: [{ ErrorEquals: ["States.ALL"], Next: "Handler" }] }),
      },
    ]),
  );
  return { StartAt: "S0", States: { ...states, Handler: { Type: "Fail" } } };
}

const overlap = (a: GraphNodePlace, b: GraphNodePlace): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe.each([
  ["dagre", dagreLayout],
  ["layered", layeredLayout],
] as const)("%s", (_, engine) => {
  test("no two states cover each other, and inner ones stand in their frame", () => {
    const { nodes } = layoutGraph(definitionGraph(NESTED), new Set(), engine);
    const states = nodes.filter(({ kind }) => kind !== "frame");
    for (const [at, node] of states.entries()) {
      for (const other of states.slice(at + 1)) expect(overlap(node, other), `${node.id} ${other.id}`).toBe(false);
    }
    const frame = nodes.find(({ id }) => id === "Each") as GraphNodePlace;
    const call = nodes.find(({ id }) => id === "Call") as GraphNodePlace;
    expect(frame.kind).toBe("frame");
    expect(call.x >= frame.x && call.x + call.width <= frame.x + frame.width).toBe(true);
    expect(call.y >= frame.y && call.y + call.height <= frame.y + frame.height).toBe(true);
  });

  test("a folded frame is one state", () => {
    const { nodes } = layoutGraph(definitionGraph(NESTED), new Set(["Each"]), engine);
    expect(nodes.find(({ id }) => id === "Each")?.kind).toBe("state");
    expect(nodes.some(({ id }) => id === "Call")).toBe(false);
  });
});

test("a thousand states with a shared handler are laid out in layers, every edge with its line", () => {
  const graph = definitionGraph(long(1_000));
  const { nodes, edges } = layoutGraph(graph, new Set(), layeredLayout);
  expect(nodes).toHaveLength(1_003);
  expect(edges.length).toBe(1_000 + 100 + 2);
  expect(edges.every(({ points }) => edgePath(points).startsWith("M"))).toBe(true);
});

test("a definition that is being written is drawn as far as it goes", () => {
  expect(definitionGraphOf("{")).toBeUndefined();
  const graph = definitionGraph({
    StartAt: 1,
    States: { A: { Type: "Pass", Next: "Nowhere" }, B: 7, __proto__: null },
  });
  expect([...graph.states.keys()]).toEqual(["A"]);
  expect(graph.blocks.get("")?.edges).toEqual([]);
  expect(layoutGraph(definitionGraph(null), new Set(), layeredLayout).nodes).toEqual([]);
});

test("a task says what it calls", () => {
  const invoke = {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters: { FunctionName: "arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST" },
  };
  const graph = definitionGraph({ StartAt: "A", States: { A: invoke } });
  expect(graph.states.get("A")?.does).toBe("lambda pay");
});
