import { isExpression } from "../fields/expression-code.ts";
import { JsonPath } from "../fields/json-path.ts";
import { isJsonataExpression } from "../fields/jsonata.ts";
import { isReference } from "../fields/reference.ts";

/** What is known only when an execution runs: a reference or a JSONata expression. */
export function isDynamic(value: unknown): boolean {
  return isReference(value) || isExpression(value) || (typeof value === "string" && isJsonataExpression(value));
}

/** The number at a path given as text or as a reference. */
export function numberAtPath(path: string): unknown {
  return isReference(path) ? path : JsonPath.numberAt(path);
}

/** Whether a number is known here and outside its range. */
export function isOutside(value: number | undefined, least: number, most: number): boolean {
  return value !== undefined && !isDynamic(value) && !(value >= least && value <= most);
}

/** Whether a text, or a list, is known here and too short or too long. */
export function hasWrongLength(value: string | readonly unknown[] | undefined, least: number, most: number): boolean {
  return value !== undefined && !isDynamic(value) && (value.length < least || value.length > most);
}

/** An object's members as a list of `{ Key, Value }`. */
export function keyValues(
  members: { readonly [key: string]: unknown } | undefined,
): { Key: string; Value: unknown }[] | undefined {
  return members === undefined ? undefined : Object.entries(members).map(([Key, Value]) => ({ Key, Value }));
}
