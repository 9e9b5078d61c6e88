import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgresPrograms } from "@stepwell/runtime-postgres/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { clusterClient } from "./cluster/cluster-client.ts";
import { startCluster } from "./cluster/test-cluster.ts";
import { farmOf, JobServices, oneTask } from "./jobs/job-services.ts";

// What a node has promised to the outside when it dies, the others keep: jobs are stopped, status events are delivered.

const PATIENT = { timeout: 120_000, interval: 100 };
const EXECUTIONS = 12;

/** .ci/run asks for it, in a step of its own. */
const isElsewhere = process.env["STEPWELL_CLUSTER"] !== "1";
const isHere = postgresPrograms() !== undefined;
if (!isHere) console.log("SKIPPED: jobs in a cluster: there is no PostgreSQL here");

describe.runIf(isHere && !isElsewhere)("two nodes", () => {
  test("stop the jobs, and tell of the executions, of one that was killed right after StopExecution", async () => {
    const home = mkdtempSync(join(tmpdir(), "stepwell-cluster-jobs-"));
    const jobs = new JobServices();
    const told = new Map<string, string[]>();
    let isDeaf = false;
    const webhook = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        if (isDeaf) return response.writeHead(503).end();
        const { detail } = JSON.parse(Buffer.concat(chunks).toString());
        told.set(detail.executionArn, [...(told.get(detail.executionArn) ?? []), detail.status]);
        return response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => webhook.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/`;
    const farm = farmOf(await jobs.listen());
    writeFileSync(join(home, "stepwell.yaml"), JSON.stringify({ jobs: { farm }, events: { sink: "webhook", url } }));
    const cluster = await startCluster(home, 2);
    let isOver = false;
    onTestFinished(async () => {
      isOver = true;
      await cluster.remove();
      jobs.close();
      webhook.closeAllConnections();
      webhook.close();
      rmSync(home, { recursive: true, force: true });
    });
    const urls = (): string[] => cluster.nodes.map((node) => node.url);
    const client = clusterClient(urls, () => isOver);
    const { stateMachineArn } = await client.call("CreateStateMachine", {
      name: "farming",
      definition: JSON.stringify(oneTask("Farm", "arn:aws:states:::custom:farm.sync", {})),
      roleArn: "arn:aws:iam::123456789012:role/r",
    });
    const arns = await Promise.all(
      Array.from({ length: EXECUTIONS }, async (_, index) => {
        const request = { stateMachineArn: stateMachineArn ?? "", name: `e${index}` };
        return String((await client.call("StartExecution", request))["executionArn"]);
      }),
    );
    await expect.poll(() => jobs.all.filter(({ asked }) => asked > 1).length, PATIENT).toBe(EXECUTIONS);
    await expect.poll(() => arns.filter((arn) => told.has(arn)).length, PATIENT).toBe(EXECUTIONS);
    jobs.isStubborn = true;
    isDeaf = true;
    await Promise.all(arns.map((executionArn) => client.call("StopExecution", { executionArn })));
    await cluster.nodes[0]?.process.killHard();
    expect(jobs.all.filter(({ stopped }) => stopped)).toEqual([]);
    jobs.isStubborn = false;
    isDeaf = false;
    // The other one takes over, and does it alone.
    await expect.poll(() => jobs.all.filter(({ stopped }) => !stopped).length, PATIENT).toBe(0);
    const isTold = (arn: string): boolean => /^(RUNNING,)+(ABORTED,?)+$/.test(told.get(arn)?.join() ?? "");
    await expect.poll(() => arns.filter((arn) => !isTold(arn)), PATIENT).toEqual([]);
  }, 300_000);
});
