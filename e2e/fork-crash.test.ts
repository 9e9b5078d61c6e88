import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { freePort, startStepwell } from "./stepwell-process.ts";

// A fork that was acknowledged survives `kill -9`, with the variables and the link of its original.

const directory = mkdtempSync(join(tmpdir(), "stepwell-fork-"));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const DEFINITION = {
  StartAt: "Remember",
  States: {
    Remember: { Type: "Pass", Assign: { "kept.$": "$.n" }, Next: "Double" },
    Double: {
      Type: "Task",
      Resource: "arn:aws:lambda:us-east-1:123456789012:function:double",
      ResultPath: "$.result",
      Next: "Pause",
    },
    Pause: { Type: "Wait", Seconds: 2, Next: "Show" },
    Show: {
      Type: "Pass",
      Parameters: { "kept.$": "$kept", "doubled.$": "$.result.doubled", "first.$": "$$.Execution.Input.n" },
      End: true,
    },
  },
};

interface Described {
  readonly status: string;
  readonly output?: string;
  readonly startDate: number;
  readonly forks: readonly string[];
  readonly forkOf?: object;
}

test("a fork survives kill -9, and is answered with itself when it is asked for again", {
  timeout: 240_000,
}, async () => {
  writeFileSync(
    join(directory, "functions.mjs"),
    'export const double = ({ n }) => { if (n === "x") throw new TypeError("n must be a number"); return { doubled: 2 * n }; };',
  );
  writeFileSync(
    join(directory, "stepwell.yaml"),
    JSON.stringify({ functions: { double: { handler: "./functions.mjs#double" } } }),
  );
  const port = await freePort();
  let server = await startStepwell(join(directory, "data"), { port, cwd: directory });
  const post = async (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const aws = async (operation: string, input: object): Promise<Record<string, string>> =>
    (await post("/", input, { "x-amz-target": `AWSStepFunctions.${operation}` })).json() as never;
  const pathOf = (arn: string): string => `/api/v1/executions/${encodeURIComponent(arn)}`;
  const described = async (arn: string): Promise<Described> =>
    (await fetch(`${server.url}${pathOf(arn)}`)).json() as never;
  const ended = async (arn: string): Promise<Described> => {
    for (;;) {
      const execution = await described(arn);
      if (execution.status !== "RUNNING") return execution;
      await sleep(100);
    }
  };

  const roleArn = "arn:aws:iam::123456789012:role/r";
  const { stateMachineArn } = await aws("CreateStateMachine", {
    name: "doubles",
    roleArn,
    definition: JSON.stringify(DEFINITION),
  });
  const { executionArn: original = "" } = await aws("StartExecution", { stateMachineArn, input: '{"n":"x"}' });
  expect((await ended(original)).status).toBe("FAILED");

  const request = { at: { stateName: "Double" }, input: { n: 21 }, name: "again" };
  const answer = (await (await post(`${pathOf(original)}/fork`, request)).json()) as { executionArn: string };
  await server.killHard();
  server = await startStepwell(join(directory, "data"), { port, cwd: directory });
  expect(await (await post(`${pathOf(original)}/fork`, request)).json()).toEqual(answer);
  const fork = await ended(answer.executionArn);
  expect(fork).toMatchObject({ status: "SUCCEEDED", forkOf: { executionArn: original, stateName: "Double" } });
  // Double was given the execution's own input, so the corrected one takes its place.
  expect(JSON.parse(fork.output ?? "")).toEqual({ kept: "x", doubled: 42, first: 21 });
  expect(await described(original)).toMatchObject({ status: "FAILED", forks: [answer.executionArn] });
  await server.stop();
});
