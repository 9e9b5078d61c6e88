/** What stands between brackets, as Jayway JsonPath 2.0.0 reads it: leniently, by the first character that it knows. */
import { type ParsePath, parseFilter, placeholderFilter } from "./json-path-filter-parser.ts";
import { propertyStep, type Step } from "./json-path-step.ts";
import { JsonPathSyntaxError, shownPath } from "./json-path-syntax-error.ts";

/** `[?]`, `[?,?]`: places for filters that a Java program hands over beside the path. */
const PLACEHOLDERS = /^\[\s*\?[\s,*?]*\]$/;

/** `fragment` starts with `[` and normally ends with the bracket that closes it. `parsePath` parses the paths in a filter. */
export function parseSubscript(fragment: string, parsePath: ParsePath): Step {
  if (fragment === "[*]") return { kind: "wildcard" };
  if (PLACEHOLDERS.test(fragment)) return { kind: "filter", accepts: placeholderFilter };
  for (let at = 0; at < fragment.length; at++) {
    const char = fragment[at] as string;
    if (char === "?") return { kind: "filter", accepts: parseFilter(filterText(fragment), parsePath) };
    if (char === "'") return parseNames(fragment, at);
    if (char === "@") return parseFromEnd(fragment, at + 2);
    if (isDigit(char) || char === ":" || char === "-") return parseNumbers(fragment, at);
  }
  throw syntaxError(fragment, "has neither a quoted name, nor an index, nor a filter in it");
}

/** `['a']`, `['a','b']`. There are no escapes: a name ends at the next quote, and the list at the first bracket. */
function parseNames(fragment: string, start: number): Step {
  const names: string[] = [];
  let nameStart = -1;
  let at = start;
  for (; charAt(fragment, at) !== "]"; at++) {
    if (fragment[at] !== "'") continue;
    if (nameStart >= 0) names.push(fragment.slice(nameStart, at));
    nameStart = nameStart >= 0 ? -1 : at + 1;
  }
  const [first] = names;
  return first !== undefined && names.length === 1 ? propertyStep(first) : { kind: "properties", names };
}

/** `[(@.length-1)]`, `[(@.size()-1)]`: `start` is after the `@.`. */
function parseFromEnd(fragment: string, start: number): Step {
  const minus = fragment.indexOf("-", start);
  const measure = fragment.slice(start, Math.max(start, minus)).replace(/[ ()]/g, "");
  if (minus < 0 || (measure !== "size" && measure !== "length")) {
    throw syntaxError(fragment, "may use @ only as [(@.length-n)] or [(@.size()-n)]");
  }
  const end = fragment.indexOf(")", minus);
  if (end < 0) throw syntaxError(fragment, "is not closed");
  return { kind: "fromEnd", offset: parseInt32(fragment, fragment.slice(minus, end).replaceAll(" ", "")) };
}

/** `[1]`, `[1,2]`, `[1:]`, `[:2]`, `[1:2]`. A third part, the step of other dialects, is read and has no effect. */
function parseNumbers(fragment: string, start: number): Step {
  const numbers: number[] = [];
  let digits = "";
  let slice: "sliceFrom" | "sliceTo" | "sliceBetween" | undefined;
  let listed = false;
  const closeNumber = (): void => {
    numbers.push(parseInt32(fragment, digits));
    digits = "";
  };
  for (let at = start; ; at++) {
    const char = charAt(fragment, at);
    if (char === ":") {
      const open = digits === "";
      if (!open) closeNumber();
      [digits, at] = readDigits(fragment, at + 1);
      const found = open ? "sliceTo" : digits === "" ? "sliceFrom" : "sliceBetween";
      if (found !== "sliceFrom") closeNumber();
      slice = firstOf(slice, found);
      // Whatever ended the second number is passed over, unless it closes the brackets.
      if (fragment[at] === "]") break;
    } else if (char === ",") {
      closeNumber();
      listed = true;
    } else if (isDigit(char) || char === "-") digits += char;
    else if (char !== " ") break;
  }
  if (digits !== "") closeNumber();
  return numbersStep(fragment, numbers, listed, slice);
}

const SLICES = ["sliceFrom", "sliceTo", "sliceBetween"] as const;
type Slice = (typeof SLICES)[number];

/** Which form wins when a text has the marks of several. */
function firstOf(one: Slice | undefined, other: Slice): Slice {
  return one !== undefined && SLICES.indexOf(one) < SLICES.indexOf(other) ? one : other;
}

function numbersStep(fragment: string, numbers: readonly number[], listed: boolean, slice: Slice | undefined): Step {
  const [first, second] = numbers;
  if (first !== undefined) {
    const openSlice = slice === "sliceFrom" || slice === "sliceTo";
    if (numbers.length === 1 && !openSlice) return { kind: "index", index: first };
    if (listed) return { kind: "indices", indices: numbers };
    if (slice === "sliceFrom") return { kind: "sliceFrom", from: first };
    if (slice === "sliceTo") return { kind: "sliceTo", to: first };
    if (slice === "sliceBetween" && second !== undefined) return { kind: "sliceBetween", from: first, to: second };
  }
  throw syntaxError(fragment, "has no index or slice in it");
}

/** The digits and minus signs from `start` on, blanks left out, and the position of what ends them. */
function readDigits(fragment: string, start: number): [digits: string, end: number] {
  let digits = "";
  for (let at = start; ; at++) {
    const char = charAt(fragment, at);
    if (isDigit(char) || char === "-") digits += char;
    else if (char !== " ") return [digits, at];
  }
}

/** The part of a fragment that is the filter: up to the first `]` outside of quotes and of round brackets. */
function filterText(fragment: string): string {
  let quoted = false;
  let round = 0;
  let square = 0;
  for (let at = 0; ; at++) {
    const char = charAt(fragment, at);
    if (char === "'") {
      if (fragment[at - 1] !== "\\") quoted = !quoted;
    } else if (quoted) continue;
    else if (char === "(") round++;
    else if (char === ")") round--;
    else if (char === "[") square++;
    else if (char === "]") {
      square--;
      if (round !== 0) continue;
      if (square !== 0) throw syntaxError(fragment, "has brackets that do not match");
      return fragment.slice(0, at + 1);
    }
  }
}

function charAt(fragment: string, at: number): string {
  const char = fragment[at];
  if (char === undefined) throw syntaxError(fragment, "is not closed");
  return char;
}

function isDigit(char: string): boolean {
  return char >= "0" && char <= "9";
}

function parseInt32(fragment: string, digits: string): number {
  const value = /^-?\d+$/.test(digits) ? Number(digits) : Number.NaN;
  // `| 0` alone would wrap around silently.
  if (value !== (value | 0)) throw syntaxError(fragment, `must have a whole 32 bit number, not '${shownPath(digits)}'`);
  return value | 0;
}

function syntaxError(fragment: string, rule: string): JsonPathSyntaxError {
  return new JsonPathSyntaxError(`Invalid path: '${shownPath(fragment)}' ${rule}`);
}
