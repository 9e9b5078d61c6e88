import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { parseStateMachine } from "@stepwell/core";
import { Rejection } from "@stepwell/engine";
import { chaos } from "../testing/chaos.ts";
import { Coverage } from "../testing/coverage.ts";
import { coverageJson, coverageTable, type FileCoverage, percentOf, totalsOf } from "../testing/coverage-report.ts";
import { judge } from "../testing/judge.ts";
import { MACHINE_NAME, type OtherMachine, runCase, type Suite } from "../testing/run-case.ts";
import { findTestFiles, openSuite } from "../testing/suite.ts";
import type { TestCase } from "../testing/test-file.ts";
import { type CaseResult, type TestFormat, testReport } from "../testing/test-report.ts";
import { UsageError } from "../usage-error.ts";
import { readDefinitionFile } from "../validate/definition-file.ts";

export interface TestOptions {
  readonly filter?: string;
  readonly format: TestFormat;
  readonly coverage: boolean;
  readonly coverageFile?: string;
  readonly minCoverage?: string;
  readonly chaos: boolean;
}

/** `stepwell test`: 0 when every case passed and enough is covered, 1 otherwise. */
export async function testFiles(
  paths: readonly string[],
  options: TestOptions,
  write: (text: string) => void,
): Promise<number> {
  const minimum = percentage(options.minCoverage);
  const files = findTestFiles(paths);
  if (files.length === 0)
    throw new UsageError(`${paths.join(", ")}: there is no test file (*.stepwell.test.yaml, .json, .ts)`);
  const suites = await Promise.all(files.map(openSuite));
  const coverages = new Map<string, { readonly coverage: Coverage; readonly source: string }>();
  const results: CaseResult[] = [];
  for (const suite of suites) {
    const coverage = await coverageOf(suite, coverages);
    const { coverageFile } = options;
    if (coverageFile !== undefined && !existsSync(dirname(resolve(coverageFile))))
      throw new UsageError(`--coverage-file: there is no directory ${dirname(coverageFile)}`);
    const cases = suite.file.cases.filter(({ name }) => name.includes(options.filter ?? ""));
    for (const test of cases) results.push(await resultOf(suite, test, coverage, options.chaos));
  }
  if (results.length === 0) throw new UsageError(`--filter: no case has ${options.filter} in its name`);
  write(testReport(results, options.format));
  const covered: FileCoverage[] = [...coverages].map(([path, { coverage, source }]) => ({
    path: shortened(path),
    source,
    items: coverage.items,
  }));
  if (options.coverage && options.format === "text") write(`\n${coverageTable(covered)}`);
  if (options.coverageFile !== undefined)
    await writeFile(options.coverageFile, coverageJson(covered)).catch((error: Error) => {
      throw new UsageError(`--coverage-file: ${error.message}`);
    });
  const poor = covered.filter(({ items }) => percentOf(totalsOf(items)) < minimum);
  for (const { path, items } of poor) {
    process.stderr.write(`${path}: ${percentOf(totalsOf(items)).toFixed(1)} % covered, less than ${minimum} %\n`);
  }
  return poor.length > 0 || results.some(({ problems }) => problems.length > 0) ? 1 : 0;
}

function percentage(text: string | undefined): number {
  if (text === undefined) return 0;
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 100)) {
    throw new UsageError(`--min-coverage: must be a number from 0 to 100, got "${text}"`);
  }
  return value;
}

function shortened(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}

type Known = Map<string, { readonly coverage: Coverage; readonly source: string }>;

/** Of the machine under test and those that it starts, by the names they have. */
async function coverageOf({ file, definition, others }: Suite, known: Known): Promise<ReadonlyMap<string, Coverage>> {
  const { stateMachine: path, type = "STANDARD" } = file;
  const byName = new Map<string, Coverage>();
  for (const machine of [{ name: MACHINE_NAME, path, definition, type }, ...others]) {
    const coverage = await coverageOfMachine(machine, known);
    if (coverage !== undefined) byName.set(machine.name, coverage);
  }
  return byName;
}

/** Several test files may run one definition. */
async function coverageOfMachine(
  { path, definition, type }: OtherMachine,
  known: Known,
): Promise<Coverage | undefined> {
  const before = known.get(path);
  if (before !== undefined) return before.coverage;
  const parsed = parseStateMachine(definition, { type });
  // Of a definition that is not valid each case says so.
  if (!parsed.ok) return undefined;
  const coverage = new Coverage(parsed.machine);
  known.set(path, { coverage, source: await readDefinitionFile(path) });
  return coverage;
}

async function resultOf(
  suite: Suite,
  test: TestCase,
  coverage: ReadonlyMap<string, Coverage>,
  withChaos: boolean,
): Promise<CaseResult> {
  const begun = performance.now();
  const about = { path: shortened(suite.path), name: test.name };
  try {
    const ended = await runCase(suite, test, {
      instrument: (machine, name) => coverage.get(name)?.instrument(machine) ?? machine,
      // Children of a Distributed Map are called `machine/label`.
      onCommitted: (change) => coverage.get(change.start.stateMachineName.split("/")[0] ?? "")?.committed(change),
    });
    const problems = judge(ended, test.expect);
    const report = withChaos && test.chaos?.skip !== true ? await chaos(suite, test) : undefined;
    return {
      ...about,
      problems: [...problems, ...(report?.problems ?? [])],
      seconds: ended.seconds,
      durationMs: performance.now() - begun,
      ...(report === undefined ? {} : { chaos: report }),
    };
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return { ...about, problems: [`${error.name}: ${error.message}`], durationMs: performance.now() - begun };
  }
}
