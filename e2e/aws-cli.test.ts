import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiAnswer, type ApiCall, CallRefused, noting, roundTrip } from "./api-round-trip.ts";
import { type StepwellProcess, startStepwell } from "./stepwell-process.ts";

// The real AWS CLI against the built server. It needs a second for each call, so only .ci/run asks for it.

const OPERATIONS = 37;
const wanted = process.env["STEPWELL_AWS_CLI"] === "1";
const found = wanted && spawnSync("aws", ["--version"]).status === 0;
const directory = mkdtempSync(join(tmpdir(), "stepwell-cli-"));
const run = promisify(execFile);
let server: StepwellProcess;

beforeAll(async () => {
  if (!wanted) console.log("SKIPPED: the AWS CLI's round trip, which STEPWELL_AWS_CLI=1 asks for");
  else if (!found) console.log("SKIPPED: the AWS CLI's round trip: there is no aws on PATH");
  else server = await startStepwell(directory);
});

afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function aws(...args: string[]): Promise<string> {
  const { stdout } = await run("aws", ["stepfunctions", "--endpoint-url", server.url, "--output", "json", ...args], {
    env: {
      ...process.env,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_PAGER: "",
      // StartSyncExecution goes to a host of its own on AWS.
      AWS_DISABLE_HOST_PREFIX_INJECTION: "true",
      AWS_MAX_ATTEMPTS: "1",
    },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}

function kebab(operation: string): string {
  return operation.replaceAll(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

const call: ApiCall = async (operation, params) => {
  try {
    const text = await aws(kebab(operation), "--no-paginate", "--cli-input-json", JSON.stringify(params));
    return text.trim() === "" ? {} : (JSON.parse(text) as ApiAnswer);
  } catch (error) {
    const stderr = String((error as { stderr?: string }).stderr);
    const refused = /An error occurred \((\w+)\) when calling the \w+ operation: ([\s\S]*)/.exec(stderr);
    if (refused === null) throw error;
    throw new CallRefused(refused[1]!, refused[2]!.trim());
  }
};

test.skipIf(!found)("every operation", { timeout: 560_000 }, async () => {
  const noted = noting(call);
  await roundTrip(noted.call, "cli");
  expect(noted.called.size).toBe(OPERATIONS);
});

test.skipIf(!found)("arguments as people type them, and a query", async () => {
  const definition = '{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":1,"End":true}}}';
  const role = "arn:aws:iam::123456789012:role/typed";
  const created = await aws("create-state-machine", "--name", "typed", "--definition", definition, "--role-arn", role);
  const { stateMachineArn } = JSON.parse(created) as { stateMachineArn: string };
  await aws("start-execution", "--state-machine-arn", stateMachineArn, "--name", "one", "--input", '{"a":1}');
  const args = ["--state-machine-arn", stateMachineArn, "--query", "executions[].name", "--output", "text"];
  expect((await aws("list-executions", ...args)).trim()).toBe("one");
});
