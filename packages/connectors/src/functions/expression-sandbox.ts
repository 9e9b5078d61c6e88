/**
 * The main program of the process that evaluates one expression of an EvaluateExpression task, started with Node's
 * permission model: no files, no processes, no threads, no addons. Reads the event from its input, writes the answer to
 * its output, and ends. Imports nothing but Node.
 *
 * The permission model leaves the network open, so before the expression runs nothing is left that could reach it: all
 * globals that are not JavaScript's own are deleted, and no module can be resolved any more.
 */
import { readFileSync, writeSync } from "node:fs";
import { registerHooks } from "node:module";

interface Evaluation {
  readonly expression: string;
  readonly expressionAttributeValues: Readonly<Record<string, unknown>>;
}

/** What the language itself has, without what could wait (`Atomics`) or compile to machine code. */
const LANGUAGE: ReadonlySet<string> = new Set(
  `AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError Float16Array
  Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number
  Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol SyntaxError TypeError URIError
  Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet decodeURI decodeURIComponent encodeURI
  encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt undefined unescape`.split(/\s+/),
);

const ANSWER = 1;
const exit = process.exit.bind(process);
// Kept before the globals are deleted.
const bytesOf: (text: string) => Buffer = Buffer.from.bind(Buffer);
const VALUES = "__expressionAttributeValues";

async function main(): Promise<void> {
  const { expression, expressionAttributeValues } = JSON.parse(readFileSync(0, "utf8")) as Evaluation;
  const paths = Object.keys(expressionAttributeValues);
  lockUp();
  Object.defineProperty(globalThis, VALUES, { value: paths.map((path) => expressionAttributeValues[path]) });
  // White space before the answer: from now on the expression's time counts.
  writeSync(ANSWER, "\n");
  // Indirect: the expression sees globals, never what is in this file.
  // biome-ignore lint/security/noGlobalEval: evaluating is what this process is for, and it can do nothing else.
  const evaluate = globalThis.eval;
  const result: unknown = await evaluate(bound(expression, paths));
  answer({ result: result === undefined ? null : result });
}

/** Each path becomes what it stands for, the longest first, for `$.a` begins `$.ab` as well. */
function bound(expression: string, paths: readonly string[]): string {
  if (paths.length === 0) return expression;
  const longestFirst = [...paths].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map((path) => path.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|"), "g");
  return expression.replaceAll(pattern, (path) => `${VALUES}[${paths.indexOf(path)}]`);
}

function lockUp(): void {
  registerHooks({
    resolve: () => {
      throw new Error("an expression can import nothing");
    },
  });
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!LANGUAGE.has(name)) Reflect.deleteProperty(globalThis, name);
  }
}

function answer(value: { result: unknown } | { errorType: string; errorMessage: string }): void {
  const text = bytesOf(JSON.stringify(value));
  for (let written = 0; written < text.length; ) written += writeSync(ANSWER, text, written);
}

function tell(error: unknown): void {
  const isError = error instanceof Error;
  answer({ errorType: isError ? error.name : typeof error, errorMessage: isError ? error.message : String(error) });
}

main()
  .catch(tell)
  .finally(() => exit(0));
