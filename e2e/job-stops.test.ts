import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
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
import { type StepwellProcess, startStepwell } from "./stepwell-process.ts";

// `kill -9` right after StopExecution: the jobs of its tasks are stopped all the same.

const PATIENT = { timeout: 60_000, interval: 50 };
const ROLE = "arn:aws:iam::123456789012:role/r";

interface Job {
  readonly id: string;
  asked: number;
  stopped: boolean;
}

/** A farm of the user's own (`/farm`), and EMR Serverless: each knows a repeated start by its token. */
class Jobs {
  readonly byToken: Map<string, Job> = new Map();
  /** Nothing can be stopped. */
  isStubborn = false;
  /** Starts are heard but not answered. */
  isSilent = false;
  readonly #server: Server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const answer = (status: number, value: object): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    const [path = ""] = (request.url ?? "").split("?");
    if (request.method === "POST") {
      const { key, clientToken } = JSON.parse(body) as { key?: string; clientToken?: string };
      const token = key ?? clientToken ?? "";
      const job = this.byToken.get(token) ?? { id: `j${this.byToken.size}`, asked: 0, stopped: false };
      this.byToken.set(token, job);
      if (!this.isSilent) answer(200, { id: job.id, applicationId: "app1", jobRunId: job.id, arn: "arn:x" });
      return;
    }
    const job = [...this.byToken.values()].find(({ id }) => path.endsWith(`/${id}`));
    if (job === undefined) return answer(404, { message: "gone" });
    if (request.method === "DELETE") {
      if (this.isStubborn) return answer(503, { message: "not now" });
      job.stopped = true;
      return answer(200, {});
    }
    job.asked += 1;
    const state = job.stopped ? "CANCELLED" : "RUNNING";
    answer(200, { id: job.id, state, jobRun: { applicationId: "app1", jobRunId: job.id, state } });
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get all(): Job[] {
    return [...this.byToken.values()];
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

let jobs: Jobs;
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
  jobs = new Jobs();
  home = mkdtempSync(join(tmpdir(), "stepwell-job-stops-"));
  const url = await jobs.listen();
  const farm = {
    start: { url: `${url}/farm`, body: { key: "{token}" } },
    describe: { url: `${url}/farm/{job.id}` },
    stop: { url: `${url}/farm/{job.id}`, method: "DELETE" },
    status: "state",
    success: ["DONE"],
    failure: ["CANCELLED"],
  };
  const config = { region: "us-east-1", jobs: { farm }, endpoints: { "emr-serverless": url } };
  writeFileSync(join(home, "stepwell.yaml"), JSON.stringify(config));
}

async function create(client: SFNClient, name: string, definition: object): Promise<string> {
  const command = new CreateStateMachineCommand({ name, roleArn: ROLE, definition: JSON.stringify(definition) });
  return (await client.send(command)).stateMachineArn as string;
}

function one(name: string, resource: string, parameters: object): object {
  const state = { Type: "Task", Resource: resource, Parameters: parameters, End: true };
  return { StartAt: name, States: { [name]: state } };
}

const FARM = one("Farm", "arn:aws:states:::custom:farm.sync", {});
const EMR = one("Emr", "arn:aws:states:::emr-serverless:startJobRun.sync", {
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
    const nested = one("Inner", "arn:aws:states:::states:startExecution.sync:2", { StateMachineArn: inner });
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
