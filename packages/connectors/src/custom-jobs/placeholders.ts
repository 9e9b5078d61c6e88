import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";

/** Members of members; deeper is not looked. */
const DEPTH_MAX = 32;

/** The member at `a.b.0`, own members only. */
export function memberAt(value: Json | undefined, path: string): Json | undefined {
  let found: Json | undefined = value;
  for (const step of path === "" ? [] : path.split(".").slice(0, DEPTH_MAX)) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as JsonObject)[step];
  }
  return found;
}

const PLACEHOLDER = /\{((?:input|job|token)(?:\.[\w-]+)*)\}/g;

/** A text with the values of its placeholders in it, each made safe by `encode`. */
export function filledText(
  text: string,
  values: JsonObject,
  encode: (value: string) => string = (value) => value,
): string {
  return text.replace(PLACEHOLDER, (_whole, path: string) => {
    const value = memberAt(values, path);
    if (value === undefined) return "";
    return encode(typeof value === "string" ? value : JSON.stringify(value));
  });
}

/** A value whose texts are filled; a text that is nothing but a placeholder becomes the value itself. */
export function filledJson(value: Json, values: JsonObject, depth = 0): Json {
  if (depth > DEPTH_MAX) return value;
  if (typeof value === "string") {
    const whole = /^\{((?:input|job|token)(?:\.[\w-]+)*)\}$/.exec(value)?.[1];
    return whole === undefined ? filledText(value, values) : (memberAt(values, whole) ?? null);
  }
  if (isJsonArray(value)) return value.map((item) => filledJson(item, values, depth + 1));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filledJson(item, values, depth + 1)]));
}
