/**
 * What a cluster costs: one, two and three nodes on one PostgreSQL beside the embedded runtime in the same run, with the
 * processor time of nodes and database. Engine API, the work of `npm run bench`; each node drives itself.
 *
 *   npm run bench:cluster -- [--rounds=3] [--seconds=3] [--in-flight=64] [chains] [tasks]
 *
 * Configurations take turns, and medians of the rounds are shown. The nodes, the database and their load share the cores
 * of this machine: where there are two, three nodes cannot be quicker than one.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createExecutions, type ExecutionEngine, type ExecutionPorts } from "@stepwell/engine";
import { FixedMachines, SimulatedTasks } from "@stepwell/engine/testing";
import { CryptoIds, openEmbeddedRuntime, SystemClock } from "@stepwell/runtime-embedded";
import { openPostgresRuntime } from "@stepwell/runtime-postgres";
import { type PostgresServer, postgresPrograms, startPostgres } from "@stepwell/runtime-postgres/testing";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    "in-flight": { type: "string", default: "64" },
    node: { type: "string" },
  },
});
const ROUNDS = Number(values.rounds);
const MS = Number(values.seconds) * 1_000;
const IN_FLIGHT = Number(values["in-flight"]);
const WARM_UP_MS = 1_000;
/** Of the kernel's clock: what /proc counts processor time in. */
const TICKS_PER_SECOND = 100;

type Work = "chains" | "tasks";

const INPUT = JSON.stringify({ orderId: "order-0000000001", customer: { id: 42, name: "Ada" }, total: 44.98 });

function chain(state: object): object {
  const names = ["One", "Two", "Three", "Four", "Five"];
  const states = names.map((name, i) => [name, { ...state, ...(i < 4 ? { Next: names[i + 1] } : { End: true }) }]);
  return { StartAt: "One", States: Object.fromEntries(states) };
}

const MACHINES = new FixedMachines();
const ARNS: Readonly<Record<Work, string>> = {
  chains: MACHINES.define("passes", chain({ Type: "Pass" })),
  tasks: MACHINES.define(
    "tasks",
    chain({ Type: "Task", Resource: "arn:aws:lambda:us-east-1:123456789012:function:f", ResultPath: "$.last" }),
  ),
};

// --- one node, in a process of its own

interface Order {
  readonly work: Work;
  readonly ms: number;
  readonly inFlight: number;
}

interface Result {
  readonly executions: number;
  readonly cpuMicros: number;
}

/** `where`: a data directory, or the URL of a database. */
async function runNode(where: string): Promise<void> {
  const engine = where.startsWith("postgres") ? await openNode(where) : openEmbedded(where);
  process.on("message", (order: Order) => {
    perform(engine, order).then(
      (result) => process.send?.(result),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.send?.("ready");
}

function engineOn(ports: Pick<ExecutionPorts, "store" | "cluster">): ExecutionEngine {
  const clock = new SystemClock();
  const done = { kind: "succeeded", output: '{"ok":true}' } as const;
  const router = new SimulatedTasks(clock, { start: () => done });
  router.start = async () => done;
  return createExecutions(
    { ...ports, machines: MACHINES, activities: MACHINES, router, clock, ids: new CryptoIds() },
    { onProblem: (problem) => console.error(problem) },
  );
}

function openEmbedded(dataDir: string): ExecutionEngine {
  return engineOn({ store: openEmbeddedRuntime({ dataDir, durability: "full" }).executionStore });
}

async function openNode(url: string): Promise<ExecutionEngine> {
  const runtime = await openPostgresRuntime({ url, onProblem: (problem) => console.error(problem) });
  const engine = engineOn({ store: runtime.executionStore, cluster: runtime.cluster });
  await runtime.join();
  return engine;
}

async function perform(engine: ExecutionEngine, { work, ms, inFlight }: Order): Promise<Result> {
  const stateMachineArn = ARNS[work];
  const cpu = process.cpuUsage();
  const until = performance.now() + ms;
  let executions = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < until) {
      if (work === "chains") await engine.start({ stateMachineArn, input: INPUT });
      else await engine.startSync({ stateMachineArn, input: INPUT });
      executions += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const { user, system } = process.cpuUsage(cpu);
  return { executions, cpuMicros: user + system };
}

// --- the run

interface Measured {
  readonly perSecond: number;
  readonly nodeMicros: number;
  readonly databaseMicros: number;
}

async function startNodes(count: number, where: string): Promise<ChildProcess[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const parameters = [...process.execArgv, fileURLToPath(import.meta.url), `--node=${where}`];
      const node = spawn(process.execPath, parameters, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
      await once(node, "message");
      return node;
    }),
  );
}

async function order(nodes: readonly ChildProcess[], work: Work, ms: number): Promise<Result[]> {
  return Promise.all(
    nodes.map(async (node) => {
      const answer = once(node, "message");
      node.send({ work, ms, inFlight: Math.ceil(IN_FLIGHT / nodes.length) } satisfies Order);
      return ((await answer) as [Result])[0];
    }),
  );
}

async function measure(
  count: number,
  where: string,
  work: Work,
  database: PostgresServer | undefined,
): Promise<Measured> {
  const nodes = await startNodes(count, where);
  // Shards are shared out within some seconds.
  if (count > 1) await new Promise((resolve) => setTimeout(resolve, 3_500));
  await order(nodes, work, WARM_UP_MS);
  const before = database === undefined ? 0 : processorMicros(database.pid);
  const begun = performance.now();
  const results = await order(nodes, work, MS);
  const seconds = (performance.now() - begun) / 1_000;
  const databaseMicros = database === undefined ? 0 : processorMicros(database.pid) - before;
  for (const node of nodes) {
    const gone = once(node, "exit");
    node.kill("SIGKILL");
    await gone;
  }
  const executions = results.reduce((sum, result) => sum + result.executions, 0);
  const nodeMicros = results.reduce((sum, result) => sum + result.cpuMicros, 0);
  return {
    perSecond: executions / seconds,
    nodeMicros: nodeMicros / executions,
    databaseMicros: databaseMicros / executions,
  };
}

/** Of a process and those that come from it, the ended ones too. */
function processorMicros(pid: number): number {
  let ticks = 0;
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const fields = statOf(entry);
    const isRoot = entry === String(pid);
    if (fields === undefined || (!isRoot && fields[1] !== String(pid))) continue;
    // utime, stime; of the root also what ended children had used.
    for (const index of isRoot ? [11, 12, 13, 14] : [11, 12]) ticks += Number(fields[index]);
  }
  return (ticks / TICKS_PER_SECOND) * 1_000_000;
}

/** The fields of /proc/pid/stat behind the name: state, parent, … */
function statOf(pid: string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch (error) {
    // It has ended meanwhile.
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

async function run(work: Work, database: PostgresServer): Promise<void> {
  const configurations = [
    ["embedded", 1],
    ["1 node", 1],
    ["2 nodes", 2],
    ["3 nodes", 3],
  ] as const;
  const measured = new Map<string, Measured[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, count] of configurations) {
      const dataDir = mkdtempSync(join(tmpdir(), "stepwell-bench-"));
      const isEmbedded = name === "embedded";
      const result = await measure(count, isEmbedded ? dataDir : database.url, work, isEmbedded ? undefined : database);
      rmSync(dataDir, { recursive: true, force: true });
      measured.set(name, [...(measured.get(name) ?? []), result]);
    }
  }
  console.log(`\n${work}: 5 states, ${IN_FLIGHT} in flight, ${cpus().length} cores`);
  const of = (name: string, pick: (one: Measured) => number): number => median((measured.get(name) ?? []).map(pick));
  const embedded = of("embedded", (one) => one.perSecond);
  const one = of("1 node", (result) => result.perSecond);
  for (const [name] of configurations) {
    const rate = of(name, (result) => result.perSecond);
    const node = Math.round(of(name, (result) => result.nodeMicros));
    const postgres = Math.round(of(name, (result) => result.databaseMicros));
    console.log(
      `  ${name.padEnd(9)}${Math.round(rate).toLocaleString("en").padStart(8)}/s  nodes ${String(node).padStart(4)} µs  database ${String(postgres).padStart(4)} µs  ${((rate / embedded) * 100).toFixed(0).padStart(4)} % of embedded  ${(rate / one).toFixed(2)} x one node`,
    );
  }
}

if (values.node !== undefined) await runNode(values.node);
else if (postgresPrograms() === undefined) console.log("SKIPPED: there is no PostgreSQL here");
else {
  const database = await startPostgres({ shared_buffers: "256MB", max_wal_size: "4GB" });
  try {
    for (const work of ["chains", "tasks"] as const) {
      if (positionals.length === 0 || positionals.includes(work)) await run(work, database);
    }
  } finally {
    database.remove();
  }
}
