import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgresPrograms } from "@stepwell/runtime-postgres/testing";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { clusterClient } from "./cluster/cluster-client.ts";
import { followStream, type StreamMessage } from "./cluster/stream-client.ts";
import { startCluster, type TestNode } from "./cluster/test-cluster.ts";

// Live streams in a cluster: any node tells what any other one commits, and goes on where another one stopped telling.

const directory = mkdtempSync(join(tmpdir(), "stepwell-cluster-streams-"));
const PATIENT = { timeout: 60_000, interval: 50 };

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** .ci/run asks for it, in a step of its own. */
const isElsewhere = process.env["STEPWELL_CLUSTER"] !== "1";
const isHere = postgresPrograms() !== undefined;
if (!isHere) console.log("SKIPPED: live streams in a cluster: there is no PostgreSQL here");

const DEFINITION = {
  StartAt: "First",
  States: {
    First: { Type: "Wait", SecondsPath: "$.seconds", Next: "Then" },
    Then: { Type: "Pass", Next: "Last" },
    Last: { Type: "Wait", SecondsPath: "$.seconds", End: true },
  },
};
const MAP = {
  StartAt: "M",
  States: {
    M: {
      Type: "Map",
      ItemsPath: "$.items",
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "W",
        States: { W: { Type: "Wait", Seconds: 1, End: true } },
      },
      End: true,
    },
  },
};
const COUNT = 12;

describe.runIf(isHere && !isElsewhere)("three nodes", () => {
  test("any node streams what any node commits", { timeout: 180_000 }, async () => {
    const cluster = await startCluster(directory, 3);
    onTestFinished(() => cluster.remove());
    const client = clusterClient(
      () => cluster.nodes.map((node) => node.url),
      () => false,
    );
    const machine = async (name: string, definition: object): Promise<string> => {
      const request = { name, definition: JSON.stringify(definition), roleArn: "arn:aws:iam::123456789012:role/r" };
      return String((await client.call("CreateStateMachine", request))["stateMachineArn"]);
    };
    const stateMachineArn = await machine("waits", DEFINITION);
    const start = async (name: string, input: object, arn: string): Promise<string> => {
      const request = { stateMachineArn: arn, name, input: JSON.stringify(input) };
      return String((await client.call("StartExecution", request))["executionArn"]);
    };
    // The list, at one node; the calls go to all of them in turn, and the executions are everybody's.
    const [first, second, third] = cluster.nodes as readonly [TestNode, TestNode, TestNode];
    const list = followStream(first.url, "/stream");
    onTestFinished(() => list.stop());
    await expect.poll(() => list.messages[0]?.event, PATIENT).toBe("missed");
    const arns = await Promise.all(
      Array.from({ length: COUNT }, (_, i) => start(`e-${i}`, { seconds: 2 }, stateMachineArn)),
    );
    const statusesOf = (name: string): unknown[] => itemsOf(list.messages, name).map(({ status }) => status);
    // On a machine so busy that nodes do not hear each other for seconds, the client is told to ask again instead.
    const hasGap = (): boolean => list.messages.filter(({ event }) => event === "missed").length > 1;
    for (let i = 0; i < COUNT; i++) {
      await expect
        .poll(() => hasGap() || statusesOf(`e-${i}`).join(), PATIENT)
        .toSatisfy((told) => told === true || told === "RUNNING,SUCCEEDED");
    }

    // One execution, begun at one node and gone on with at another after the first one died.
    const long = await start("long", { seconds: 4 }, stateMachineArn);
    const path = `/executions/${encodeURIComponent(long)}/stream`;
    const before = followStream(first.url, path);
    onTestFinished(() => before.stop());
    await expect.poll(() => idsOf(before.messages).length, PATIENT).toBeGreaterThan(1);
    await first.process.killHard();
    before.stop();
    const lastId = before.messages.findLast(({ event }) => event === "history")?.id ?? "";
    const after = followStream(second.url, path, { "last-event-id": lastId });
    onTestFinished(() => after.stop());
    await expect
      .poll(() => after.messages.some(({ data }) => (data as { status?: string }).status === "SUCCEEDED"), PATIENT)
      .toBe(true);
    const history = await client.call("GetExecutionHistory", { executionArn: long });
    const ids = [...idsOf(before.messages), ...idsOf(after.messages)];
    expect(ids).toEqual((history["events"] as { id: number }[]).map(({ id }) => id));

    // A map run, at the nodes that are left; its children are told with their own machine only.
    const mapArn = await start("map", { items: Array.from({ length: 20 }, (_, i) => i) }, await machine("map", MAP));
    let mapRunArn: string | undefined;
    await expect
      .poll(async () => {
        const { mapRuns } = await client.call("ListMapRuns", { executionArn: mapArn });
        mapRunArn = (mapRuns as { mapRunArn: string }[])[0]?.mapRunArn;
        return mapRunArn;
      }, PATIENT)
      .toBeDefined();
    const runs = [second, third].map(({ url }) =>
      followStream(url, `/map-runs/${encodeURIComponent(mapRunArn ?? "")}/stream`),
    );
    for (const { messages } of runs) {
      await expect
        .poll(() => messages.at(-1)?.data, PATIENT)
        .toMatchObject({ status: "SUCCEEDED", counts: { succeeded: 20 } });
    }
    expect(arns).toHaveLength(COUNT);
    for (const { stop } of [list, before, after, ...runs]) stop();
    await Promise.all([second, third].map((node) => node.stop()));
  });
});

function idsOf(messages: readonly StreamMessage[]): number[] {
  return messages
    .filter(({ event }) => event === "history")
    .flatMap(({ data }) => (data as { id: number }[]).map(({ id }) => id));
}

function itemsOf(messages: readonly StreamMessage[], name: string): { status: string }[] {
  return messages
    .filter(({ event }) => event === "execution")
    .flatMap(({ data }) => data as { name: string; status: string }[])
    .filter((item) => item.name === name);
}
