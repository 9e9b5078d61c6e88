/** Errors of `retry` and `catch` as ASL has them (cloudflow.md 5.5, 7). */
import type { Json, JsonObject } from "../json.ts";
import type { FlowNode } from "./flow-findings.ts";

/** What the engine calls the errors that CloudFlow has names for. */
const ALSO: { readonly [name: string]: readonly string[] } = {
  "FnF.TaskTimeout": ["States.Timeout"],
  "FnF.RuntimeError": ["States.QueryEvaluationError"],
  "FnF.ExceedToleratedFailureThreshold": ["States.ExceedToleratedFailureThreshold"],
};

/** ASL's wildcards; in a flow they are names that nothing has. */
const WILDCARDS: ReadonlySet<string> = new Set(["States.ALL", "States.TaskFailed", "States.HeartbeatTimeout"]);

export interface Handler {
  readonly errorEquals: readonly string[];
  readonly node: FlowNode;
}

/** The entries of `Retry` or `Catch`; nothing comes after one that takes every error, as the first that matches counts. */
export function handlersOf(nodes: readonly FlowNode[], errorsField: string): Handler[] {
  const handlers: Handler[] = [];
  for (const node of nodes) {
    const errors = errorNames(node, errorsField);
    const all = errors.includes("FnF.ALL");
    if (all) handlers.push({ errorEquals: ["States.ALL"], node });
    else if (errors.length > 0) handlers.push({ errorEquals: errors.flatMap(namesOf), node });
    if (!all) continue;
    const rest = nodes.slice(nodes.indexOf(node) + 1);
    for (const never of rest) never.warn("is never used: the entry before it takes every error");
    break;
  }
  return handlers;
}

function errorNames(node: FlowNode, field: string): string[] {
  const list = node.list(field, true);
  if (list === undefined) return [];
  if (list.length === 0) node.refuse(`${field} must not be empty`, field);
  return list.flatMap((name: Json) => {
    if (typeof name === "string" && name !== "") return [name];
    node.refuse(`${field} must hold names of errors`, field);
    return [];
  });
}

function namesOf(name: string): readonly string[] {
  if (WILDCARDS.has(name)) return [`(${name})`];
  return [name, ...(Object.hasOwn(ALSO, name) ? ALSO[name]! : [])];
}

/** The members that are there. */
export function defined(members: { readonly [name: string]: Json | undefined }): JsonObject {
  const entries = Object.entries(members).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}
