/**
 * Filters, `[?(@.price < 10 && @.isbn)]`, as Jayway JsonPath 2.0.0 reads them: the text is cut at every `&&` and `||`, each
 * piece at its first operator, and what is then neither a path, nor in single quotes, nor between slashes, is a string.
 */
import { RE2JS } from "re2js";
import { javaTrim, trimOf } from "./java-trim.ts";
import { compareWith, OPERATORS, type Operand } from "./json-path-comparison.ts";
import { evaluateDefinite } from "./json-path-definite.ts";
import { evaluationFailure, PathFailure } from "./json-path-failure.ts";
import { spend } from "./json-path-run.ts";
import { type DefiniteStep, type ItemFilter, isDefinite, type Step } from "./json-path-step.ts";
import { JsonPathSyntaxError, shownPath } from "./json-path-syntax-error.ts";

/** Parses a path inside of a filter; it knows how deep it is. */
export type ParsePath = (path: string) => readonly Step[];

const AROUND_LOGIC = /(?<=&&|\|\|)|(?=&&|\|\|)/;

/** `[?]` in a path alone: Jayway finds no filter to ask and breaks off with a NullPointerException. */
export const placeholderFilter: ItemFilter = () => evaluationFailure("The placeholder [?] stands for no filter");

/** `text`: the whole fragment, `[?( … )]`. */
export function parseFilter(text: string, parsePath: ParsePath): ItemFilter {
  const operators: string[] = [];
  const criteria: ItemFilter[] = [];
  for (const piece of insideBrackets(text).split(AROUND_LOGIC)) {
    const trimmed = javaTrim(piece);
    if (trimmed === "&&" || trimmed === "||") operators.push(trimmed);
    else criteria.push(parseCriterion(withoutBrackets(trimmed), parsePath));
  }
  if (criteria.length !== operators.length + 1) throw syntaxError(text, "has an && or || with nothing beside it");
  return combine(criteria, operators).filter;
}

function insideBrackets(text: string): string {
  const marked = text.startsWith("[") && text.endsWith("]") ? javaTrim(text.slice(1, -1)) : "";
  const bracketed = marked.startsWith("?") ? javaTrim(marked.slice(1)) : "";
  if (bracketed.length < 2 || !bracketed.startsWith("(") || !bracketed.endsWith(")")) {
    throw syntaxError(text, "must have the form [?( … )]");
  }
  return javaTrim(bracketed.slice(1, -1));
}

/** Round brackets have no effect at all: they are taken off each piece. */
function withoutBrackets(piece: string): string {
  return trimOf(
    piece,
    (unit) => "[?( ".includes(String.fromCharCode(unit)),
    (unit) => unit === 0x29 || unit === 0x20,
  );
}

/** Filters joined so far. `&&` binds what comes before it to `last` only. */
interface Joined {
  readonly filter: ItemFilter;
  readonly either?: ItemFilter;
  readonly last: ItemFilter;
}

/** `&&` before `||`. Jayway builds, and asks, from the last criterion to the first: seen where one of them fails. */
function combine(criteria: ItemFilter[], operators: string[]): Joined {
  let joined = single(criteria.pop() as ItemFilter);
  for (const operator of operators.reverse()) {
    const before = criteria.pop() as ItemFilter;
    if (operator === "||") {
      joined = { filter: or(joined.filter, before), either: joined.filter, last: before };
    } else if (joined.either === undefined) {
      joined = single(and(joined.filter, before));
    } else {
      const last = and(joined.last, before);
      joined = { filter: or(joined.either, last), either: joined.either, last };
    }
  }
  return joined;
}

function single(filter: ItemFilter): Joined {
  return { filter, last: filter };
}

function and(first: ItemFilter, second: ItemFilter): ItemFilter {
  return (item, run) => {
    const answer = first(item, run);
    return answer === true ? second(item, run) : answer;
  };
}

function or(first: ItemFilter, second: ItemFilter): ItemFilter {
  return (item, run) => {
    const answer = first(item, run);
    return answer === false ? second(item, run) : answer;
  };
}

function parseCriterion(text: string, parsePath: ParsePath): ItemFilter {
  const operator = OPERATORS.find((candidate) => text.includes(candidate));
  if (operator === undefined) return parseExistence(text, parsePath);
  const at = text.indexOf(operator);
  const left = javaTrim(text.slice(0, at));
  // The negation before a compared path is read and has no effect.
  const asked = parseOperand(left.startsWith("!@") ? left.slice(1) : left, parsePath);
  const expected = parseOperand(javaTrim(text.slice(at + operator.length)), parsePath);
  return compareWith(operator, asked, expected);
}

/** `@.isbn`, `!@.isbn`: whether there is something other than null. */
function parseExistence(text: string, parsePath: ParsePath): ItemFilter {
  const negated = text.startsWith("!@");
  if (!negated && !isPath(text)) throw syntaxError(text, "is neither a comparison nor a path");
  const steps = parseDefinite(negated ? text.slice(1) : text, parsePath);
  return (item, run) => {
    const exhausted = spend(run, steps.length);
    if (exhausted !== undefined) return exhausted;
    // Of the item, even when the path starts at the document.
    const value = evaluateDefinite(steps, item);
    if (!(value instanceof PathFailure)) return (value !== null) !== negated;
    return value.kind === "notFound" ? negated : value;
  };
}

function parseOperand(text: string, parsePath: ParsePath): Operand {
  if (isPath(text)) return { kind: "path", steps: parseDefinite(text, parsePath), ofDocument: text.startsWith("$") };
  if (text.startsWith("!@")) throw syntaxError(text, "may be negated only to ask whether it exists, as in [?(!@.a)]");
  if (text.startsWith("'") && text.endsWith("'")) {
    if (text.length === 1) throw syntaxError(text, "is not closed");
    return { kind: "value", value: text.slice(1, -1) };
  }
  if (text.startsWith("/") && /\/i?$/.test(text)) return { kind: "value", value: parsePattern(text) };
  return { kind: "value", value: text };
}

/**
 * Regular expressions run on RE2's automaton: time grows with the text only, whatever the pattern. So look-around, back
 * references and possessive quantifiers, which need backtracking, are refused here, before anything runs. AWS's "Paths"
 * page calls filtering by regular expression unsupported; Jayway has it.
 */
function parsePattern(text: string): RE2JS {
  const end = text.lastIndexOf("/");
  if (end === 0) throw syntaxError(text, "is not a regular expression between slashes");
  try {
    return RE2JS.compile(text.slice(1, end), text.endsWith("i") ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    throw syntaxError(text, `is not a supported regular expression: ${error instanceof Error ? error.message : error}`);
  }
}

function isPath(text: string): boolean {
  return text.startsWith("$") || text.startsWith("@");
}

function parseDefinite(text: string, parsePath: ParsePath): readonly DefiniteStep[] {
  const steps = parsePath(text);
  if (!isDefinite(steps)) throw syntaxError(text, "must lead to one value, as every path in a filter");
  return steps;
}

function syntaxError(text: string, rule: string): JsonPathSyntaxError {
  return new JsonPathSyntaxError(`Invalid filter: '${shownPath(text)}' ${rule}`);
}
