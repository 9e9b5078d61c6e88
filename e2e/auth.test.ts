import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ListActivitiesCommand, ListStateMachinesCommand, SFNClient } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLI, type StepwellProcess, startStepwell } from "./stepwell-process.ts";

// `stepwell start --auth` with keys that `stepwell keys` made, asked by the AWS SDK and, where it is wanted, by the AWS CLI.

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), "stepwell-auth-"));
const keysFile = join(directory, "keys.yaml");
const withCli = process.env["STEPWELL_AWS_CLI"] === "1" && spawnSync("aws", ["--version"]).status === 0;

interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

let server: StepwellProcess;
let admin: Key;
let reader: Key;

async function stepwell(...args: string[]): Promise<string> {
  return (await run(process.execPath, [CLI, ...args, "--file", keysFile])).stdout;
}

async function newKey(...args: string[]): Promise<Key> {
  const text = await stepwell("keys", "add", ...args);
  const [, accessKeyId = "", secretAccessKey = ""] =
    /^AWS_ACCESS_KEY_ID=(.+)\nAWS_SECRET_ACCESS_KEY=(.+)\n$/.exec(text) ?? [];
  return { accessKeyId, secretAccessKey };
}

beforeAll(async () => {
  admin = await newKey("--name", "admin");
  reader = await newKey("--name", "reader", "--action", "states:List*", "states:Describe*");
  server = await startStepwell(directory, { args: ["--auth", keysFile, "--host", "0.0.0.0"] });
}, 180_000);
afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function endpoint(): string {
  return server.url.replace("0.0.0.0", "127.0.0.1");
}

async function asks(
  credentials: Key,
  operation: "ListActivities" | "ListStateMachines" = "ListActivities",
): Promise<string> {
  const client = new SFNClient({ endpoint: endpoint(), region: "us-east-1", credentials, maxAttempts: 1 });
  const command = operation === "ListActivities" ? new ListActivitiesCommand({}) : new ListStateMachinesCommand({});
  return client.send(command as ListActivitiesCommand).then(
    () => "answered",
    (error: Error) => error.name,
  );
}

test("keys made on the command line sign requests; no others do", async () => {
  expect(await asks(admin)).toBe("answered");
  expect(await asks({ ...admin, secretAccessKey: reader.secretAccessKey })).toBe("InvalidSignatureException");
  expect(await asks({ ...admin, accessKeyId: "AKIANOBODYNOBODYNOBO" })).toBe("UnrecognizedClientException");
  const unsigned = await fetch(endpoint(), {
    method: "POST",
    headers: { "x-amz-target": "AWSStepFunctions.ListActivities", "content-type": "application/x-amz-json-1.0" },
    body: "{}",
  });
  expect(unsigned.status).toBe(400);
  expect(await unsigned.json()).toMatchObject({
    __type: expect.stringMatching(/#MissingAuthenticationTokenException$/),
  });
});

test("keys are added and removed while the service runs", { timeout: 180_000 }, async () => {
  const later = await newKey("--name", "later");
  await expect.poll(() => asks(later), { timeout: 60_000 }).toBe("answered");
  await stepwell("keys", "remove", later.accessKeyId);
  await expect.poll(() => asks(later), { timeout: 60_000 }).toBe("UnrecognizedClientException");
  const listed = (await stepwell("keys", "list")).trimEnd().split("\n");
  expect(listed.map((line) => JSON.parse(line).name)).toEqual(["admin", "reader"]);
});

test("without keys the service listens to this machine only", async () => {
  const refused = run(process.execPath, [CLI, "start", "--data", join(directory, "other"), "--host", "0.0.0.0"]);
  await expect(refused).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining("loopback") });
});

describe.runIf(withCli)("the AWS CLI", () => {
  const aws = async (key: Key, ...args: string[]): Promise<string> => {
    const env = {
      ...process.env,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_DISABLE_HOST_PREFIX_INJECTION: "true",
      AWS_MAX_ATTEMPTS: "1",
    };
    return run("aws", ["stepfunctions", "--endpoint-url", endpoint(), ...args], { env }).then(
      ({ stdout }) => stdout,
      (error: { stderr: string }) => error.stderr,
    );
  };

  test("is let in with a key, and refused what the key's rules do not allow", { timeout: 180_000 }, async () => {
    expect(await aws(admin, "create-activity", "--name", "pack")).toContain(":activity:pack");
    expect(await aws(reader, "list-activities")).toContain(":activity:pack");
    expect(await aws(reader, "create-activity", "--name", "ship")).toContain(
      "(AccessDeniedException) when calling the CreateActivity operation: User: arn:aws:iam::123456789012:user/reader is not authorized to perform: states:CreateActivity on resource: arn:aws:states:us-east-1:123456789012:activity:ship",
    );
    expect(await aws({ ...admin, secretAccessKey: "wrong" }, "list-activities")).toContain(
      "(InvalidSignatureException)",
    );
  });
});
