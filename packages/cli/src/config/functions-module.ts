import { basename } from "node:path";
import { pathToFileURL } from "node:url";

/** Whether what is named as the configuration is a module of functions, such as `stepwell.functions.ts`. */
export function isFunctionsModule(file: string): boolean {
  return /\.[cm]?[jt]s$/i.test(file);
}

/**
 * The configuration that a module of functions stands for, as text: each function it exports, by its own name where it has
 * one (those of `defineFunctions`), else by the name it is exported as. Throws what the module throws when it is loaded.
 */
export async function configOfFunctions(file: string): Promise<string> {
  const exports = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  const functions = Object.entries(exports)
    .filter(([, value]) => typeof value === "function")
    .map(([name, value]) => [nameOf(value, name), { handler: `./${basename(file)}#${name}` }] as const);
  return JSON.stringify({ functions: Object.fromEntries(functions) });
}

function nameOf(value: unknown, exportName: string): string {
  const { functionName } = value as { readonly functionName?: unknown };
  return typeof functionName === "string" ? functionName : exportName;
}
