import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { postgresPrograms } from "@stepwell/runtime-postgres/testing";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { clusterClient } from "./cluster/cluster-client.ts";
import { startCluster } from "./cluster/test-cluster.ts";
import type { PatientClient } from "./crash/crash-client.ts";

// A Distributed Map whose children run on all nodes, while nodes die: each item is accounted for once.

const CHILDREN = Number(process.env["STEPWELL_CLUSTER_CHILDREN"] ?? 10_000);
const LIFE_MS = 2_500;
const END_MS_MAX = 240_000;
const directory = mkdtempSync(join(tmpdir(), "stepwell-cluster-map-"));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Minutes of work: .ci/run asks for it, in a step of its own. */
const isElsewhere = process.env["STEPWELL_CLUSTER"] !== "1";
const isHere = postgresPrograms() !== undefined;
if (!isHere) console.log("SKIPPED: map runs in a cluster: there is no PostgreSQL here");

const DEFINITION = {
  StartAt: "M",
  States: {
    M: {
      Type: "Map",
      ItemsPath: "$.items",
      MaxConcurrency: 1_000,
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "Wait",
        States: { Wait: { Type: "Wait", Seconds: 1, Next: "Pass" }, Pass: { Type: "Pass", End: true } },
      },
      End: true,
    },
  },
};

describe.runIf(isHere && !isElsewhere)("three nodes", () => {
  test(`a run of ${CHILDREN} children survives the death of each node`, { timeout: 420_000 }, async () => {
    const cluster = await startCluster(directory, 3);
    onTestFinished(() => cluster.remove());
    let over = false;
    const client = clusterClient(
      () => cluster.nodes.map((node) => node.url),
      () => over,
    );
    const { stateMachineArn } = await client.call("CreateStateMachine", {
      name: "map",
      definition: JSON.stringify(DEFINITION),
      roleArn: "arn:aws:iam::123456789012:role/r",
    });
    const items = Array.from({ length: CHILDREN }, (_, i) => i);
    const started = await client.call("StartExecution", {
      stateMachineArn: stateMachineArn ?? "",
      name: "run",
      input: JSON.stringify({ items }),
    });
    const executionArn = String(started["executionArn"]);
    const seen: unknown[] = [];
    for (const node of cluster.nodes) {
      await sleep(LIFE_MS);
      await node.killAndReturn();
      seen.push(await countsOf(client, executionArn));
    }
    const ended = await endOf(client, executionArn);
    const counts = await countsOf(client, executionArn);
    console.log(`map run: children done after each death: ${JSON.stringify(seen)}`);
    over = true;
    await cluster.stop();
    expect(ended["status"]).toBe("SUCCEEDED");
    expect(JSON.parse(String(ended["output"]))).toEqual(items);
    expect(counts).toMatchObject({ succeeded: CHILDREN, total: CHILDREN, running: 0, failed: 0 });
  });
});

async function countsOf(client: PatientClient, executionArn: string): Promise<object> {
  const { mapRuns } = await client.call("ListMapRuns", { executionArn });
  const [run] = mapRuns as { mapRunArn: string }[];
  if (run === undefined) return {};
  const { executionCounts } = await client.call("DescribeMapRun", { mapRunArn: run.mapRunArn });
  return executionCounts as object;
}

async function endOf(client: PatientClient, executionArn: string): Promise<Record<string, unknown>> {
  const latest = Date.now() + END_MS_MAX;
  for (;;) {
    const described = await client.call("DescribeExecution", { executionArn });
    if (described["status"] !== "RUNNING" || Date.now() > latest) return described;
    await sleep(250);
  }
}
