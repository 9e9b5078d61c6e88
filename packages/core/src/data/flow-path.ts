/** Paths into data as CloudFlow's languages have them (cloudflow.md 5.1, 6.1): what is not there is null. */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { getOwn } from "./own-property.ts";

/** A member, an element (negative: from the end), everything (`[*]`), or a slice. */
export type PathStep = string | number | null | { readonly from: number | null; readonly to: number | null };

/** `value`, then each step. With `[*]` or a slice, the list of all that was found; else one value, or null. */
export function followPath(value: Json | undefined, steps: readonly PathStep[]): Json {
  let found: Json[] = value === undefined ? [] : [value];
  let many = false;
  for (const step of steps) {
    many ||= step === null || typeof step === "object";
    found = found.flatMap((at) => stepInto(at, step));
  }
  return many ? found : (found[0] ?? null);
}

function stepInto(value: Json, step: PathStep): readonly Json[] {
  if (step === null) return isJsonArray(value) ? value : isJsonObject(value) ? Object.values(value) : [];
  if (typeof step === "object") return isJsonArray(value) ? value.slice(step.from ?? 0, step.to ?? undefined) : [];
  if (typeof step === "number") return elementOf(value, step);
  const member = isJsonObject(value) ? getOwn(value, step) : undefined;
  return member === undefined ? [] : [member];
}

function elementOf(value: Json, index: number): readonly Json[] {
  if (isJsonObject(value)) return stepInto(value, String(index));
  const element = isJsonArray(value) ? value.at(index) : undefined;
  return element === undefined ? [] : [element];
}

/** By value, whatever the order of members. */
export function sameValue(one: Json, other: Json): boolean {
  if (one === other) return true;
  if (isJsonArray(one)) {
    return isJsonArray(other) && one.length === other.length && one.every((item, at) => sameValue(item, other[at]!));
  }
  return isJsonObject(one) && isJsonObject(other) && sameMembers(one, other);
}

function sameMembers(one: JsonObject, other: JsonObject): boolean {
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => Object.hasOwn(other, name) && sameValue(one[name]!, other[name]!));
}
