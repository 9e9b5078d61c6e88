/**
 * What the engine costs on the embedded runtime, always beside bare SQLite in the same run.
 *
 *   node --conditions=stepwell-source bench/engine.ts [chains] [tasks] [parked] [growth] [--parked=100000] [--stored=1000000] [--rounds=5] [--commit-thread] [--dir=/tmp]
 *
 * Configurations take turns, and medians of the rounds are shown: wall rates on a shared machine move by a third from
 * one minute to the next, their ratios do not.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createExecutions, type ExecutionCommit, type ExecutionEngine, type ExecutionStore } from "@stepwell/engine";
import { FixedMachines, SimulatedTasks, succeeded } from "@stepwell/engine/testing";
import { type EmbeddedRuntime, openEmbeddedRuntime } from "@stepwell/runtime-embedded";
import { type Replayed, replayBare } from "./bare-inserts.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    parked: { type: "string", default: "100000" },
    stored: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    dir: { type: "string", default: tmpdir() },
    data: { type: "string" },
    "commit-thread": { type: "boolean", default: false },
  },
});
const ROUNDS = Number(values.rounds);
const MS = Number(values.seconds) * 1_000;

const INPUT = JSON.stringify({
  orderId: "order-0000000001",
  customer: { id: 42, name: "Ada Lovelace", email: "ada@example.com" },
  items: [
    { sku: "A-1", quantity: 2, price: 19.99 },
    { sku: "B-7", quantity: 1, price: 5 },
  ],
  total: 44.98,
  note: "leave at the door",
});

function chain(state: object): object {
  const names = ["One", "Two", "Three", "Four", "Five"];
  const states = names.map((name, i) => [name, { ...state, ...(i < 4 ? { Next: names[i + 1] } : { End: true }) }]);
  return { StartAt: "One", States: Object.fromEntries(states) };
}

const MACHINES = new FixedMachines();
const PASSES = MACHINES.define("passes", chain({ Type: "Pass" }));
const TASKS = MACHINES.define(
  "tasks",
  chain({ Type: "Task", Resource: "arn:aws:lambda:us-east-1:123456789012:function:f", ResultPath: "$.last" }),
);
const WAITS = MACHINES.define("waits", {
  StartAt: "Wait",
  States: { Wait: { Type: "Wait", TimestampPath: "$.until", Next: "After" }, After: { Type: "Pass", End: true } },
});

interface House {
  readonly runtime: EmbeddedRuntime;
  readonly engine: ExecutionEngine;
  close(): Promise<void>;
}

function open(dataDir: string, options: { durability?: "full" | "normal"; commits?: ExecutionCommit[][] } = {}): House {
  const runtime = openEmbeddedRuntime({
    dataDir,
    durability: options.durability ?? "full",
    commitThread: values["commit-thread"],
  });
  const store =
    options.commits === undefined ? runtime.executionStore : recording(runtime.executionStore, options.commits);
  const router = new SimulatedTasks(runtime.clock, { start: () => RESULT });
  // The script of the simulated tasks looks through what was started: not here.
  router.start = async () => RESULT;
  const engine = createExecutions(
    { store, machines: MACHINES, activities: MACHINES, router, clock: runtime.clock, ids: runtime.ids },
    { onProblem: (problem) => console.error(problem) },
  );
  return {
    runtime,
    engine,
    async close(): Promise<void> {
      await engine.drain(5_000);
      runtime.close();
    },
  };
}

const RESULT = { kind: "succeeded", output: '{"ok":true}' } as const;

/** Remembers the commits, so that bare SQLite can write the very same. */
function recording(store: ExecutionStore, commits: ExecutionCommit[][]): ExecutionStore {
  return new Proxy(store, {
    get(target, member): unknown {
      const method: unknown = Reflect.get(target, member);
      if (typeof method !== "function") return method;
      return (...parameters: unknown[]): unknown => {
        if (member === "commit") commits.push([...(parameters[0] as ExecutionCommit[])]);
        return method.apply(target, parameters);
      };
    },
  });
}

interface Measured {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Runs `one` over and over, so many at once, for a while. */
async function closedLoop(inFlight: number, ms: number, one: () => Promise<unknown>): Promise<Measured> {
  const latencies: number[] = [];
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const until = begin + ms;
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const at = performance.now();
      await one();
      latencies.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const seconds = (performance.now() - begin) / 1_000;
  const used = process.cpuUsage(cpu);
  latencies.sort((a, b) => a - b);
  return {
    perSecond: latencies.length / seconds,
    cpuMicros: (used.user + used.system) / latencies.length,
    p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

function medians(measured: readonly Measured[]): string {
  const of = (pick: (one: Measured) => number): number => median(measured.map(pick));
  const rate = Math.round(of((one) => one.perSecond)).toLocaleString("en");
  const cpu = Math.round(of((one) => one.cpuMicros));
  return `${rate.padStart(9)}/s  cpu ${String(cpu).padStart(4)} µs  p50 ${of((one) => one.p50Ms).toFixed(1)} ms  p99 ${of((one) => one.p99Ms).toFixed(1)} ms`;
}

function directory(): string {
  return mkdtempSync(join(values.dir, "stepwell-bench-"));
}

async function inHouse<T>(work: (house: House) => Promise<T>, options: Parameters<typeof open>[1] = {}): Promise<T> {
  const dataDir = directory();
  const house = open(dataDir, options);
  try {
    return await work(house);
  } finally {
    await house.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

type Loop = (house: House, inFlight: number, ms: number) => Promise<Measured>;

const chains: Loop = ({ engine }, inFlight, ms) =>
  closedLoop(inFlight, ms, () => engine.start({ stateMachineArn: PASSES, input: INPUT }));
const tasks: Loop = ({ engine }, inFlight, ms) =>
  closedLoop(inFlight, ms, () => engine.startSync({ stateMachineArn: TASKS, input: INPUT }));

/** Chains of Pass or Task states, beside the same rows inserted by bare SQLite in groups of the same sizes. */
async function beside(title: string, loop: Loop): Promise<void> {
  console.log(`\n${title}`);
  for (const inFlight of [1, 64, 512]) {
    const engine: Measured[] = [];
    const bare: Replayed[] = [];
    const shown: Replayed[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const commits = await recorded(loop, inFlight);
      engine.push(
        await inHouse(async (house) => {
          await loop(house, inFlight, 300);
          return loop(house, inFlight, MS);
        }),
      );
      bare.push(replayed(commits, "as stored"));
      shown.push(replayed(commits, "as AWS shows it"));
    }
    console.log(`  ${String(inFlight).padStart(3)} in flight  ${medians(engine)}`);
    compare("bare SQLite, the same bytes", engine, bare);
    compare("bare SQLite, history as JSON", engine, shown);
  }
}

async function recorded(loop: Loop, inFlight: number): Promise<ExecutionCommit[][]> {
  const commits: ExecutionCommit[][] = [];
  const record = async (house: House): Promise<void> => {
    await loop(house, inFlight, 300);
    commits.length = 0;
    await loop(house, inFlight, 600);
  };
  await inHouse(record, { commits });
  return commits;
}

function replayed(commits: ExecutionCommit[][], history: Parameters<typeof replayBare>[2]): Replayed {
  const dataDir = directory();
  try {
    return replayBare(dataDir, commits, history);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function compare(title: string, engine: readonly Measured[], bare: readonly Replayed[]): void {
  const rate = Math.round(median(bare.map((one) => one.executionsPerSecond))).toLocaleString("en");
  const bytes = Math.round(median(bare.map((one) => one.bytesPerExecution))).toLocaleString("en");
  const changes = median(bare.map((one) => one.executionsPerGroup)).toFixed(1);
  const ratio = median(engine.map((one, i) => one.perSecond / (bare[i]?.executionsPerSecond ?? 1)));
  console.log(
    `    ${title.padEnd(30)}${rate.padStart(9)}/s  (${bytes} bytes an execution, ${changes} changes a commit)  ratio ${(ratio * 100).toFixed(0)} %`,
  );
}

/** A child process parks executions and is killed; another one takes them up and wakes them. */
async function parked(count: number): Promise<void> {
  console.log(`\n${count.toLocaleString("en")} executions in a Wait`);
  const dataDir = directory();
  try {
    await child(["park"], dataDir, "SIGKILL");
    await child(["wake"], dataDir, undefined);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function child(command: readonly string[], dataDir: string, kill: NodeJS.Signals | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const parameters = [...process.execArgv, "--expose-gc", fileURLToPath(import.meta.url), ...command];
    const started = spawn(process.execPath, [...parameters, `--data=${dataDir}`, `--parked=${values.parked}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    started.stdout.on("data", (chunk: Buffer) => {
      const text = chunk.toString();
      process.stdout.write(text.replace("READY\n", ""));
      if (text.includes("READY") && kill !== undefined) started.kill(kill);
    });
    started.on("exit", (code) => (code === 0 || kill !== undefined ? resolve() : reject(new Error(`exit ${code}`))));
  });
}

function heapAfterGc(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed;
}

async function park(count: number, dataDir: string): Promise<void> {
  const { engine } = open(dataDir);
  await engine.resume();
  const before = heapAfterGc();
  const input = JSON.stringify({ until: new Date(Date.now() + 3_600_000).toISOString(), order: JSON.parse(INPUT) });
  const begin = performance.now();
  let started = 0;
  const worker = async (): Promise<void> => {
    while (started++ < count) await engine.start({ stateMachineArn: WAITS, input });
  };
  await Promise.all(Array.from({ length: 256 }, worker));
  const seconds = (performance.now() - begin) / 1_000;
  const heap = (heapAfterGc() - before) / count;
  console.log(
    `  parked at ${Math.round(count / seconds).toLocaleString("en")}/s, ${heap.toFixed(0)} bytes of heap each, rss ${Math.round(process.memoryUsage.rss() / 1_048_576)} MiB`,
  );
  console.log("READY");
  await new Promise((resolve) => setTimeout(resolve, 60_000));
}

async function wake(dataDir: string): Promise<void> {
  const before = heapAfterGc();
  const begin = performance.now();
  const runtime = openEmbeddedRuntime({ dataDir });
  const router = new SimulatedTasks(runtime.clock, { start: () => succeeded("ok") });
  let skewMs = 0;
  // The hour they wait for is skipped: the clock is set forward when everything is ready.
  const clock = {
    now: () => Date.now() + skewMs,
    wakeAt: (at: number, wakeUp: () => void) => runtime.clock.wakeAt(at - skewMs, wakeUp),
  };
  const ports = {
    store: runtime.executionStore,
    machines: MACHINES,
    activities: MACHINES,
    router,
    clock,
    ids: runtime.ids,
  };
  const engine = createExecutions(ports, { onProblem: (problem) => console.error(problem) });
  await engine.resume();
  const ready = performance.now() - begin;
  const { openExecutions } = engine.stats;
  console.log(
    `  ready ${ready.toFixed(0)} ms after kill -9 with ${openExecutions.toLocaleString("en")} parked, ${Math.round((heapAfterGc() - before) / 1_024)} KiB more heap`,
  );
  await engine.drain(1_000);
  skewMs = 3_700_000;
  const again = createExecutions(ports, { onProblem: (problem) => console.error(problem) });
  const woken = performance.now();
  const cpu = process.cpuUsage();
  await again.resume();
  while (again.stats.openExecutions > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const seconds = (performance.now() - woken) / 1_000;
  const used = process.cpuUsage(cpu);
  const micros = (used.user + used.system) / openExecutions;
  console.log(
    `  woken and ended at ${Math.round(openExecutions / seconds).toLocaleString("en")}/s, cpu ${Math.round(micros)} µs each`,
  );
  await again.drain(1_000);
  runtime.close();
}

/** What an execution and a page of the list cost with more and more executions stored. */
async function growth(count: number): Promise<void> {
  console.log(`\nUp to ${count.toLocaleString("en")} ended executions stored`);
  await inHouse(async ({ engine, runtime }) => {
    const step = Math.max(1_000, Math.floor(count / 5));
    for (let stored = 0; stored < count; stored += step) {
      let left = step;
      const cpu = process.cpuUsage();
      const begin = performance.now();
      const worker = async (): Promise<void> => {
        while (left-- > 0) await engine.start({ stateMachineArn: PASSES, input: INPUT });
      };
      await Promise.all(Array.from({ length: 256 }, worker));
      const perSecond = Math.round((step / (performance.now() - begin)) * 1_000);
      const used = process.cpuUsage(cpu);
      const micros = Math.round((used.user + used.system) / step);
      const mib = Math.round(runtime.database.size().bytes / 1_048_576);
      console.log(
        `  at ${(stored + step).toLocaleString("en").padStart(9)}: ${perSecond.toLocaleString("en")}/s, cpu ${micros} µs, file ${mib} MiB, rss ${Math.round(process.memoryUsage.rss() / 1_048_576)} MiB`,
      );
    }
    await queries(engine);
  });
}

async function queries(engine: ExecutionEngine): Promise<void> {
  const timed = async (name: string, one: () => Promise<unknown>): Promise<void> => {
    const times: number[] = [];
    for (let i = 0; i < 200; i++) {
      const begin = performance.now();
      await one();
      times.push(performance.now() - begin);
    }
    console.log(`  ${name}: ${median(times).toFixed(3)} ms`);
  };
  const { items, cursor } = await engine.list({ stateMachineArn: PASSES, limit: 100 });
  const executionArn = items[50]?.executionArn ?? "";
  await timed("list, newest 100", () => engine.list({ stateMachineArn: PASSES, limit: 100 }));
  await timed("list, the page after", () => engine.list({ stateMachineArn: PASSES, limit: 100, cursor: cursor ?? "" }));
  await timed("list, newest 100 that failed", () =>
    engine.list({ stateMachineArn: PASSES, limit: 100, status: "FAILED" }),
  );
  await timed("describe", () => engine.describe(executionArn));
  await timed("history of 12 events", () => engine.history(executionArn, { limit: 100, reverse: false }));
}

const wanted = positionals.length === 0 ? ["chains", "tasks", "parked"] : positionals;
for (const what of wanted) {
  if (what === "chains") await beside("Five Pass states (durable start to durable end)", chains);
  else if (what === "tasks") await beside("Five Task states, answered at once", tasks);
  else if (what === "parked") await parked(Number(values.parked));
  else if (what === "growth") await growth(Number(values.stored));
  else if (what === "park") await park(Number(values.parked), values.data ?? "");
  else if (what === "wake") await wake(values.data ?? "");
  else throw new Error(`unknown benchmark ${what}: chains, tasks, parked, growth`);
}
