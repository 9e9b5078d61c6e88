/** The text of a CloudFlow flow: what the compiler finds in it, with the places, and the machine that it becomes. */
import { compileFlow, type FlowDiagnostic, type Json } from "@stepwell/core";
import { parseDefinition, placeOf, type TextFinding } from "./definition-source.ts";

export interface ReadFlow {
  /** What the flow runs as, JSON text; absent when it is refused. */
  readonly machine?: string;
  readonly findings: readonly TextFinding[];
}

const ALIASES_MAX = 100;

/** Reads and compiles the text as the service does. */
export function readFlow(text: string, isExpress: boolean): ReadFlow {
  const document = parseDefinition(text);
  const problem = document?.errors[0];
  if (document === undefined || problem !== undefined) {
    const [from, to] = problem?.pos ?? [0, 1];
    const message = problem?.message.split("\n", 1)[0] ?? "The YAML is nested too deeply.";
    return { findings: [{ severity: "ERROR", code: "INVALID_YAML", message, location: "/", from, to }] };
  }
  // As JSON: YAML's own times and binaries become the texts they are for the service.
  const value = JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: ALIASES_MAX }) ?? null)) as Json;
  const result = compileFlow(value, { type: isExpress ? "EXPRESS" : "STANDARD" });
  const findings = result.diagnostics.map((finding) => textFinding(finding, document));
  return result.ok ? { machine: JSON.stringify(result.flow.definition), findings } : { findings };
}

function textFinding(
  { severity, step, pointer, message }: FlowDiagnostic,
  document: NonNullable<ReturnType<typeof parseDefinition>>,
): TextFinding {
  const path = pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const [from, to] = placeOf(document, path);
  const words = step === undefined ? message : `${step}: ${message}`;
  return { severity, code: "FLOW", message: words, location: pointer === "" ? "/" : pointer, from, to };
}
