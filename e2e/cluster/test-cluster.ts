import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type PostgresServer, startPostgres } from "@stepwell/runtime-postgres/testing";
import { freePort, type StepwellProcess, startStepwell } from "../stepwell-process.ts";

/** One node: a process that is started again at the same place. */
export interface TestNode {
  readonly url: string;
  readonly process: StepwellProcess;
  killAndReturn(): Promise<void>;
  /** Stopped in its tracks for so long, then let go on. */
  freezeFor(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export interface TestCluster {
  readonly database: PostgresServer;
  readonly nodes: readonly TestNode[];
  /** Lines that nodes wrote about leases and shards. */
  readonly events: readonly ClusterEvent[];
  /** Every node ends in order. */
  stop(): Promise<void>;
  /** Leaves nothing behind, whatever happened. */
  remove(): Promise<void>;
}

export interface ClusterEvent {
  readonly kind: string;
  /** ISO 8601. */
  readonly time: string;
}

/** A node waits for a database that is just starting again, and three start at once, where others work too. */
const READY_MS = 120_000;

/** Nodes on a PostgreSQL of their own. `directory` holds stepwell.yaml and what it names. */
export async function startCluster(directory: string, count: number): Promise<TestCluster> {
  // It crashes, but not the machine: what its processes wrote is there, written to the disk or not.
  const database = await startPostgres({ fsync: "off" });
  const events: ClusterEvent[] = [];
  const onLine = (line: string): void => {
    if (line.includes('"msg":"cluster"')) events.push(JSON.parse(line) as ClusterEvent);
    else if (process.env["STEPWELL_E2E_LOG"] === "1" && /"level":"(?:error|fatal)"/.test(line))
      console.log(line.slice(0, 1_000));
  };
  const started = await Promise.allSettled(
    Array.from({ length: count }, (_, i) => startNode(directory, `node-${i}`, database.url, onLine)),
  );
  const nodes = started.flatMap((node) => (node.status === "fulfilled" ? node.value : []));
  const failed = started.find((node) => node.status === "rejected");
  if (failed !== undefined) {
    await Promise.all(nodes.map((node) => node.process.killHard()));
    database.remove();
    throw failed.reason;
  }
  return {
    database,
    nodes,
    events,
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
    },
    async remove() {
      await Promise.all(nodes.map((node) => node.process.killHard()));
      database.remove();
    },
  };
}

async function startNode(
  cwd: string,
  name: string,
  database: string,
  onLine: (line: string) => void,
): Promise<TestNode> {
  const port = await freePort();
  const data = join(cwd, name);
  mkdirSync(data, { recursive: true });
  const start = (): Promise<StepwellProcess> =>
    startStepwell(data, { port, cwd, args: ["--database", database], onLine, readyMs: READY_MS });
  let process = await start();
  return {
    url: process.url,
    get process() {
      return process;
    },
    async killAndReturn() {
      await process.killHard();
      process = await start();
    },
    async freezeFor(ms) {
      process.freeze();
      await new Promise((resolve) => setTimeout(resolve, ms));
      process.thaw();
    },
    stop: () => process.stop(),
  };
}
