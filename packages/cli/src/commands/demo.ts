import { appendFileSync, existsSync, readdirSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExecutionDescription } from "@stepwell/engine";
import { composeStepwell, fromConfig, type Stepwell } from "../compose.ts";
import { loadConfig } from "../config/load-config.ts";
import { UsageError } from "../usage-error.ts";
import { ProgressView } from "./progress.ts";
import { serve } from "./start.ts";

export interface DemoOptions {
  readonly data?: string;
}

const SAMPLE = join("examples", "connect-users");
const SAMPLE_ROLE = "arn:aws:iam::123456789012:role/connect-users";

/**
 * `stepwell demo`: a whole Stepwell (database file, service, local functions) runs the sample workflow on its CSV file,
 * in virtual time. 0 when the execution succeeds.
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const sample = sampleDirectory();
  const work = options.data === undefined ? await mkdtemp(join(tmpdir(), "stepwell-demo-")) : resolve(options.data);
  const files = join(work, "files");
  const config = await loadConfig(join(sample, "stepwell.yaml"), { ...process.env, CONNECT_USERS_DIRECTORY: files });
  const log = join(work, "functions.log");
  const stepwell = await composeStepwell({
    dataDir: join(work, "data"),
    time: "virtual",
    ...fromConfig(config),
    functionLog: (line) => appendFileSync(log, `${JSON.stringify(line)}\n`),
  });
  const service = await serve(stepwell, { host: "127.0.0.1", port: 0 });
  print(`Stepwell listens on ${service.url}, database in ${join(work, "data")}`);
  print(`What the functions print is in ${log}`);
  try {
    const execution = await runSample(stepwell, sample);
    await printOutcome(stepwell, execution, files);
    printNext(sample, work);
    return execution.status === "SUCCEEDED" ? 0 : 1;
  } finally {
    await service.close();
    await stepwell.close();
  }
}

/** The demo belongs to a checkout: the published package does not carry the examples. */
function sampleDirectory(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    if (existsSync(join(at, SAMPLE, "definition.asl.json"))) return join(at, SAMPLE);
    if (at === dirname(at))
      throw new UsageError(`demo: no ${SAMPLE} beside this program: run it in a checkout of Stepwell`);
  }
}

async function runSample(stepwell: Stepwell, sample: string): Promise<ExecutionDescription> {
  const { catalog, executions } = stepwell;
  const definition = await readFile(join(sample, "definition.asl.json"), "utf8");
  const { stateMachineArn } = await catalog.createStateMachine({
    name: "connect-users",
    definition,
    roleArn: SAMPLE_ROLE,
    type: "STANDARD",
  });
  const { executionArn } = await executions.start({ stateMachineArn, input: "{}" });
  print(`Started ${executionArn}\n`);
  const view = new ProgressView({ write: (text) => process.stdout.write(text), live: process.stdout.isTTY === true });
  for await (const event of executions.watch(executionArn, 0, new AbortController().signal)) view.show(event);
  view.close();
  return executions.describe(executionArn);
}

interface MapOutput {
  readonly number: string;
  readonly usercreate: {
    readonly result: {
      readonly Payload?: { readonly UserId: string };
      readonly Error?: string;
      readonly Cause?: string;
    };
  };
}

async function printOutcome(stepwell: Stepwell, execution: ExecutionDescription, files: string): Promise<void> {
  const seconds = ((execution.stopDate ?? execution.startDate) - execution.startDate) / 1000;
  print(`\nThe execution ${execution.status} after ${seconds.toFixed(1)} s of its own time.\n`);
  const rows = await mapOutputs(stepwell, execution.executionArn);
  print(`${"row".padStart(3)}  ${"result".padEnd(7)}  ${"user id".padEnd(36)}  error`);
  for (const { number, usercreate } of rows) {
    const { Payload, Error: error, Cause: cause } = usercreate.result;
    const shown =
      Payload === undefined ? ["False", "", `${error}: ${errorMessage(cause)}`] : ["Success", Payload.UserId, ""];
    const [result = "", userId = "", message = ""] = shown;
    print(`${number.padStart(3)}  ${result.padEnd(7)}  ${userId.padEnd(36)}  ${message}`.trimEnd());
  }
  for (const name of existsSync(files) ? readdirSync(files) : []) {
    if (/^UserCreateResult_\d{8}\.csv$/.test(name)) print(`\nThe result file: ${join(files, name)}`);
  }
}

/** What the Map gave, out of the execution's history. */
async function mapOutputs(stepwell: Stepwell, executionArn: string): Promise<readonly MapOutput[]> {
  const { items } = await stepwell.executions.history(executionArn, { limit: HISTORY_TAIL, reverse: true });
  const exited = items.find((event) => event.type === "MapStateExited");
  const output = exited?.details?.["output"];
  return typeof output === "string" ? (JSON.parse(output) as MapOutput[]) : [];
}

/** The Map is the last state but one: its exit is near the end of the history. */
const HISTORY_TAIL = 20;

/** The cause of a function's error is Lambda's JSON. */
function errorMessage(cause: string | undefined): string {
  try {
    return (JSON.parse(cause ?? "") as { errorMessage?: string }).errorMessage ?? "";
  } catch {
    return cause ?? "";
  }
}

function printNext(sample: string, work: string): void {
  const here = relative(process.cwd(), sample) || ".";
  const data = join(work, "data");
  print("\nWhat to type next:");
  print(`  npx stepwell run ${here}/definition.asl.json --functions ${here}/stepwell.yaml --fast-forward`);
  print(`  npx stepwell start --data ${data} --functions ${here}/stepwell.yaml   # this database, as a service`);
  print("  npx stepwell open                                                     # the console of that service");
  print("  aws stepfunctions --endpoint-url http://127.0.0.1:8083 list-state-machines");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
