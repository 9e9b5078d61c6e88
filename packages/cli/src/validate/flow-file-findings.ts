import { compileFlow, type Json } from "@stepwell/core";
import { isFlow } from "../convert/flow-to-asl.ts";
import type { FileFinding } from "./file-findings.ts";
import type { Locator } from "./locate.ts";

/** The findings of a flow of CloudFlow; `undefined` when the text is none. */
export function flowFileFindings(text: string, locator: () => Locator): readonly FileFinding[] | undefined {
  const value = jsonOrNothing(text);
  if (value === undefined || !isFlow({ path: "", value })) return undefined;
  const { diagnostics } = compileFlow(value);
  if (diagnostics.length === 0) return [];
  const places = locator();
  return diagnostics.map(({ severity, step, pointer, message }) => ({
    severity,
    code: "CLOUDFLOW",
    message: step === undefined ? message : `step '${step}': ${message}`,
    pointer,
    ...places.positionOf(pathOf(pointer)),
  }));
}

function jsonOrNothing(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll("~1", "/").replaceAll("~0", "~")));
}
