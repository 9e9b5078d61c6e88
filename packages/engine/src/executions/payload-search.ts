/**
 * Whether a payload (JSON text) holds a value at a path. Parsing is what a search inside thousands of payloads costs, so a
 * text that cannot hold it is told apart by looking for its members' names and its value as they are written.
 *
 * I1. What is left out would not have matched: a text with an escape (any backslash) is parsed, and so is one whose numbers
 *     may be written otherwise (`5.0`, `5e0`) when a number is looked for.
 */
import { type Json, type JsonPath, jsonEquals } from "@stepwell/core";

/** Names and indexes alone: of filters nothing needs to stand in the text. */
const PLAIN_PATH = /^\$(?:\.[A-Za-z_]\w*|\[(?:\d+|\*)\])*$/;
const NAMES = /[A-Za-z_]\w*/g;
const OTHER_NUMBERS = /\d[.eE]/;

export function payloadHolds(path: JsonPath, wanted: Json): (payload: string) => boolean {
  const parts = partsOf(path, wanted);
  const isNumber = typeof wanted === "number";
  return (payload) => {
    if (parts.length > 0 && !payload.includes("\\") && parts.some((part) => !payload.includes(part))) {
      if (!isNumber || !OTHER_NUMBERS.test(payload)) return false;
    }
    return holds(path, payload, wanted);
  };
}

/** What stands in each text that holds it and has no escapes. */
function partsOf({ text }: JsonPath, wanted: Json): readonly string[] {
  if (!PLAIN_PATH.test(text)) return [];
  const names = (text.match(NAMES) ?? []).map((name) => JSON.stringify(name));
  const value = writtenAs(wanted);
  return value === undefined ? names : [...names, value];
}

/** The only way to write it without escapes; undefined when there are others. */
function writtenAs(value: Json): string | undefined {
  if (typeof value === "object" && value !== null) return undefined;
  if (typeof value === "number" && !Number.isSafeInteger(value)) return undefined;
  const text = JSON.stringify(Object.is(value, -0) ? 0 : value);
  return text.includes("\\") ? undefined : text;
}

function holds(path: JsonPath, payload: string, wanted: Json): boolean {
  const result = path.read(JSON.parse(payload) as Json);
  if (!result.found) return false;
  if (path.definite || !Array.isArray(result.value)) return jsonEquals(result.value, wanted);
  return result.value.some((value) => jsonEquals(value, wanted));
}
