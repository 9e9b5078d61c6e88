/** How objects with references in them become fields of a definition. */
import { Misuse } from "../misuse.ts";
import { expressionText, isExpression } from "./expression-code.ts";
import { arrayCall } from "./json-path.ts";
import { DISCARDED, isReference, pathOf, refuseConcatenation } from "./reference.ts";

/** Fields of a definition while it is being made: undefined members are not written. */
export type Fields = { readonly [name: string]: unknown };

const DEPTH_MAX = 200;

/** What may be asked of an object that holds references. */
// biome-ignore lint/complexity/noStaticOnlyClass: the shape the CDK's users know.
export class FieldUtils {
  /** Each reference's key gets its `.$`; members that are null or undefined are left out (those of lists stay). */
  static renderObject(object: Fields | undefined): Fields | undefined {
    return object === undefined ? undefined : (renderFields(object) as Fields);
  }
  /** The paths that an object refers to, those inside intrinsic functions too, each once. */
  static findReferencedPaths(object: Fields | undefined): string[] {
    return [...new Set(pathsIn(object, 0))].sort();
  }
  /** Whether a worker is given the token it has to answer with, by a path or a JSONata expression. */
  static containsTaskToken(object: unknown): boolean {
    return pathsIn(object, 0).some((path) => TOKEN_PATHS.has(path)) || hasJsonataToken(object, 0);
  }
}

const TOKEN_PATHS: ReadonlySet<string> = new Set(["$$.Task.Token", "$$.Task", "$$"]);
const TOKEN_JSONATA = /\$states\.context(\.Task(\.Token)?)?(?![.\w])/;

/** A value for JSONata fields, where a path would only be text. */
export function withoutReferences<T>(value: T): T {
  const path = referenceIn(value, 0);
  if (path === undefined) return value;
  throw new Misuse("JsonPath", `${path} is JSONPath, and this state speaks JSONata: write it as {% … %}`);
}

/** A value for JSONPath fields (`Parameters`, `Assign`, …). */
export function renderFields(value: unknown, depth: number = 0): unknown {
  if (typeof value !== "object" || value === null || isReference(value)) return value;
  if (isExpression(value)) {
    throw new Misuse("JsonPath", `${expressionText(value)} is JSONata, and this state speaks JSONPath`);
  }
  if (depth > DEPTH_MAX)
    throw new Misuse("JsonPath", `an object more than ${DEPTH_MAX} deep, or one that holds itself`);
  if (Array.isArray(value)) {
    if (value.some(isReference))
      throw new Misuse("JsonPath", "a list with references in it must be a member of an object");
    return value.map((member) => renderFields(member, depth + 1));
  }
  const entries = Object.entries(value).flatMap(([key, member]) => renderMember(key, member, depth + 1));
  return Object.fromEntries(entries);
}

function renderMember(key: string, value: unknown, depth: number): [string, unknown][] {
  if (value === undefined || value === null) return [];
  if (value === DISCARDED) return [[key, null]];
  if (typeof value === "string" && !isReference(value)) refuseConcatenation(value);
  const path = pathOf(value);
  if (path !== undefined) return [[`${key}.$`, path]];
  // The language has no reference inside a list; the call that makes the same list is written instead.
  if (Array.isArray(value) && listsReference(value, depth)) return [[`${key}.$`, listCall(key, value)]];
  return [[key, renderFields(value, depth)]];
}

/** Whether a reference stands in a list, or in a list in it, where there is no key to mark. */
function listsReference(values: readonly unknown[], depth: number): boolean {
  if (depth > DEPTH_MAX) return false;
  return values.some((value) => isReference(value) || (Array.isArray(value) && listsReference(value, depth + 1)));
}

function listCall(key: string, values: readonly unknown[]): string {
  if (values.flat(DEPTH_MAX).some((value) => typeof value === "object" && value !== null && !isReference(value))) {
    throw new Misuse("JsonPath", `'${key}': a list of objects cannot hold a bare reference; put it into an object`);
  }
  return arrayCall(values);
}

/** The first reference there is, also a call without any path, such as `States.UUID()`. */
function referenceIn(value: unknown, depth: number): string | undefined {
  const path = pathOf(value);
  if (path !== undefined) return pathsIn(value, 0)[0] ?? path;
  if (typeof value !== "object" || value === null || depth > DEPTH_MAX) return undefined;
  for (const member of Object.values(value)) {
    const found = referenceIn(member, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function pathsIn(value: unknown, depth: number): string[] {
  const path = pathOf(value);
  if (path !== undefined) return path.startsWith("States.") ? pathsInCall(path) : [path];
  if (typeof value !== "object" || value === null || depth > DEPTH_MAX) return [];
  return Object.values(value).flatMap((member) => pathsIn(member, depth + 1));
}

// A literal is taken whole, so that a dollar in it begins no path; so is what stands in a path's brackets.
const LITERAL_OR_PATH = /'(?:[^'\\]|\\.)*'|\$(?:[^,()\s'[]|\[(?:'(?:[^'\\]|\\.)*'|[^\]'])*\])*/g;

function pathsInCall(call: string): string[] {
  return [...call.matchAll(LITERAL_OR_PATH)].map(([token]) => token).filter((token) => token.startsWith("$"));
}

function hasJsonataToken(value: unknown, depth: number): boolean {
  if (isExpression(value)) return TOKEN_JSONATA.test(expressionText(value));
  if (typeof value === "string") return value.startsWith("{%") && TOKEN_JSONATA.test(value);
  if (typeof value !== "object" || value === null || depth > DEPTH_MAX) return false;
  return Object.values(value).some((member) => hasJsonataToken(member, depth + 1));
}

/** What is written at last: nothing undefined, references that stayed are their paths, only JSON. */
export function toDefinitionJson(value: unknown, depth: number = 0): unknown {
  const path = pathOf(value);
  if (path !== undefined) return path;
  if (isExpression(value)) return expressionText(value);
  if (value === DISCARDED) return null;
  if (typeof value === "string") {
    refuseConcatenation(value);
    return value;
  }
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value !== "object") throw new Misuse("Definition", `${typeof value} ${String(value)} is no JSON`);
  if (depth > DEPTH_MAX)
    throw new Misuse("Definition", `more than ${DEPTH_MAX} levels deep, or a value that holds itself`);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((member) => toDefinitionJson(member ?? null, depth + 1));
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [key, toDefinitionJson(member, depth + 1)]));
}
