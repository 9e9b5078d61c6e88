import type { Json, JsonObject } from "../json.ts";

/** Sets a member of an object under construction. `__proto__` becomes a member like any other. */
export function setOwn(object: { [key: string]: Json }, key: string, value: Json): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

/** A member of the object itself, never one that it inherits. */
export function getOwn(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
