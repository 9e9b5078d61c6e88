import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterEach, expect, test } from "vitest";
import { farmOf, JobServices, oneTask } from "./jobs/job-services.ts";
import { type StepwellProcess, startStepwell } from "./stepwell-process.ts";

// `kill -9` right after StopExecution: the jobs of its tasks are stopped all the same.

const PATIENT = { timeout: 60_000, interval: 50 };
const ROLE = "arn:aws:iam::123456789012:role/r";

let jobs: JobServices;
let home: string;
let server: StepwellProcess | undefined;

afterEach(async () => {
  await server?.killHard();
  jobs.close();
  rmSync(home, { recursive: true, force: true });
});

async function begin(): Promise<SFNClient> {
  const env = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  Object.assign(process.env, env);
  server = await startStepwell(home, { readyMs: 60_000 });
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new SFNClient({ endpoint: server.url, region: "us-east-1", credentials });
}

async function prepare(): Promise<void> {
  jobs = new JobServices();
  home = mkdtempSync(join(tmpdir(), "stepwell-job-stops-"));
  const url = await jobs.listen();
  const config = { region: "us-east-1", jobs: { farm: farmOf(url) }, endpoints: { "emr-serverless": url } };
  writeFileSync(join(home, "stepwell.yaml"), JSON.stringify(config));
}

async function create(client: SFNClient, name: string, definition: object): Promise<string> {
  const command = new CreateStateMachineCommand({ name, roleArn: ROLE, definition: JSON.stringify(definition) });
  return (await client.send(command)).stateMachineArn as string;
}

const FARM = oneTask("Farm", "arn:aws:states:::custom:farm.sync", {});
const EMR = oneTask("Emr", "arn:aws:states:::emr-serverless:startJobRun.sync", {
  ApplicationId: "app1",
  ExecutionRoleArn: ROLE,
});

test.each([
  { title: "the services refuse to stop them", isStubborn: true },
  { title: "the process dies at once", isStubborn: false },
])(
  "jobs of a stopped execution are stopped by the next process when $title",
  async ({ isStubborn }) => {
    await prepare();
    const client = await begin();
    const inner = await create(client, "inner", {
      StartAt: "W",
      States: { W: { Type: "Wait", Seconds: 9_999, End: true } },
    });
    const nested = oneTask("Inner", "arn:aws:states:::states:startExecution.sync:2", { StateMachineArn: inner });
    const Branches = [FARM, EMR, nested];
    const outer = await create(client, "outer", {
      StartAt: "P",
      States: { P: { Type: "Parallel", Branches, End: true } },
    });
    const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn: outer }));
    const innerStatus = async (by: SFNClient): Promise<string | undefined> =>
      (await by.send(new ListExecutionsCommand({ stateMachineArn: inner }))).executions?.[0]?.status;
    await expect.poll(() => jobs.all.filter(({ asked }) => asked > 1).length, PATIENT).toBe(2);
    await expect.poll(() => innerStatus(client), PATIENT).toBe("RUNNING");
    jobs.isStubborn = isStubborn;
    await client.send(new StopExecutionCommand({ executionArn }));
    await server?.killHard();
    if (isStubborn) expect(jobs.all.map(({ stopped }) => stopped)).toEqual([false, false]);
    jobs.isStubborn = false;
    const again = await begin();
    await expect.poll(() => jobs.all.map(({ stopped }) => stopped), PATIENT).toEqual([true, true]);
    await expect.poll(() => innerStatus(again), PATIENT).toBe("ABORTED");
    expect((await again.send(new DescribeExecutionCommand({ executionArn }))).status).toBe("ABORTED");
  },
  240_000,
);

test("a job whose start was not answered before the process died is found and stopped", async () => {
  await prepare();
  const client = await begin();
  const both = { StartAt: "P", States: { P: { Type: "Parallel", Branches: [FARM, EMR], End: true } } };
  const stateMachineArn = await create(client, "both", both);
  jobs.isSilent = true;
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn }));
  await expect.poll(() => jobs.all.length, PATIENT).toBe(2);
  await client.send(new StopExecutionCommand({ executionArn }));
  await server?.killHard();
  jobs.isSilent = false;
  await begin();
  await expect.poll(() => jobs.all.map(({ stopped }) => stopped), PATIENT).toEqual([true, true]);
}, 240_000);
