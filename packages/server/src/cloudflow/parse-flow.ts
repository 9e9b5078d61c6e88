import { type CompiledFlow, compileFlow, type FlowDiagnostic, type Json, type StateMachineType } from "@stepwell/core";
import { parseDocument } from "yaml";
import { invalidArgument } from "./errors.ts";

/** Findings shown in one message. */
const SHOWN_MAX = 10;
/** References to anchors, so that a small text cannot become a large value. */
const ALIASES_MAX = 100;

/** Reads and compiles the text of a flow, YAML or JSON. Throws InvalidArgument with what is wrong, by step. */
export function parseFlow(text: string, type: StateMachineType): CompiledFlow {
  const result = compileFlow(flowValue(text), { type });
  if (result.ok) return result.flow;
  const errors = result.diagnostics.filter(({ severity }) => severity === "ERROR");
  const rest = errors.length > SHOWN_MAX ? `; and ${errors.length - SHOWN_MAX} more` : "";
  throw invalidArgument(`Definition: ${errors.slice(0, SHOWN_MAX).map(sentence).join("; ")}${rest}`);
}

/** Also what runs out of stack, absurdly nested, is only text that does not parse. */
function flowValue(text: string): Json {
  try {
    const document = parseDocument(text, { version: "1.2", merge: true, prettyErrors: true, logLevel: "silent" });
    const [problem] = document.errors;
    if (problem !== undefined) throw problem;
    return jsonOf(document.toJS({ maxAliasCount: ALIASES_MAX }));
  } catch (error) {
    throw invalidArgument(`Definition does not parse: ${(error as Error).message.split("\n")[0]}`);
  }
}

function sentence({ step, pointer, message }: FlowDiagnostic): string {
  const place = pointer === "" ? "" : ` at ${pointer}`;
  return step === undefined ? `${message}${place}` : `step '${step}'${place}: ${message}`;
}

/** What YAML has beyond JSON (infinities, dates of other schemas) is refused or written as text. */
function jsonOf(value: unknown): Json {
  const text = JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === "number" && !Number.isFinite(member)) throw new Error(`${member} is no number of JSON`);
    return typeof member === "bigint" ? Number(member) : member;
  });
  return text === undefined ? null : (JSON.parse(text) as Json);
}
