import type { Json } from "../json.ts";
import type { EvaluationScope } from "./evaluation-scope.ts";
import { compileJsonPath, type JsonPath, JsonPathSyntaxError, type PathResult } from "./json-path.ts";
import { getOwn } from "./own-property.ts";
import { leadingVariable } from "./variables.ts";

/** A JSONPath and what its root stands for: `$` the input, `$$` the context object, `$name` a variable. */
export interface RootedPath {
  readonly source: string;
  readonly kind: "input" | "context" | "variable";
  /** False for paths that may match several things; these always find an array. */
  readonly definite: boolean;
  /** Variables it refers to, without the `$`. */
  readonly variables: readonly string[];
  lookup(scope: EvaluationScope): PathResult;
}

/** `undefined` for text that is no path. */
export function compileRootedPath(text: string): RootedPath | undefined {
  if (!text.startsWith("$")) return undefined;
  const variable = leadingVariable(text);
  if (variable !== undefined) return compileVariablePath(text, variable);
  if (text.startsWith("$$")) {
    const path = compileOrUndefined(text.slice(1));
    return path && rooted(text, "context", path, (scope) => readFrom(path, scope.context));
  }
  const path = compileOrUndefined(text);
  return path && rooted(text, "input", path, (scope) => readFrom(path, scope.input));
}

function compileVariablePath(text: string, variable: string): RootedPath | undefined {
  const path = compileOrUndefined(`$${text.slice(variable.length + 1)}`);
  if (path === undefined) return undefined;
  const missing: PathResult = { found: false, message: `No results for path: $['${variable}']` };
  const lookup = (scope: EvaluationScope): PathResult => {
    const value = getOwn(scope.variables, variable);
    return value === undefined ? missing : readFrom(path, value);
  };
  return { ...rooted(text, "variable", path, lookup), variables: [variable] };
}

function rooted(
  source: string,
  kind: RootedPath["kind"],
  path: JsonPath,
  lookup: (scope: EvaluationScope) => PathResult,
): RootedPath {
  return { source, kind, definite: path.definite, variables: [], lookup };
}

function readFrom(path: JsonPath, document: Json): PathResult {
  return path.text === "$" ? { found: true, value: document } : path.read(document);
}

function compileOrUndefined(text: string): JsonPath | undefined {
  try {
    return compileJsonPath(text);
  } catch (error) {
    if (error instanceof JsonPathSyntaxError) return undefined;
    throw error;
  }
}
