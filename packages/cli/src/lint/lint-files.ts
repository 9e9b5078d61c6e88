import { writeFile } from "node:fs/promises";
import {
  formatPointer,
  isJsonObject,
  type Json,
  LINT_RULES,
  type LintFinding,
  type LintSeverity,
  lintDefinition,
  type StateMachineType,
} from "@stepwell/core";
import { isYaml, readDefinitionFile, yamlToJson } from "../validate/definition-file.ts";
import type { FileFinding, FileResult } from "../validate/file-findings.ts";
import type { FindingsFormat } from "../validate/findings-formats.ts";
import { jsonReport } from "../validate/json-report.ts";
import { Locator } from "../validate/locate.ts";
import { sarifReport } from "../validate/sarif-report.ts";
import { textReport } from "../validate/text-report.ts";
import { version } from "../validate/validate-files.ts";
import { applyFixes } from "./apply-fixes.ts";
import { LINT_LEVELS, type LintLevel } from "./lint-levels.ts";

export interface LintFilesOptions {
  readonly type: StateMachineType;
  readonly format: FindingsFormat;
  /** Findings below it are not shown. */
  readonly level: LintLevel;
  /** Findings of it, or worse, make the exit code 1. */
  readonly failOn: LintLevel;
  /** Rules that are left out. */
  readonly off: readonly string[];
  /** Makes the changes that rules think safe, in the files. */
  readonly fix: boolean;
  write(report: string): void;
  readonly directory?: string;
}

const EXIT_FOUND = 1;
const EXIT_UNREADABLE = 2;

/** Lints definitions in files, and gives the exit code: 1 for findings, 2 when a file cannot be read. */
export async function lintFiles(paths: readonly string[], options: LintFilesOptions): Promise<number> {
  const results: FileResult[] = [];
  for (const path of paths) results.push(await lintFile(path, options));
  options.write(report(results, options));
  if (results.some(({ failure }) => failure !== undefined)) return EXIT_UNREADABLE;
  const counts = (severity: LintSeverity): boolean => isAtLeast(severity, options.failOn);
  return results.some(({ findings }) => findings.some(({ severity }) => counts(severity))) ? EXIT_FOUND : 0;
}

function isAtLeast(severity: LintSeverity, level: LintLevel): boolean {
  return LINT_LEVELS.indexOf(severity.toLowerCase() as LintLevel) <= LINT_LEVELS.indexOf(level);
}

async function lintFile(file: string, options: LintFilesOptions): Promise<FileResult> {
  let source: string;
  try {
    source = await readDefinitionFile(file);
  } catch (error) {
    return { file, findings: [], failure: (error as Error).message };
  }
  const definition = parsed(source, isYaml(file));
  if ("failure" in definition) return { file, findings: [], failure: definition.failure };
  const found = find(definition.value, options);
  const edits = options.fix ? found.flatMap(({ fix = [] }) => fix) : [];
  if (edits.length === 0) return { file, findings: located(found, source, options.level) };
  const mended = applyFixes(source, edits);
  await writeFile(file, mended);
  const again = parsed(mended, isYaml(file));
  return { file, findings: "value" in again ? located(find(again.value, options), mended, options.level) : [] };
}

function find(definition: Json, { type, off }: LintFilesOptions): readonly LintFinding[] {
  return lintDefinition(definition, { type }).filter(({ code }) => !off.includes(code));
}

function parsed(source: string, yaml: boolean): { readonly value: Json } | { readonly failure: string } {
  const text = yaml ? yamlToJson(source) : { text: source };
  if ("problems" in text) return { failure: `not YAML: ${text.problems[0]?.message}` };
  try {
    const value = JSON.parse(text.text) as Json;
    const isDefinition = isJsonObject(value) && (value["States"] !== undefined || value["StartAt"] !== undefined);
    return isDefinition ? { value } : { failure: "no state machine definition: it has neither StartAt nor States" };
  } catch (error) {
    return { failure: `not JSON: ${(error as Error).message}` };
  }
}

/** In order of lines. */
function located(found: readonly LintFinding[], source: string, level: LintLevel): FileFinding[] {
  if (found.length === 0) return [];
  const locator = new Locator(source);
  return found
    .filter(({ severity }) => isAtLeast(severity, level))
    .map(({ code, severity, message, path }) => ({
      code,
      severity,
      message,
      pointer: formatPointer(path),
      ...locator.positionOf(path),
    }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

function report(results: readonly FileResult[], { format, directory = process.cwd() }: LintFilesOptions): string {
  if (format === "json") return jsonReport(results);
  if (format === "text") return textReport(results);
  const describe = (code: string): string | undefined => LINT_RULES.find((rule) => rule.code === code)?.summary;
  return sarifReport(results, { name: "stepwell lint", version: version(), describe }, directory);
}
