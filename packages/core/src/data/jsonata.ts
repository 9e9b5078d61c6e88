/**
 * JSONata 2.0.6 as Step Functions has it: synchronous, bounded, and with time and chance from the scope's facts only.
 * The evaluator is the library's own, made by scripts/build-jsonata.mjs. AWS, "Transforming data with JSONata".
 */

import { StatesErrorSignal } from "../errors/states-error.ts";
import { library } from "../generated/jsonata-sync.ts";
import type { Json, JsonObject } from "../json.ts";
import { AllowanceSpent } from "./allowance.ts";
import type { EvaluationFacts, EvaluationScope } from "./evaluation-scope.ts";
import { referencesOf } from "./jsonata-analysis.ts";
import {
  JsonataEvaluationError,
  type JsonataProblem,
  JsonataSyntaxError,
  JsonataUnsupportedResult,
} from "./jsonata-errors.ts";
import { Frame } from "./jsonata-frame.ts";
import "./jsonata-functions.ts";
import type { JsonataFailure, JsonataNode } from "./jsonata-library.ts";
import {
  JSONATA_LIMITS,
  type JsonataLimits,
  LimitReached,
  MEMORY_EXCEEDED,
  metered,
  STACK_OVERFLOW,
} from "./jsonata-meter.ts";
import { jsonResult } from "./jsonata-result.ts";

export { JSONATA_LIMITS, type JsonataLimits } from "./jsonata-meter.ts";
export { JsonataEvaluationError, type JsonataProblem, JsonataSyntaxError, JsonataUnsupportedResult };

/** What a compiler wrote calls more functions inside each other than what it was written from. */
const COMPILED_LIMITS: JsonataLimits = { ...JSONATA_LIMITS, depthMax: 600 };

/** A compiled expression. It holds no state: it may be evaluated any number of times. */
export interface JsonataExpression {
  /** Without `{%` and `%}` and the white space around it, as AWS quotes it in causes. */
  readonly text: string;
  /** Workflow variables it refers to, without the `$`, in order of appearance; no local names, no functions, no `states`. */
  readonly variables: readonly string[];
  /** Members of `$states` it names: `input`, `context`, `result`, `errorOutput`, or one that does not exist. */
  readonly statesMembers: ReadonlySet<string>;
  /**
   * The value, or `undefined` when the expression gives nothing. The scope is never changed; the value may share structure with it.
   * Throws JsonataEvaluationError, also when a bound is reached, and JsonataUnsupportedResult.
   */
  evaluate(scope: EvaluationScope, limits?: JsonataLimits): Json | undefined;
}

/**
 * Compiles an expression, with or without `{% %}`. Throws JsonataSyntaxError with everything that is wrong with it.
 * `functions`: the frame of the functions it may call, Step Functions' unless said otherwise.
 */
export function compileJsonata(source: string, functions: Frame = library.staticFrame): JsonataExpression {
  const own = functions === library.staticFrame ? JSONATA_LIMITS : COMPILED_LIMITS;
  const text = (/^\{%(.*)%\}$/s.exec(source)?.[1] ?? source).trim();
  const tree = parsed(() => library.parse(text));
  const { variables, statesMembers, contextReferences } = parsed(() => referencesOf(tree, functions));
  const [first, ...others] = contextReferences.map(contextProblem);
  if (first !== undefined) throw new JsonataSyntaxError([first, ...others]);
  return {
    text,
    variables,
    statesMembers,
    evaluate: (scope, limits = own) => evaluateTree(tree, undefined, frameOf(scope, functions), scope.facts, limits),
  };
}

/** What plain JSONata is evaluated with, instead of a scope. */
export interface JsonataBindings {
  /** Variables by name, without the `$`. */
  readonly variables: JsonObject;
  readonly facts: EvaluationFacts;
}

/**
 * Plain JSONata: an expression on a document, which is its context, as on try.jsonata.org; with Step Functions' functions and
 * bounds. Throws JsonataSyntaxError, JsonataEvaluationError, JsonataUnsupportedResult.
 */
export function evaluateJsonata(
  text: string,
  document: Json | undefined,
  { variables, facts }: JsonataBindings,
  limits: JsonataLimits = JSONATA_LIMITS,
): Json | undefined {
  const tree = parsed(() => library.parse(text));
  const frame = new Frame(library.staticFrame, variables, new Date(facts.now));
  frame.bind("$", document);
  return evaluateTree(tree, library.asContext(document), frame, facts, limits);
}

/**
 * Members of `$states` that a field does not have: `result` outside Assign and Output of Task, Parallel and Map, `errorOutput`
 * outside Catch. `allowed` are the members the field has; members that exist nowhere are not looked at.
 */
export function statesMisuse(statesMembers: ReadonlySet<string>, allowed: ReadonlySet<string>): JsonataProblem[] {
  return ["result", "errorOutput"]
    .filter((member) => statesMembers.has(member) && !allowed.has(member))
    .map((member) => ({
      code: "UNSUPPORTED_JSONATA_EXPRESSION",
      message: `Field '$states.${member}' does not exist.`,
    }));
}

function contextProblem(reference: string): JsonataProblem {
  const message = `Reference to '${reference}' at the top level is not supported.`;
  return { code: "UNSUPPORTED_JSONATA_EXPRESSION", message };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (failure) {
    throw new JsonataSyntaxError([{ code: "INVALID_JSONATA_EXPRESSION", message: describe(failure).message }]);
  }
}

function evaluateTree(
  tree: JsonataNode,
  context: unknown,
  frame: Frame,
  facts: EvaluationFacts,
  limits: JsonataLimits,
): Json | undefined {
  try {
    return metered(limits, facts, () => jsonResult(library.evaluate(tree, context, frame)));
  } catch (failure) {
    // A function of flows says itself what it failed with.
    if (failure instanceof JsonataUnsupportedResult || failure instanceof StatesErrorSignal) throw failure;
    if (failure instanceof AllowanceSpent) throw failure;
    throw evaluationError(failure);
  }
}

function frameOf(scope: EvaluationScope, functions: Frame): Frame {
  const frame = new Frame(functions, scope.variables, new Date(scope.facts.now));
  const { input, context, result, errorOutput } = scope;
  const states: { [member: string]: Json } = { input, context };
  if (result !== undefined) states["result"] = result;
  if (errorOutput !== undefined) states["errorOutput"] = errorOutput;
  frame.bind("states", states);
  frame.bind("$", undefined);
  return frame;
}

function evaluationError(failure: unknown): JsonataEvaluationError {
  const { code, message } = describe(failure);
  if (code === "U1001" || (code === "" && !(failure instanceof Error))) {
    return new JsonataEvaluationError(code, message, `threw an error during evaluation: ${message}`);
  }
  if (code !== "")
    return new JsonataEvaluationError(code, message, `threw an error during evaluation. ${code}: ${message}`);
  return new JsonataEvaluationError(code, message, "threw an internal error during evaluation.", failure);
}

/** The code, empty without one, and the message of whatever the library threw. */
function describe(failure: unknown): { code: string; message: string } {
  if (failure instanceof LimitReached) return { code: "U1001", message: failure.message };
  const bound = engineBound(failure);
  if (bound !== undefined) return { code: "U1001", message: bound };
  const { code } = failure as JsonataFailure;
  library.populateMessage(failure as JsonataFailure);
  const { message } = failure as JsonataFailure;
  return { code: typeof code === "string" ? code : "", message: String(message ?? code ?? failure) };
}

/** Bounds of the engine itself, which lie beyond ours but may be reached where the host has little stack left. */
function engineBound(failure: unknown): string | undefined {
  if (!(failure instanceof Error)) return undefined;
  if (failure instanceof RangeError && /^Invalid (?:string|array) length/.test(failure.message)) return MEMORY_EXCEEDED;
  return /call stack|too much recursion/i.test(failure.message) ? STACK_OVERFLOW : undefined;
}
