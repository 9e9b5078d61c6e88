import type { Json } from "@stepwell/core";
import type { Column } from "./report-columns.ts";
import type { ReportRow } from "./report-row.ts";

export const REPORT_FORMATS = ["table", "csv", "jsonl"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Cells of a table are cut here. */
const CELL_CHARACTERS_MAX = 40;
/** A table's columns are as wide as what so many lines need; later lines may be wider. */
const MEASURED_ROWS = 200;

export const REPORT_TYPES: { readonly [format in ReportFormat]: string } = {
  table: "text/plain; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  jsonl: "application/x-ndjson; charset=utf-8",
};

/** Texts handed on together. */
const PIECE_CHARACTERS = 65_536;

/** The report as text, in pieces, whatever the number of its lines. */
export async function* reportText(
  rows: AsyncIterable<ReportRow>,
  columns: readonly Column[],
  format: ReportFormat,
): AsyncGenerator<string> {
  let piece = "";
  for await (const line of format === "table" ? tableLines(rows, columns) : plainLines(rows, columns, format)) {
    piece += line;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

async function* plainLines(
  rows: AsyncIterable<ReportRow>,
  columns: readonly Column[],
  format: "csv" | "jsonl",
): AsyncGenerator<string> {
  if (format === "csv") yield csvLine(columns.map(({ name }) => name));
  for await (const row of rows) {
    if (format === "csv") yield csvLine(columns.map((column) => textOf(column.of(row))));
    else yield `${JSON.stringify(Object.fromEntries(columns.map((column) => [column.name, column.of(row)])))}\n`;
  }
}

async function* tableLines(rows: AsyncIterable<ReportRow>, columns: readonly Column[]): AsyncGenerator<string> {
  let measured: string[][] = [];
  let widths: number[] | undefined;
  const measure = (): string[] => {
    const lines = [columns.map(({ name }) => name), ...measured];
    const found = columns.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? "").length)));
    widths = found;
    measured = [];
    return lines.map((line) => tableLine(line, found));
  };
  for await (const row of rows) {
    const line = columns.map((column) => cellOf(column.of(row)));
    if (widths !== undefined) yield tableLine(line, widths);
    else if (measured.push(line) === MEASURED_ROWS) yield* measure();
  }
  if (widths === undefined) yield* measure();
}

function tableLine(cells: readonly string[], widths: readonly number[]): string {
  return `${cells
    .map((cell, i) => cell.padEnd(widths[i] ?? 0))
    .join("  ")
    .trimEnd()}\n`;
}

function cellOf(value: Json | undefined): string {
  const text = textOf(value).replaceAll(/\s+/g, " ");
  return text.length > CELL_CHARACTERS_MAX ? `${text.slice(0, CELL_CHARACTERS_MAX - 1)}…` : text;
}

function textOf(value: Json | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** RFC 4180. */
function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\r\n`;
}
