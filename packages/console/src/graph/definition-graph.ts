/**
 * A definition as a graph: blocks of states (the top level, the branches of a Parallel, the processor of a Map) and the
 * edges within each. Reads the JSON leniently: a definition that is being written is drawn as far as it makes sense.
 */
import { ruleWords } from "./rule-words.ts";

export type EdgeKind = "next" | "choice" | "default" | "catch";

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** `2: $.total > 5`, `States.Timeout`. */
  readonly label?: string;
}

export interface GraphState {
  readonly name: string;
  readonly type: string;
  /** The block it stands in. */
  readonly block: string;
  /** What a Task calls, short: `lambda CreateUser`. */
  readonly does?: string;
  readonly comment?: string;
  /** The blocks it holds: of a Parallel or a Map. */
  readonly blocks: readonly string[];
  readonly distributed: boolean;
  readonly hasRetry: boolean;
  readonly isEnd: boolean;
  /** As written. */
  readonly source: Readonly<Record<string, unknown>>;
}

export interface GraphBlock {
  /** "" for the top level, else `Name/0`. */
  readonly id: string;
  /** The Parallel or Map that holds it. */
  readonly owner?: string;
  readonly startAt: string;
  readonly states: readonly string[];
  readonly edges: readonly GraphEdge[];
}

export interface DefinitionGraph {
  readonly blocks: ReadonlyMap<string, GraphBlock>;
  readonly states: ReadonlyMap<string, GraphState>;
}

const STATES_MAX = 20_000;
const DEPTH_MAX = 40;

type Members = Readonly<Record<string, unknown>>;

const asObject = (value: unknown): Members | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
const asText = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Reads a definition that is already parsed. Anything but an object gives an empty graph. */
export function definitionGraph(definition: unknown): DefinitionGraph {
  const graph = { blocks: new Map<string, GraphBlock>(), states: new Map<string, GraphState>() };
  readBlock(graph, "", undefined, definition, 0);
  return graph;
}

/** The graph of a definition's JSON text; undefined when it is no JSON. */
export function definitionGraphOf(text: string): DefinitionGraph | undefined {
  try {
    return definitionGraph(JSON.parse(text));
  } catch {
    return undefined;
  }
}

interface Building {
  readonly blocks: Map<string, GraphBlock>;
  readonly states: Map<string, GraphState>;
}

function readBlock(graph: Building, id: string, owner: string | undefined, value: unknown, depth: number): void {
  const block = asObject(value);
  if (block === undefined || depth > DEPTH_MAX) return;
  const states = Object.entries(asObject(block["States"]) ?? {}).filter(([name]) => !graph.states.has(name));
  const edges: GraphEdge[] = [];
  const names: string[] = [];
  for (const [name, given] of states) {
    const source = asObject(given);
    if (source === undefined || graph.states.size >= STATES_MAX) continue;
    names.push(name);
    graph.states.set(name, readState(name, id, source));
  }
  const here = new Set(names);
  for (const name of names) {
    const state = graph.states.get(name);
    if (state === undefined) continue;
    edges.push(...edgesOf(state).filter(({ to }) => here.has(to)));
    for (const [index, inner] of innerBlocks(state.source).entries()) {
      readBlock(graph, `${name}/${index}`, name, inner, depth + 1);
    }
  }
  graph.blocks.set(id, { id, ...(owner && { owner }), startAt: asText(block["StartAt"]) ?? "", states: names, edges });
}

function readState(name: string, block: string, source: Members): GraphState {
  const type = asText(source["Type"]) ?? "?";
  const comment = asText(source["Comment"]);
  const does = taskWords(source);
  const processor = asObject(source["ItemProcessor"]) ?? asObject(source["Iterator"]);
  return {
    name,
    type,
    block,
    ...(does !== undefined && { does }),
    ...(comment !== undefined && { comment }),
    blocks: innerBlocks(source).map((_, index) => `${name}/${index}`),
    distributed: asObject(processor?.["ProcessorConfig"])?.["Mode"] === "DISTRIBUTED",
    hasRetry: asList(source["Retry"]).length > 0,
    isEnd: source["End"] === true || type === "Succeed" || type === "Fail",
    source,
  };
}

function innerBlocks(source: Members): readonly unknown[] {
  if (source["Type"] === "Parallel") return asList(source["Branches"]);
  if (source["Type"] !== "Map") return [];
  const processor = source["ItemProcessor"] ?? source["Iterator"];
  return asObject(processor) === undefined ? [] : [processor];
}

function edgesOf({ name, source }: GraphState): readonly GraphEdge[] {
  const edges: GraphEdge[] = [];
  const add = (to: unknown, kind: EdgeKind, label?: string) => {
    if (typeof to === "string") edges.push({ from: name, to, kind, ...(label !== undefined && { label }) });
  };
  add(source["Next"], "next");
  for (const [index, rule] of asList(source["Choices"]).entries()) {
    add(asObject(rule)?.["Next"], "choice", `${index + 1}: ${ruleWords(rule) ?? "rule"}`);
  }
  add(source["Default"], "default", "default");
  for (const catcher of asList(source["Catch"])) {
    const errors = asList(asObject(catcher)?.["ErrorEquals"]).filter((error) => typeof error === "string");
    add(asObject(catcher)?.["Next"], "catch", errors.join(", "));
  }
  return edges;
}

/** The short words of a Resource: `lambda CreateUser`, `sqs sendMessage`, `activity Approve`. */
function taskWords(source: Members): string | undefined {
  const resource = asText(source["Resource"]);
  if (resource === undefined) return undefined;
  const parts = resource.split(":");
  if (parts[2] === "lambda") return `lambda ${parts[6] ?? ""}`;
  if (parts[2] === "states" && parts[5] === "activity") return `activity ${parts[6] ?? ""}`;
  if (parts[2] !== "states") return resource;
  const [service = "", action = ""] = parts.slice(-2);
  const given = asObject(source["Parameters"]) ?? asObject(source["Arguments"]);
  const called = asText(given?.["FunctionName"]);
  if (service === "lambda" && called !== undefined) return `lambda ${called.split(":")[6] ?? called}`;
  return `${service} ${action}`;
}
