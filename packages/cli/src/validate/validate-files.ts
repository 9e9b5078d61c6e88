import { readFileSync } from "node:fs";
import type { ParseOptions } from "@stepwell/core";
import { checkFile, type FileResult } from "./file-findings.ts";
import type { FindingsFormat } from "./findings-formats.ts";
import { jsonReport } from "./json-report.ts";
import { sarifReport, validatorTool } from "./sarif-report.ts";
import { textReport } from "./text-report.ts";

export interface ValidateOptions extends ParseOptions {
  readonly format: FindingsFormat;
  /** Takes the report, once. */
  write(report: string): void;
  /** What relative file names in SARIF are relative to; the current directory unless given. */
  readonly directory?: string;
}

/** Errors were found. */
const EXIT_ERRORS = 1;
/** A file could not be read: nothing can be said of it. */
const EXIT_UNREADABLE = 2;

/**
 * Checks state machine definitions in files: JSON, or YAML by the extensions `.yaml` and `.yml`. Writes one report and
 * gives the exit code: 0 when there are no errors (warnings are none), 1 for errors, 2 when a file cannot be read.
 * Files are reported in the order given.
 */
export async function validateFiles(paths: readonly string[], options: ValidateOptions): Promise<number> {
  const { format, write, directory = process.cwd(), ...parseOptions } = options;
  const results: FileResult[] = [];
  for (const path of paths) results.push(await checkFile(path, parseOptions));
  write(report(results, format, directory));
  if (results.some((result) => result.failure !== undefined)) return EXIT_UNREADABLE;
  const errors = results.some(({ findings }) => findings.some((finding) => finding.severity === "ERROR"));
  return errors ? EXIT_ERRORS : 0;
}

function report(results: readonly FileResult[], format: FindingsFormat, directory: string): string {
  if (format === "json") return jsonReport(results);
  if (format === "sarif") return sarifReport(results, validatorTool(version()), directory);
  return textReport(results);
}

/** Of this package. */
export function version(): string {
  const manifest = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string }).version;
}
