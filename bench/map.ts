/**
 * Distributed Maps: how fast children are begun and counted, beside a bare streaming parse of the same file in the same
 * run, and how much memory a run takes. Each measurement has a process and a data directory of its own; the parse and the Map
 * take turns, and medians of the rounds are shown: a machine that others use changes its speed from second to second.
 *
 *   node --conditions=stepwell-source bench/map.ts [--rows 1000000] [--rounds 5] [--durability normal] [--metrics]
 *   node --conditions=stepwell-source bench/map.ts --one standard|express|parse --rows N --bucket DIR
 *
 * Targets, design.md § 9: 10,000 / 100,000 Standard children in 1 s / 8 s; a million CSV rows with one Pass child each at
 * 25 % of the rate of the bare parse; peak memory at 1,000,000 rows no more than 1.2 times that at 100,000.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createObjectStore, readItems } from "@stepwell/connectors";
import type { MapRunReader } from "@stepwell/core";
import { composeStepwell, type Stepwell } from "stepwell";
import { boundYoungGeneration } from "../packages/cli/src/young-generation.ts";
import { Metrics } from "../packages/server/src/metrics.ts";

const ROLE = "arn:aws:iam::123456789012:role/bench";
const BUCKET = "bench";
const KEY = "rows.csv";
const LINES_PER_WRITE = 10_000;
const MIB = 2 ** 20;
const CHILD = { StartAt: "P", States: { P: { Type: "Pass", End: true } } };

type Workload = "standard" | "express" | "parse";

interface Measurement {
  readonly workload: Workload;
  readonly rows: number;
  readonly ms: number;
  /** Of all threads. */
  readonly cpuMs: number;
  readonly peakBytes: number;
}

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "5" },
    one: { type: "string" },
    bucket: { type: "string", default: "" },
    durability: { type: "string", default: "full" },
    metrics: { type: "boolean", default: false },
  },
});
const rows = Number(values.rows);

async function measureAll(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "stepwell-bench-map-"));
  try {
    for (const children of [10_000, 100_000]) show(await inProcess("standard", children, ""));
    const small = join(directory, "small");
    const large = join(directory, "large");
    await writeRows(small, rows / 10);
    await writeRows(large, rows);
    const taken = { few: [] as Measurement[], parse: [] as Measurement[], many: [] as Measurement[] };
    for (let round = 0; round < Number(values.rounds); round++) {
      taken.parse.push(await inProcess("parse", rows, large));
      taken.many.push(await inProcess("express", rows, large));
      taken.few.push(await inProcess("express", rows / 10, small));
    }
    const [few, parse, many] = [show(median(taken.few)), show(median(taken.parse)), show(median(taken.many))];
    const ratio = rateOf(many) / rateOf(parse);
    console.log(`Express children beside the bare parse: ${(ratio * 100).toFixed(1)} % (target 25 %)`);
    const growth = many.peakBytes / few.peakBytes;
    console.log(`peak memory, ${rows} rows beside ${rows / 10}: ${growth.toFixed(2)} times (target 1.2)`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Each number by itself. */
function median(taken: readonly Measurement[]): Measurement {
  const middle = (of: (measured: Measurement) => number): number =>
    taken.map(of).sort((a, b) => a - b)[taken.length >> 1] as number;
  return {
    ...(taken[0] as Measurement),
    ms: middle(({ ms }) => ms),
    cpuMs: middle(({ cpuMs }) => cpuMs),
    peakBytes: middle(({ peakBytes }) => peakBytes),
  };
}

function rateOf({ rows: count, ms }: Measurement): number {
  return (count / ms) * 1_000;
}

function show(measured: Measurement): Measurement {
  const { workload, rows: count, ms, cpuMs, peakBytes } = measured;
  const rate = Math.round(rateOf(measured)).toLocaleString("en");
  console.log(
    `${workload} ${count}: ${(ms / 1_000).toFixed(2)} s (processor ${(cpuMs / 1_000).toFixed(2)} s), ${rate} items/s, peak ${Math.round(peakBytes / MIB)} MiB`,
  );
  return measured;
}

async function inProcess(workload: Workload, count: number, bucket: string): Promise<Measurement> {
  const script = import.meta.filename;
  const flags = ["--one", workload, "--rows", String(count), "--bucket", bucket, "--durability", values.durability];
  if (values.metrics) flags.push("--metrics");
  const child = spawn(process.execPath, ["--conditions=stepwell-source", script, ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += String(chunk);
  });
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`${workload} ${count}: the process ended with ${code}`);
  return JSON.parse(text) as Measurement;
}

async function measure(workload: Workload, count: number, bucket: string): Promise<Measurement> {
  const directory = mkdtempSync(join(tmpdir(), "stepwell-bench-map-"));
  try {
    const before = process.cpuUsage();
    const ms =
      workload === "parse" ? await parseAlone(count, bucket) : await runMap(workload, count, directory, bucket);
    const { user, system } = process.cpuUsage(before);
    const peakBytes = process.resourceUsage().maxRSS * 1_024;
    return { workload, rows: count, ms, cpuMs: (user + system) / 1_000, peakBytes };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function writeRows(bucket: string, count: number): Promise<void> {
  mkdirSync(bucket);
  const stream = createWriteStream(join(bucket, KEY));
  stream.write("id,name,email,amount,country\n");
  for (let first = 0; first < count; first += LINES_PER_WRITE) {
    let lines = "";
    for (let i = first; i < Math.min(first + LINES_PER_WRITE, count); i++) {
      lines += `${i},Customer ${i},customer.${i}@example.com,${(i * 37) % 10_000}.${i % 100},DE\n`;
    }
    if (!stream.write(lines)) await once(stream, "drain");
  }
  stream.end();
  await once(stream, "finish");
}

async function parseAlone(count: number, bucket: string): Promise<number> {
  const store = createObjectStore({ buckets: { [BUCKET]: bucket } });
  const reader: MapRunReader = {
    resource: "arn:aws:states:::s3:getObject",
    inputType: "CSV",
    csvHeaderLocation: "FIRST_ROW",
    parameters: { Bucket: BUCKET, Key: KEY },
  } as MapRunReader;
  const began = performance.now();
  let read = 0;
  for await (const batch of readItems(reader, store).batches()) read += batch.length;
  if (read !== count) throw new Error(`read ${read} of ${count} rows`);
  return performance.now() - began;
}

async function runMap(
  workload: "standard" | "express",
  count: number,
  directory: string,
  bucket: string,
): Promise<number> {
  // As `stepwell start` does.
  boundYoungGeneration();
  const stepwell = await composeStepwell({
    dataDir: join(directory, "data"),
    buckets: bucket === "" ? {} : { [BUCKET]: bucket },
    durability: values.durability === "normal" ? "normal" : "full",
    onProblem: (problem) => console.error(problem),
    // As `stepwell start` has them.
    ...(values.metrics ? { metrics: new Metrics() } : {}),
  });
  try {
    const { stateMachineArn } = await stepwell.catalog.createStateMachine({
      name: "bench",
      definition: JSON.stringify(workload === "standard" ? onStateData() : onRows()),
      roleArn: ROLE,
    });
    const input = workload === "standard" ? `[${Array.from({ length: count }, (_, i) => i % 10).join(",")}]` : "{}";
    const began = performance.now();
    await runToEnd(stepwell, stateMachineArn, input, count);
    return performance.now() - began;
  } finally {
    await stepwell.close(0);
  }
}

async function runToEnd(stepwell: Stepwell, stateMachineArn: string, input: string, count: number): Promise<void> {
  const { executions } = stepwell;
  const { executionArn } = await executions.start({ stateMachineArn, input });
  const signal = new AbortController().signal;
  let last = "";
  for await (const { type } of executions.watch(executionArn, 0, signal)) last = type;
  const [run] = (await executions.mapRuns?.list(executionArn, { limit: 1 }))?.items ?? [];
  const { output, error, cause } = await executions.describe(executionArn);
  if (last !== "ExecutionSucceeded" || run?.itemCounts.SUCCEEDED !== count) {
    throw new Error(`${last}: ${run?.itemCounts.SUCCEEDED} of ${count} items, ${error} ${cause} ${output}`);
  }
}

/** The results are not part of the output: a million of them are too many. */
function onStateData(): object {
  const processor = { ...CHILD, ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } };
  return { StartAt: "M", States: { M: { Type: "Map", ItemProcessor: processor, ResultPath: null, End: true } } };
}

function onRows(): object {
  const processor = { ...CHILD, ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" } };
  const reader = {
    Resource: "arn:aws:states:::s3:getObject",
    ReaderConfig: { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" },
    Parameters: { Bucket: BUCKET, Key: KEY },
  };
  const writer = {
    Resource: "arn:aws:states:::s3:putObject",
    Parameters: { Bucket: BUCKET, Prefix: "results" },
    WriterConfig: { OutputType: "JSONL", Transformation: "COMPACT" },
  };
  const map = { Type: "Map", ItemReader: reader, ItemProcessor: processor, ResultWriter: writer, End: true };
  return { StartAt: "M", States: { M: map } };
}

if (values.one === undefined) await measureAll();
else process.stdout.write(JSON.stringify(await measure(values.one as Workload, rows, values.bucket)));
