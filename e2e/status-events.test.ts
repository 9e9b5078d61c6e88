import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { expect, test } from "vitest";
import { type StepwellProcess, startStepwell } from "./stepwell-process.ts";

const PATIENT = { timeout: 150_000, interval: 100 };
const EXECUTIONS = 80;
const BEFORE_KILL = 40;

function clientOf(server: StepwellProcess): SFNClient {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new SFNClient({ endpoint: server.url, region: "us-east-1", credentials, maxAttempts: 1 });
}

test("a webhook that refuses half of the executions gets the others, over kill -9; what it refused is kept", async () => {
  const home = mkdtempSync(join(tmpdir(), "stepwell-refused-"));
  const told = new Map<string, string[]>();
  const webhook = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { detail } = JSON.parse(Buffer.concat(chunks).toString());
      const isBad = detail.name.startsWith("bad");
      if (!isBad) told.set(detail.name, [...(told.get(detail.name) ?? []), detail.status]);
      response.writeHead(isBad ? 500 : 204).end();
    });
  });
  await new Promise<void>((resolve) => webhook.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/`;
  const events = { sink: "webhook", url, maximumRetryAttempts: 2, deadLetters: "letters.jsonl" };
  writeFileSync(join(home, "stepwell.yaml"), JSON.stringify({ events }));
  const first = await startStepwell(home, { readyMs: 60_000 });
  const { stateMachineArn } = await clientOf(first).send(
    new CreateStateMachineCommand({
      name: "told",
      roleArn: "arn:aws:iam::123456789012:role/r",
      definition: '{"StartAt":"One","States":{"One":{"Type":"Pass","End":true}}}',
    }),
  );
  const started: string[] = [];
  const start = async (server: StepwellProcess, index: number): Promise<void> => {
    const name = `${index % 2 === 0 ? "bad" : "good"}-${index}`;
    await clientOf(server).send(new StartExecutionCommand({ stateMachineArn, name }));
    started.push(name);
  };
  let killed: Promise<void> | undefined;
  for (let index = 0; index < BEFORE_KILL; index += 1) {
    const answered = start(first, index).catch((error: unknown) => {
      if (killed === undefined) throw error;
    });
    if (index < BEFORE_KILL - 1) await answered;
    else killed = first.killHard();
    await answered;
  }
  await killed;
  const second = await startStepwell(home, { readyMs: 60_000 });
  for (let index = BEFORE_KILL; index < EXECUTIONS; index += 1) await start(second, index);
  const good = started.filter((name) => name.startsWith("good"));
  const bad = started.filter((name) => name.startsWith("bad"));
  // At least once, in order.
  const isTold = (name: string): boolean => /^(RUNNING,)+(SUCCEEDED,?)+$/.test(told.get(name)?.join() ?? "");
  await expect.poll(() => good.filter((name) => !isTold(name)), PATIENT).toEqual([]);
  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`${second.url}/metrics`)).text();
    return Number(new RegExp(`^stepwell_status_events_${name} (.*)$`, "m").exec(text)?.[1]);
  };
  await expect.poll(() => metric("waiting"), PATIENT).toBe(0);
  expect(await metric("oldest_age_seconds")).toBe(0);
  expect(await metric("refused_total")).toBeGreaterThan(await metric("dropped_total"));
  const letters = readFileSync(join(home, "letters.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const given = (status: string): string[] =>
    letters.flatMap(({ body: { detail } }) => (detail.status === status ? [detail.name] : []));
  for (const status of ["RUNNING", "SUCCEEDED"])
    expect(bad.filter((name) => !given(status).includes(name))).toEqual([]);
  expect(letters[0].attributes).toMatchObject({
    ERROR_CODE: "500",
    EXHAUSTED_RETRY_CONDITION: "MaximumRetryAttempts",
    RETRY_ATTEMPTS: 2,
    TARGET_ARN: url,
  });
  await second.stop();
  webhook.closeAllConnections();
  webhook.close();
  rmSync(home, { recursive: true, force: true });
}, 400_000);
