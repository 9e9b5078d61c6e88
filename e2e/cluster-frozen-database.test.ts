import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { postgresPrograms } from "@stepwell/runtime-postgres/testing";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { callStepFunctions } from "../conformance/step-functions/stepfunctions-client.ts";
import { beginClusterLoad } from "./cluster/cluster-load.ts";
import { startCluster, type TestNode } from "./cluster/test-cluster.ts";
import { writeFunctions } from "./crash/crash-set-up.ts";

// The database hangs in the middle of the load, with commits under way: all its processes are stopped, its connections
// stay. Calls are answered with a clear 503 while it hangs. When it goes on everything ends as it should, without a restart.

const directory = mkdtempSync(join(tmpdir(), "stepwell-cluster-frozen-"));
const CALM_MS = 1_500;
/** Longer than a lease of 4 seconds. */
const SHORT_MS = 5_000;
/** Longer than any bound that a node has for an answer of the database; a call that waits for more is not bounded. */
const ANSWERED_MS_MAX = 90_000;
const AGAIN_MS_MAX = 90_000;

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** .ci/run asks for it, in a step of its own. */
const isElsewhere = process.env["STEPWELL_CLUSTER"] !== "1";
const isHere = postgresPrograms() !== undefined;
if (!isHere) console.log("SKIPPED: a database that hangs: there is no PostgreSQL here");

describe.runIf(isHere && !isElsewhere)("two nodes", () => {
  test("survive a database that hangs, and say so meanwhile", { timeout: 420_000 }, async () => {
    writeFunctions(directory);
    const cluster = await startCluster(directory, 2);
    onTestFinished(() => cluster.remove());
    const load = await beginClusterLoad(directory, cluster);
    await sleep(CALM_MS);
    const [known] = load.acknowledged;
    const started = (): number => load.acknowledged.length;

    // As long as all leases need to run out, and no longer than calls wait: nobody is told anything.
    cluster.database.freeze();
    await sleep(SHORT_MS);
    cluster.database.thaw();
    await goesOn(started);

    cluster.database.freeze();
    const frozenAt = performance.now();
    const answers = await Promise.all(
      cluster.nodes.flatMap((node) => [
        answerOf(node, "DescribeExecution", { executionArn: known?.executionArn }),
        answerOf(node, "GetExecutionHistory", { executionArn: known?.executionArn }),
        answerOf(node, "ListStateMachines", {}),
      ]),
    );
    const health = await Promise.all(
      cluster.nodes.map(({ url }) => fetch(`${url}/healthz`).then(({ status }) => status)),
    );
    const answeredMs = Math.round(performance.now() - frozenAt);
    cluster.database.thaw();
    await goesOn(started);
    const fenced = cluster.events.filter(({ kind }) => kind === "fenced").length;
    console.log(`hanging database: answered after ${answeredMs} ms; ${fenced} nodes began anew`);

    await load.stopStarting();
    const failed = await load.check();
    await cluster.stop();
    expect(new Set(answers)).toEqual(new Set(["503 ServiceUnavailableException"]));
    expect(new Set(health)).toEqual(new Set([503]));
    expect(failed.slice(0, 10)).toEqual([]);
  });
});

/** New executions are acknowledged again. */
async function goesOn(started: () => number): Promise<void> {
  const before = started();
  await expect.poll(started, { timeout: AGAIN_MS_MAX, interval: 100 }).toBeGreaterThan(before + 8);
}

async function answerOf(node: TestNode, operation: string, request: object): Promise<string> {
  const answer = callStepFunctions(node.url, operation, request as never);
  const waiting = new AbortController();
  const late = sleep(ANSWERED_MS_MAX, undefined, { signal: waiting.signal });
  late.catch(() => undefined);
  const given = await Promise.race([answer, late]);
  waiting.abort();
  if (given === undefined) return "no answer";
  const { HTTPStatusCode } = given.body["ResponseMetadata"] as { HTTPStatusCode: number };
  return `${HTTPStatusCode} ${given.error?.code ?? ""}`;
}
