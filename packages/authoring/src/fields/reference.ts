/**
 * References to data that exist only while an execution runs, standing in for the strings, numbers and lists that
 * properties ask for. A string reference is a string that carries its path between two control characters, so that one
 * that was concatenated is still seen; a number's is an object that refuses arithmetic.
 */
import { Misuse } from "../misuse.ts";

const OPEN = "\u0002jsonpath:";
const OPEN_LIST = "\u0002jsonpath-list:";
const CLOSE = "\u0003";
/** Becomes null in a definition, wherever it stands. */
export const DISCARDED: string = `\u0002discard${CLOSE}`;

/** What stands for a number or an object until an execution runs. */
export class Reference {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  toString(): string {
    return stringReference(this.path);
  }

  [Symbol.toPrimitive](hint: string): string {
    if (hint !== "number") return this.toString();
    throw new Misuse("JsonPath", `${this.path} has no value before an execution runs: nothing can be computed with it`);
  }
}

export function stringReference(path: string): string {
  return `${OPEN}${path}${CLOSE}`;
}

export function listReference(path: string): string[] {
  return [`${OPEN_LIST}${path}${CLOSE}`];
}

/** The path that a string, number, list or object stands for; undefined when it is a plain value. */
export function pathOf(value: unknown): string | undefined {
  if (value instanceof Reference) return value.path;
  if (typeof value === "string") return pathInside(value, OPEN);
  if (Array.isArray(value) && value.length === 1) return pathInside(value[0], OPEN_LIST);
  return undefined;
}

export function isReference(value: unknown): boolean {
  return pathOf(value) !== undefined;
}

function pathInside(text: unknown, open: string): string | undefined {
  if (typeof text !== "string" || !text.startsWith(open) || !text.includes("\u0003")) return undefined;
  const end = text.indexOf(CLOSE);
  if (end === text.length - 1) return text.slice(open.length, end);
  throw concatenated(text);
}

/** Throws where a reference is a part of a longer text. */
export function refuseConcatenation(text: string): void {
  if (text.includes(OPEN) || text.includes(OPEN_LIST)) throw concatenated(text);
  if (text.includes(DISCARDED)) throw new Misuse("JsonPath", "JsonPath.DISCARD must stand alone");
}

function concatenated(text: string): Misuse {
  const shown = text.replaceAll(OPEN, "${").replaceAll(OPEN_LIST, "${").replaceAll(CLOSE, "}");
  return new Misuse(
    "JsonPath",
    `Field references must be the entire string, cannot concatenate them (found '${shown}'); use JsonPath.format`,
  );
}
