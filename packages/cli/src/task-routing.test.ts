/** What stepwell.yaml says of tasks, from the file to the end of an execution. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutionDescription } from "@stepwell/engine";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { composeStepwell, fromConfig, type Stepwell } from "./compose.ts";
import { loadConfig } from "./config/load-config.ts";

let directory: string;
let stepwell: Stepwell | undefined;
let server: Server | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stepwell-routing-"));
});

afterEach(async () => {
  await stepwell?.close(0);
  stepwell = undefined;
  server?.closeAllConnections();
  server?.close();
  await rm(directory, { recursive: true, force: true });
});

async function open(yaml: string, env: Record<string, string> = {}, data = ":memory:"): Promise<Stepwell> {
  const file = join(directory, "stepwell.yaml");
  await writeFile(file, yaml);
  stepwell = await composeStepwell({ ...fromConfig(await loadConfig(file, env)), dataDir: data });
  return stepwell;
}

async function create(states: object, name = "Machine"): Promise<string> {
  const definition = JSON.stringify({ StartAt: Object.keys(states)[0], States: states });
  const roleArn = "arn:aws:iam::123456789012:role/r";
  const created = await stepwell!.catalog.createStateMachine({ name, definition, roleArn, type: "STANDARD" });
  return created.stateMachineArn;
}

async function ended(stateMachineArn: string, input = "{}"): Promise<ExecutionDescription> {
  const { executionArn } = await stepwell!.executions.start({ stateMachineArn, input });
  return await endOf(executionArn);
}

async function endOf(executionArn: string): Promise<ExecutionDescription> {
  for (let look = 0; look < 400; look++) {
    const described = await stepwell!.executions.describe(executionArn);
    if (described.status !== "RUNNING") return described;
    await sleep(25);
  }
  throw new Error("the execution must end");
}

/** Answers each request with what `answer` makes of it; the requests are kept. */
async function serve(answer: (request: string, body: string) => unknown): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = [];
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const line = `${request.method} ${request.url}`;
    seen.push(line);
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer(line, body)));
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, seen };
}

const QUEUE = { QueueUrl: "https://sqs.us-east-1.amazonaws.com/123456789012/q", "MessageBody.$": "$" };

describe("tasks", () => {
  it("are mocked by the name of their state, with an output or an error", async () => {
    await open("tasks:\n  Send: {mock: {output: {MessageId: m}}}\n  Bad*: {mock: {error: Oops, cause: because}}\n");
    const Send = { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage", Parameters: QUEUE, Next: "Bad one" };
    const bad = { Type: "Task", Resource: "arn:aws:states:::sns:publish", Parameters: { Message: "x" }, End: true };
    expect(await ended(await create({ Send, "Bad one": bad }))).toMatchObject({
      status: "FAILED",
      error: "Oops",
      cause: "because",
    });
  });

  it("are performed by a local handler, by their resource, also where they wait for a job", async () => {
    await writeFile(join(directory, "f.mjs"), "export const handler = async (event) => ({ got: event });");
    await open("tasks:\n  'arn:aws:states:::*': {handler: ./f.mjs}\n");
    const states = {
      Run: {
        Type: "Task",
        Resource: "arn:aws:states:::ecs:runTask.sync",
        Parameters: { TaskDefinition: "t" },
        End: true,
      },
    };
    const { status, output } = await ended(await create(states));
    expect([status, JSON.parse(output ?? "null")]).toEqual(["SUCCEEDED", { got: { TaskDefinition: "t" } }]);
  });

  it("go to another endpoint", async () => {
    const { url, seen } = await serve(() => ({ MessageId: "1", MD5OfMessageBody: "99914b932bd37a50b983c5e7c90ae93b" }));
    await open(`tasks:\n  Send: {endpoint: '${url}'}\n`);
    const Send = { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage", Parameters: QUEUE, End: true };
    const { status, output } = await ended(await create({ Send }));
    expect([status, JSON.parse(output ?? "null").MessageId]).toEqual(["SUCCEEDED", "1"]);
    expect(seen).toEqual(["POST /"]);
  });
});

describe("a resource that nobody performs", () => {
  const task = (Resource: string) => ({ T: { Type: "Task", Resource, Parameters: {}, End: true } });

  it("is refused with what is missing", async () => {
    await open("");
    await expect(create(task("arn:aws:states:::aws-sdk:kms:listKeys"))).rejects.toThrow(
      "npm install @aws-sdk/client-kms",
    );
    await expect(create(task("arn:aws:states:::custom:nope.sync"))).rejects.toThrow(
      "there is no nope among the jobs of stepwell.yaml",
    );
  });

  it("fails with that, too, where it was performed when the machine was made", async () => {
    const data = join(directory, "data");
    await open("tasks: {T: {mock: {output: 1}}}", {}, data);
    const keys = await create(task("arn:aws:states:::aws-sdk:kms:listKeys"), "Keys");
    const job = await create(task("arn:aws:states:::custom:nope.sync"), "Job");
    await stepwell?.close(0);
    await open("", {}, data);
    expect((await ended(keys)).cause).toBe(
      "No connector performs the resource arn:aws:states:::aws-sdk:kms:listKeys: the client of the AWS SDK for it is not installed: npm install @aws-sdk/client-kms",
    );
    expect((await ended(job)).cause).toBe(
      "No connector performs the resource arn:aws:states:::custom:nope.sync: there is no nope among the jobs of stepwell.yaml",
    );
  });
});

describe("test cases of MockConfigFile.json", () => {
  const MOCKS = {
    StateMachines: { Machine: { TestCases: { Happy: { Call: "Ok" }, Retried: { Call: "Flaky" } } } },
    MockedResponses: {
      Ok: { "0": { Return: { StatusCode: 200, Payload: { n: 1 } } } },
      Flaky: {
        "0-1": { Throw: { Error: "Lambda.ResourceNotReadyException", Cause: "not ready" } },
        "2": { Return: { Payload: "third" } },
      },
    },
  };
  const Call = {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters: { FunctionName: "none" },
    Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 1, MaxDelaySeconds: 2 }],
    End: true,
  };

  async function openWithMocks(mocks: unknown = MOCKS): Promise<void> {
    await writeFile(join(directory, "MockConfigFile.json"), JSON.stringify(mocks));
    await open("mockConfig: ./MockConfigFile.json\n");
  }

  it("answer executions that are started with them, call by call", async () => {
    await openWithMocks();
    const arn = await create({ Call });
    const happy = await ended(`${arn}#Happy`);
    expect(happy).toMatchObject({ status: "SUCCEEDED", stateMachineArn: arn });
    expect(JSON.parse(happy.output ?? "null")).toEqual({ StatusCode: 200, Payload: { n: 1 } });
    const retried = await ended(`${arn}#Retried`);
    expect([retried.status, JSON.parse(retried.output ?? "null")]).toEqual(["SUCCEEDED", { Payload: "third" }]);
    expect(await ended(arn)).toMatchObject({ status: "FAILED", error: "Lambda.ResourceNotFoundException" });
  }, 60_000);

  it("go on with the next call after a restart", async () => {
    const answers = { "0": { Return: { n: 0 } }, "1": { Return: { n: 1 } }, "2": { Return: { n: 2 } } };
    const mocks = {
      StateMachines: { Loop: { TestCases: { Counted: { Call: "Answers" } } } },
      MockedResponses: { Answers: answers },
    };
    await writeFile(join(directory, "MockConfigFile.json"), JSON.stringify(mocks));
    const yaml = "mockConfig: ./MockConfigFile.json\n";
    const data = join(directory, "data");
    await open(yaml, {}, data);
    const states = {
      Call: {
        Type: "Task",
        Resource: "arn:aws:states:::lambda:invoke",
        Parameters: { FunctionName: "f" },
        Next: "Wait",
      },
      Wait: { Type: "Wait", Seconds: 1, Next: "Last?" },
      "Last?": { Type: "Choice", Choices: [{ Variable: "$.n", NumericEquals: 2, Next: "Done" }], Default: "Call" },
      Done: { Type: "Succeed" },
    };
    const { executionArn } = await stepwell!.executions.start({
      stateMachineArn: `${await create(states, "Loop")}#Counted`,
      input: "{}",
    });
    await sleep(1_300);
    await stepwell!.close(0);
    await open(yaml, {}, data);
    const { status, output } = await endOf(executionArn);
    expect([status, JSON.parse(output ?? "null")]).toEqual(["SUCCEEDED", { n: 2 }]);
    const { items } = await stepwell!.executions.history(executionArn, { limit: 1000, reverse: false });
    expect(items.filter(({ type }) => type === "TaskScheduled")).toHaveLength(3);
  }, 60_000);

  it("answer tasks that wait for a token", async () => {
    await openWithMocks();
    const token = { ...Call, Resource: `${Call.Resource}.waitForTaskToken` };
    const { status, output } = await ended(`${await create({ Call: token })}#Happy`);
    expect([status, JSON.parse(output ?? "null")]).toEqual(["SUCCEEDED", { StatusCode: 200, Payload: { n: 1 } }]);
  });

  it("must exist", async () => {
    await openWithMocks();
    const stateMachineArn = `${await create({ Call })}#None`;
    await expect(stepwell!.executions.start({ stateMachineArn })).rejects.toThrow("no test case None of Machine");
  });

  it.each([
    [{ ...MOCKS, Extra: 1 }, "must NOT have additional properties"],
    [{ StateMachines: {} }, "must have required property 'MockedResponses'"],
    [
      { ...MOCKS, MockedResponses: { Ok: MOCKS.MockedResponses.Ok } },
      'must be the name of a mocked response, got "Flaky"',
    ],
    [{ StateMachines: {}, MockedResponses: { R: { "1": { Return: 1 } } } }, "must begin with 0"],
    [{ StateMachines: {}, MockedResponses: { R: { "0": { Return: 1, Throw: { Error: "E" } } } } }, "more than 1"],
  ])("are refused when the file is wrong: %j", async (mocks, message) => {
    await expect(openWithMocks(mocks)).rejects.toThrow(message);
  });
});

describe("jobs of the user's own systems", () => {
  const Job = {
    Type: "Task",
    Resource: "arn:aws:states:::custom:render.sync",
    Parameters: { "scene.$": "$.scene" },
    End: true,
  };

  function jobsYaml(url: string): string {
    return `
jobs:
  render:
    start: {url: '${url}/jobs', headers: {authorization: 'Bearer \${TOKEN}', idempotency-key: '{token}'}}
    describe: {url: '${url}/jobs/{job.id}'}
    stop: {url: '${url}/jobs/{job.id}', method: DELETE}
    status: state.name
    success: [done*]
    failure: [failed]
    result: files
    pollSeconds: 1
`;
  }

  it("are started once, asked for until they end, over HTTP", async () => {
    let asked = 0;
    const { url, seen } = await serve((request) => {
      if (request === "POST /jobs") return { id: "a/b" };
      asked += 1;
      return { state: { name: asked < 2 ? "running" : "done well" }, files: ["x.png"] };
    });
    await open(jobsYaml(url), { TOKEN: "t" });
    const { status, output } = await ended(await create({ Job }), '{"scene": 7}');
    expect([status, JSON.parse(output ?? "null")]).toEqual(["SUCCEEDED", ["x.png"]]);
    expect(seen).toEqual(["POST /jobs", "GET /jobs/a%2Fb", "GET /jobs/a%2Fb"]);
  }, 60_000);

  it("go on after a restart, and are never started a second time", async () => {
    let isDone = false;
    const { url, seen } = await serve((request) =>
      request === "POST /jobs" ? { id: 1 } : { state: { name: isDone ? "done" : "running" }, files: [] },
    );
    const data = join(directory, "data");
    await open(jobsYaml(url), { TOKEN: "t" }, data);
    const { executionArn } = await stepwell!.executions.start({
      stateMachineArn: await create({ Job }),
      input: '{"scene": 1}',
    });
    while (!seen.includes("GET /jobs/1")) await sleep(20);
    await stepwell!.close(0);
    isDone = true;
    await open(jobsYaml(url), { TOKEN: "t" }, data);
    expect(await endOf(executionArn)).toMatchObject({ status: "SUCCEEDED", output: "[]" });
    expect(seen.filter((request) => request === "POST /jobs")).toHaveLength(1);
  }, 60_000);

  it("are stopped when their execution is", async () => {
    const { url, seen } = await serve((request) =>
      request === "POST /jobs" ? { id: 1 } : { state: { name: "running" } },
    );
    await open(jobsYaml(url), { TOKEN: "t" });
    const { executionArn } = await stepwell!.executions.start({
      stateMachineArn: await create({ Job }),
      input: '{"scene": 1}',
    });
    while (!seen.includes("GET /jobs/1")) await sleep(20);
    await stepwell!.executions.stop(executionArn);
    while (!seen.includes("DELETE /jobs/1")) await sleep(20);
  }, 60_000);

  it("can be commands, which get their values on standard input", async () => {
    const program = join(directory, "job.mjs");
    const source = `
      import { readFileSync, writeFileSync, existsSync } from "node:fs";
      const { input, job } = JSON.parse(readFileSync(0, "utf8"));
      if (process.argv[2] === "start") console.log(JSON.stringify({ id: input.scene }));
      else console.log(JSON.stringify({ status: job.id === 3 ? "failed" : "ok", id: job.id }));
    `;
    await writeFile(program, source);
    const command = (action: string) => `{command: ['${process.execPath}', '${program}', ${action}]}`;
    const calls = `start: ${command("start")}, describe: ${command("describe")}`;
    await open(`jobs:\n  render: {${calls}, success: [ok], failure: [failed]}\n`);
    const arn = await create({ Job });
    expect(await ended(arn, '{"scene": 2}')).toMatchObject({ status: "SUCCEEDED" });
    expect(await ended(arn, '{"scene": 3}')).toMatchObject({
      status: "FAILED",
      error: "States.TaskFailed",
      cause: '{"status":"failed","id":3}',
    });
  }, 60_000);

  it("must be configured", async () => {
    await open("region: us-east-1\n");
    await expect(create({ Job })).rejects.toThrow(
      "Stepwell cannot run the resource arn:aws:states:::custom:render.sync: there is no render among the jobs of stepwell.yaml",
    );
  });
});

describe("connections and endpoints", () => {
  it("take variables of the server, and mistakes do not show secrets", async () => {
    const variable = ["$", "{PASSWORD}"].join("");
    const yaml = `connections:\n  Api: {basic: {username: u, password: '${variable}'}}\n`;
    const file = join(directory, "stepwell.yaml");
    await writeFile(file, yaml);
    expect((await loadConfig(file, { PASSWORD: "secret" })).services.connections).toEqual({
      Api: { basic: { username: "u", password: "secret" } },
    });
    await expect(loadConfig(file, {})).rejects.toThrow("PASSWORD} is not set in the environment of the server");
    await writeFile(file, "connections:\n  Api: {basic: {username: u, password: 12345}}\n");
    await expect(loadConfig(file, {})).rejects.toThrow("must be a text: put it in quotes, got a number");
  });

  it("a service that is not known is refused as AWS would, a missing client with what to install", async () => {
    await open("endpoints: {sqs: 'http://127.0.0.1:9'}\n");
    const task = (resource: string) => ({ S: { Type: "Task", Resource: resource, End: true } });
    await expect(create(task("arn:aws:states:::aws-sdk:nosuch:thing"))).rejects.toThrow(
      "The resource provided arn:aws:states:::aws-sdk:nosuch:thing is not recognized.",
    );
    await expect(create(task("arn:aws:states:::aws-sdk:braket:getJob"))).rejects.toThrow(
      "npm install @aws-sdk/client-braket",
    );
  });
});
