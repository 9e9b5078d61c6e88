import { StatesErrorSignal } from "../../errors/states-error.ts";
import type { Json } from "../../json.ts";
import type { EvaluationScope } from "../evaluation-scope.ts";
import type { RootedPath } from "../rooted-path.ts";
import { formatTemplate, splitTemplate } from "./format.ts";
import { INTRINSIC_FUNCTIONS } from "./function-table.ts";
import { fits, IntrinsicFailure, type IntrinsicFunction } from "./intrinsic-function.ts";
import { type Argument, type Call, parseCall } from "./intrinsic-syntax.ts";

/** A compiled call such as `States.Format('{}', $.a)`. */
export interface Intrinsic {
  readonly text: string;
  /** Variables it refers to, without the `$`, in order of appearance. */
  readonly variables: readonly string[];
  /** Throws StatesErrorSignal: States.IntrinsicFailure, or States.Runtime when a path finds nothing. */
  evaluate(scope: EvaluationScope): Json;
}

type Evaluate = (scope: EvaluationScope) => Json;

/** True for text meant as a call; it may still be a wrong one. */
export function isIntrinsicText(text: string): boolean {
  return text.startsWith("States.");
}

/**
 * Compiles a call; `undefined` for one that is not well formed, names no function, or gives one a wrong number of
 * arguments or a literal that it can never take.
 */
export function compileIntrinsic(text: string): Intrinsic | undefined {
  const call = parseCall(text);
  if (call === undefined || !isCallable(call)) return undefined;
  const evaluateCall = compileCall(call, text);
  return {
    text,
    variables: [...new Set(pathsOf(call).flatMap((path) => path.variables))],
    evaluate(scope) {
      try {
        return evaluateCall(scope);
      } catch (error) {
        throw asStatesError(error, text);
      }
    },
  };
}

function asStatesError(error: unknown, text: string): unknown {
  if (error instanceof IntrinsicFailure) return intrinsicFailure(text, error.message);
  // V8's words for data nested beyond its stack, or text beyond its longest string; nothing is harmed by either.
  if (error instanceof RangeError) return intrinsicFailure(text, "The data is too large or too deeply nested");
  return error;
}

function intrinsicFailure(text: string, message: string): StatesErrorSignal {
  return new StatesErrorSignal("States.IntrinsicFailure", hadError(text, message));
}

/** Says of any failure which call it happened in, as AWS does. */
function hadError(text: string, message: string): string {
  return `The function '${text}' had the following error: ${message}`;
}

function isCallable(call: Call): boolean {
  const called = INTRINSIC_FUNCTIONS.get(call.name);
  if (called === undefined) return false;
  const { params, optional = 0, rest } = called;
  if (call.args.length < params.length - optional) return false;
  if (call.args.length > params.length && rest === undefined) return false;
  return call.args.every((argument, index) => {
    if (argument.kind === "path") return true;
    if (argument.kind === "call") return isCallable(argument);
    return fits(argument.value, params[index] ?? rest ?? "any");
  });
}

function pathsOf(argument: Argument): readonly RootedPath[] {
  if (argument.kind === "path") return [argument.path];
  return argument.kind === "call" ? argument.args.flatMap(pathsOf) : [];
}

function compileCall(call: Call, text: string): Evaluate {
  const [template, ...values] = call.args;
  if (call.name === "Format" && template?.kind === "text") {
    const pieces = splitTemplate(template.raw, "'{}\\");
    const args = values.map((value) => compileArgument(value, text));
    return (scope) =>
      formatTemplate(
        pieces,
        args.map((evaluate) => evaluate(scope)),
      );
  }
  const called = INTRINSIC_FUNCTIONS.get(call.name) as IntrinsicFunction;
  const args = call.args.map((argument) => compileArgument(argument, text));
  return (scope) => {
    const values = args.map((evaluate) => evaluate(scope));
    checkArguments(call.name, called, values);
    return called.apply(values, scope.facts);
  };
}

function compileArgument(argument: Argument, text: string): Evaluate {
  if (argument.kind === "call") return compileCall(argument, text);
  if (argument.kind !== "path") return () => argument.value;
  const { path } = argument;
  return (scope) => {
    const result = path.lookup(scope);
    if (result.found) return result.value;
    const input = JSON.stringify(scope.input);
    const message = `The JsonPath argument for the field '${path.source}' could not be found in the input '${input}'`;
    throw new StatesErrorSignal("States.Runtime", hadError(text, message));
  };
}

function checkArguments(name: string, { params, rest }: IntrinsicFunction, values: readonly Json[]): void {
  values.forEach((value, index) => {
    const type = params[index] ?? rest ?? "any";
    if (!fits(value, type)) throw IntrinsicFailure.ofArgument(name, index, type, value);
  });
}
