/**
 * JSONPath as AWS evaluates it: Jayway JsonPath 2.0.0 with its defaults (why that release: json-path-parser.ts). Functions
 * such as `length()` do not exist there: they are names of members.
 */
import type { Json } from "../json.ts";
import { evaluateDefinite } from "./json-path-definite.ts";
import { compileSteps } from "./json-path-evaluator.ts";
import { PathFailure } from "./json-path-failure.ts";
import { parseSteps } from "./json-path-parser.ts";
import { isDefinite } from "./json-path-step.ts";
import { JsonPathSyntaxError } from "./json-path-syntax-error.ts";

export { JsonPathSyntaxError };

/** A compiled path. It holds no state: one may be read with at any time and any number of times. */
export interface JsonPath {
  /** As it was written. */
  readonly text: string;
  /** Whether the path leads to one value at most. Otherwise `read` gives an array, `[]` when nothing matches. */
  readonly definite: boolean;
  /** Never throws. The value shares structure with the document. Takes PATH_READ_STEPS_MAX steps at most. */
  read(document: Json): PathResult;
}

/** `message` is Jayway's, without the path: `No results for path: $['a']`, `Missing property in path $['no']`, …. */
export type PathResult =
  | { readonly found: true; readonly value: Json }
  | { readonly found: false; readonly message: string };

/**
 * Compiles a path; nothing is cached, so callers compile once. `text` starts with `$`, which is the document. Throws
 * JsonPathSyntaxError. Semantics: Jayway JsonPath 2.0.0.
 */
export function compileJsonPath(text: string): JsonPath {
  if (!text.startsWith("$")) throw new JsonPathSyntaxError("A path must start with $");
  const steps = parseSteps(text);
  if (isDefinite(steps)) {
    return { text, definite: true, read: (document) => pathResult(evaluateDefinite(steps, document)) };
  }
  const evaluate = compileSteps(steps);
  return { text, definite: false, read: (document) => pathResult(evaluate(document)) };
}

export function pathResult(value: Json | PathFailure): PathResult {
  return value instanceof PathFailure ? { found: false, message: value.describe() } : { found: true, value };
}
