/** A definition's text, JSON or YAML: as JSON for the core, and where things of the JSON stand in the text. */

import { diagnoseStateMachine, type LocatedDiagnostic } from "@stepwell/core";
import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument, stringify } from "yaml";

export type DefinitionFormat = "json" | "yaml";

/** Aliases may not make a text grow without bound. */
const ALIASES_MAX = 100;

export interface TextFinding {
  readonly severity: "ERROR" | "WARNING" | "INFO";
  readonly code: string;
  readonly message: string;
  /** Found by the server's lint: the definition is accepted all the same. */
  readonly isLint?: true;
  /** Where it is said to be: `/States/Pay/Resource`. */
  readonly location: string;
  /** Characters of the text. */
  readonly from: number;
  readonly to: number;
}

export interface ReadDefinition {
  /** JSON text; absent when the YAML cannot be read. */
  readonly json?: string;
  readonly findings: readonly TextFinding[];
}

type Document = ReturnType<typeof parseDocument>;

/** Reads and checks the text. `isExpress`: what its runs would be. */
export function readDefinition(text: string, format: DefinitionFormat, isExpress: boolean): ReadDefinition {
  const document = parseDefinition(text);
  const problem = document?.errors[0];
  if (format === "yaml" && (document === undefined || problem !== undefined)) {
    const [from, to] = problem?.pos ?? [0, 1];
    const message = problem?.message.split("\n", 1)[0] ?? "The YAML is nested too deeply.";
    return { findings: [{ severity: "ERROR", code: "INVALID_YAML", message, location: "/", from, to }] };
  }
  const json = format === "yaml" ? jsonOf(document as Document) : text;
  const diagnostics = diagnoseStateMachine(json, { type: isExpress ? "EXPRESS" : "STANDARD", lenientResources: true });
  return { json, findings: diagnostics.map((diagnostic) => findingOf(diagnostic, document, text)) };
}

/** Undefined for what is nested too deeply. */
export function parseDefinition(text: string): Document | undefined {
  try {
    return parseDocument(text, { strict: false });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const jsonOf = (document: Document): string => JSON.stringify(document.toJS({ maxAliasCount: ALIASES_MAX }) ?? null);

function findingOf(diagnostic: LocatedDiagnostic, document: Document | undefined, text: string): TextFinding {
  const { severity, code, message, location = "/", path } = diagnostic;
  const [from, to] = path.length === 0 ? syntaxPlace(message, text) : placeOf(document, path);
  return { severity, code, message, location, from, to };
}

/** JSON that cannot be read is told with its line and column. */
function syntaxPlace(message: string, text: string): readonly [number, number] {
  const [, line, column] = /line: (\d+), column: (\d+)/.exec(message) ?? [];
  if (line === undefined || column === undefined) return [0, Math.min(1, text.length)];
  const lines = text.split("\n");
  const before = lines.slice(0, Number(line) - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const at = Math.min(text.length, before + Number(column) - 1);
  return [Math.max(0, at - 1), at];
}

/** The range of what is at a path, or of the nearest thing above it that is there; of a member, its key. */
export function placeOf(document: Document | undefined, path: readonly (string | number)[]): readonly [number, number] {
  let node = document?.contents as Node | null | undefined;
  let found: readonly [number, number] = [0, 1];
  for (const step of path) {
    if (isAlias(node) && document !== undefined) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) return found;
      found = rangeOf(pair.key as Node) ?? found;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      node = node.items[Number(step)] as Node | undefined;
      found = rangeOf(node) ?? found;
    } else return found;
  }
  return isScalar(node) ? (rangeOf(node) ?? found) : found;
}

function rangeOf(node: Node | null | undefined): readonly [number, number] | undefined {
  const range = node?.range;
  return range === undefined || range === null ? undefined : [range[0], Math.max(range[0] + 1, range[1])];
}

/** The same definition in the other format, or laid out anew in its own; undefined when it cannot be read. */
export function formatDefinition(text: string, to: DefinitionFormat): string | undefined {
  const document = parseDefinition(text);
  if (document === undefined || document.errors.length > 0) return undefined;
  const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
  return to === "json" ? `${JSON.stringify(value, null, 2)}\n` : stringify(value, { lineWidth: 110 });
}
