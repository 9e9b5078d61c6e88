import { isJsonArray, type Json, type JsonObject } from "../../json.ts";

/** A text that two values share exactly when they are equal as JSON: the order of members does not matter. */
export function canonicalText(value: Json): string {
  if (typeof value !== "object" || value === null) return value === 0 ? "0" : JSON.stringify(value);
  if (isJsonArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(value[key] as Json)}`);
  return `{${members.join(",")}}`;
}

export function jsonEquals(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (isJsonArray(a)) {
    return isJsonArray(b) && a.length === b.length && a.every((item, index) => jsonEquals(item, b[index] as Json));
  }
  return !isJsonArray(b) && objectsEqual(a, b);
}

function objectsEqual(a: JsonObject, b: JsonObject): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && jsonEquals(a[key] as Json, b[key] as Json))
  );
}
