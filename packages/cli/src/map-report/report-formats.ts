import type { Json } from "@stepwell/core";
import type { Column } from "./report-columns.ts";
import type { ReportRow } from "./report-row.ts";

export const REPORT_FORMATS = ["table", "csv", "jsonl"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Cells of a table are cut here. */
const CELL_CHARACTERS_MAX = 40;
/** A table's columns are as wide as what so many lines need; later lines may be wider. */
const MEASURED_ROWS = 200;

/** Writes the lines one by one, whatever their number; how many there were. */
export async function writeReport(
  rows: AsyncIterable<ReportRow>,
  columns: readonly Column[],
  format: ReportFormat,
  write: (text: string) => void,
): Promise<number> {
  if (format === "table") return writeTable(rows, columns, write);
  let count = 0;
  if (format === "csv") write(csvLine(columns.map(({ name }) => name)));
  for await (const row of rows) {
    count += 1;
    if (format === "csv") write(csvLine(columns.map((column) => textOf(column.of(row)))));
    else write(`${JSON.stringify(Object.fromEntries(columns.map((column) => [column.name, column.of(row)])))}\n`);
  }
  return count;
}

async function writeTable(
  rows: AsyncIterable<ReportRow>,
  columns: readonly Column[],
  write: (text: string) => void,
): Promise<number> {
  let measured: string[][] = [];
  let widths: number[] | undefined;
  let count = 0;
  const flush = (): void => {
    const lines = [columns.map(({ name }) => name), ...measured];
    widths = columns.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? "").length)));
    for (const line of lines) write(tableLine(line, widths));
    measured = [];
  };
  for await (const row of rows) {
    count += 1;
    const line = columns.map((column) => cellOf(column.of(row)));
    if (widths !== undefined) write(tableLine(line, widths));
    else if (measured.push(line) === MEASURED_ROWS) flush();
  }
  if (widths === undefined) flush();
  return count;
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
