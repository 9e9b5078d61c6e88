import { readFile, stat } from "node:fs/promises";
import { extname } from "node:path";
import { LineCounter, parseDocument, type Document as YamlDocument } from "yaml";

/** Far more than a definition may have; a bound on what is read into memory. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;
/** How many times aliases may be expanded in one document: a bound on "billion laughs". */
const ALIASES_MAX = 100;

/** Where something stands in a file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface SyntaxProblem {
  readonly message: string;
  readonly position: Position;
}

/** A definition as JSON text, or what keeps the file from being one. */
export type DefinitionText = { readonly text: string } | { readonly problems: readonly SyntaxProblem[] };

/** Throws when the file cannot be read. */
export async function readDefinitionFile(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > FILE_BYTES_MAX) throw new Error(`the file has ${size} bytes, more than ${FILE_BYTES_MAX}`);
  const text = await readFile(path, "utf8");
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

export function isYaml(path: string): boolean {
  return [".yaml", ".yml"].includes(extname(path).toLowerCase());
}

/** A YAML file's content as JSON text. YAML 1.2's core schema, and merges; aliases are bounded. */
export function yamlToJson(source: string): DefinitionText {
  const { document, lines } = parseYaml(source);
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map(({ message, pos }) => ({ message, position: positionAt(lines, pos[0]) })),
    };
  }
  try {
    return { text: JSON.stringify(document.toJS({ maxAliasCount: ALIASES_MAX }) ?? null) };
  } catch (error) {
    // The library throws this when aliases expand to too much, and V8 a RangeError for absurd nesting.
    if (!(error instanceof ReferenceError || error instanceof RangeError)) throw error;
    return { problems: [{ message: error.message, position: { line: 1, column: 1 } }] };
  }
}

/** Of JSON, too: it is YAML. */
export function parseYaml(source: string): { readonly document: YamlDocument.Parsed; readonly lines: LineCounter } {
  const lines = new LineCounter();
  const document = parseDocument(source, {
    lineCounter: lines,
    schema: "core",
    // `<<: *name`, as other readers of YAML have it.
    merge: true,
    // Which of two equal keys counts is decided as in JSON: the last one.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "error",
  });
  return { document, lines };
}

export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
