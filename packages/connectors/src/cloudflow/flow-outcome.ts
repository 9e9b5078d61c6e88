import type { Json } from "@stepwell/core";
import type { TaskOutcome } from "@stepwell/engine";

export function failed(error: string, cause: string): TaskOutcome & { kind: "failed" } {
  return { kind: "failed", error, cause };
}

/** A text as it is, everything else as JSON. */
export function stringOf(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
