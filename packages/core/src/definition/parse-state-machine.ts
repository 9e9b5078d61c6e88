import { isJsonObject, type Json } from "../json.ts";
import { DefinitionReader } from "./definition-reader.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { LocatedDiagnostic } from "./findings.ts";
import { parseJsonLikeJackson } from "./jackson-error.ts";
import type { FlowLanguage, QueryLanguage, StateMachine, StateMachineType } from "./state-machine.ts";

/** AWS's quota for the text of a definition, in characters. */
export const DEFINITION_CHARACTERS_MAX = 1_048_576;

/** The same for what is compiled from a flow. */
const FLOW_CHARACTERS_MAX = 16 * DEFINITION_CHARACTERS_MAX;

export interface ParseOptions {
  /** What its executions are; `STANDARD` unless said otherwise. */
  readonly type?: StateMachineType;
  /** Resources need not be AWS ARNs. */
  readonly lenientResources?: boolean;
  /** The text was written by `compileFlow` from a flow of this language; no text of ASL itself is read so. */
  readonly flow?: FlowLanguage | undefined;
}

export type ParseResult =
  | {
      readonly ok: true;
      readonly machine: StateMachine;
      /** Warnings. */
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Reads, checks and compiles a definition. text: JSON of at most 1,048,576 characters. All findings at once (at most
 * 1,000 errors and as many warnings): those of single objects in order of appearance, then those of how the states hang
 * together. Never throws.
 */
export function parseStateMachine(text: string, options: ParseOptions = {}): ParseResult {
  const { machine, findings } = readText(text, options);
  return result(machine, findings);
}

/** The findings of `parseStateMachine`, each with its place as data, for tools that show lines and columns. */
export function diagnoseStateMachine(text: string, options: ParseOptions = {}): readonly LocatedDiagnostic[] {
  return readText(text, options).findings;
}

export interface ParseStateOptions extends ParseOptions {
  /** What the state speaks unless it says otherwise; `JSONPath` unless said otherwise. */
  readonly queryLanguage?: QueryLanguage;
}

/** A state given alone, for TestState: a machine of this one state, whose own transitions need not lead anywhere. */
export function parseState(definition: Json, name: string, options: ParseStateOptions = {}): ParseResult {
  const reader = new DefinitionReader(readerOptions(options));
  const machine = reader.readState(definition, name, options.queryLanguage ?? "JSONPath");
  return result(machine, reader.findings.list());
}

/** The message of AWS's `InvalidDefinition` error. */
export function invalidDefinitionMessage(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "ERROR");
  const shown = errors.map(({ code, message, location }) => `${code}: ${message} at ${location ?? null}`);
  return `Invalid State Machine Definition: '${shown.join(", ")}'`;
}

function readerOptions(options: ParseOptions): ConstructorParameters<typeof DefinitionReader>[0] {
  return { type: options.type ?? "STANDARD", lenientResources: options.lenientResources ?? false, flow: options.flow };
}

interface Read {
  readonly machine?: StateMachine;
  readonly findings: readonly LocatedDiagnostic[];
}

function readText(text: string, options: ParseOptions): Read {
  // What is compiled from a flow is longer than the flow, whose own text is bounded.
  const longest = options.flow === undefined ? DEFINITION_CHARACTERS_MAX : FLOW_CHARACTERS_MAX;
  if (text.length > longest) {
    return refused("SCHEMA_VALIDATION_FAILED", `The definition is longer than ${longest} characters`);
  }
  const notAnObject = () => refused("SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object");
  if (text.trim() === "") return notAnObject();
  const parsed = parseJsonLikeJackson(text);
  if (!parsed.ok) return refused("INVALID_JSON_DESCRIPTION", parsed.full);
  if (!isJsonObject(parsed.value)) return notAnObject();
  const reader = new DefinitionReader(readerOptions(options));
  const machine = reader.readMachine(parsed.value);
  return { machine, findings: reader.findings.list() };
}

function refused(code: string, message: string): Read {
  return { findings: [{ severity: "ERROR", code, message, path: [] }] };
}

function result(machine: StateMachine | undefined, found: readonly LocatedDiagnostic[]): ParseResult {
  const diagnostics = found.map(({ path: _, ...diagnostic }) => diagnostic);
  const broken = diagnostics.some((diagnostic) => diagnostic.severity === "ERROR");
  if (broken || machine === undefined) return { ok: false, diagnostics };
  return { ok: true, machine, diagnostics };
}
