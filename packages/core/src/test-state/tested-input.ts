import { parseJsonLikeJackson } from "../definition/jackson-error.ts";
import type { Payload } from "../execution/payload.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { invalid, StateTestRefusal } from "./refusal.ts";

/** The input with the caller's own text, which is passed on as it is (recorded). */
export function parseInput(text = "{}"): Payload {
  const parsed = parseJsonLikeJackson(text);
  if (parsed.ok) return { value: parsed.value, text };
  const reason = text.trim() === "" ? "Invalid execution input." : parsed.message;
  throw new StateTestRefusal("InvalidExecutionInput", `Invalid State Machine Execution Input: '${reason}'`);
}

export function parseVariables(text: string): JsonObject {
  const parsed = parseJsonLikeJackson(text);
  if (!parsed.ok) throw invalid("Variables must be valid JSON");
  if (!isJsonObject(parsed.value)) throw invalid("Variables must be a JSON object.");
  return parsed.value;
}
