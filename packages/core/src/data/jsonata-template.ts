/**
 * Fields of JSONata states: Arguments, Output, Assign, Items, Condition, … A string that is `{% … %}` and nothing else is
 * an expression, at any depth; everything else stands for itself. AWS, "Transforming data with JSONata".
 */
import type { Expression } from "../definition/state-machine.ts";
import { StatesErrorSignal } from "../errors/states-error.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { EvaluationScope } from "./evaluation-scope.ts";
import { refuseProblems, type SyntaxProblem } from "./expression-syntax-error.ts";
import {
  compileJsonata,
  JsonataEvaluationError,
  type JsonataExpression,
  JsonataSyntaxError,
  JsonataUnsupportedResult,
} from "./jsonata.ts";
import type { Frame } from "./jsonata-frame.ts";
import { setOwn } from "./own-property.ts";

export interface JsonataTemplate extends Expression {
  /** Variables it refers to, without the `$`, in order of appearance. */
  readonly variables: readonly string[];
  /** What it reads of `$states`: `input`, `context`, `result`, `errorOutput`. */
  readonly statesUses: readonly StatesUse[];
}

/** Members of `$states` that the expression at `path` in the template refers to. */
interface StatesUse {
  readonly path: readonly (string | number)[];
  readonly members: ReadonlySet<string>;
}

/** What an expression must give where it is a whole field; AWS's names of types. */
export type JsonataType = "array" | "boolean" | "number" | "object" | "string";

type Evaluate = (scope: EvaluationScope) => Json;

/** `undefined` for a part without anything to evaluate: it stands for itself and is shared by all results. */
type Part = Evaluate | undefined;

const EXPRESSION = /^\{%(.*)%\}$/s;

/**
 * Compiles a field. `location` is what AWS calls the field; below it, members and indexes are added: `Output/values[0]`.
 * `expected` is the type the value must have when the whole field is an expression. Throws
 * ExpressionSyntaxError with every wrong expression. `functions`: see `compileJsonata`. Evaluation throws States.QueryEvaluationError with the location.
 */
export function compileJsonataTemplate(
  template: Json,
  location: string,
  expected?: JsonataType,
  functions?: Frame,
): JsonataTemplate {
  const compiler = new TemplateCompiler(functions);
  const part = compiler.part(template, { location, path: [] }, expected);
  refuseProblems(compiler.problems);
  const { variables, statesUses } = compiler;
  if (part === undefined) {
    return { source: template, literal: template, variables: [], statesUses, evaluate: () => template };
  }
  return { source: template, variables: [...variables], statesUses, evaluate: part };
}

/** Where a part of the template stands: for run-time errors and for syntax errors. */
interface Place {
  readonly location: string;
  readonly path: readonly (string | number)[];
}

class TemplateCompiler {
  readonly variables: Set<string> = new Set();
  readonly statesUses: StatesUse[] = [];
  readonly problems: SyntaxProblem[] = [];
  readonly #functions: Frame | undefined;

  constructor(functions: Frame | undefined) {
    this.#functions = functions;
  }

  part(template: Json, place: Place, expected?: JsonataType): Part {
    if (typeof template === "string") {
      const text = EXPRESSION.exec(template)?.[1];
      return text === undefined ? undefined : this.#expression(text.trim(), place, expected);
    }
    if (isJsonArray(template)) return this.#array(template, place);
    return isJsonObject(template) ? this.#object(template, place) : undefined;
  }

  #expression(text: string, place: Place, expected?: JsonataType): Part {
    const expression = this.#compile(text, place);
    if (expression === undefined) return undefined;
    for (const name of expression.variables) this.variables.add(name);
    const { location, path } = place;
    this.statesUses.push({ path, members: expression.statesMembers });
    return (scope) => {
      const value = evaluateAt(expression, scope, text, location);
      if (expected !== undefined && typeName(value) !== expected) throw unexpected(text, location, expected, value);
      return value;
    };
  }

  #compile(text: string, { path }: Place): JsonataExpression | undefined {
    try {
      return compileJsonata(text, this.#functions);
    } catch (error) {
      if (!(error instanceof JsonataSyntaxError)) throw error;
      this.problems.push(...error.problems.map((problem) => ({ ...problem, path })));
      return undefined;
    }
  }

  #array(template: readonly Json[], { location, path }: Place): Part {
    const parts = template.map((item, index) =>
      this.part(item, { location: `${location}[${index}]`, path: [...path, index] }),
    );
    if (parts.every((part) => part === undefined)) return undefined;
    return (scope) => parts.map((part, index) => (part === undefined ? (template[index] as Json) : part(scope)));
  }

  #object(template: JsonObject, { location, path }: Place): Part {
    const members = Object.entries(template).map(([name, value]) => {
      const part = this.part(value, { location: `${location}/${name}`, path: [...path, name] });
      return { name, value, part };
    });
    if (members.every(({ part }) => part === undefined)) return undefined;
    return (scope) => {
      const object: { [key: string]: Json } = {};
      for (const { name, value, part } of members) setOwn(object, name, part === undefined ? value : part(scope));
      return object;
    };
  }
}

function evaluateAt(expression: JsonataExpression, scope: EvaluationScope, text: string, location: string): Json {
  const value = evaluateOrFail(expression, scope, text, location);
  if (value === undefined) throw failure(text, location, "returned nothing (undefined).");
  return value;
}

function evaluateOrFail(
  expression: JsonataExpression,
  scope: EvaluationScope,
  text: string,
  location: string,
): Json | undefined {
  try {
    return expression.evaluate(scope);
  } catch (error) {
    if (error instanceof JsonataUnsupportedResult)
      throw failure(text, location, "returned an unsupported result type.");
    if (!(error instanceof JsonataEvaluationError)) throw error;
    throw failure(text, location, error.sentence);
  }
}

/** AWS's words. Recorded-behaviour.md, facts 18 and 20. */
function failure(text: string, location: string, what: string): StatesErrorSignal {
  return new StatesErrorSignal(
    "States.QueryEvaluationError",
    `The JSONata expression '${text}' specified for the field '${location}' ${what}`,
    location,
  );
}

/** For a field whose type is known only to its state: what to throw when the expression gave `value`. */
export function unexpectedResultType(
  template: string,
  location: string,
  expected: JsonataType,
  value: Json,
): StatesErrorSignal {
  return unexpected(EXPRESSION.exec(template)?.[1]?.trim() ?? template, location, expected, value);
}

function unexpected(text: string, location: string, expected: JsonataType, value: Json): StatesErrorSignal {
  const found = `Expected '${expected}', but was '${typeName(value)}' for value: ${JSON.stringify(value)}`;
  return failure(text, location, `returned an unexpected result type. ${found}`);
}

function typeName(value: Json): string {
  if (value === null) return "null";
  return isJsonArray(value) ? "array" : typeof value;
}
