/** What tests of Distributed Maps in a cluster see of a run: through the API, the nodes' metrics, and the database. */
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "@stepwell/core";
import { openPostgresRuntime } from "@stepwell/runtime-postgres";
import type { PatientClient } from "../crash/crash-client.ts";
import type { TestCluster, TestNode } from "./test-cluster.ts";

const END_MS_MAX = 240_000;
const LOOK_MS = 250;
const NOTED_LOOKS = 40;

/** The run's `executionCounts`; none before it has begun. */
export async function countsOf(client: PatientClient, executionArn: string): Promise<JsonObject> {
  const { mapRuns } = await client.call("ListMapRuns", { executionArn });
  const [run] = mapRuns as { mapRunArn: string }[];
  if (run === undefined) return {};
  const { executionCounts } = await client.call("DescribeMapRun", { mapRunArn: run.mapRunArn });
  return executionCounts as JsonObject;
}

/** The execution when it has ended. Rejects after four minutes, with what became of its run meanwhile. */
export async function endOf(client: PatientClient, executionArn: string): Promise<JsonObject> {
  const begun = Date.now();
  const seen: string[] = [];
  for (let look = 0; ; look++) {
    const described = await client.call("DescribeExecution", { executionArn });
    if (described["status"] !== "RUNNING") return described;
    const seconds = Math.round((Date.now() - begun) / 1_000);
    if (look % NOTED_LOOKS === 0) seen.push(`${seconds} s: ${JSON.stringify(await countsOf(client, executionArn))}`);
    if (Date.now() - begun > END_MS_MAX) throw new Error(`it goes on and on:\n${seen.join("\n")}`);
    await sleep(LOOK_MS);
  }
}

/** The node that performs the runs of the execution with this name: the one that has the execution. */
export async function coordinatorOf({ database, nodes }: TestCluster, executionName: string): Promise<TestNode> {
  const runtime = await openPostgresRuntime({ url: database.url });
  try {
    for (;;) {
      const [row] = await runtime.database.query<{ name: string }>(
        `SELECT leases.name FROM executions JOIN shards ON shards.shard = executions.shard
         JOIN leases ON leases.epoch = shards.epoch WHERE executions.name = $1`,
        [executionName],
      );
      const node = nodes.find(({ process }) => row?.name.endsWith(`:${process.pid}`));
      if (node !== undefined) return node;
      await sleep(LOOK_MS);
    }
  } finally {
    await runtime.close();
  }
}

/** How many executions of the machines whose ARN ends so have ended well at a node since it was started; 0 while it is away. */
export async function succeededAt(node: TestNode, arnEnd: string): Promise<number> {
  const text = await fetch(`${node.url}/metrics`).then(
    (answer) => answer.text(),
    () => "",
  );
  const line = text
    .split("\n")
    .find((line) => line.startsWith("stepwell_executions_succeeded_total{") && line.includes(`${arnEnd}"}`));
  return Number(line?.split(" ").at(-1) ?? 0);
}
