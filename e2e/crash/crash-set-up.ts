/** What the crash tests begin with, and what they count in the end: on one server, and on a cluster. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PatientClient } from "./crash-client.ts";
import { type CrashArns, childMachine, type KnownMachine, knownMachines } from "./crash-machines.ts";

const FUNCTIONS = `
import { appendFileSync } from "node:fs";
export const double = ({ n }) => ({ doubled: 2 * n });
export const keepToken = ({ token, n }) => {
  appendFileSync(process.env.TOKENS_FILE, JSON.stringify({ token, n }) + "\\n");
  return {};
};
`;

/** Before a server is started there: the functions that it is to have. */
export function writeFunctions(directory: string): void {
  writeFileSync(join(directory, "functions.mjs"), FUNCTIONS);
  const functions = {
    double: { handler: "./functions.mjs#double" },
    keepToken: { handler: "./functions.mjs#keepToken", env: { TOKENS_FILE: tokensFileIn(directory) } },
  };
  writeFileSync(join(directory, "stepwell.yaml"), JSON.stringify({ functions }));
}

export function tokensFileIn(directory: string): string {
  return join(directory, "tokens.jsonl");
}

/** Creates the machines of the load, and the activity and the child machine that they need. */
export async function createMachines(
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
  for (const machine of knownMachines(arns)) {
    machines.set(await create(machine), machine);
  }
  return { arns, machines };
}

/** Each machine has the executions that were asked for, and one child for each parent: none twice, none of its own. */
export async function countExecutions(
  client: PatientClient,
  machines: ReadonlyMap<string, KnownMachine>,
  acknowledged: readonly { readonly machine: KnownMachine }[],
  childMachineArn: string,
): Promise<string[]> {
  const complaints: string[] = [];
  const asked = (name: string): number => acknowledged.filter(({ machine }) => machine.name === name).length;
  for (const [arn, { name }] of [...machines, [childMachineArn, { name: "crash-parent" }] as const]) {
    const arns = await listAll(client, arn);
    const twice = arns.length - new Set(arns).size;
    const right = twice === 0 && arns.length === asked(name);
    complaints.push(
      right ? "" : `${arn}: ${arns.length} executions listed, ${twice} of them twice; ${asked(name)} started`,
    );
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
