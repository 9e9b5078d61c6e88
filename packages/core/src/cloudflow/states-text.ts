/**
 * The data of the new language as JSONata (cloudflow.md 6.1). A state's constructed input is the ASL state's input: an
 * InputConstructor is a state of its own before it, so that it is evaluated once, whatever sees it.
 */
import type { PathStep } from "../data/flow-path.ts";
import type { Json } from "../json.ts";
import { type FlowExpression, FlowExpressionError, parseFlowExpression } from "./expression.ts";
import { jsonataOf, listText, mapText, pathText, truth } from "./expression-text.ts";
import type { FlowNode } from "./flow-findings.ts";
import { constantOf, expressionOf } from "./flow-states.ts";

/** Where an expression stands: what it may see. */
export interface StatesPlace {
  /** The name of the state, for `$Context.Current.Name`. */
  readonly state: string;
  /** JSONata for `$Output`; absent where there is none. */
  readonly output?: string;
  /** An error is being caught: `$Context.Current.Error`. */
  readonly caught?: boolean;
  /** JSONata for `$Item`; absent but in an ItemConstructor. */
  readonly item?: string;
  /** `output` is a function's answer, which is also there as `$Output.Body`. */
  readonly isAnswer?: boolean;
}

const INPUT = "$states.input";

export class StatesText {
  readonly plain: boolean;

  constructor(plain: boolean) {
    this.plain = plain;
  }

  /** JSONata for an expression. Throws FlowExpressionError. */
  expression(text: string, place: StatesPlace): string {
    return this.#emit(parseFlowExpression(text), place);
  }

  condition(text: string, place: StatesPlace): string {
    return truth(this.expression(text, place), this.plain);
  }

  #emit(expression: FlowExpression, place: StatesPlace): string {
    return jsonataOf(expression, {
      plain: this.plain,
      functions: true,
      root: (name, steps) => this.#root(name, steps, place),
    });
  }

  #root(name: string, steps: readonly PathStep[], place: StatesPlace): { text: string; taken: number } {
    switch (name) {
      case "Input":
        return { text: INPUT, taken: 0 };
      case "Global":
        return { text: steps.length === 0 ? this.#global() : "$Global", taken: 0 };
      case "Output":
        if (place.output === undefined) {
          throw new FlowExpressionError(
            "refers to '$Output', which exists in OutputConstructor and GlobalConstructor only",
          );
        }
        return this.#output(place.output, steps, place);
      case "Item":
        if (place.item === undefined)
          throw new FlowExpressionError("refers to '$Item', which exists in ItemConstructor only");
        return { text: place.item, taken: 0 };
      case "Context":
        return this.#context(steps, place);
      default:
        throw new FlowExpressionError(`refers to '$${name}': the roots are $Input, $Output, $Context and $Global`);
    }
  }

  #output(output: string, steps: readonly PathStep[], place: StatesPlace): { text: string; taken: number } {
    const [body] = steps[0] === "Body" ? this.#answerBody(place) : [];
    return body === undefined ? { text: output, taken: 0 } : { text: body[1], taken: 1 };
  }

  /** Flows that were written for the service read a function's answer under `Body`, whatever it is. */
  #answerBody({ output, isAnswer }: StatesPlace): readonly (readonly [string, string])[] {
    if (output === undefined || isAnswer !== true) return [];
    return [["Current.Output.Body", this.plain ? output : `$fnfAnswerBody(${output})`]];
  }

  #global(): string {
    return this.plain ? "$Global" : "$fnfGlobal($Global)";
  }

  #context(steps: readonly PathStep[], place: StatesPlace): { text: string; taken: number } {
    const members = this.#contextMembers(place);
    for (const taken of [3, 2]) {
      const found = members.get(steps.slice(0, taken).join("."));
      if (found !== undefined && steps.length >= taken) return { text: found, taken };
    }
    const [group] = steps;
    if (group === "Execution" || group === "Current") return { text: groupText(members, group), taken: 1 };
    if (steps.length === 0) {
      const whole = ["Execution", "Current"].map((name) => [name, groupText(members, name)] as const);
      return { text: mapText(whole), taken: 0 };
    }
    return { text: "{}", taken: 0 };
  }

  /** `Current.Output` only where there is an output. */
  #contextMembers(place: StatesPlace): ReadonlyMap<string, string> {
    const { state, output, caught } = place;
    const at = (...place: string[]): string => pathText("$states.context", place, this.plain);
    const error = this.plain ? "$states.errorOutput.Error" : "$fnfError($states.errorOutput.Error)";
    return new Map([
      ["Execution.Name", this.plain ? at("Execution", "Name") : "$fnfName($states.context.Execution.Name)"],
      ["Execution.Input", at("Execution", "Input")],
      ["Execution.RoleArn", at("Execution", "RoleArn")],
      ["Current.Name", JSON.stringify(state)],
      ["Current.Input", INPUT],
      ["Current.Output", output ?? "null"],
      ...this.#answerBody(place),
      ["Current.Error", caught === true ? `{"Code": ${error}, "Detail": $states.errorOutput.Cause}` : "null"],
      ...(caught === true
        ? ([
            ["Current.Error.Code", error],
            ["Current.Error.Detail", "$states.errorOutput.Cause"],
          ] as const)
        : []),
      ["Current.RetryCount", this.plain ? at("State", "RetryCount") : `$fnfCount(${at("State", "RetryCount")})`],
      ["Current.TaskToken", at("Task", "Token")],
    ]);
  }

  /** A constructor as a template of ASL: what stands for itself, and expressions. */
  template(value: Json, node: FlowNode, place: StatesPlace, pointer: string): Json {
    if (Array.isArray(value)) {
      return value.map((item: Json, at) => this.template(item, node, place, `${pointer}/${at}`));
    }
    if (typeof value !== "object" || value === null) return constantOf(value);
    const members = this.#members(value as { [key: string]: Json }, node, place, pointer);
    return Object.fromEntries(members.map(([name, { template }]) => [name, template]));
  }

  /** A constructor as one expression. */
  text(value: Json, node: FlowNode, place: StatesPlace, pointer: string): string {
    if (Array.isArray(value)) {
      return listText(
        value.map((item: Json, at) => this.text(item, node, place, `${pointer}/${at}`)),
        this.plain,
      );
    }
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    const members = this.#members(value as { [key: string]: Json }, node, place, pointer);
    return mapText(members.map(([name, { text }]) => [name, text()]));
  }

  #members(
    value: { readonly [key: string]: Json },
    node: FlowNode,
    place: StatesPlace,
    pointer: string,
  ): [string, { readonly template: Json; readonly text: () => string }][] {
    return Object.entries(value).map(([key, member]) => {
      const at = `${pointer}/${key}`;
      if (!key.endsWith(".$") || key === ".$") {
        return [
          key,
          { template: this.template(member, node, place, at), text: () => this.text(member, node, place, at) },
        ];
      }
      const text = this.#dynamic(member, node, place, at);
      return [key.slice(0, -2), { template: expressionOf(text), text: () => text }];
    });
  }

  /** The value under a `.$` key: an expression, or a map or list in which strings that start with `$` are expressions. */
  #dynamic(value: Json, node: FlowNode, place: StatesPlace, pointer: string): string {
    if (typeof value === "string") return this.#reported(value, node, place, pointer);
    if (Array.isArray(value)) {
      return listText(
        value.map((item: Json, at) => this.#inside(item, node, place, `${pointer}/${at}`)),
        this.plain,
      );
    }
    if (typeof value !== "object" || value === null) {
      node.findings.add("ERROR", pointer, `must be an expression, got ${JSON.stringify(value)}`, node.step);
      return "null";
    }
    const members = Object.entries(value as { [key: string]: Json }).map(([key, member]): [string, string] =>
      key.endsWith(".$") && key !== ".$"
        ? [key.slice(0, -2), this.#dynamic(member, node, place, `${pointer}/${key}`)]
        : [key, this.#inside(member, node, place, `${pointer}/${key}`)],
    );
    return mapText(members);
  }

  #inside(value: Json, node: FlowNode, place: StatesPlace, pointer: string): string {
    if (typeof value === "string") {
      return value.startsWith("$") ? this.#reported(value, node, place, pointer) : JSON.stringify(value);
    }
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    return this.#dynamic(value, node, place, pointer);
  }

  #reported(text: string, node: FlowNode, place: StatesPlace, pointer: string): string {
    try {
      return this.expression(text, place);
    } catch (error) {
      if (!(error instanceof FlowExpressionError)) throw error;
      node.findings.add("ERROR", pointer, `the expression ${JSON.stringify(text)} ${error.message}`, node.step);
      return "null";
    }
  }

  /** One of the functions that only check what they are given; plainly, the value as it is. */
  checked(name: string, value: string, ...others: readonly string[]): string {
    return this.plain ? value : `$${name}(${[value, ...others].join(", ")})`;
  }

  /** The `$Global` after a state. */
  globalAfter(added: string): string {
    if (!this.plain) return `$fnfSetGlobal($Global, ${added})`;
    return `$merge([$exists($Global) ? $Global : {}, ${added}])`;
  }
}

function groupText(members: ReadonlyMap<string, string>, group: string): string {
  const own = [...members].flatMap(([path, text]): [string, string][] => {
    const [first, name, more] = path.split(".");
    return first === group && name !== undefined && more === undefined ? [[name, text]] : [];
  });
  return mapText(own);
}
