/** JSON as a type. Pages that do not compute with the core must not load it: only its types are named here. */
import type { Json, JsonObject } from "@stepwell/core";

export type { Json, JsonObject };

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
