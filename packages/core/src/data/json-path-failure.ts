import type { Json } from "../json.ts";
import { isJsonObject } from "../json.ts";

/**
 * - `notFound`: nothing is there. A wildcard over an array passes over it, a filter takes it for false.
 * - `misapplied`: the path asks of a value what its type cannot give. It ends the read, filters and wildcards included.
 * - `exhausted`: the read took more steps than a read may take.
 */
type PathFailureKind = "notFound" | "misapplied" | "exhausted";

/** Why a read gave nothing. Handed back, never thrown: a missing value is an ordinary answer and must be cheap. */
export class PathFailure {
  readonly kind: PathFailureKind;
  /** Called only where the failure is shown: most are passed over. */
  readonly describe: () => string;

  constructor(kind: PathFailureKind, describe: () => string) {
    this.kind = kind;
    this.describe = describe;
  }
}

/** Where a value was found, as a chain back to the document. `undefined` is the document itself. */
export interface Place {
  readonly parent: Place | undefined;
  readonly key: string | number;
}

/** A place in Jayway's words: `$['orders'][0]`. */
function placeText(place: Place | undefined): string {
  const keys: string[] = [];
  for (let at = place; at !== undefined; at = at.parent) {
    keys.push(typeof at.key === "number" ? `[${at.key}]` : `['${at.key}']`);
  }
  return `$${keys.reverse().join("")}`;
}

/** A missing last step. Recorded on AWS: `Invalid path '$.X' : No results for path: $['X']`. */
export function noResults(place: Place): PathFailure {
  return new PathFailure("notFound", () => `No results for path: ${placeText(place)}`);
}

/** A missing step with steps after it. Recorded on AWS: `Invalid path '$.no.such' : Missing property in path $['no']`. */
export function missingProperty(place: Place): PathFailure {
  return new PathFailure("notFound", () => `Missing property in path ${placeText(place)}`);
}

/** A member asked of something that is no object: `Property ['length()'] not found in path $['list']`, recorded on AWS. */
export function notAnObject(fragment: () => string, place: Place | undefined): PathFailure {
  return new PathFailure("notFound", () => `Property ${fragment()} not found in path ${placeText(place)}`);
}

export function indexOutOfBounds(place: Place): PathFailure {
  return new PathFailure("notFound", () => `Index out of bounds when evaluating path ${placeText(place)}`);
}

export function nullInsteadOfArray(place: Place | undefined): PathFailure {
  return new PathFailure("notFound", () => `The path ${placeText(place)} is null`);
}

export function notAnArray(rest: () => string, value: Json): PathFailure {
  return new PathFailure(
    "misapplied",
    () => `Filter: ${rest()} can only be applied to arrays. Current context is: ${shownValue(value)}`,
  );
}

export function filterOnPrimitive(rest: () => string, value: Json): PathFailure {
  return new PathFailure(
    "misapplied",
    () => `Filter: ${rest()} can not be applied to primitives. Current context is: ${shownValue(value)}`,
  );
}

export function severalNamesMustBeLast(fragment: () => string, place: Place | undefined): PathFailure {
  return new PathFailure(
    "misapplied",
    () => `Multi properties can only be used as path leafs: ${placeText(place)}${fragment()}`,
  );
}

export function evaluationFailure(message: string): PathFailure {
  return new PathFailure("misapplied", () => message);
}

const SHOWN_DEPTH_MAX = 4;
const SHOWN_MEMBERS_MAX = 20;
const SHOWN_TEXT_MAX = 200;

/** A value as messages show it: JSON, cut short where it is long or deep. */
function shownValue(value: Json, depth = 0): string {
  if (typeof value === "string") return shownText(depth === 0 ? value : JSON.stringify(value));
  if (typeof value !== "object" || value === null) return String(value);
  if (depth === SHOWN_DEPTH_MAX) return "…";
  if (!isJsonObject(value)) {
    return `[${cut(
      value.slice(0, SHOWN_MEMBERS_MAX).map((item) => shownValue(item, depth + 1)),
      value.length,
    )}]`;
  }
  const names = Object.keys(value);
  const shown = names.slice(0, SHOWN_MEMBERS_MAX);
  const members = shown.map(
    (name) => `${shownText(JSON.stringify(name))}:${shownValue(value[name] as Json, depth + 1)}`,
  );
  return `{${cut(members, names.length)}}`;
}

function cut(shown: readonly string[], count: number): string {
  return (shown.length < count ? [...shown, "…"] : shown).join(",");
}

function shownText(text: string): string {
  return text.length <= SHOWN_TEXT_MAX ? text : `${text.slice(0, SHOWN_TEXT_MAX)}…`;
}
