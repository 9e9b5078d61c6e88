import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Rejection } from "@stepwell/engine";
import {
  type ApiMapRunRedriveAnswer,
  DEFAULT_COLUMNS,
  hasFailed,
  parseColumns,
  parseItems,
  type ReportFormat,
  type ReportRow,
  reportText,
} from "@stepwell/server";
import { composeStepwell, fromConfig } from "../compose.ts";
import { loadConfig } from "../config/load-config.ts";
import { inlineRows } from "../map-report/inline-rows.ts";
import { openSource, type SourceOptions } from "../map-report/open-source.ts";
import { remoteSource } from "../map-report/remote-source.ts";
import { progressOf, type ReportSource, type RunProgress } from "../map-report/report-source.ts";
import { mapRunPath, runningService } from "../map-report/running-service.ts";
import { UsageError } from "../usage-error.ts";
import { RunWatch } from "./run-watch.ts";

export interface ReportOptions extends SourceOptions {
  readonly failed: boolean;
  readonly format: ReportFormat;
  readonly columns?: string;
  readonly map?: string;
}

export interface RedriveOptions {
  readonly data?: string;
  readonly endpoint?: string;
  readonly items: string;
  readonly inputPatch?: string;
  readonly functions?: string;
}

const WATCH_MS = 500;

/** `stepwell map-run report`: answers 0 whatever the items ended as: the report is what was asked for. */
export async function reportItems(arn: string, options: ReportOptions): Promise<number> {
  const { columns: chosen } = options;
  const columns = chosen === undefined ? DEFAULT_COLUMNS : asUsage(() => parseColumns(chosen));
  const source = openSource(options);
  try {
    const rows = arn.includes(":mapRun:")
      ? source.children(arn, options.failed)
      : only(await inlineRows(source.history(arn), options.map), options.failed);
    for await (const text of reportText(rows, columns, options.format)) await written(text);
    return 0;
  } finally {
    await source.close();
  }
}

async function* only(rows: readonly ReportRow[], failed: boolean): AsyncGenerator<ReportRow> {
  for (const row of rows) if (!failed || hasFailed(row)) yield row;
}

/** `stepwell map-run redrive`: answers 1 when an item failed again. */
export async function redriveItems(mapRunArn: string, options: RedriveOptions): Promise<number> {
  const indexes = asUsage(() => parseItems(options.items));
  const inputPatch = options.inputPatch === undefined ? undefined : await readJson(options.inputPatch);
  if (options.endpoint !== undefined) return redriveAt(options.endpoint, mapRunArn, options.items, inputPatch);
  const config = await loadConfig(options.functions, process.env);
  const stepwell = await composeStepwell({ ...fromConfig(config), dataDir: options.data ?? config.data });
  const { mapRuns } = stepwell.executions;
  try {
    if (mapRuns === undefined) throw new Error("the embedded runtime must have map runs");
    const rerun = await mapRuns
      .rerun({ mapRunArn, indexes, ...(inputPatch === undefined ? {} : { inputPatch }) })
      .catch((error: unknown) => {
        throw error instanceof Rejection ? new UsageError(`${error.name}: ${error.message}`) : error;
      });
    process.stdout.write(`${rerun.mapRunArn}\n`);
    const ended = await watch({ progress: async (arn) => progressOf(await mapRuns.describe(arn)) }, rerun.mapRunArn);
    return ended.failed === 0 && ended.status === "SUCCEEDED" ? 0 : 1;
  } finally {
    await stepwell.close();
  }
}

/** The service that runs does it; its progress is shown. */
async function redriveAt(
  endpoint: string,
  mapRunArn: string,
  items: string,
  inputPatch: string | undefined,
): Promise<number> {
  const service = runningService(endpoint, process.env);
  const patch = inputPatch === undefined ? {} : { inputPatch: JSON.parse(inputPatch) as unknown };
  const rerun = await service.post<ApiMapRunRedriveAnswer>(`${mapRunPath(mapRunArn)}/redrive`, { items, ...patch });
  if (rerun === undefined) throw new UsageError(`--endpoint ${endpoint}: this service cannot redrive chosen items`);
  process.stdout.write(`${rerun.mapRunArn}\n`);
  const ended = await watch(remoteSource(service), rerun.mapRunArn);
  return ended.failed === 0 && ended.status === "SUCCEEDED" ? 0 : 1;
}

/** A pipe that is full is waited for. */
async function written(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** What is refused is what the caller wrote. */
function asUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Rejection ? new UsageError(`--${error.message}`) : error;
  }
}

async function readJson(path: string): Promise<string> {
  try {
    const text = await readFile(path, "utf8");
    return JSON.stringify(JSON.parse(text));
  } catch (error) {
    throw new UsageError(`--input-patch: ${path}: must be a file that holds JSON: ${(error as Error).message}`);
  }
}

/** `stepwell map-run watch`: answers 1 when the run did not succeed. */
export async function watchRun(mapRunArn: string, endpoint: string): Promise<number> {
  const source = openSource({ endpoint });
  const { status } = await watch(source, mapRunArn);
  return status === "SUCCEEDED" ? 0 : 1;
}

async function watch(source: Pick<ReportSource, "progress">, mapRunArn: string): Promise<RunProgress> {
  const write = (text: string): void => void process.stderr.write(text);
  const view = new RunWatch({ write, live: process.stderr.isTTY === true, now: () => performance.now() });
  for (;;) {
    const progress = await source.progress(mapRunArn);
    view.show(progress);
    if (progress.status !== "RUNNING") return progress;
    await sleep(WATCH_MS);
  }
}
