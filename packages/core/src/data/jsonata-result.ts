/** From the evaluator's values to JSON: no marks, no holes, no functions, nothing of the evaluator's own. */

import { library } from "../generated/jsonata-sync.ts";
import type { Json } from "../json.ts";
import { JsonataUnsupportedResult } from "./jsonata-errors.ts";
import { LimitReached, NESTING_MAX, STACK_OVERFLOW, spend } from "./jsonata-meter.ts";
import { setOwn } from "./own-property.ts";

/** `undefined` for nothing. Shares what is JSON already. Throws JsonataUnsupportedResult, LimitReached. */
export function jsonResult(value: unknown): Json | undefined {
  return value === undefined ? undefined : converted(value, 0);
}

function converted(value: unknown, depth: number): Json {
  spend(4);
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return finite(value);
    case "undefined":
      return null;
    case "object":
      if (value === null) return null;
      if (depth >= NESTING_MAX) throw new LimitReached(STACK_OVERFLOW);
      if (Array.isArray(value)) return convertedArray(value, depth);
      if (!library.isFunction(value)) return convertedObject(value as Readonly<Record<string, unknown>>, depth);
  }
  throw new JsonataUnsupportedResult();
}

/** AWS writes what JSON has no number for as a text: `[1/0]` gives `["Infinity"]` (reported by users). */
function finite(value: number): Json {
  if (!Number.isFinite(value)) return String(value);
  return value === 0 ? 0 : value;
}

function convertedArray(array: readonly unknown[], depth: number): Json {
  let copy: Json[] | undefined = Object.getOwnPropertySymbols(array).length > 0 ? [] : undefined;
  for (let i = 0; i < array.length; i++) {
    const element = converted(array[i], depth + 1);
    if (copy === undefined && !Object.is(element, array[i])) copy = array.slice(0, i) as Json[];
    copy?.push(element);
  }
  return copy ?? (array as readonly Json[]);
}

function convertedObject(object: Readonly<Record<string, unknown>>, depth: number): Json {
  let copy: { [key: string]: Json } | undefined;
  const keys = Object.keys(object);
  keys.forEach((key, index) => {
    const member = object[key];
    const value = member === undefined ? undefined : converted(member, depth + 1);
    if (copy === undefined && !Object.is(value, member)) copy = membersBefore(object, keys, index);
    else if (copy === undefined && value === undefined) copy = membersBefore(object, keys, index);
    if (copy !== undefined && value !== undefined) setOwn(copy, key, value);
  });
  return copy ?? (object as { readonly [key: string]: Json });
}

function membersBefore(
  object: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  end: number,
): { [key: string]: Json } {
  const copy: { [key: string]: Json } = {};
  for (const key of keys.slice(0, end)) setOwn(copy, key, object[key] as Json);
  return copy;
}
