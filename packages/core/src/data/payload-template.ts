/**
 * Payload templates of JSONPath states: Parameters, ResultSelector, ItemSelector, Assign, … A member whose name ends in
 * `.$` has a path or an intrinsic function as its value, at any depth; everything else stands for itself.
 * ASL spec, "Payload Template".
 */
import type { Expression } from "../definition/state-machine.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { EvaluationScope } from "./evaluation-scope.ts";
import { refuseProblems, type SyntaxProblem, schemaProblem } from "./expression-syntax-error.ts";
import { compileIntrinsic } from "./intrinsic-functions/intrinsic.ts";
import { setOwn } from "./own-property.ts";
import { notFoundInInput } from "./path-expression.ts";
import { compileRootedPath } from "./rooted-path.ts";

export interface PayloadTemplate extends Expression {
  /** Variables it refers to, without the `$`, in order of appearance. */
  readonly variables: readonly string[];
}

type Evaluate = (scope: EvaluationScope) => Json;

/** `undefined` for a part without anything to evaluate: it stands for itself and is shared by all results. */
type Part = Evaluate | undefined;

const SUFFIX = ".$";

/**
 * Compiles a template. Throws ExpressionSyntaxError with every member whose path or function is wrong. Evaluation throws
 * States.Runtime for a path that finds nothing and States.IntrinsicFailure for a function that fails.
 */
export function compilePayloadTemplate(template: Json): PayloadTemplate {
  const compiler = new TemplateCompiler();
  const evaluate = compiler.part(template, []);
  refuseProblems(compiler.problems);
  if (evaluate === undefined) return { source: template, literal: template, variables: [], evaluate: () => template };
  return { source: template, variables: [...compiler.variables], evaluate };
}

class TemplateCompiler {
  readonly variables: Set<string> = new Set();
  readonly problems: SyntaxProblem[] = [];

  part(template: Json, path: readonly (string | number)[]): Part {
    if (isJsonArray(template)) return this.#array(template, path);
    return isJsonObject(template) ? this.#object(template, path) : undefined;
  }

  #array(template: readonly Json[], path: readonly (string | number)[]): Part {
    const parts = template.map((item, index) => this.part(item, [...path, index]));
    if (parts.every((part) => part === undefined)) return undefined;
    return (scope) => parts.map((part, index) => (part === undefined ? (template[index] as Json) : part(scope)));
  }

  #object(template: JsonObject, path: readonly (string | number)[]): Part {
    const members = Object.entries(template).map(([key, value]) => this.#member(key, value, [...path, key]));
    if (members.every(({ part }) => part === undefined)) return undefined;
    return (scope) => {
      const object: { [key: string]: Json } = {};
      for (const { name, part, literal } of members) setOwn(object, name, part === undefined ? literal : part(scope));
      return object;
    };
  }

  #member(key: string, value: Json, path: readonly (string | number)[]): { name: string; part: Part; literal: Json } {
    if (!key.endsWith(SUFFIX)) return { name: key, part: this.part(value, path), literal: value };
    const part = typeof value === "string" ? this.#dynamic(key, value) : undefined;
    if (part === undefined) {
      const message = `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`;
      this.problems.push(schemaProblem(message, path));
    }
    return { name: key.slice(0, -SUFFIX.length), part, literal: null };
  }

  #dynamic(field: string, text: string): Part {
    const path = compileRootedPath(text);
    const compiled = path ?? compileIntrinsic(text);
    for (const variable of compiled?.variables ?? []) this.variables.add(variable);
    if (path === undefined) return (compiled as ReturnType<typeof compileIntrinsic>)?.evaluate;
    return (scope) => {
      const result = path.lookup(scope);
      if (result.found) return result.value;
      throw notFoundInInput(text, field, scope);
    };
  }
}
