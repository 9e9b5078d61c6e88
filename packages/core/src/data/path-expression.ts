/**
 * A field that holds one path: InputPath, OutputPath, ItemsPath, SecondsPath, …; in ErrorPath and CausePath of a Fail
 * state it may be an intrinsic function instead.
 */
import type { Expression } from "../definition/state-machine.ts";
import { StatesErrorSignal } from "../errors/states-error.ts";
import type { EvaluationScope } from "./evaluation-scope.ts";
import { ExpressionSyntaxError, schemaProblem } from "./expression-syntax-error.ts";
import { compileIntrinsic, isIntrinsicText } from "./intrinsic-functions/intrinsic.ts";
import type { PathResult } from "./json-path.ts";
import { compileRootedPath } from "./rooted-path.ts";

export interface PathExpression extends Expression {
  readonly source: string;
  readonly kind: "input" | "context" | "variable" | "intrinsic";
  /** False for paths that may match several things; these always find an array. */
  readonly definite: boolean;
  /** Variables it refers to, without the `$`, in order of appearance. */
  readonly variables: readonly string[];
  /** What is at the path; nothing there is no error here. An intrinsic function that fails throws. */
  lookup(scope: EvaluationScope): PathResult;
}

export interface PathOptions {
  /** Intrinsic functions that give text may stand in the field too: Fail's ErrorPath and CausePath. */
  readonly intrinsics?: boolean;
  /**
   * The field's name, for fields whose missing data AWS words as `The JSONPath '…' specified for the field '…' could not
   * be found in the input '…'`: ErrorPath and CausePath. Without it: `Invalid path '…' : …`. Recorded-behaviour.md,
   * facts 14 and 15.
   */
  readonly field?: string;
}

/** ASL spec, "Fail State": the functions that ErrorPath and CausePath may call. */
const TEXT_FUNCTION = /^States\.(?:Format|JsonToString|ArrayGetItem|Base64Encode|Base64Decode|Hash|UUID)\(/;

/** Throws ExpressionSyntaxError for text that is no path. A path that finds nothing fails with States.Runtime. */
export function compilePathExpression(text: string, options: PathOptions = {}): PathExpression {
  const compiled =
    options.intrinsics === true && isIntrinsicText(text) ? compileTextFunction(text) : compilePath(text, options);
  if (compiled === undefined) throw new ExpressionSyntaxError([schemaProblem(syntaxMessage(options))]);
  return compiled;
}

/** AWS's words for a path of a payload template, or of a Fail state, that finds nothing. */
export function notFoundInInput(path: string, field: string, scope: EvaluationScope): StatesErrorSignal {
  const input = JSON.stringify(scope.input);
  return new StatesErrorSignal(
    "States.Runtime",
    `The JSONPath '${path}' specified for the field '${field}' could not be found in the input '${input}'`,
  );
}

function compilePath(text: string, { field }: PathOptions): PathExpression | undefined {
  const path = compileRootedPath(text);
  if (path === undefined) return undefined;
  return {
    ...path,
    evaluate(scope) {
      const result = path.lookup(scope);
      if (result.found) return result.value;
      if (field !== undefined) throw notFoundInInput(text, field, scope);
      throw new StatesErrorSignal("States.Runtime", `Invalid path '${text}' : ${result.message}`);
    },
  };
}

function compileTextFunction(text: string): PathExpression | undefined {
  const intrinsic = TEXT_FUNCTION.test(text) ? compileIntrinsic(text) : undefined;
  if (intrinsic === undefined) return undefined;
  return {
    source: text,
    kind: "intrinsic",
    definite: true,
    variables: intrinsic.variables,
    lookup: (scope) => ({ found: true, value: intrinsic.evaluate(scope) }),
    evaluate: intrinsic.evaluate,
  };
}

function syntaxMessage({ field, intrinsics }: PathOptions): string {
  if (field === undefined) return "Value must be a valid JSONPath.";
  const allowed = intrinsics === true ? "JSONPath or a valid intrinsic function call" : "JSONPath";
  return `The value for the field '${field}' must be a valid ${allowed}`;
}
