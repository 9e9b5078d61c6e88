import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { checkAll } from "./crash/crash-check.ts";
import { patientClient } from "./crash/crash-client.ts";
import { beginLoad, type CrashLoad } from "./crash/crash-load.ts";
import { countExecutions, createMachines, tokensFileIn, writeFunctions } from "./crash/crash-set-up.ts";
import { freePort, startStepwell } from "./stepwell-process.ts";

// `kill -9` at random moments under load. What was acknowledged must be there afterwards, exactly once, whole.

const KILLS = Number(process.env["STEPWELL_CRASH_KILLS"] ?? 3);
const EXECUTIONS_MAX = 4_000;
const STARTS_MAX = 40;
const LIFE_MS_MAX = 5_000;
const directory = mkdtempSync(join(tmpdir(), "stepwell-crash-"));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

test(`what was acknowledged survives ${KILLS} times kill -9`, { timeout: 120_000 + KILLS * 10_000 }, async () => {
  const tokensFile = tokensFileIn(directory);
  writeFunctions(directory);
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
