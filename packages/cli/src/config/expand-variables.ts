/** Puts variables of the server into texts of the configuration: `${NAME}`, `${NAME:-default}`; `$${` is `${` itself. */
import type { ConfigEnvironment } from "./load-config.ts";

export interface MissingVariable {
  readonly path: readonly string[];
  readonly message: string;
}

const VARIABLE = /\$\$\{|\$\{([^}:]*)(?::-([^}]*))?\}/g;

/** The same value with the texts at the chosen paths expanded, and the variables that are not set. */
export function expandVariables(
  value: unknown,
  env: ConfigEnvironment,
  isExpanded: (path: readonly string[]) => boolean,
): { readonly expanded: unknown; readonly missing: readonly MissingVariable[] } {
  const missing: MissingVariable[] = [];
  const textOf = (text: string, path: readonly string[]) =>
    text.replace(VARIABLE, (whole, wanted: string | undefined, preset: string | undefined) => {
      if (wanted === undefined) return whole.slice(1);
      const found = preset === undefined ? env[wanted] : env[wanted] || preset;
      if (found === undefined)
        missing.push({ path, message: `\${${wanted}} is not set in the environment of the server` });
      return found ?? "";
    });
  const visit = (item: unknown, path: readonly string[]): unknown => {
    if (typeof item === "string") return isExpanded(path) ? textOf(item, path) : item;
    if (Array.isArray(item)) return item.map((element, index) => visit(element, [...path, String(index)]));
    if (typeof item !== "object" || item === null) return item;
    return Object.fromEntries(Object.entries(item).map(([name, member]) => [name, visit(member, [...path, name])]));
  };
  return { expanded: visit(value, []), missing };
}
