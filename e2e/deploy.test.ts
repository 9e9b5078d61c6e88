import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import {
  DescribeExecutionCommand,
  GetActivityTaskCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from "@aws-sdk/client-sfn";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLI, freePort, type StepwellProcess, startStepwell } from "./stepwell-process.ts";

// The synthesized templates of examples/cdk-app, deployed to a server process: every state machine of the three stacks runs.
// SQS, SNS and DynamoDB are moto's; where there is no moto_server, and for functions in Python where there is no python3, the
// tasks that need them are mocked in stepwell.yaml.

const ASSEMBLY = join(import.meta.dirname, "..", "examples", "cdk-app", "cdk.out");
const directory = mkdtempSync(join(tmpdir(), "stepwell-deploy-"));
const HAS_MOTO = isThere("moto_server");
const HAS_PYTHON = isThere("python3");
if (!HAS_MOTO) process.stderr.write("SKIPPED: real SQS, SNS and DynamoDB calls of deployed stacks: no moto_server\n");
if (!HAS_PYTHON) process.stderr.write("SKIPPED: deployed functions in Python: no python3\n");

let moto: { readonly url: string; readonly process: ChildProcess } | undefined;
let port: number;
let server: StepwellProcess;
let client: SFNClient;
let outputs: ReadonlyMap<string, string> = new Map();

beforeAll(async () => {
  moto = HAS_MOTO ? await startMoto() : undefined;
  port = await freePort();
  writeFileSync(join(directory, "stepwell.yaml"), JSON.stringify(configuration(), null, 2));
  server = await start();
}, 180_000);

afterAll(async () => {
  client?.destroy();
  await server?.stop();
  moto?.process.kill();
  rmSync(directory, { recursive: true, force: true });
});

function configuration(): object {
  const mock = (output: object | string): object => ({ mock: { output } });
  return {
    ...(moto === undefined ? {} : { endpoints: { sqs: moto.url, sns: moto.url, dynamodb: moto.url } }),
    tasks: {
      ...(HAS_MOTO
        ? {}
        : {
            Store: mock({}),
            Load: mock({ Item: { city: { S: "Berlin" }, cents: { N: "750" } } }),
            Ship: mock({ MessageId: "mocked" }),
            Tell: mock({ MessageId: "mocked" }),
          }),
      ...(HAS_PYTHON ? {} : { Score: mock({ risk: "low" }), Greet: mock({ Payload: "Order 7 goes to Berlin" }) }),
    },
  };
}

async function start(): Promise<StepwellProcess> {
  const started = await startStepwell(join(directory, ".stepwell"), { cwd: directory, port });
  client = new SFNClient({
    endpoint: started.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    disableHostPrefix: true,
    maxAttempts: 1,
  });
  return started;
}

async function stepwell(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], {
    cwd: directory,
    env: { ...process.env, STEPWELL_PORT: String(port), NODE_OPTIONS: "" },
  });
  return stdout;
}

async function run(machine: string, input: object): Promise<{ status?: string; output?: string; error?: string }> {
  const { executionArn } = await client.send(
    new StartExecutionCommand({ stateMachineArn: outputs.get(`${machine}Arn`), input: JSON.stringify(input) }),
  );
  for (;;) {
    const described = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (described.status !== "RUNNING") return described as { status: string; output: string };
    await sleep(100);
  }
}

const outputOf = (ended: { output?: string }): Record<string, unknown> =>
  JSON.parse(ended.output ?? "null") as Record<string, unknown>;

test("a dry run shows the plan and changes nothing", async () => {
  const plan = await stepwell("deploy", ASSEMBLY, "--dry-run");
  expect(plan).toMatch(/Stack OrdersStorage[\s\S]*Stack OrdersFunctions[\s\S]*Stack OrdersWorkflows/);
  expect(plan).toMatch(/\+ create +AWS::StepFunctions::StateMachine +Order/);
  expect((await client.send(new ListStateMachinesCommand({}))).stateMachines).toEqual([]);
  expect(existsSync(join(directory, ".stepwell", "deployed", "OrdersStorage"))).toBe(false);
});

test("three stacks are deployed to the running service", async () => {
  const told = await stepwell("deploy", ASSEMBLY);
  outputs = new Map([...told.matchAll(/^\w+\.(\w+) = (.*)$/gm)].map(([, name = "", value = ""]) => [name, value]));
  const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
  expect(stateMachines).toHaveLength(4);
});

test("the order machine calls functions in both languages, a table, a queue and a topic", async () => {
  const ended = await run("Order", { id: "7", zip: "10115", quantity: 3 });
  expect(ended).toMatchObject({ status: "SUCCEEDED" });
  expect(outputOf(ended)).toMatchObject({
    price: { cents: 750 },
    found: [{ risk: "low" }, { city: "Berlin", table: outputs.get("TableName") }],
    stored: { city: "Berlin", cents: "750" },
    greeting: { text: "Order 7 goes to Berlin" },
  });
  expect(await run("Order", { id: "8", zip: "1", quantity: 0 })).toMatchObject({ status: "FAILED", error: "BadOrder" });
});

test.skipIf(!HAS_MOTO)("what was sent lies in the queue, and so does what the topic delivered", async () => {
  const sqs = new SQSClient({
    endpoint: moto?.url ?? "",
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: outputs.get("QueueUrl"), MaxNumberOfMessages: 10 }),
  );
  sqs.destroy();
  const bodies = Messages.map(({ Body }) => Body);
  expect(bodies).toContain('{"id":"7","text":"Order 7 goes to Berlin"}');
  expect(bodies).toContain("Order 7 goes to Berlin");
});

test("the machine of a file asset has its substitutions", async () => {
  const { status, output } = await client.send(
    new StartSyncExecutionCommand({
      stateMachineArn: outputs.get("SummaryArn"),
      input: JSON.stringify({ orders: [{ quantity: 60 }, { quantity: 70 }] }),
    }),
  );
  expect(status).toBe("SUCCEEDED");
  expect(JSON.parse(output ?? "")).toEqual({ orders: 2, pieces: 130, limit: "100", large: true });
});

test("somebody works at the activity", async () => {
  const ended = run("Approve", { amount: 5 });
  const activityArn = [...outputs.entries()].find(([name]) => name.includes("Approval"))?.[1];
  const { taskToken, input } = await client.send(new GetActivityTaskCommand({ activityArn, workerName: "test" }));
  expect(JSON.parse(input ?? "")).toEqual({ amount: 5 });
  await client.send(new SendTaskSuccessCommand({ taskToken, output: '{"approved":true}' }));
  expect(await ended).toMatchObject({ status: "SUCCEEDED" });
});

test("the import machine runs the order machine for each line of the CSV asset, and writes results", async () => {
  const ended = await run("Import", {});
  expect(ended).toMatchObject({ status: "SUCCEEDED" });
  const { Bucket, Key } = outputOf(ended)["ResultWriterDetails"] as { Bucket: string; Key: string };
  expect(Bucket).toBe(outputs.get("BucketName"));
  const bucket = join(directory, ".stepwell", "buckets", Bucket);
  const manifest = JSON.parse(readFileSync(join(bucket, Key), "utf8")) as {
    ResultFiles: Record<string, { Key: string }[]>;
  };
  const results = JSON.parse(readFileSync(join(bucket, manifest.ResultFiles["SUCCEEDED"]?.[0]?.Key ?? ""), "utf8"));
  expect(results).toHaveLength(5);
}, 240_000);

test("a second deployment has nothing to do", async () => {
  expect(await stepwell("deploy", ASSEMBLY)).toContain("Nothing to do");
});

test("after a restart all of it is still there", async () => {
  client.destroy();
  await server.stop();
  server = await start();
  expect(await run("Order", { id: "9", zip: "10115", quantity: 3 })).toMatchObject({ status: "SUCCEEDED" });
});

test("a stack whose values another one uses stays; all together go", async () => {
  await expect(stepwell("destroy", "OrdersStorage")).rejects.toThrow("destroy that one first");
  expect(await stepwell("destroy", "OrdersStorage", "OrdersFunctions", "OrdersWorkflows")).toContain("Destroyed");
  expect((await client.send(new ListStateMachinesCommand({}))).stateMachines).toEqual([]);
  expect(existsSync(join(directory, ".stepwell", "deployed", "OrdersFunctions"))).toBe(false);
  // The bucket's DeletionPolicy is Retain.
  expect(existsSync(join(directory, ".stepwell", "buckets", outputs.get("BucketName") ?? ""))).toBe(true);
});

test("a SAM template's function is taken up anew when its code changes, with no restart", async () => {
  const project = join(directory, "project");
  mkdirSync(join(project, "src"), { recursive: true });
  const write = (colour: string): void =>
    writeFileSync(join(project, "src", "app.mjs"), `export const handler = async () => "${colour}";\n`);
  writeFileSync(
    join(project, "template.yaml"),
    `Transform: AWS::Serverless-2016-10-31
Resources:
  Colour: { Type: AWS::Serverless::Function, Properties: { CodeUri: src, Handler: app.handler, Runtime: nodejs22.x, Timeout: 20 } }
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      Type: EXPRESS
      Definition: { StartAt: A, States: { A: { Type: Task, Resource: "\${Colour}", End: true } } }
      DefinitionSubstitutions: { Colour: !GetAtt Colour.Arn }
`,
  );
  const stateMachineArn = "arn:aws:states:us-east-1:123456789012:stateMachine:project-Flow";
  for (const colour of ["red", "blue"]) {
    write(colour);
    await stepwell("deploy", project);
    const { output } = await client.send(new StartSyncExecutionCommand({ stateMachineArn, input: "{}" }));
    expect(output).toBe(JSON.stringify(colour));
  }
});

test("a schedule and a rule start state machines, once each, also over a kill -9; they go with their stack", async () => {
  const machine = (definition: string, events: string): string =>
    `{ Type: AWS::Serverless::StateMachine, Properties: { Definition: ${definition}, Events: ${events} } }`;
  const schedule = "{ Now: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 day), Input: '{\"n\":1}' } } }";
  const pattern = "{ source: [aws.states], detail: { status: [FAILED], stateMachineArn: [!Ref Work] } }";
  const rule = `{ Failed: { Type: EventBridgeRule, Properties: { InputPath: $.detail.error, Pattern: ${pattern} } } }`;
  writeFileSync(
    join(directory, "timed.yaml"),
    [
      "Transform: AWS::Serverless-2016-10-31",
      "Resources:",
      `  Told: ${machine("{ StartAt: A, States: { A: { Type: Pass, End: true } } }", rule)}`,
      // After the rule: what begins before a rule is there starts nothing.
      `  Work: ${machine("{ StartAt: A, States: { A: { Type: Wait, Seconds: 2, Next: B }, B: { Type: Fail, Error: Boom } } }", schedule)}`,
    ].join("\n"),
  );
  expect(await stepwell("deploy", "timed.yaml")).toContain("starts timed-Work at rate(1 day)");
  expect(await inputsOf("timed-Work", () => true)).toEqual(['{"n":1}']);
  await server.killHard();
  server = await start();
  const hasEnded = (status: string | undefined): boolean => status !== "RUNNING";
  expect(await inputsOf("timed-Told", hasEnded)).toEqual(['"Boom"']);
  expect(await inputsOf("timed-Work", hasEnded)).toEqual(['{"n":1}']);
  expect(await triggers()).toHaveLength(2);
  await stepwell("destroy", "timed");
  expect(await triggers()).toEqual([]);
}, 300_000);

async function triggers(): Promise<readonly unknown[]> {
  const response = await fetch(new URL("/api/v1/triggers", server.url));
  return ((await response.json()) as { readonly items: readonly unknown[] }).items;
}

/** Inputs of a machine's executions, as soon as one is as it is waited for. */
async function inputsOf(
  machine: string,
  isReady: (status: string | undefined) => boolean,
): Promise<(string | undefined)[]> {
  const stateMachineArn = `arn:aws:states:us-east-1:123456789012:stateMachine:${machine}`;
  for (let attempt = 0; attempt < 900; attempt++) {
    const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
    if (executions.some(({ status }) => isReady(status))) {
      const described = await Promise.all(
        executions.map(({ executionArn }) => client.send(new DescribeExecutionCommand({ executionArn }))),
      );
      return described.map(({ input }) => input);
    }
    await sleep(100);
  }
  throw new Error(`no execution of ${machine} came so far`);
}

test("a service that uses another data directory is left alone", async () => {
  const template = join(directory, "project", "template.yaml");
  await expect(
    stepwell("deploy", template, "--stack", "other", "--data", join(directory, "elsewhere")),
  ).rejects.toThrow("does not use the data directory");
}, 180_000);

function isThere(program: string): boolean {
  try {
    execFileSync(program, ["--help"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function startMoto(): Promise<{ readonly url: string; readonly process: ChildProcess }> {
  const motoPort = await freePort();
  const url = `http://127.0.0.1:${motoPort}`;
  const started = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(motoPort)], { stdio: "ignore" });
  const gone = once(started, "exit");
  for (let attempt = 0; attempt < 300; attempt++) {
    const answered = await fetch(`${url}/moto-api/`).then(
      () => true,
      () => false,
    );
    if (answered) return { url, process: started };
    if (started.exitCode !== null) break;
    await Promise.race([sleep(100), gone]);
  }
  started.kill();
  throw new Error("moto_server did not start");
}
