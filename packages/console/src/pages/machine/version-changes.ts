/** What one definition changes of another, state by state; and what an alias goes back to. */
import { lastPartOf } from "../../api/arns.ts";
import type { RoutingItem } from "../../api/aws.ts";
import { type DefinitionGraph, definitionGraphOf } from "../../graph/definition-graph.ts";
import type { GraphMark, GraphMarks } from "../../graph/graph-nodes.tsx";
import { sameJson } from "../../ui/json-diff.ts";
import type { Json } from "../../ui/json-value.ts";

export interface StateChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** States that hold others (Parallel, Map) count by their own fields only. */
  readonly changed: ReadonlyMap<string, readonly string[]>;
}

const HOLDS_STATES = new Set(["Branches", "ItemProcessor", "Iterator"]);

/** `before` and `after` are JSON texts. */
export function stateChanges(before: string, after: string): StateChanges {
  const left = statesOf(before);
  const right = statesOf(after);
  const changed = new Map<string, readonly string[]>();
  for (const [name, { source }] of right) {
    const old = left.get(name)?.source;
    const fields = old === undefined ? [] : changedFields(old, source);
    if (fields.length > 0) changed.set(name, fields);
  }
  return {
    added: [...right.keys()].filter((name) => !left.has(name)),
    removed: [...left.keys()].filter((name) => !right.has(name)),
    changed,
  };
}

const NO_STATES: DefinitionGraph["states"] = new Map();
const statesOf = (definition: string): DefinitionGraph["states"] => definitionGraphOf(definition)?.states ?? NO_STATES;

type Members = Readonly<Record<string, unknown>>;

function changedFields(before: Members, after: Members): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !sameJson(own(before, name), own(after, name)));
}

/** A field, without the states that stand in it: they are compared themselves. */
function own(source: Members, name: string): Json | undefined {
  const value = source[name] as Json | undefined;
  return HOLDS_STATES.has(name) ? withoutStates(value) : value;
}

function withoutStates(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item: Json) => withoutStates(item) ?? null);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== "States"));
}

/** Marks of the graph before the change, and of the one after it. */
export function changeMarks(changes: StateChanges, graph: DefinitionGraph, side: "before" | "after"): GraphMarks {
  const marks = new Map<string, GraphMark>();
  for (const name of graph.states.keys()) marks.set(name, markOf(changes, name, side));
  return marks;
}

function markOf({ added, removed, changed }: StateChanges, name: string, side: "before" | "after"): GraphMark {
  if (side === "before" && removed.includes(name)) return { words: "− removed", tone: "bad", fill: 0.5 };
  if (side === "after" && added.includes(name)) return { words: "+ added", tone: "good", fill: 0.5 };
  const fields = changed.get(name);
  if (fields === undefined) return { words: "as before", isOff: true };
  return { words: `~ ${fields.join(", ")}`, tone: "warn", fill: 0.5 };
}

/** All traffic to the older of two versions, else to the one published before; undefined when there is none. */
export function rollBackRouting(
  routing: readonly RoutingItem[],
  versions: readonly string[],
): readonly RoutingItem[] | undefined {
  const number = (arn: string) => Number(lastPartOf(arn));
  const current = routing.map(({ stateMachineVersionArn }) => stateMachineVersionArn);
  const oldest = current.toSorted((a, b) => number(a) - number(b))[0];
  if (oldest === undefined) return undefined;
  if (current.length > 1) return [{ stateMachineVersionArn: oldest, weight: 100 }];
  const before = versions.filter((arn) => number(arn) < number(oldest)).toSorted((a, b) => number(b) - number(a))[0];
  return before === undefined ? undefined : [{ stateMachineVersionArn: before, weight: 100 }];
}
