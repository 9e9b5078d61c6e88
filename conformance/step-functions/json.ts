export type { Json, JsonObject } from "@stepwell/core";

import type { Json, JsonObject } from "@stepwell/core";

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isJsonArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
