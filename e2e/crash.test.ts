import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { checkAll } from "./crash/crash-check.ts";
import { type PatientClient, patientClient } from "./crash/crash-client.ts";
import { beginLoad, type CrashLoad } from "./crash/crash-load.ts";
import { type CrashArns, childMachine, type KnownMachine, knownMachines } from "./crash/crash-machines.ts";
import { freePort, startStepwell } from "./stepwell-process.ts";

// `kill -9` at random moments under load. What was acknowledged must be there afterwards, exactly once, whole.

const KILLS = Number(process.env["STEPWELL_CRASH_KILLS"] ?? 3);
const EXECUTIONS_MAX = 4_000;
const STARTS_MAX = 40;
const LIFE_MS_MAX = 5_000;
const directory = mkdtempSync(join(tmpdir(), "stepwell-crash-"));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const FUNCTIONS = `
import { appendFileSync } from "node:fs";
export const double = ({ n }) => ({ doubled: 2 * n });
export const keepToken = ({ token, n }) => {
  appendFileSync(process.env.TOKENS_FILE, JSON.stringify({ token, n }) + "\\n");
  return {};
};
`;

test(`what was acknowledged survives ${KILLS} times kill -9`, { timeout: 120_000 + KILLS * 10_000 }, async () => {
  const tokensFile = join(directory, "tokens.jsonl");
  writeFileSync(join(directory, "functions.mjs"), FUNCTIONS);
  writeFileSync(
    join(directory, "stepwell.yaml"),
    JSON.stringify({
      functions: {
        double: { handler: "./functions.mjs#double" },
        keepToken: { handler: "./functions.mjs#keepToken", env: { TOKENS_FILE: tokensFile } },
      },
    }),
  );
  const port = await freePort();
  const begin = async (): ReturnType<typeof startStepwell> =>
    await startStepwell(join(directory, "data"), { port, cwd: directory });
  let server = await begin();
  let over = false;
  const client = patientClient(server.url, () => over);
  const { arns, machines } = await createMachines(client);
  const load = beginLoad({ client, machines, activityArn: arns.activity, tokensFile, executionsMax: EXECUTIONS_MAX });
  const readyMs: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    await someWork(load);
    await server.killHard();
    server = await begin();
    readyMs.push(server.readyMs);
  }
  await load.stopStarting();
  const complaints = await checkAll(client, load.acknowledged);
  complaints.push(...(await countExecutions(client, machines, load.acknowledged, arns.childMachine)));
  const failed = [...complaints, ...load.complaints].filter((complaint) => complaint !== "");
  console.log(`ready after ${Math.max(...readyMs)} ms at worst`);
  console.log(`crash test (${KILLS} kills): ${complaints.length - failed.length} passed, ${failed.length} failed`);
  for (const complaint of failed.slice(0, 20)) console.log(`FAILED ${complaint}`);
  over = true;
  load.stopWorking();
  // Workers poll meanwhile: an orderly end does not wait for their minute.
  await server.stop();
  expect(failed.slice(0, 10)).toEqual([]);
  expect(load.acknowledged.length).toBeGreaterThan(KILLS * 5);
});

/** Until some starts more are acknowledged, and a moment longer: the server dies in the middle of its work. */
async function someWork(load: CrashLoad): Promise<void> {
  const enough = load.acknowledged.length + Math.random() * STARTS_MAX;
  const latest = Date.now() + LIFE_MS_MAX;
  while (load.acknowledged.length < enough && Date.now() < latest) await sleep(5);
  await sleep(Math.random() * 200);
}

async function createMachines(
  client: PatientClient,
): Promise<{ arns: CrashArns; machines: Map<string, KnownMachine> }> {
  const activity = String((await client.call("CreateActivity", { name: "crash-activity" }))["activityArn"]);
  const account = activity.split(":")[4]!;
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
    try {
      machines.set(await create(machine), machine);
    } catch (error) {
      // What a build cannot run it says when the machine is created.
      if (!String(error).includes("NOT_SUPPORTED_BY_STEPWELL")) throw error;
      console.log(`left out: ${machine.name}: ${String(error)}`);
    }
  }
  return { arns, machines };
}

/** Each machine has the executions that were asked for, and one child for each parent: none twice, none of its own. */
async function countExecutions(
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
