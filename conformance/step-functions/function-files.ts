import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FunctionBehaviour } from "./recorded-case.ts";
import type { FunctionUnderTest } from "./target.ts";

/** Handlers in a directory of their own, each as `handler.py`, the name it has in recorded stack traces. */
export interface FunctionFiles {
  readonly directory: string;
  /** What `stepwell.yaml` would have under `functions`. */
  readonly functions: { readonly [name: string]: { readonly handler: string; readonly timeoutSeconds: number } };
  remove(): void;
}

/** Writes each behaviour once and maps the functions to them. Throws when functions.json lacks a behaviour. */
export function writeFunctions(
  functions: readonly FunctionUnderTest[],
  behaviours: { readonly [name: string]: FunctionBehaviour },
): FunctionFiles {
  const directory = mkdtempSync(join(tmpdir(), "stepwell-functions-"));
  for (const name of new Set(functions.map(({ behaviour }) => behaviour))) {
    const behaviour = Object.hasOwn(behaviours, name) ? behaviours[name] : undefined;
    if (behaviour === undefined) throw new Error(`functions.json has no behaviour "${name}"`);
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, "handler.py"), behaviour.python);
  }
  const mapped = functions.map(({ name, behaviour, timeoutSeconds }) => [
    name,
    { handler: `./${behaviour}/handler.py:handler`, timeoutSeconds },
  ]);
  return {
    directory,
    functions: Object.fromEntries(mapped) as FunctionFiles["functions"],
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
