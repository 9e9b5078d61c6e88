/** The load that a cluster is disturbed under, and what must be true of it in the end. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkAll } from "../crash/crash-check.ts";
import type { PatientClient } from "../crash/crash-client.ts";
import { beginLoad, type CrashLoad } from "../crash/crash-load.ts";
import { type CrashArns, childMachine, type KnownMachine, knownMachines } from "../crash/crash-machines.ts";
import { clusterClient } from "./cluster-client.ts";
import type { TestCluster } from "./test-cluster.ts";

const EXECUTIONS_MAX = 20_000;
const PAUSE_MS = 150;

const FUNCTIONS = `
import { appendFileSync } from "node:fs";
export const double = ({ n }) => ({ doubled: 2 * n });
export const keepToken = ({ token, n }) => {
  appendFileSync(process.env.TOKENS_FILE, JSON.stringify({ token, n }) + "\\n");
  return {};
};
`;

export interface ClusterLoad extends CrashLoad {
  readonly client: PatientClient;
  /** Waits until everything that was started has ended; what is not as it should be. Ends the load. */
  check(): Promise<string[]>;
}

/** Before the nodes are started: the functions that they are to have. */
export function writeFunctions(directory: string): void {
  writeFileSync(join(directory, "functions.mjs"), FUNCTIONS);
  const functions = {
    double: { handler: "./functions.mjs#double" },
    keepToken: { handler: "./functions.mjs#keepToken", env: { TOKENS_FILE: tokensFile(directory) } },
  };
  writeFileSync(join(directory, "stepwell.yaml"), JSON.stringify({ functions }));
}

function tokensFile(directory: string): string {
  return join(directory, "tokens.jsonl");
}

export async function beginClusterLoad(directory: string, cluster: TestCluster): Promise<ClusterLoad> {
  let over = false;
  const client = clusterClient(
    () => cluster.nodes.map((node) => node.url),
    () => over,
  );
  const { arns, machines } = await createMachines(client);
  const load = beginLoad({
    client,
    machines,
    activityArn: arns.activity,
    tokensFile: tokensFile(directory),
    executionsMax: EXECUTIONS_MAX,
    pauseMs: PAUSE_MS,
  });
  return {
    ...load,
    client,
    async check() {
      const complaints = await checkAll(client, load.acknowledged);
      complaints.push(...(await countExecutions(client, machines, load, arns.childMachine)));
      const failed = [...complaints, ...load.complaints].filter((complaint) => complaint !== "");
      over = true;
      load.stopWorking();
      for (const complaint of failed.slice(0, 20)) console.log(`FAILED ${complaint}`);
      return failed;
    },
  };
}

async function createMachines(
  client: PatientClient,
): Promise<{ arns: CrashArns; machines: Map<string, KnownMachine> }> {
  const activity = String((await client.call("CreateActivity", { name: "crash-activity" }))["activityArn"]);
  const account = activity.split(":")[4] ?? "";
  const create = async ({ name, definition }: KnownMachine): Promise<string> => {
    const request = { name, definition: JSON.stringify(definition), roleArn: `arn:aws:iam::${account}:role/crash` };
    return String((await client.call("CreateStateMachine", request))["stateMachineArn"]);
  };
  const functionArn = (name: string): string => `arn:aws:lambda:us-east-1:${account}:function:${name}`;
  const arns: CrashArns = {
    activity,
    doubleFunction: functionArn("double"),
    keepTokenFunction: functionArn("keepToken"),
    childMachine: await create(childMachine),
  };
  const machines = new Map<string, KnownMachine>();
  for (const machine of knownMachines(arns)) machines.set(await create(machine), machine);
  return { arns, machines };
}

/** Each machine has the executions that were asked for, and one child for each parent: none twice, none of its own. */
async function countExecutions(
  client: PatientClient,
  machines: ReadonlyMap<string, KnownMachine>,
  load: CrashLoad,
  childMachineArn: string,
): Promise<string[]> {
  const complaints: string[] = [];
  const asked = (name: string): number => load.acknowledged.filter(({ machine }) => machine.name === name).length;
  for (const [arn, { name }] of [...machines, [childMachineArn, { name: "crash-parent" }] as const]) {
    const arns = await listAll(client, arn);
    const twice = arns.length - new Set(arns).size;
    const right = twice === 0 && arns.length === asked(name);
    complaints.push(right ? "" : `${arn}: ${arns.length} executions, ${twice} of them twice; ${asked(name)} started`);
  }
  return complaints;
}

async function listAll(client: PatientClient, stateMachineArn: string): Promise<string[]> {
  const arns: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.call("ListExecutions", {
      stateMachineArn,
      maxResults: 500,
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    arns.push(...(page["executions"] as { executionArn: string }[]).map(({ executionArn }) => executionArn));
    nextToken = page["nextToken"] as string | undefined;
  } while (nextToken !== undefined);
  return arns;
}
