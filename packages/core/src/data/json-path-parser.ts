/**
 * Parses paths as Jayway JsonPath 2.0.0 does, the release whose words and rules AWS shows: an unquoted string in a filter
 * is accepted, `length()` is a property name (`Property ['length()'] not found in path $['list']`, awsdocs/
 * aws-step-functions-developer-guide#5), `$.items[1:]` on `{}` is `[]` (recorded-behaviour.md, facts 15 and 16). All of it
 * is pinned by conformance/data/corpus/expressions/jsonpath-*.jsonl, column `jayway2`.
 *
 * P1. Parsing ends: every turn of every loop consumes a character, and text, steps and nesting are bounded.
 * P2. Nothing but JsonPathSyntaxError is thrown.
 */
import { javaTrim } from "./java-trim.ts";
import type { ParsePath } from "./json-path-filter-parser.ts";
import { propertyStep, type Step } from "./json-path-step.ts";
import { parseSubscript } from "./json-path-subscript.ts";
import { JsonPathSyntaxError, shownPath } from "./json-path-syntax-error.ts";

/** In characters. Real paths have a few dozen; AWS documents no limit of its own below that of the definition. */
export const PATH_LENGTH_MAX = 10_000;
/** Evaluation nests one call per step, so this bounds the stack. */
export const PATH_STEPS_MAX = 500;
/** Paths in filters in paths. */
const NESTING_MAX = 10;

/** The steps after the leading `$` or `@`. `nesting`: how many filters this path is in. */
export function parseSteps(path: string, nesting = 0): readonly Step[] {
  const text = javaTrim(path);
  if (text.length > PATH_LENGTH_MAX) throw syntaxError(text, `is longer than ${PATH_LENGTH_MAX} characters`);
  if (nesting > NESTING_MAX) throw syntaxError(text, `nests filters more than ${NESTING_MAX} deep`);
  if (text[0] !== "$" && text[0] !== "@") throw syntaxError(text, "must start with $");
  if (text.length > 1 && text[1] !== "." && text[1] !== "[") throw syntaxError(text, "must go on with . or [ after $");
  if (text.endsWith(".")) throw syntaxError(text, "can not end with a dot");
  const steps: Step[] = [];
  const parseInner: ParsePath = (inner) => parseSteps(inner, nesting + 1);
  for (let at = 1; at < text.length; ) {
    at = parseStep(text, at, parseInner, steps);
    if (steps.length > PATH_STEPS_MAX) throw syntaxError(text, `has more than ${PATH_STEPS_MAX} steps`);
  }
  return steps;
}

/** Adds the step that starts at `at` and gives the position after it. */
function parseStep(text: string, at: number, parseInner: ParsePath, steps: Step[]): number {
  switch (text[at]) {
    case " ":
      throw syntaxError(text, "has a blank outside of brackets");
    case "$":
      steps.push({ kind: "root" });
      return at + 1;
    case "*":
      steps.push({ kind: "wildcard" });
      return at + 1;
    case "[": {
      const end = subscriptEnd(text, at);
      steps.push(parseSubscript(text.slice(at, end), parseInner));
      return end;
    }
    case ".":
      if (text[at + 1] === ".") {
        steps.push({ kind: "scan" });
        return at + 2;
      }
      return parseName(text, at + 1, parseInner, steps);
    default:
      // `$['a']b` is `$['a'].b`.
      return parseName(text, at, parseInner, steps);
  }
}

/** A name without brackets. A dot with no name after it, as in `$.['a']`, is no step at all. */
function parseName(text: string, at: number, parseInner: ParsePath, steps: Step[]): number {
  const end = nameEnd(text, at);
  if (end === at) return end;
  const name = text.slice(at, end);
  if (name === "*" && text[at - 1] === ".") steps.push({ kind: "wildcard" });
  // Jayway rewrites `.name` to `['name']` before it looks at it, which shows where a name has a quote or a bracket in it.
  else if (name.includes("'") || name.includes("]")) steps.push(parseSubscript(`['${name}']`, parseInner));
  else steps.push(propertyStep(name));
  return end;
}

function nameEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at] !== "." && text[at] !== "[" && text[at] !== " ") at++;
  return at;
}

/** The position after the `]` that closes the `[` at `start`, quotes not looked at; the end of the text if none does. */
function subscriptEnd(text: string, start: number): number {
  let open = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === "[") open++;
    else if (text[at] === "]" && --open === 0) return at + 1;
  }
  return text.length;
}

function syntaxError(path: string, rule: string): JsonPathSyntaxError {
  return new JsonPathSyntaxError(`Invalid path '${shownPath(path)}': ${rule}`);
}
