import { FLOW_STATE_PARTS } from "../execution/flow-events.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";

/** What a state of the compiled machine is in the flow it was compiled from. */
export interface FlowState {
  /** Name and type of the step or state, as they are written. */
  readonly step: string;
  readonly type: string;
  /**
   * `whole`: the state is the step. `begin` and `end`: the first and the last state of a step that takes several. Absent from
   * the map: a state that belongs to no step.
   */
  readonly part: "whole" | "begin" | "end";
  /** JSONata (of flows) for the step's own input; absent: what the state gets is the step's input. */
  readonly input?: string;
}

/** Tells who counts the events of a flow which states are no whole step. */
export function partComment(part: FlowState["part"] | "none", plain: boolean): { readonly Comment?: string } {
  return plain || part === "whole" ? {} : { Comment: FLOW_STATE_PARTS[part] };
}

/** By name of state. */
export type FlowStates = { readonly [state: string]: FlowState };

/** AWS's longest name of a state. */
const NAME_MAX = 80;

/** Names the states of one machine: the step's own name where it can be had, else with the names around it. */
export class StateNames {
  readonly #used = new Set<string>();

  take(wanted: string, around: string): string {
    const candidates = around === "" ? [wanted] : [wanted, `${around}/${wanted}`];
    const named = candidates.length;
    for (let n = 2; ; n += 1) {
      const candidate = candidates.shift() ?? `${wanted} ${n - named}`;
      const name =
        [...candidate].length <= NAME_MAX ? candidate : `${[...candidate].slice(0, NAME_MAX - 8).join("")}~${n}`;
      if (name !== "" && !this.#used.has(name)) {
        this.#used.add(name);
        return name;
      }
    }
  }
}

/** The states of one block in the making. */
export class StatesWriter {
  readonly states: { [name: string]: Json } = {};

  put(name: string, state: JsonObject): void {
    Object.defineProperty(this.states, name, { value: state, enumerable: true, configurable: true, writable: true });
  }

  /** Adds to a state, if it was written. */
  amend(name: string, more: JsonObject): void {
    const written = Object.hasOwn(this.states, name) ? this.states[name] : undefined;
    if (isJsonObject(written)) this.put(name, { ...more, ...written });
  }
}

/** A constant as a template's value: a text that looks like an expression is none. */
export function constantOf(value: Json): Json {
  if (typeof value === "string") {
    return value.startsWith("{%") || value.endsWith("%}") ? `{% ${JSON.stringify(value)} %}` : value;
  }
  if (Array.isArray(value)) return value.map(constantOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, constantOf(member)]));
}

/** `{% text %}`. */
export function expressionOf(text: string): string {
  return `{% ${text} %}`;
}
