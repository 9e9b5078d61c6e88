import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as sfn from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiAnswer, type ApiCall, CallRefused, noting, roundTrip } from "./api-round-trip.ts";
import { type StepwellProcess, startStepwell } from "./stepwell-process.ts";
import { unknownMembers } from "./unknown-members.ts";

// The AWS SDK for JavaScript against the built server.

const directory = mkdtempSync(join(tmpdir(), "stepwell-sdk-"));
let server: StepwellProcess;
let client: sfn.SFNClient;

beforeAll(async () => {
  server = await startStepwell(directory);
  client = new sfn.SFNClient({
    endpoint: server.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    // StartSyncExecution goes to a host of its own on AWS.
    disableHostPrefix: true,
    maxAttempts: 1,
  });
});

afterAll(async () => {
  client?.destroy();
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

type Command = Parameters<typeof client.send>[0];
type CommandClass = new (params: object) => Command;
const commands = sfn as unknown as { readonly [name: string]: CommandClass };

const call: ApiCall = async (operation, params) => {
  try {
    return (await client.send(new commands[`${operation}Command`]!(params))) as unknown as ApiAnswer;
  } catch (error) {
    // An error the SDK has no class for would be the bare SFNServiceException.
    if (!(error instanceof sfn.SFNServiceException) || error.constructor === sfn.SFNServiceException) throw error;
    throw new CallRefused(error.name, error.message);
  }
};

test("answers have nothing that AWS's do not have", async () => {
  const unknown = new Set<string>();
  await roundTrip(async (operation, params) => {
    const answer = await fetch(server.url, {
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AWSStepFunctions.${operation}` },
      body: JSON.stringify(params),
    });
    const body = (await answer.json()) as { __type?: string; message?: string };
    if (!answer.ok) throw new CallRefused(String(body.__type).replace(/^.*#/, ""), String(body.message));
    for (const path of unknownMembers(operation, body)) unknown.add(path);
    return body;
  }, "wire");
  expect([...unknown]).toEqual([]);
});

test("every operation", async () => {
  const noted = noting(call);
  await roundTrip(noted.call, "sdk");
  const operations = Object.keys(sfn).flatMap((name) => /^([A-Z].*)Command$/.exec(name)?.[1] ?? []);
  expect(operations.length).toBeGreaterThan(30);
  expect(operations.filter((name) => !noted.called.has(name))).toEqual([]);
});

test("paginators page through executions and histories", async () => {
  const states = { A: { Type: "Pass", Next: "B" }, B: { Type: "Pass", End: true } };
  const definition = JSON.stringify({ StartAt: "A", States: states });
  const roleArn = "arn:aws:iam::123456789012:role/pages";
  const { stateMachineArn } = await client.send(
    new sfn.CreateStateMachineCommand({ name: "sdk-pages", definition, roleArn }),
  );
  const started = await Promise.all(
    Array.from({ length: 25 }, () => client.send(new sfn.StartExecutionCommand({ stateMachineArn }))),
  );
  const listed: (string | undefined)[] = [];
  for await (const page of sfn.paginateListExecutions({ client, pageSize: 10 }, { stateMachineArn })) {
    listed.push(...(page.executions ?? []).map(({ executionArn }) => executionArn));
  }
  expect(listed.toSorted()).toEqual(started.map(({ executionArn }) => executionArn).toSorted());
  const executionArn = started[0]!.executionArn;
  await expect
    .poll(async () => (await client.send(new sfn.DescribeExecutionCommand({ executionArn }))).status)
    .toBe("SUCCEEDED");
  const ids: (number | undefined)[] = [];
  for await (const page of sfn.paginateGetExecutionHistory({ client, pageSize: 2 }, { executionArn })) {
    ids.push(...(page.events ?? []).map(({ id }) => id));
  }
  expect(ids).toEqual([1, 2, 3, 4, 5, 6]);
});

test("dates are dates", async () => {
  const { activityArn, creationDate } = await client.send(new sfn.CreateActivityCommand({ name: "sdk-dates" }));
  expect(Math.abs(Date.now() - creationDate!.getTime())).toBeLessThan(60_000);
  const described = await client.send(new sfn.DescribeActivityCommand({ activityArn }));
  expect(described.creationDate).toEqual(creationDate);
});
