/** The old language, `type: flow`, compiled to ASL (cloudflow.md 5, 7). */
import type { JsonObject } from "../json.ts";
import { defined } from "./error-names.ts";
import type { FlowNode } from "./flow-findings.ts";
import { expressionOf, type FlowState, partComment, StateNames, StatesWriter } from "./flow-states.ts";
import { STEP_TYPES } from "./step-types.ts";
import { StepsText } from "./steps-text.ts";

/** Where a state goes on. */
export type Continuation = { readonly Next: string } | { readonly End: true };

/** What is around a sequence of steps. */
export interface Sequence {
  readonly writer: StatesWriter;
  /** The name of the step around it; empty for the flow. */
  readonly around: string;
  /** After the last step. */
  readonly fall: () => Continuation;
  /** After `end: true` and `succeed`. */
  readonly stop: () => Continuation;
  /** Steps inside steps. */
  readonly depth: number;
}

/** One step with what it needs of its sequence. */
export interface StepSite {
  readonly step: FlowNode;
  /** The name of its first state. */
  readonly state: string;
  readonly type: string;
  readonly sequence: Sequence;
  readonly after: Continuation;
  /** The first state of another step of this sequence; reports one that does not exist. */
  target(node: FlowNode, field: string): string | undefined;
}

const STEPS_DEPTH_MAX = 40;

export class StepsCompiler {
  readonly text: StepsText;
  readonly names: StateNames = new StateNames();
  /** Without a prototype: names of steps are the user's. */
  readonly states: { [state: string]: FlowState } = Object.create(null);

  constructor(plain: boolean) {
    this.text = new StepsText(plain);
  }

  /** The ASL definition. */
  flow(flow: FlowNode): JsonObject {
    const timeout = flow.number("timeoutSeconds", { min: 1, max: 31_536_000 });
    const start = this.names.take("#input", "flow");
    const end = this.names.take("#output", "flow");
    const writer = new StatesWriter();
    const ending = (): Continuation => ({ Next: end });
    const sequence = { writer, around: "", fall: ending, stop: ending, depth: 0 };
    const first = this.sequence(flow, "steps", sequence);
    const raw = { input: "$states.input", local: "{}" };
    const input = flow.has("inputMappings") ? this.text.mappings(flow, "inputMappings", raw) : "$states.input";
    const scope = { input: "$states.input.input", local: "$states.input.local" };
    const output = flow.has("outputMappings") ? this.text.mappings(flow, "outputMappings", scope) : scope.local;
    writer.put(start, {
      ...partComment("none", this.text.plain),
      Type: "Pass",
      Output: { input: expressionOf(input), local: {} },
      Next: first ?? end,
    });
    writer.put(end, { ...partComment("none", this.text.plain), Type: "Pass", Output: expressionOf(output), End: true });
    return defined({ QueryLanguage: "JSONata", StartAt: start, TimeoutSeconds: timeout, States: writer.states });
  }

  /** Writes the steps of `holder`'s field; gives the name of the first state. */
  sequence(holder: FlowNode, field: string, sequence: Sequence): string | undefined {
    const steps = holder.nodes(field, true, undefined);
    if (holder.has(field) && holder.list(field)?.length === 0) holder.refuse(`${field} must not be empty`, field);
    if (sequence.depth > STEPS_DEPTH_MAX)
      return holder.refuse(`steps are nested more than ${STEPS_DEPTH_MAX} deep`, field);
    const entries = this.#entries(steps, sequence);
    for (const [index, { step, name }] of entries.entries()) {
      const next = entries[index + 1];
      const after = step.flag("end") ? sequence.stop() : next === undefined ? sequence.fall() : { Next: next.state };
      const type = step.text("type", true);
      if (type === undefined) continue;
      const compile = Object.hasOwn(STEP_TYPES, type) ? STEP_TYPES[type] : undefined;
      if (compile === undefined) {
        step.refuse(`type must be one of ${Object.keys(STEP_TYPES).join(", ")}, got ${JSON.stringify(type)}`, "type");
        continue;
      }
      const target = (node: FlowNode, at: string): string | undefined => {
        const wanted = node.text(at);
        if (wanted === undefined) return undefined;
        const found = entries.find((entry) => entry.name === wanted);
        return found?.state ?? node.refuse(`${at} names '${wanted}', which is no step of the same steps`, at);
      };
      const state = entries[index]?.state ?? name;
      compile(this, { step, state, type, sequence, after, target });
    }
    return entries[0]?.state;
  }

  #entries(steps: readonly FlowNode[], sequence: Sequence): { step: FlowNode; name: string; state: string }[] {
    const seen = new Set<string>();
    return steps.flatMap((node) => {
      const name = node.text("name", true);
      if (name === undefined) return [];
      const step = node.named(name);
      if (name === "") return step.refuse("name must not be empty", "name") ?? [];
      if (seen.has(name)) return step.refuse(`name '${name}' is used twice in the same steps`, "name") ?? [];
      seen.add(name);
      return [{ step, name, state: this.names.take(name, sequence.around) }];
    });
  }

  /** Writes a state that is a whole step. */
  whole(site: StepSite, state: JsonObject): void {
    this.put(site, site.state, "whole", state);
  }

  /** Writes a state of a step. */
  put(site: StepSite, name: string, part: FlowState["part"], state: JsonObject): void {
    const { step, type, sequence } = site;
    const input = part === "end" ? {} : { input: this.text.stepInput(step) };
    this.states[name] = { step: step.step ?? "", type, part, ...input };
    sequence.writer.put(name, { ...partComment(part, this.text.plain), ...state });
  }
}
