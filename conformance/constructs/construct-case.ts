/** What the construct library emits: conformance/data/cdk/README.md. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "@stepwell/core";

export interface ConstructCase {
  /** `SqsSendMessage.jsonata`. */
  readonly id: string;
  readonly family: string;
  /** The whole definition; one state alone is put into a machine. */
  readonly definition: JsonObject;
  readonly type: "STANDARD" | "EXPRESS";
}

interface CaseFile {
  readonly construct: string;
  readonly variant: string;
  readonly family: string;
  readonly kind: "state" | "definition";
  readonly stateName?: string;
  readonly asl?: JsonObject;
  readonly error?: unknown;
  readonly serviceRejects?: unknown;
  readonly machine?: { readonly StateMachineType?: "STANDARD" | "EXPRESS" };
}

const DIRECTORY = join(import.meta.dirname, "../data/cdk");

/** Every case that has ASL which AWS takes. */
export function constructCases(): ConstructCase[] {
  return readdirSync(DIRECTORY)
    .filter((name) => name.endsWith(".json") && name !== "fixtures.json")
    .map((name) => JSON.parse(readFileSync(join(DIRECTORY, name), "utf8")) as CaseFile)
    .flatMap((file) => {
      if (file.asl === undefined || file.error !== undefined || file.serviceRejects !== undefined) return [];
      const { construct, variant, family, kind, stateName = "State", asl } = file;
      const definition = kind === "definition" ? asl : { StartAt: stateName, States: { [stateName]: alone(asl) } };
      const type = file.machine?.StateMachineType ?? "STANDARD";
      return [{ id: `${construct}.${variant}`, family, definition, type }];
    });
}

/** What followed is not there. */
function alone(state: JsonObject): JsonObject {
  const { Next: next, ...rest } = state;
  return next === undefined ? state : { ...rest, End: true };
}
