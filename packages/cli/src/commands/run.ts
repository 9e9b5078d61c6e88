import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { FunctionLogLine } from "@stepwell/connectors";
import { explainFailure, type LintFinding, type StateMachineType } from "@stepwell/core";
import { type ExecutionDescription, Rejection } from "@stepwell/engine";
import { composeStepwell, fromConfig, type Stepwell } from "../compose.ts";
import { loadConfig } from "../config/load-config.ts";
import { readDefinition } from "../read-definition.ts";
import { UsageError } from "../usage-error.ts";
import { boundYoungGeneration } from "../young-generation.ts";
import { MapRunProgress } from "./map-run-progress.ts";
import { ProgressView } from "./progress.ts";
import { createFileFlow, flowSettingsOfRun, inFlowWords, isFlowText, stepEvent } from "./run-flow.ts";

export interface RunCommandOptions extends RunOptions {
  readonly stack?: string;
  readonly endpoint?: string;
  readonly data?: string;
}

/** `stepwell run`: 0 when the execution succeeds, 1 when it ends in any other way. */
export async function run(what: string | undefined, { stack, ...options }: RunCommandOptions): Promise<number> {
  if (stack !== undefined) {
    const { runStack } = await import("./run-deployed.ts");
    const machine = what === undefined ? {} : { machine: what };
    return runStack({ ...options, ...machine, stack, input: await readInput(options.input) });
  }
  if (what === undefined) throw new UsageError("a definition's file must be given, or --stack");
  for (const name of ["endpoint", "data"] as const)
    if (options[name] !== undefined) throw new UsageError(`--${name}: only with --stack`);
  return runFile(what, options);
}

interface RunOptions {
  readonly input: string;
  readonly functions?: string;
  readonly name?: string;
  readonly type: StateMachineType;
  readonly fastForward: boolean;
  readonly quiet: boolean;
}

/** A role has no meaning here, but the API wants one. */
const LOCAL_ROLE = "arn:aws:iam::123456789012:role/stepwell-local";

async function runFile(file: string, options: RunOptions): Promise<number> {
  boundYoungGeneration();
  const definition = await readDefinition(file);
  const input = await readInput(options.input);
  const settings = fromConfig(await loadConfig(options.functions, process.env));
  const isFlow = isFlowText(definition);
  const stepwell = await composeStepwell({
    dataDir: ":memory:",
    time: options.fastForward ? "virtual" : "real",
    ...settings,
    ...(isFlow && { flows: flowSettingsOfRun(settings.flows) }),
    functionLog: showFunctionLine,
  });
  try {
    const ended = await runToEnd(stepwell, { ...options, definition, isFlow, input, machineName: machineName(file) });
    if (isFlow) return report(inFlowWords(ended), []);
    return report(ended, await hintsOf(stepwell, ended, definition));
  } finally {
    await stepwell.close(0);
  }
}

/** The text of `--input`, which is JSON, or `@` and a file that holds it. */
export async function readInput(input: string): Promise<string> {
  const text = input.startsWith("@") ? await readText(input.slice(1)) : input;
  try {
    JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      `--input: must be JSON, or @ and the name of a file that holds JSON: ${(error as Error).message}`,
    );
  }
  return text;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(`--input: ${(error as Error).message}`);
  }
}

/** The file's name as the name of the state machine: what is not allowed there becomes a dash. */
function machineName(file: string): string {
  const name = basename(file).replace(/(\.asl)?\.(json|ya?ml)$/i, "");
  return name.replace(/[^A-Za-z0-9_-]+/g, "-").slice(0, 80) || "machine";
}

interface Run extends RunOptions {
  readonly definition: string;
  readonly isFlow: boolean;
  readonly machineName: string;
}

async function runToEnd(stepwell: Stepwell, run: Run): Promise<ExecutionDescription> {
  const { catalog, executions } = stepwell;
  const interrupted = new AbortController();
  const flow = run.isFlow ? await createFileFlow(stepwell, run) : undefined;
  const { executionArn } = await asUsage(async () => {
    const { stateMachineArn } =
      flow ??
      (await catalog.createStateMachine({
        name: run.machineName,
        definition: run.definition,
        roleArn: LOCAL_ROLE,
        type: run.type,
      }));
    return executions.start({
      stateMachineArn,
      input: run.input,
      ...(run.name === undefined ? {} : { name: run.name }),
    });
  });
  const stop = (): void => {
    interrupted.abort();
    void executions.stop(executionArn, "Interrupted", "stepwell run was interrupted").catch(ended);
  };
  process.once("SIGINT", stop);
  const view = new ProgressView({ write: (text) => process.stderr.write(text), live: process.stderr.isTTY === true });
  const mapRuns =
    executions.mapRuns &&
    new MapRunProgress({ mapRuns: executions.mapRuns, show: (line, isOver) => view.showMapRun(line, isOver) });
  for await (const event of executions.watch(executionArn, 0, new AbortController().signal)) {
    const shown = flow === undefined ? event : stepEvent(event, flow.states);
    if (run.quiet || shown === undefined) continue;
    view.show(shown);
    await mapRuns?.note(shown);
  }
  mapRuns?.close();
  view.close();
  process.off("SIGINT", stop);
  return executions.describe(executionArn);
}

/** The execution ended before it could be stopped: that is what was wanted. */
function ended(): void {
  process.exitCode = 1;
}

/** What the API refuses is what the caller wrote. */
async function asUsage<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Rejection) throw new UsageError(`${error.name}: ${error.message}`);
    throw error;
  }
}

function report(execution: ExecutionDescription, hints: readonly LintFinding[]): number {
  if (execution.status === "SUCCEEDED") {
    process.stdout.write(`${JSON.stringify(JSON.parse(execution.output ?? "null"), null, 2)}\n`);
    return 0;
  }
  const why = [execution.error, execution.cause].filter((part) => part !== undefined).join(": ");
  process.stderr.write(`${execution.status}${why === "" ? "" : ` ${why}`}\n`);
  for (const { code, message } of hints) process.stderr.write(`  hint (${code}): ${message}\n`);
  return 1;
}

/** The rules of the linter that would have told. */
async function hintsOf(
  { executions }: Stepwell,
  { executionArn, status, type, error, cause }: ExecutionDescription,
  definition: string,
): Promise<readonly LintFinding[]> {
  if (status !== "FAILED" && status !== "TIMED_OUT") return [];
  const stateName = await executions.queries?.failedState(executionArn);
  const failure = {
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    ...(stateName === undefined ? {} : { stateName }),
  };
  return explainFailure(JSON.parse(definition), failure, { type });
}

function showFunctionLine(line: FunctionLogLine): void {
  process.stderr.write(`        [${line.functionName}] ${line.message}\n`);
}
