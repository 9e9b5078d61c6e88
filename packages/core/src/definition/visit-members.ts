import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { DefinitionPath } from "./findings.ts";

/**
 * Calls `visit` with every member of every object in `value`, outer ones first. `path` is where the member stands when
 * `value` stands at the path given. The depth of JSON is bounded by its parser (jackson-error.ts).
 */
export function visitMembers(
  value: Json,
  path: DefinitionPath,
  visit: (key: string, member: Json, path: DefinitionPath, holder: JsonObject) => void,
): void {
  if (isJsonArray(value)) {
    value.forEach((item, index) => {
      visitMembers(item, [...path, index], visit);
    });
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      const memberPath = [...path, key];
      visit(key, member, memberPath, value);
      visitMembers(member, memberPath, visit);
    }
  }
}

/** Calls `visit` with every value in `value`, itself included. */
export function visitValues(
  value: Json,
  path: DefinitionPath,
  visit: (value: Json, path: DefinitionPath) => void,
): void {
  visit(value, path);
  if (isJsonArray(value)) {
    value.forEach((item, index) => {
      visitValues(item, [...path, index], visit);
    });
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) visitValues(member, [...path, key], visit);
  }
}
