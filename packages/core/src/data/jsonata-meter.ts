/**
 * What one evaluation may still spend: operations (time; core has no clock), depth and memory.
 *
 * The evaluator is synchronous and never calls itself through another evaluation's host code, so the account of the
 * running evaluation is this module's state; `metered` opens and closes it.
 *
 * I1. Every loop and every named function of the generated evaluator ticks, so nothing runs for ever.
 * I2. A value is charged before it is allocated where its size is known beforehand, and right after where V8 bounds it.
 * I3. An evaluation that ran out of an account stays out: nothing in the evaluator swallows a LimitReached or an
 *     AllowanceSpent.
 */
import { AllowanceSpent, grantOf, noteSpent, OPERATIONS_PER_MS } from "./allowance.ts";
import type { EvaluationFacts } from "./evaluation-scope.ts";

/** The bounds of one evaluation. */
export interface JsonataLimits {
  /** Elementary operations of about 10 ns each; an evaluated node of the expression counts fifteen. */
  readonly operationsMax: number;
  /** Nodes of the expression under evaluation at once; a tail call adds none. AWS: 100. */
  readonly depthMax: number;
  /** Size of any one array (12 bytes an element) or string (2 bytes a UTF-16 unit). AWS: 10 MiB, see AWS_VALUE_BYTES. */
  readonly valueBytesMax: number;
  /** Bytes allocated in one evaluation, also those already free again, not counting small values. */
  readonly allocationBytesMax: number;
}

const ELEMENT_BYTES = 12;
const CHARACTER_BYTES = 2;
const OPERATIONS_PER_NODE = 15;
/** V8 counts without allocating only below 2^30. */
const OPERATIONS_MAX = 2 ** 30 - 1;

/**
 * AWS accepts `[1..873782]` and a string of 2^22 characters, and refuses `[1..873783]` and 2^23 characters (features.md
 * A.7): 10 MiB less 376 bytes, at 12 bytes an element and 2 a character.
 */
const AWS_VALUE_BYTES = 873_782 * ELEMENT_BYTES;
/** AWS's `$range` is refused from 360,146 elements on: it costs more an element than the `..` operator. */
const RANGE_FUNCTION_ELEMENT_BYTES = AWS_VALUE_BYTES / 360_145;

/** AWS's bounds, as far as they are known; time and total allocation are ours. */
export const JSONATA_LIMITS: JsonataLimits = {
  operationsMax: 1_000 * OPERATIONS_PER_MS,
  depthMax: 100,
  valueBytesMax: AWS_VALUE_BYTES,
  allocationBytesMax: 256 * 2 ** 20,
};

/** Levels of data, or of calls that only pass on a call, that are gone down into; AWS's JSON goes no deeper either. */
export const NESTING_MAX = 1_000;

/** Thrown when an account is empty. `message` is AWS's where it is known, otherwise the JSONata exerciser's. */
export class LimitReached extends Error {
  override readonly name = "LimitReached";
}

const TIMEOUT = "Expression evaluation timeout: Check for infinite loop";
export const STACK_OVERFLOW =
  "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive";
export const MEMORY_EXCEEDED = "Expression evaluation memory limit exceeded: Check for excessive memory usage";

/** Texts up to this length are not charged when they are read: they cost less than the evaluation around them. */
const SMALL_TEXT = 1_024;

// Between evaluations nothing is charged: the generated module sets itself up, expressions are parsed.
let operationsLeft = Number.POSITIVE_INFINITY;
let isAllowance = false;
let depthLeft = Number.POSITIVE_INFINITY;
let allocationLeft = Number.POSITIVE_INFINITY;
let nesting = 0;
let valueBytesMax = Number.POSITIVE_INFINITY;
let facts: EvaluationFacts | undefined;
let textsRead: string[] = [];
let afterwards: (() => void)[] = [];

/** Runs one evaluation on accounts of its own. */
export function metered<T>(limits: JsonataLimits, evaluationFacts: EvaluationFacts, evaluate: () => T): T {
  const outer = {
    operationsLeft,
    isAllowance,
    depthLeft,
    nesting,
    allocationLeft,
    valueBytesMax,
    facts,
    textsRead,
    afterwards,
  };
  const grant = grantOf(Math.min(limits.operationsMax, OPERATIONS_MAX));
  operationsLeft = grant.operations;
  isAllowance = grant.isAllowance;
  depthLeft = limits.depthMax;
  nesting = 0;
  allocationLeft = limits.allocationBytesMax;
  valueBytesMax = limits.valueBytesMax;
  facts = evaluationFacts;
  textsRead = [];
  afterwards = [];
  try {
    return evaluate();
  } finally {
    for (const undo of afterwards) undo();
    // What cannot be told (a NaN was spent) counts as all of it.
    noteSpent(operationsLeft <= grant.operations ? grant.operations - operationsLeft : grant.operations);
    ({ operationsLeft, isAllowance, depthLeft, nesting, allocationLeft, valueBytesMax, facts, textsRead, afterwards } =
      outer);
  }
}

/** Facts of the running evaluation, the only sources of time and chance. */
export function currentFacts(): EvaluationFacts {
  if (facts === undefined) throw new Error("an expression is evaluated outside metered()");
  return facts;
}

/** Has something undone when the evaluation ends, however it ends. */
export function atEnd(undo: () => void): void {
  afterwards.push(undo);
}

export function tick(): void {
  if (--operationsLeft < 0) throw outOfOperations();
}

function outOfOperations(): Error {
  return isAllowance ? new AllowanceSpent() : new LimitReached(TIMEOUT);
}

export function spend(operations: number): void {
  operationsLeft -= operations;
  // Not `< 0`: a NaN must not open the account.
  if (!(operationsLeft >= 0)) throw outOfOperations();
}

/** The evaluator goes one node down. `leave` is not called when a node throws: nothing catches inside an evaluation. */
export function enter(): void {
  operationsLeft -= OPERATIONS_PER_NODE;
  if (operationsLeft < 0) throw outOfOperations();
  if (--depthLeft < 0) throw new LimitReached(STACK_OVERFLOW);
}

export function leave(): void {
  depthLeft++;
}

/** Calls a function that goes down into data by calling itself. As with `enter`, a throw ends the evaluation. */
export function deeper<Values extends unknown[], Result>(
  recurse: (...values: Values) => Result,
  ...values: Values
): Result {
  if (++nesting > NESTING_MAX) throw new LimitReached(STACK_OVERFLOW);
  const result = recurse(...values);
  nesting--;
  return result;
}

function allocate(bytes: number): void {
  allocationLeft -= bytes;
  if (!(allocationLeft >= 0)) throw new LimitReached(MEMORY_EXCEEDED);
}

function hold(bytes: number): void {
  if (!(bytes <= valueBytesMax)) throw new LimitReached(MEMORY_EXCEEDED);
  allocate(bytes);
}

/** An array of this length is about to be filled one by one. */
export function claimRange(length: number): void {
  hold(length * ELEMENT_BYTES);
}

/** The same for AWS's `$range`. */
export function claimRangeFunction(length: number): void {
  hold(length * RANGE_FUNCTION_ELEMENT_BYTES);
}

/** `added` elements are about to join an array of `length`. */
export function claimElements(length: number, added: number): void {
  if ((length + added) * ELEMENT_BYTES > valueBytesMax) throw new LimitReached(MEMORY_EXCEEDED);
  spend(added >> 2);
  allocate(added * ELEMENT_BYTES);
}

/** A string of this length is about to be made, or was. */
export function claimText(length: number): void {
  if (length <= SMALL_TEXT) return;
  hold(length * CHARACTER_BYTES);
  spend(length >> 6);
}

/** `&`: V8 shares both sides until the text is read, so the smaller one pays for what is new. */
export function claimConcatenation(left: number, right: number): void {
  const bytes = (left + right) * CHARACTER_BYTES;
  if (bytes > valueBytesMax) throw new LimitReached(MEMORY_EXCEEDED);
  allocate(Math.min(left, right) * CHARACTER_BYTES);
}

/** An array of this length is copied, to be thrown away soon in all likelihood. */
export function claimCopy(length: number): void {
  spend(length >> 2);
  allocate(length * 4);
}

/** A text is about to be read through. */
export function readText(text: string): void {
  if (text.length <= SMALL_TEXT) return;
  spend(text.length >> 6);
  layOut(text);
}

/** Some place of a text is about to be read, for which V8 lays all of it out: charged once while the same few texts are read. */
export function layOut(text: string): void {
  if (text.length <= SMALL_TEXT || textsRead.includes(text)) return;
  allocate(text.length * CHARACTER_BYTES);
  if (textsRead.push(text) > 4) textsRead.shift();
}
