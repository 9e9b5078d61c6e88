import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Json } from "@stepwell/core";
import { postgresPrograms } from "@stepwell/runtime-postgres/testing";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { clusterClient } from "./cluster/cluster-client.ts";
import { coordinatorOf, countsOf, endOf, succeededAt } from "./cluster/map-run-watch.ts";
import { startCluster, type TestCluster } from "./cluster/test-cluster.ts";
import type { PatientClient } from "./crash/crash-client.ts";

// Distributed Maps whose children run on all nodes, while nodes die: each item is accounted for once.

const CHILDREN = Number(process.env["STEPWELL_CLUSTER_CHILDREN"] ?? 10_000);
const LIFE_MS = 2_500;
/** Of Express children: what it takes until every node has seen some. */
const SEEN_AT_EACH = 20;
const SEEN_MS_MAX = 90_000;
const directory = mkdtempSync(join(tmpdir(), "stepwell-cluster-map-"));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Minutes of work: .ci/run asks for it, in a step of its own. */
const isElsewhere = process.env["STEPWELL_CLUSTER"] !== "1";
const isHere = postgresPrograms() !== undefined;
if (!isHere) console.log("SKIPPED: map runs in a cluster: there is no PostgreSQL here");

type ProcessorStates = Readonly<Record<string, object>>;

const WAITING: ProcessorStates = {
  Wait: { Type: "Wait", Seconds: 1, Next: "Pass" },
  Pass: { Type: "Pass", End: true },
};

/** A local function: each takes a while, and there are more of them than one node does at once. */
const TASKS: ProcessorStates = {
  Task: { Type: "Task", Resource: "arn:aws:lambda:us-east-1:123456789012:function:work", End: true },
};

/** One transition, that takes a millisecond or more. */
const COMPUTING: ProcessorStates = {
  Compute: {
    Type: "Pass",
    QueryLanguage: "JSONata",
    Output: "{% $states.input + 0 * $sum([1..1000].($ * 2)) %}",
    End: true,
  },
};

const FUNCTIONS = `
import { setTimeout as sleep } from "node:timers/promises";
export const work = async (n) => { await sleep(20); return n; };
`;

function mapOf(type: "STANDARD" | "EXPRESS", label: string, states: ProcessorStates, maxConcurrency: number): object {
  return {
    StartAt: "M",
    States: {
      M: {
        Type: "Map",
        Label: label,
        ItemsPath: "$.items",
        MaxConcurrency: maxConcurrency,
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: type },
          StartAt: Object.keys(states)[0],
          States: states,
        },
        End: true,
      },
    },
  };
}

interface World {
  readonly cluster: TestCluster;
  readonly client: PatientClient;
}

async function open(): Promise<World> {
  const home = mkdtempSync(join(directory, "cluster-"));
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "functions.mjs"), FUNCTIONS);
  writeFileSync(
    join(home, "stepwell.yaml"),
    JSON.stringify({ functions: { work: { handler: "./functions.mjs#work" } } }),
  );
  const cluster = await startCluster(home, 3);
  let over = false;
  onTestFinished(async () => {
    over = true;
    await cluster.remove();
  });
  const client = clusterClient(
    () => cluster.nodes.map((node) => node.url),
    () => over,
  );
  return { cluster, client };
}

async function begin({ client }: World, name: string, definition: object, items: readonly Json[]): Promise<string> {
  const { stateMachineArn } = await client.call("CreateStateMachine", {
    name,
    definition: JSON.stringify(definition),
    roleArn: "arn:aws:iam::123456789012:role/r",
  });
  const started = await client.call("StartExecution", {
    stateMachineArn: stateMachineArn ?? "",
    name,
    input: JSON.stringify({ items }),
  });
  return String(started["executionArn"]);
}

async function endsWhole({ client, cluster }: World, executionArn: string, output: readonly Json[]): Promise<void> {
  const ended = await endOf(client, executionArn);
  const counts = await countsOf(client, executionArn);
  await cluster.stop();
  expect(ended["status"], JSON.stringify(ended).slice(0, 1_000)).toBe("SUCCEEDED");
  expect(JSON.parse(String(ended["output"]))).toEqual(output);
  expect(counts).toMatchObject({ succeeded: output.length, total: output.length, running: 0, failed: 0 });
}

/** Every node has run children of the run. */
async function runsEverywhere({ cluster }: World, label: string): Promise<void> {
  const look = async (): Promise<number[]> => Promise.all(cluster.nodes.map((node) => succeededAt(node, `/${label}`)));
  await expect
    .poll(async () => Math.min(...(await look())), { timeout: SEEN_MS_MAX, interval: 100 })
    .toBeGreaterThanOrEqual(SEEN_AT_EACH);
  console.log(`map run of ${label}: children done at each node: ${await look()}`);
}

describe.runIf(isHere && !isElsewhere)("three nodes", () => {
  test(`a run of ${CHILDREN} children survives the death of each node`, { timeout: 420_000 }, async () => {
    const world = await open();
    const { cluster, client } = world;
    const items = Array.from({ length: CHILDREN }, (_, i) => i);
    const executionArn = await begin(world, "map", mapOf("STANDARD", "Waiting", WAITING, 1_000), items);
    const seen: unknown[] = [];
    for (const node of cluster.nodes) {
      await sleep(LIFE_MS);
      await node.killAndReturn();
      seen.push(await countsOf(client, executionArn));
    }
    await endsWhole(world, executionArn, items);
    console.log(`map run: children done after each death: ${JSON.stringify(seen)}`);
  });

  const KINDS = [
    { kind: "do tasks", label: "Tasks", states: TASKS, children: 2_000, maxConcurrency: 60 },
    { kind: "compute", label: "Computing", states: COMPUTING, children: 6_000, maxConcurrency: 0 },
  ];
  test.each(KINDS)(
    "Express children $kind on all nodes, while another one and then the coordinator dies",
    {
      timeout: 420_000,
    },
    async ({ label, states, children, maxConcurrency }) => {
      const world = await open();
      const items = Array.from({ length: children }, (_, i) => i);
      const executionArn = await begin(world, label, mapOf("EXPRESS", label, states, maxConcurrency), items);
      const coordinator = await coordinatorOf(world.cluster, label);
      await runsEverywhere(world, label);
      await world.cluster.nodes.find((node) => node !== coordinator)?.killAndReturn();
      const seen = await countsOf(world.client, executionArn);
      // The one that came back may have been given the execution since.
      await (await coordinatorOf(world.cluster, label)).killAndReturn();
      await endsWhole(world, executionArn, items);
      console.log(`map run of ${label}: when the coordinator died: ${JSON.stringify(seen)}`);
    },
  );
});
