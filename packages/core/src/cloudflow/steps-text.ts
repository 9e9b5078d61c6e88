/**
 * The data of the old language as JSONata (cloudflow.md 5.1). What goes from state to state is a scope: `{input, local}`, the input
 * and the local of the sequence the steps stand in, with the scope around it as `outer` inside a choice's steps.
 *
 * D1. A step's `$input` and `$local` are variables of one expression, never of the machine.
 * D2. Texts are exact, with the functions of flows, or plain, with JSONata's alone.
 */
import type { Json } from "../json.ts";
import { FlowExpressionError, parseFlowExpression } from "./expression.ts";
import { jsonataOf, listText, mapText, pathText, truth } from "./expression-text.ts";
import type { FlowNode } from "./flow-findings.ts";
import { type FlowPath, parsePath } from "./path-text.ts";

const SCOPE = "$states.input";
/** A mapping's source that is a path; anything else is a constant. */
const MAPPED = /^\$(?:input|local|context)(?![A-Za-z0-9_])/;

export interface Roots {
  readonly input: string;
  readonly local: string;
}

export class StepsText {
  readonly plain: boolean;

  constructor(plain: boolean) {
    this.plain = plain;
  }

  /** The input of a step: its mappings over the scope, or all that the scope has, local over input. */
  stepInput(step: FlowNode): string {
    const roots = { input: `${SCOPE}.input`, local: `${SCOPE}.local` };
    if (!step.has("inputMappings")) return this.merge(roots.input, roots.local);
    return this.mappings(step, "inputMappings", roots);
  }

  /** The output of a step over its own `$input` and `$local`. */
  stepOutput(step: FlowNode, otherwise: string): string {
    if (!step.has("outputMappings")) return otherwise;
    return this.mappings(step, "outputMappings", { input: "$input", local: "$local" });
  }

  mappings(node: FlowNode, field: string, roots: Roots): string {
    const members = node.nodes(field).flatMap((mapping): [string, string][] => {
      const target = mapping.text("target", true);
      if (target === undefined) return [];
      if (!Object.hasOwn(mapping.value, "source")) return mapping.refuse("source is required") ?? [];
      const text = mapping.expression("source", () => this.source(mapping.value["source"] ?? null, roots, node));
      return text === undefined ? [] : [[target, text]];
    });
    return mapText(members);
  }

  /** `$input…`, `$local…` and `$context…` are paths, everything else stands for itself. Throws FlowExpressionError. */
  source(source: Json, roots: Roots, step: FlowNode): string {
    if (typeof source !== "string" || !MAPPED.test(source)) return JSON.stringify(source);
    return this.#path(parsePath(source), roots, step);
  }

  #path({ root, steps }: FlowPath, roots: Roots, step: FlowNode): string {
    if (root === "input" || root === "local") {
      return steps.length === 0 ? roots[root] : pathText(roots[root], steps, this.plain);
    }
    const [first, second] = steps;
    const known = CONTEXT[`${String(first)}.${String(second)}`];
    if (known !== undefined && steps.length === 2) return this.#contextMember(known, step);
    const whole = mapText(
      Object.entries(groupedContext()).map(([group, members]) => [
        group,
        mapText(Object.entries(members).map(([name, place]) => [name, this.#contextMember(place, step)])),
      ]),
    );
    return steps.length === 0 ? whole : pathText(whole, steps, this.plain);
  }

  #contextMember(place: readonly string[], step: FlowNode): string {
    if (place.length === 0) return JSON.stringify(step.step ?? "");
    if (!this.plain && place.join(".") === "Execution.Name") return "$fnfName($states.context.Execution.Name)";
    return pathText("$states.context", place, this.plain);
  }

  /** A field over the step's own input: `$`, `$.key`, and as in mappings `$input.key`. */
  ofInput(path: string): string {
    const { root, steps } = parsePath(path);
    if (root !== "" && root !== "input")
      throw new FlowExpressionError(`must start with '$.', got ${JSON.stringify(path)}`);
    return steps.length === 0 ? "$input" : pathText("$input", steps, this.plain);
  }

  /** A constant, or `$…` over the step's own input or `$context…`, at any depth. */
  template(value: Json, step: FlowNode): string {
    if (typeof value === "string") {
      if (/^\$(?:$|[.[])/.test(value)) return this.ofInput(value);
      const seen = /^\$(?:input|context)(?:$|[.[])/.test(value);
      return seen ? this.source(value, { input: "$input", local: "{}" }, step) : JSON.stringify(value);
    }
    if (Array.isArray(value))
      return listText(
        value.map((item: Json) => this.template(item, step)),
        this.plain,
      );
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    return mapText(Object.entries(value).map(([key, member]) => [key, this.template(member as Json, step)]));
  }

  /** A boolean. `$` is the step's own input. */
  condition(text: string): string {
    const expression = parseFlowExpression(text);
    const rooted = jsonataOf(expression, {
      plain: this.plain,
      functions: false,
      root(name) {
        if (name !== "" && name !== "input")
          throw new FlowExpressionError(`refers to '$${name}': a condition sees the step's input, '$'`);
        return { text: "$input", taken: 0 };
      },
    });
    return truth(rooted, this.plain);
  }

  merge(one: string, other: string): string {
    return this.plain ? `$merge([${one}, ${other}])` : `$fnfMerge(${one}, ${other})`;
  }

  /** An expression in which the step's own input is `$input`. */
  withInput(step: FlowNode, body: string): string {
    return `( $input := ${this.stepInput(step)}; ${body} )`;
  }

  /** The scope after a step: its output has joined the local. */
  left(step: FlowNode, local: string, otherwise: string): string {
    const output = this.stepOutput(step, otherwise);
    const leave = this.#leave(SCOPE, "$input", output);
    return `( $input := ${this.stepInput(step)}; $local := ${local}; ${leave} )`;
  }

  /** The scope around a choice whose steps have ended. */
  leftChoice(step: FlowNode): string {
    const { input, local } = { input: `${SCOPE}.input`, local: `${SCOPE}.local` };
    const leave = this.#leave(`${SCOPE}.outer`, "$input", this.stepOutput(step, "$local"));
    return `( $input := ${input}; $local := ${local}; ${leave} )`;
  }

  /** The scope after an error was caught: what the error mappings give joins the local. */
  caught(step: FlowNode): string {
    const error = this.plain ? "$states.errorOutput.Error" : "$fnfError($states.errorOutput.Error)";
    const local = `{"error": ${error}, "cause": $states.errorOutput.Cause}`;
    const output = step.has("errorMappings")
      ? this.mappings(step, "errorMappings", { input: "$input", local: "$local" })
      : "{}";
    return `( $input := ${this.stepInput(step)}; $local := ${local}; ${this.#leave(SCOPE, "$input", output)} )`;
  }

  #leave(scope: string, input: string, output: string): string {
    if (!this.plain) return `$fnfLeave(${scope}, ${input}, ${output}, $local)`;
    return `$merge([${scope}, {"local": $merge([${scope}.local, ${output}])}])`;
  }

  /** The scope of a choice's steps. */
  entered(): string {
    return this.plain ? `{"input": $input, "local": {}, "outer": ${SCOPE}}` : `$fnfEnter(${SCOPE}, $input)`;
  }

  /** One of the functions that only check what they are given; plainly, the value as it is. */
  checked(name: string, value: string, ...others: readonly string[]): string {
    return this.plain ? value : `$${name}(${[value, ...others].join(", ")})`;
  }
}

/** Where the members of `$context` are in ASL's context object; nothing: the step's own name. */
const CONTEXT: { readonly [name: string]: readonly string[] } = {
  "execution.name": ["Execution", "Name"],
  "execution.id": ["Execution", "Id"],
  "flow.name": ["StateMachine", "Name"],
  "flow.id": ["StateMachine", "Id"],
  "step.name": [],
  "task.token": ["Task", "Token"],
};

function groupedContext(): { readonly [group: string]: { readonly [name: string]: readonly string[] } } {
  const groups: { [group: string]: { [name: string]: readonly string[] } } = {};
  for (const [path, place] of Object.entries(CONTEXT)) {
    const [group = "", name = ""] = path.split(".");
    groups[group] = { ...groups[group], [name]: place };
  }
  return groups;
}
