import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FunctionBehaviour, RecordedCase } from "./recorded-case.ts";

const DATA: string = join(import.meta.dirname, "..", "data", "step-functions");

/** All recorded cases, in the order of their files' names. */
export function readCases(directory: string = join(DATA, "cases")): RecordedCase[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(directory, name), "utf8")) as RecordedCase);
}

/** The behaviours that a case's Lambda functions may have, by name. */
export function readFunctionBehaviours(): { readonly [name: string]: FunctionBehaviour } {
  return JSON.parse(readFileSync(join(DATA, "functions.json"), "utf8")) as { [name: string]: FunctionBehaviour };
}
