/** The new language, `Type: StateMachine`, compiled to ASL (cloudflow.md 6, 7). */
import type { StateMachineType } from "../definition/state-machine.ts";
import type { Json, JsonObject } from "../json.ts";
import { defined } from "./error-names.ts";
import type { FlowNode } from "./flow-findings.ts";
import { expressionOf, type FlowState, partComment, StateNames, StatesWriter } from "./flow-states.ts";
import { STATE_TYPES } from "./state-types.ts";
import { type StatesPlace, StatesText } from "./states-text.ts";
import type { Continuation } from "./steps-flow.ts";

/** One state with what it needs of its scope. */
export interface StateSite {
  readonly node: FlowNode;
  readonly name: string;
  /** The name of the ASL state that does its work. */
  readonly state: string;
  readonly type: string;
  readonly writer: StatesWriter;
  readonly depth: number;
  /** The first ASL state of another state of this scope; reports one that does not exist. */
  target(node: FlowNode, field: string, required?: boolean): string | undefined;
}

const SCOPES_DEPTH_MAX = 40;

export class StatesCompiler {
  readonly text: StatesText;
  readonly names: StateNames = new StateNames();
  /** Without a prototype: names of steps are the user's. */
  readonly states: { [state: string]: FlowState } = Object.create(null);

  #type: StateMachineType;

  constructor(type: StateMachineType, plain: boolean) {
    this.#type = type;
    this.text = new StatesText(plain);
  }

  /** The execution mode of what is being compiled. */
  get type(): StateMachineType {
    return this.#type;
  }

  /** What `compile` compiles runs in executions of another mode. */
  inMode<T>(type: StateMachineType, compile: () => T): T {
    const outer = this.#type;
    this.#type = type;
    const compiled = compile();
    this.#type = outer;
    return compiled;
  }

  /** The ASL definition. */
  flow(flow: FlowNode): JsonObject {
    const block = this.scope(flow, "", 0);
    const timeout = flow.number("TimeoutSeconds", { min: 1, max: 31_536_000 });
    return defined({ QueryLanguage: "JSONata", TimeoutSeconds: timeout, ...block });
  }

  /** The states of `holder` and where they start. */
  scope(holder: FlowNode, around: string, depth: number): JsonObject {
    const writer = new StatesWriter();
    const nodes = holder.nodes("States", true, undefined);
    if (holder.list("States")?.length === 0) holder.refuse("States must not be empty", "States");
    if (depth > SCOPES_DEPTH_MAX) holder.refuse(`States are nested more than ${SCOPES_DEPTH_MAX} deep`, "States");
    const entries = this.#entries(nodes, around);
    const target = (node: FlowNode, field: string, required = true): string | undefined => {
      const wanted = node.text(field, required);
      if (wanted === undefined) return undefined;
      const found = entries.find((entry) => entry.name === wanted);
      return found?.first ?? node.refuse(`${field} names '${wanted}', which is no state of the same States`, field);
    };
    const StartAt = target(holder, "StartAt") ?? "";
    if (depth <= SCOPES_DEPTH_MAX) {
      for (const entry of entries) this.#compile(entry, { writer, depth, target });
    }
    return { StartAt, States: writer.states };
  }

  #entries(nodes: readonly FlowNode[], around: string): Entry[] {
    const seen = new Set<string>();
    return nodes.flatMap((unnamed): Entry[] => {
      const name = unnamed.text("Name", true);
      if (name === undefined) return [];
      const node = unnamed.named(name);
      if (name === "") return node.refuse("Name must not be empty", "Name") ?? [];
      if (seen.has(name)) return node.refuse(`Name '${name}' is used twice in the same States`, "Name") ?? [];
      seen.add(name);
      const constructs = node.has("InputConstructor") || node.has("InputConstructor.$");
      const state = this.names.take(name, around);
      return [{ node, name, state, first: constructs ? this.names.take(`${state}#input`, around) : state }];
    });
  }

  #compile({ node, name, state, first }: Entry, scope: Pick<StateSite, "writer" | "depth" | "target">): void {
    const type = node.text("Type", true);
    if (type === undefined) return;
    const compile = Object.hasOwn(STATE_TYPES, type) ? STATE_TYPES[type] : undefined;
    if (compile === undefined) {
      node.refuse(`Type must be one of ${Object.keys(STATE_TYPES).join(", ")}, got ${JSON.stringify(type)}`, "Type");
      return;
    }
    const site = { node, name, state, type, ...scope };
    if (first !== state) {
      const Output = this.constructed(site, "InputConstructor", { state: name });
      const comment = partComment("begin", this.text.plain);
      scope.writer.put(first, { ...comment, Type: "Pass", Output: Output ?? {}, Next: state });
      this.states[first] = { step: name, type, part: "begin" };
    }
    this.states[state] = { step: name, type, part: first === state ? "whole" : "end" };
    compile(this, site);
    if (first !== state) scope.writer.amend(state, partComment("end", this.text.plain));
  }

  /** Next and End, of which there must be exactly one. */
  after({ node, target }: StateSite): Continuation {
    const end = node.flag("End");
    if (end && node.has("Next")) node.refuse("exactly one of Next and End is allowed");
    else if (!end && !node.has("Next")) node.refuse("one of Next and End: true is required");
    const Next = node.has("Next") ? target(node, "Next") : undefined;
    return Next === undefined ? { End: true } : { Next };
  }

  /** A constructor as a template; `undefined` when the state has none. */
  constructed({ node }: Pick<StateSite, "node">, field: string, place: StatesPlace): Json | undefined {
    if (node.has(`${field}.$`)) {
      const text = this.text.text({ "x.$": node.get(`${field}.$`) ?? null }, node, place, node.at(`${field}.$`));
      return expressionOf(this.text.checked("fnfConstructed", `(${text}).x`));
    }
    const value = node.child(field)?.value;
    return value === undefined ? undefined : this.text.template(value, node, place, node.at(field));
  }

  /** `Output` and `Assign` of a state whose raw result is `output`; `otherwise`: what it leaves with of itself; `isAnswer`: of a function. */
  leaving(site: StateSite, output: string, otherwise?: string, isAnswer?: boolean): { Output?: Json; Assign?: Json } {
    const place = { state: site.name, output, ...(isAnswer === undefined ? {} : { isAnswer }) };
    const constructed = this.constructed(site, "OutputConstructor", place) ?? (otherwise && expressionOf(otherwise));
    return {
      ...(constructed === undefined || constructed === "" ? {} : { Output: constructed }),
      ...this.#globals(site, place),
    };
  }

  #globals({ node }: StateSite, place: StatesPlace): { Assign?: Json } {
    const value = node.child("GlobalConstructor")?.value;
    if (value === undefined) return {};
    const added = this.text.text(value, node, place, node.at("GlobalConstructor"));
    return { Assign: { Global: expressionOf(this.text.globalAfter(added)) } };
  }
}

interface Entry {
  readonly node: FlowNode;
  readonly name: string;
  readonly state: string;
  /** The state that is gone to: the one that constructs the input, where there is one. */
  readonly first: string;
}
