import { isJsonArray, isJsonObject, type Json } from "@stepwell/core";

/** Where `actual` differs from `expected`: JSON Pointers and what stands there, at most `limit`. Empty: it does not. */
export function differences(actual: Json, expected: Json, how: "equal" | "contained", limit = 5): string[] {
  const found: string[] = [];
  compare(actual, expected, "");
  return found;

  function compare(is: Json | undefined, wanted: Json, pointer: string): void {
    if (found.length >= limit) return;
    if (is === undefined) differ(pointer, `is missing, expected ${shown(wanted)}`);
    else if (isJsonObject(wanted) && isJsonObject(is)) compareObjects(is, wanted, pointer);
    else if (isJsonArray(wanted) && isJsonArray(is)) compareArrays(is, wanted, pointer);
    else if (is !== wanted) differ(pointer, `is ${shown(is)}, expected ${shown(wanted)}`);
  }

  function compareObjects(
    is: { readonly [key: string]: Json },
    wanted: { readonly [key: string]: Json },
    pointer: string,
  ): void {
    for (const [key, value] of Object.entries(wanted)) {
      compare(Object.hasOwn(is, key) ? is[key] : undefined, value, `${pointer}/${escaped(key)}`);
    }
    if (how === "contained") return;
    for (const [key, value] of Object.entries(is)) {
      if (!Object.hasOwn(wanted, key)) differ(`${pointer}/${escaped(key)}`, `is ${shown(value)}, expected nothing`);
    }
  }

  function compareArrays(is: readonly Json[], wanted: readonly Json[], pointer: string): void {
    if (is.length !== wanted.length) differ(pointer, `has ${is.length} elements, expected ${wanted.length}`);
    for (const [i, value] of wanted.entries()) if (i < is.length) compare(is[i], value, `${pointer}/${i}`);
  }

  function differ(pointer: string, what: string): void {
    if (found.length < limit) found.push(`${pointer === "" ? "it" : pointer} ${what}`);
  }
}

export function contains(actual: Json, expected: Json): boolean {
  return differences(actual, expected, "contained", 1).length === 0;
}

function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

const SHOWN_MAX = 120;

export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}…`;
}
