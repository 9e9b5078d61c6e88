/** The columns of a report: those that every Map has, or what the user asks for by paths. */
import { compileJsonPath, type Json, type JsonPath, JsonPathSyntaxError } from "@stepwell/core";
import { Rejection } from "@stepwell/engine";
import type { ReportRow } from "./report-row.ts";

export interface Column {
  readonly name: string;
  of(row: ReportRow): Json | undefined;
}

export const DEFAULT_COLUMNS: readonly Column[] = [
  { name: "index", of: ({ index }) => index },
  { name: "key", of: ({ key }) => key },
  { name: "status", of: ({ status }) => status },
  { name: "attempts", of: ({ attempts }) => attempts },
  { name: "ms", of: ({ durationMs }) => durationMs },
  { name: "error", of: ({ error }) => error },
  { name: "cause", of: ({ cause }) => cause },
  { name: "input", of: ({ input }) => input },
  { name: "output", of: ({ output }) => output },
];

const COLUMNS_MAX = 100;

/**
 * `id=$.number,error=$.error.Error`. A path is looked for in the item's output, then its input, then the report's line;
 * there `$.error` is the error's name and `$.error.Error` too, `$.error.Cause` its cause.
 * Throws a ValidationException.
 */
export function parseColumns(text: string): readonly Column[] {
  const parts = text.split(",");
  if (parts.length > COLUMNS_MAX) {
    throw new Rejection("ValidationException", `columns: must be ${COLUMNS_MAX} at most, got ${parts.length}`);
  }
  return parts.map((part) => {
    const [, name, source] = /^\s*([^=]+?)\s*=\s*(.+?)\s*$/.exec(part) ?? [];
    if (name === undefined || source === undefined) {
      throw new Rejection("ValidationException", `columns: must be name=$.path, separated by commas, got "${part}"`);
    }
    const path = compilePath(source);
    return { name, of: (row) => lookUp(path, row) };
  });
}

function compilePath(source: string): JsonPath {
  try {
    return compileJsonPath(source);
  } catch (error) {
    if (error instanceof JsonPathSyntaxError)
      throw new Rejection("ValidationException", `columns: "${source}": ${error.message}`);
    throw error;
  }
}

function lookUp(path: JsonPath, row: ReportRow): Json | undefined {
  const line = JSON.parse(JSON.stringify(row)) as Json;
  // What a Catch would have put there: so one path finds errors that were caught and those that were not.
  const caught = row.error === undefined ? undefined : { error: { Error: row.error, Cause: row.cause ?? "" } };
  for (const document of [row.output, row.input, line, caught]) {
    if (document === undefined) continue;
    const found = path.read(document);
    if (found.found) return found.value;
  }
  return undefined;
}
