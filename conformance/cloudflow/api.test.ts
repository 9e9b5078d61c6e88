/** What CloudFlow's API does beside the given cases, by Alibaba's clients against the service (cloudflow.md 3 and 4). */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, type CallFlows, CLIENTS, openApiClient, popCoreClient } from "./flow-clients.ts";
import { type FlowServer, KEY, startFlowServer } from "./flow-server.ts";
import { endOf, startCalledServer, until } from "./given-cases.ts";

const PASS = "version: v1\ntype: flow\nsteps:\n  - { type: pass, name: mypass }\n";
const WAIT = "Type: StateMachine\nStartAt: W\nStates: [{ Type: Wait, Name: W, Seconds: 300, End: true }]\n";

const FUNCTIONS = `export async function double({ n }) {
  if (n > 100) throw Object.assign(new Error(n + " is too big"), { name: "TooBig" });
  return { doubled: 2 * n };
}
`;

let server: FlowServer;
let call: CallFlows;
const messages: unknown[] = [];
const queue = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    messages.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.end("{}");
  });
});

const directory = mkdtempSync(join(tmpdir(), "stepwell-flows-"));

beforeAll(async () => {
  writeFileSync(join(directory, "functions.mjs"), FUNCTIONS);
  await new Promise<void>((resolve) => queue.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(queue.address() as AddressInfo).port}/`;
  server = await startFlowServer({
    messages: { "queues/*": url },
    functions: { double: { handler: "./functions.mjs#double" } },
    baseDirectory: directory,
  });
  call = openApiClient(server.endpoint, KEY, "acs3");
});

afterAll(async () => {
  queue.close();
  rmSync(directory, { recursive: true, force: true });
  await server.close();
});

const create = (Name: string, Definition: string, more: Record<string, string> = {}): Promise<Answer> =>
  call("CreateFlow", { Name, Definition, Description: "d", Type: "FDL", ...more });

async function run(flow: string, input: object = {}, more: Record<string, string> = {}): Promise<Answer> {
  const { Name } = await call("StartExecution", { FlowName: flow, Input: JSON.stringify(input), ...more });
  return endOf(call, { FlowName: flow, ExecutionName: Name });
}

async function eventsOf(flow: string, { Name }: Answer): Promise<Answer[]> {
  return (await call("GetExecutionHistory", { FlowName: flow, ExecutionName: Name, Limit: 999 }))["Events"];
}

describe("flows", () => {
  test.each(Object.entries(CLIENTS))(
    "are created, described, changed, listed and deleted by %s",
    async (name, client) => {
      const calls = client(server.endpoint, KEY);
      const flow = `f_${name.replace(/\W/g, "_")}`;
      const definition = `# as it was given\n${PASS}`;
      const created = await calls("CreateFlow", {
        Name: flow,
        Definition: definition,
        Description: "une 'flow' (é*) ~ + & %",
        Type: "FDL",
        RoleArn: "acs:ram::1:role/r",
      });
      expect(created).toMatchObject({
        Name: flow,
        Definition: definition,
        Description: "une 'flow' (é*) ~ + & %",
        Type: "FDL",
        RoleArn: "acs:ram::1:role/r",
        ExecutionMode: "Standard",
      });
      expect(created["Id"]).toMatch(/^[0-9a-f-]{36}$/);
      expect(created["CreatedTime"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      const updated = await calls("UpdateFlow", { Name: flow, Description: "new" });
      expect(updated).toMatchObject({ Description: "new", Definition: definition, RoleArn: "acs:ram::1:role/r" });
      expect(updated["Id"]).toBe(created["Id"]);
      const { RequestId: _one, ...described } = await calls("DescribeFlow", { Name: flow });
      const { RequestId: _other, ExternalStorageLocation: _none, ...told } = updated;
      expect(described).toEqual(told);
      expect(described["LastModifiedTime"] >= created["LastModifiedTime"]).toBe(true);
      await calls("DeleteFlow", { Name: flow });
      await expect(calls("DescribeFlow", { Name: flow })).rejects.toMatchObject({ code: "FlowNotExists" });
    },
  );

  test("are listed by name, page by page; the token is the name of the next", async () => {
    for (const name of ["page_c", "page_a", "page_b"]) await create(name, PASS);
    const first = await call("ListFlows", { Limit: 2, NextToken: "page_a" });
    expect(first["Flows"].map(({ Name }: Answer) => Name)).toEqual(["page_a", "page_b"]);
    expect(first["NextToken"]).toBe("page_c");
    const rest = await call("ListFlows", { NextToken: "page_c" });
    expect(rest["Flows"][0].Name).toBe("page_c");
    expect(rest["NextToken"]).toBeUndefined();
  });

  test("a flow made after another one of its name shares nothing with it", async () => {
    await create("reborn", WAIT);
    await call("StartExecution", { FlowName: "reborn", ExecutionName: "e" });
    const { Id } = await call("DescribeFlow", { Name: "reborn" });
    await call("DeleteFlow", { Name: "reborn" });
    await create(
      "reborn",
      "type: flow\nsteps: [{ type: pass, name: p, outputMappings: [{ target: n, source: $context.execution.name }] }]",
    );
    expect((await call("DescribeFlow", { Name: "reborn" }))["Id"]).not.toBe(Id);
    expect((await call("ListExecutions", { FlowName: "reborn" }))["Executions"]).toEqual([]);
    const about = { FlowName: "reborn", ExecutionName: "e" };
    await expect(call("DescribeExecution", about)).rejects.toMatchObject({ code: "ExecutionNotExists" });
    await call("StartExecution", about);
    const ended = await call("DescribeExecution", { ...about, WaitTimeSeconds: 60 });
    expect(ended).toMatchObject({ Name: "e", Status: "Succeeded", Output: '{"n":"e"}' });
    expect((await call("ListExecutions", { FlowName: "reborn" }))["Executions"]).toHaveLength(1);
  });

  test("an execution keeps the definition it was started with", async () => {
    await create("kept", WAIT);
    await call("StartExecution", { FlowName: "kept", ExecutionName: "e" });
    await call("UpdateFlow", { Name: "kept", Definition: PASS });
    expect((await call("DescribeExecution", { FlowName: "kept", ExecutionName: "e" }))["FlowDefinition"]).toBe(WAIT);
  });

  test("flows are state machines to AWS's API, which leaves their definitions alone", async () => {
    await create("seen", PASS);
    const { items } = await server.stepwell.catalog.listStateMachines({ limit: 999 });
    const arn = items.find(({ name }) => name === "seen")?.stateMachineArn as string;
    const { definition } = await server.stepwell.catalog.describeStateMachine(arn);
    expect(JSON.parse(definition)).toMatchObject({ QueryLanguage: "JSONata" });
    const update = server.stepwell.catalog.updateStateMachine({ stateMachineArn: arn, definition });
    await expect(update).rejects.toThrow(/is a flow/);
  });
});

describe("executions", () => {
  test("the input is given back as it was sent, spaces and all", async () => {
    await create("echo", PASS);
    const Input = '{ "a" :  "b c+é\'(*)~" }';
    const { Name } = await call("StartExecution", { FlowName: "echo", Input });
    const described = await popCoreClient(server.endpoint, KEY)("DescribeExecution", {
      FlowName: "echo",
      ExecutionName: Name,
      WaitTimeSeconds: 60,
    });
    expect(described).toMatchObject({ Input, Output: "{}", Status: "Succeeded", FlowDefinition: PASS });
  });

  test("the answer to a start shows one that runs", async () => {
    const started = await call("StartExecution", { FlowName: "echo" });
    expect(started).toMatchObject({ Status: "Running", Output: "", StoppedTime: "", Input: "{}", FlowName: "echo" });
  });

  test("a long poll ends when its time is up, or the execution has ended", async () => {
    await create("long", WAIT);
    const about = { FlowName: "long", ExecutionName: "e" };
    await call("StartExecution", about);
    expect(await call("DescribeExecution", { ...about, WaitTimeSeconds: 1 })).toMatchObject({ Status: "Running" });
    const polling = call("DescribeExecution", { ...about, WaitTimeSeconds: 30 });
    const stopped = await call("StopExecution", { ...about, Error: "Enough", Cause: "of it" });
    expect(stopped["StoppedTime"]).not.toBe("");
    expect(await polling).toMatchObject({ Status: "Stopped", Output: "" });
    const events = await eventsOf("long", { Name: "e" });
    expect(events.at(-1)).toMatchObject({
      Type: "ExecutionStopped",
      EventDetail: '{"error":"Enough","cause":"of it"}',
    });
    expect(await call("StopExecution", about)).toMatchObject({ Status: "Stopped" });
  });

  test("are listed newest first, by page, status, time and name", async () => {
    await create("many", PASS);
    for (const ExecutionName of ["a1", "a2", "b1", "b2"]) {
      await call("StartExecution", { FlowName: "many", ExecutionName });
      await call("DescribeExecution", { FlowName: "many", ExecutionName, WaitTimeSeconds: 60 });
    }
    const names = async (query: object): Promise<string[]> =>
      (await call("ListExecutions", { FlowName: "many", ...query }))["Executions"].map(({ Name }: Answer) => Name);
    expect(await names({})).toEqual(["b2", "b1", "a2", "a1"]);
    const page = await call("ListExecutions", { FlowName: "many", Limit: 3 });
    expect(page["NextToken"]).toBe("a1");
    expect(await names({ NextToken: "a1" })).toEqual(["a1"]);
    expect(await names({ ExecutionNamePrefix: "a" })).toEqual(["a2", "a1"]);
    expect(await names({ Status: "Failed" })).toEqual([]);
    expect(await names({ Status: "Succeeded", Limit: 1 })).toEqual(["b2"]);
    const second = page["Executions"].find(({ Name }: Answer) => Name === "b1");
    expect(await names({ StartedTimeBegin: second.StartedTime })).toEqual(["b2", "b1"]);
    expect(await names({ StartedTimeEnd: second.StartedTime })).toEqual(["b1", "a2", "a1"]);
    const [bare] = (await call("ListExecutions", { FlowName: "many", Limit: 1, MetadataOnly: true }))["Executions"];
    expect(bare).toMatchObject({ Name: "b2", Input: "", Output: "", FlowDefinition: "" });
  });

  test("Express: synchronous, and nothing else", async () => {
    const definition = PASS.replace("mypass", "mypass, outputMappings: [{ target: o, source: $input.i }]");
    await create("quick", definition, { ExecutionMode: "Express" });
    const done = await call("StartSyncExecution", { FlowName: "quick", ExecutionName: "n", Input: '{"i":1}' });
    expect(done).toMatchObject({ Status: "Succeeded", Output: '{"o":1}', ErrorCode: "", FlowName: "quick" });
    expect(done["Name"]).toMatch(/^n:[0-9a-f-]{36}$/);
    const failing = "type: flow\nsteps: [{ type: fail, name: f, error: E, cause: C }]";
    await create("quickly_failing", failing, { ExecutionMode: "Express" });
    const failed = await call("StartSyncExecution", { FlowName: "quickly_failing" });
    expect(failed).toMatchObject({ Status: "Failed", ErrorCode: "E", ErrorMessage: "C", Output: "" });
    const asynchronous = call("StartExecution", { FlowName: "quick" });
    await expect(asynchronous).rejects.toMatchObject({ code: "ActionNotSupported" });
    const standard = call("StartSyncExecution", { FlowName: "echo" });
    await expect(standard).rejects.toMatchObject({
      code: "ActionNotSupported",
      message: expect.stringContaining("Standard execution is not supported"),
    });
  });

  test("CallbackFnFTaskToken: the end of the execution is reported", async () => {
    const asks = (pattern: string): string => `
type: flow
steps:
  - type: task
    name: ask
    resourceArn: acs:mns:::/queues/asks/messages
    pattern: ${pattern}
    inputMappings: [{ target: token, source: $context.task.token }]
    outputMappings: [{ target: got, source: $local }]
    catch: [{ errors: [Bad], goto: bad }]
    errorMappings: [{ target: why, source: $local.cause }]
    end: true
  - { type: pass, name: bad }
`;
    await create("asks", asks("waitForCallback"));
    const ends =
      "Type: StateMachine\nStartAt: C\nStates:\n  - { Type: Choice, Name: C, Branches: [{ Condition: $Input.bad, Next: F }], Default: S }\n  - { Type: Fail, Name: F, Code: Bad, Detail: really }\n  - { Type: Succeed, Name: S }\n";
    await create("answers", ends);
    for (const bad of [false, true]) {
      const before = messages.length;
      const started = await call("StartExecution", { FlowName: "asks" });
      const { MessageBody, QueueName } = (await until("the message", () => messages[before])) as Answer;
      expect(QueueName).toBe("asks");
      const token = JSON.parse(MessageBody).token;
      await call("StartExecution", {
        FlowName: "answers",
        Input: JSON.stringify({ bad }),
        CallbackFnFTaskToken: token,
      });
      const about = { FlowName: "asks", ExecutionName: started["Name"], WaitTimeSeconds: 60 };
      const wanted = bad ? { why: "really" } : { got: { bad } };
      expect(JSON.parse((await call("DescribeExecution", about))["Output"])).toEqual(wanted);
    }
  });
});

describe("history", () => {
  test("begins as documented, counts from 1, and comes in pages that fit", async () => {
    await create("story", PASS);
    const ended = await run("story", { a: 1 });
    const events = await eventsOf("story", ended);
    expect(
      events.map(({ Type, EventId, ScheduleEventId, StepName }) => [EventId, ScheduleEventId, StepName, Type]),
    ).toEqual([
      [1, 0, "", "ExecutionStarted"],
      [2, 1, "mypass", "StepEntered"],
      [3, 2, "mypass", "StepExited"],
      [4, 1, "", "ExecutionSucceeded"],
    ]);
    expect(JSON.parse(events[1]?.["EventDetail"])).toEqual({ input: { a: 1 } });
    const page = await call("GetExecutionHistory", { FlowName: "story", ExecutionName: ended["Name"], Limit: 2 });
    expect(page["NextToken"]).toBe("3");
    const rest = await call("GetExecutionHistory", { FlowName: "story", ExecutionName: ended["Name"], NextToken: "3" });
    expect([...page["Events"], ...rest["Events"]]).toEqual(events);
    expect(rest["NextToken"]).toBeUndefined();
  });

  const TYPES = async (flow: string, ended: Answer): Promise<string[]> =>
    (await eventsOf(flow, ended)).map(({ Type, StepName }) => (StepName === "" ? Type : `${Type} ${StepName}`));

  test("containers, choices and failures", async () => {
    const definition = `
type: flow
steps:
  - type: choice
    name: c
    choices:
      - condition: $.go == true
        steps: [{ type: pass, name: inner }]
  - type: parallel
    name: p
    branches:
      - steps: [{ type: pass, name: one }]
      - steps: [{ type: fail, name: two, error: E, cause: C }]
    catch: [{ errors: [E], goto: z }]
  - { type: pass, name: skipped }
  - type: foreach
    name: z
    iterationMapping: { collection: $.list, item: it }
    steps: [{ type: pass, name: each }]
`;
    await create("containers", definition);
    const ended = await run("containers", { go: true, list: [1] });
    expect(await TYPES("containers", ended)).toEqual([
      "ExecutionStarted",
      "StepEntered c",
      "StepEntered inner",
      "StepExited inner",
      "StepExited c",
      "StepEntered p",
      "BranchEntered p",
      "StepEntered one",
      "StepExited one",
      "BranchExited p",
      "BranchEntered p",
      "StepEntered two",
      "StepFailed two",
      "StepFailed p",
      "StepExited p",
      "StepEntered z",
      "IterationEntered z",
      "StepEntered each",
      "StepExited each",
      "IterationExited z",
      "StepExited z",
      "ExecutionSucceeded",
    ]);
    const events = await eventsOf("containers", ended);
    const branch = events.find(({ Type }) => Type === "BranchEntered") as Answer;
    expect(branch["ScheduleEventId"]).toBe(events.find(({ StepName }) => StepName === "p")?.["EventId"]);
    for (const { EventId, ScheduleEventId } of events) expect(ScheduleEventId).toBeLessThan(EventId);
  });

  test("a Map that fails by itself inside a branch is caught there", async () => {
    const inner = "Processor: { StartAt: S, States: [{ Type: Succeed, Name: S }] }";
    const flow = `
Type: StateMachine
StartAt: P
States:
  - Type: Parallel
    Name: P
    Branches:
      - StartAt: M
        States:
          - { Type: Map, Name: M, ItemsPath: $Input.no, ${inner}, Catch: [{ Errors: [FnF.ALL], Next: N }], Next: N }
          - { Type: Map, Name: N, ItemsPath: toArray($Input), ${inner}, OutputConstructor: { bad.$: 'intAdd("x", 1)' }, Catch: [{ Errors: [FnF.RuntimeError], Next: Z }], Next: Z }
          - { Type: Succeed, Name: Z }
    End: true
`;
    await create("inside", flow);
    const ended = await run("inside", { a: 1 });
    expect(JSON.parse(ended["Output"])).toEqual({ Branch0: { a: 1 } });
    const events = await eventsOf("inside", ended);
    expect(events.map(({ Type, StepName }) => `${Type} ${StepName}`.trim())).toEqual([
      ...["ExecutionStarted", "StepEntered P", "BranchEntered P"],
      ...["StepEntered M", "StepFailed M", "StepExited M"],
      ...["StepEntered N", "IterationEntered N", "StepEntered S", "StepExited S", "IterationExited N"],
      ...["StepFailed N", "StepExited N", "StepEntered Z", "StepExited Z"],
      ...["BranchExited P", "StepExited P", "ExecutionSucceeded"],
    ]);
    const failed = events.filter(({ Type }) => Type === "StepFailed");
    expect(failed.map(({ EventDetail }) => JSON.parse(EventDetail).error)).toEqual([
      "FnF.RuntimeError",
      "FnF.RuntimeError",
    ]);
  });

  test("a container that is tried again", async () => {
    const definition = `
type: flow
steps:
  - type: parallel
    name: p
    branches:
      - steps: [{ type: fail, name: f, error: E }]
    retry: [{ errors: [E], maxAttempts: 1, intervalSeconds: 0 }]
`;
    await create("tries", definition);
    const once = ["BranchEntered p", "StepEntered f", "StepFailed f"];
    expect(await TYPES("tries", await run("tries"))).toEqual([
      ...["ExecutionStarted", "StepEntered p", ...once, ...once, "StepFailed p", "ExecutionFailed"],
    ]);
  });

  test("tasks: sent, submitted, retried, failed", async () => {
    const called = await startCalledServer();
    const task = (name: string, more: string): string => `
  - Type: Task
    Name: ${name}
    Action: HTTP:Request
    Parameters: { url.$: $Context.Execution.Input.url, method: get }
    ${more}`;
    const definition = `Type: StateMachine\nStartAt: a\nStates:${task("a", "Next: b")}${task(
      "b",
      "TaskMode: WaitForCustomCallback\n    Timeout: 1\n    Retry: [{ Errors: [FnF.TaskTimeout], MaxAttempts: 1, IntervalSeconds: 0 }]\n    Catch: [{ Errors: [FnF.ALL], Next: c, OutputConstructor: { e.$: $Context.Current.Error.Code } }]\n    End: true",
    )}\n  - { Type: Succeed, Name: c }\n`;
    try {
      await create("calls", definition);
      const ended = await run("calls", { url: called.url });
      expect(ended).toMatchObject({ Status: "Succeeded", Output: '{"e":"FnF.TaskTimeout"}' });
      expect(await TYPES("calls", ended)).toEqual([
        "ExecutionStarted",
        "StepEntered a",
        "TaskScheduled a",
        "TaskStarted a",
        "TaskSucceeded a",
        "StepExited a",
        "StepEntered b",
        ...["TaskScheduled b", "TaskStarted b", "TaskSubmitted b", "TaskTimedOut b"],
        ...["TaskScheduled b", "TaskStarted b", "TaskSubmitted b", "TaskTimedOut b"],
        "StepFailed b",
        "StepExited b",
        "StepEntered c",
        "StepExited c",
        "ExecutionSucceeded",
      ]);
      const [result] = (await eventsOf("calls", ended)).filter(({ Type }) => Type === "TaskSucceeded");
      expect(JSON.parse(result?.["EventDetail"]).output).toMatchObject({ Code: 200, Body: "hello world" });
    } finally {
      called.close();
    }
  });
});

describe("tasks", () => {
  test("local functions serve FC, in both languages; their errors keep their names", async () => {
    const old = `
type: flow
steps:
  - type: task
    name: t
    resourceArn: acs:fc:cn-hangzhou:1:services/math.LATEST/functions/double
    inputMappings: [{ target: n, source: $input.n }]
    catch: [{ errors: [TooBig], goto: big }]
    errorMappings: [{ target: error, source: $local.error }]
    end: true
  - { type: pass, name: big }
`;
    await create("doubles", old);
    expect(JSON.parse((await run("doubles", { n: 4 }))["Output"])).toEqual({ doubled: 8 });
    expect(JSON.parse((await run("doubles", { n: 400 }))["Output"])).toEqual({ error: "TooBig" });
    const fresh = `
Type: StateMachine
StartAt: t
States:
  - Type: Task
    Name: t
    Action: FC:InvokeFunction
    Parameters: { resourceArn: "acs:fc:cn-hangzhou:1:functions/double/LATEST", invocationType: Sync, body: { n.$: $Input.n } }
    OutputConstructor: { d.$: $Output.doubled }
    End: true
`;
    await create("doubles_new", fresh);
    expect(JSON.parse((await run("doubles_new", { n: 4 }))["Output"])).toEqual({ d: 8 });
    await create("nobody", old.replace("functions/double", "functions/nobody"));
    const ended = await run("nobody", { n: 1 });
    expect(ended["Status"]).toBe("Failed");
    const last = (await eventsOf("nobody", ended)).at(-1);
    expect(JSON.parse(last?.["EventDetail"]).error).toBe("FC.FunctionNotFound");
  });

  test("a stopped flow fails the task that waits for it, under the error of the stop", async () => {
    await create("child", WAIT);
    const parent = `
Type: StateMachine
StartAt: t
States:
  - Type: Task
    Name: t
    Action: FNF:StartExecution
    TaskMode: WaitForSystemCallback
    Parameters: { resourceArn: "acs:fnf:::flow/child", executionName: c, input: { a: 1 } }
    Catch: [{ Errors: [Halted], Next: z, OutputConstructor: { why.$: $Context.Current.Error.Detail } }]
    End: true
  - { Type: Succeed, Name: z }
`;
    await create("parent", parent);
    const { Name } = await call("StartExecution", { FlowName: "parent" });
    const about = { FlowName: "child", ExecutionName: "c" };
    await until("the child", () => call("DescribeExecution", about).catch(() => undefined));
    await call("StopExecution", { ...about, Error: "Halted", Cause: "by hand" });
    const ended = await endOf(call, { FlowName: "parent", ExecutionName: Name });
    expect(ended["Output"]).toBe('{"why":"by hand"}');
  });
});

describe("versions and aliases", () => {
  test("a version is what the flow was; an alias chooses among versions by weight", async () => {
    const says = (word: string): string =>
      `type: flow\nsteps: [{ type: pass, name: p, outputMappings: [{ target: says, source: ${word} }] }]`;
    await create("versioned", says("one"));
    const first = await call("PublishFlowVersion", { FlowName: "versioned", Description: "first" });
    expect(first).toMatchObject({ FlowName: "versioned", Version: "1", Description: "first" });
    await call("UpdateFlow", { Name: "versioned", Definition: says("two") });
    expect(await call("PublishFlowVersion", { FlowName: "versioned" })).toMatchObject({ Version: "2" });
    const output = async (more: object): Promise<unknown> =>
      JSON.parse((await run("versioned", {}, { ...more }))["Output"]);
    expect(await output({})).toEqual({ says: "two" });
    expect(await output({ Qualifier: "1" })).toEqual({ says: "one" });
    expect((await call("DescribeFlow", { Name: "versioned", FlowVersion: "1" }))["Definition"]).toBe(says("one"));

    const routes = (Version: string): string => JSON.stringify([{ Version, Weight: 30 }]);
    const alias = { FlowName: "versioned", Name: "live" };
    const created = await call("CreateFlowAlias", { ...alias, RoutingConfigurations: routes("1") });
    expect(created).toMatchObject({ Name: "live", RoutingConfigurations: [{ Version: "1", Weight: 30 }] });
    expect(await output({ Qualifier: "live" })).toEqual({ says: "one" });
    const updated = await call("UpdateFlowAlias", { ...alias, RoutingConfigurations: routes("2") });
    expect(updated["Alias"]).toMatchObject({ Name: "live", RoutingConfigurations: [{ Version: "2", Weight: 30 }] });
    expect(await output({ Qualifier: "live" })).toEqual({ says: "two" });
    expect((await call("DescribeFlowAlias", alias))["Alias"]).toEqual(updated["Alias"]);
    expect((await call("ListFlowAliases", { FlowName: "versioned" }))["Aliases"]).toEqual([updated["Alias"]]);
    const { Executions } = await call("ListExecutions", { FlowName: "versioned", Qualifier: "1" });
    expect(Executions.length).toBeGreaterThan(0);

    const versions = await call("ListFlowVersions", { FlowName: "versioned", Limit: 1 });
    expect(versions["FlowVersions"]).toMatchObject([{ Version: "2" }]);
    expect(versions["NextToken"]).toBe("1");
    await expect(call("DeleteFlowVersion", { FlowName: "versioned", FlowVersion: "2" })).rejects.toMatchObject({
      code: "InvalidArgument",
    });
    await call("DeleteFlowAlias", alias);
    await call("DeleteFlowVersion", { FlowName: "versioned", FlowVersion: "2" });
    await expect(call("StartExecution", { FlowName: "versioned", Qualifier: "2" })).rejects.toMatchObject({
      code: "FlowVersionNotExists",
    });
    await expect(call("StartExecution", { FlowName: "versioned", Qualifier: "live" })).rejects.toMatchObject({
      code: "FlowAliasNotExists",
    });
    await expect(call("CreateFlowAlias", { ...alias, RoutingConfigurations: routes("9") })).rejects.toMatchObject({
      code: "FlowVersionNotExists",
    });
  });
});

describe("schedules", () => {
  test("start executions with their payload, once each time, until they are disabled", async () => {
    await create("nightly", PASS);
    const about = { FlowName: "nightly", ScheduleName: "tick" };
    const created = await call("CreateSchedule", {
      ...about,
      CronExpression: "* * * * * *",
      Payload: '{"x": 1}',
      Enable: true,
    });
    expect(created).toMatchObject({
      ScheduleName: "tick",
      CronExpression: "* * * * * *",
      Payload: '{"x": 1}',
      Enable: true,
    });
    await expect(call("CreateSchedule", { ...about, CronExpression: "0 0 0 * * *" })).rejects.toMatchObject({
      code: "ScheduleAlreadyExists",
    });
    const started = await until("two executions", async () => {
      const { Executions } = await call("ListExecutions", { FlowName: "nightly" });
      return Executions.length >= 2 ? (Executions as Answer[]) : undefined;
    });
    const input = JSON.parse(started[0]?.["Input"]);
    expect(input).toMatchObject({ payload: { x: 1 }, triggerName: "tick" });
    const times = started.map(({ Input }) => JSON.parse(Input).triggerTime);
    expect(new Set(times).size).toBe(times.length);
    const changed = await call("UpdateSchedule", { ...about, Enable: false, Description: "off" });
    expect(changed).toMatchObject({ Enable: false, Description: "off", CronExpression: "* * * * * *" });
    const { RequestId: _one, ...described } = await call("DescribeSchedule", about);
    const { RequestId: _other, ...told } = changed;
    expect(described).toEqual(told);
    await call("CreateSchedule", { FlowName: "nightly", ScheduleName: "zzz", CronExpression: "0 0 3 ? JAN MON-FRI" });
    const listed = await call("ListSchedules", { FlowName: "nightly", Limit: 1 });
    expect(listed["Schedules"]).toMatchObject([{ ScheduleName: "tick" }]);
    expect(listed["NextToken"]).toBe("zzz");
    expect((await call("ListSchedules", { FlowName: "nightly", NextToken: "zzz" }))["Schedules"]).toMatchObject([
      { ScheduleName: "zzz" },
    ]);
    await call("DeleteSchedule", about);
    await expect(call("DescribeSchedule", about)).rejects.toMatchObject({ code: "ScheduleNotExists" });
  });
});

test("every list comes in pages that fit, whatever their size", async () => {
  await create("paged", PASS);
  const names = ["a", "a1", "a2", "b", "b-c", "b_c", "c"];
  for (const name of names) {
    const about = { FlowName: "paged", CronExpression: "0 0 3 1 1 *", Enable: false };
    await call("CreateSchedule", { ...about, ScheduleName: name });
    await call("PublishFlowVersion", { FlowName: "paged" });
    const RoutingConfigurations = '[{"Version":"1","Weight":100}]';
    await call("CreateFlowAlias", { FlowName: "paged", Name: name, RoutingConfigurations });
    await run("paged", {}, { ExecutionName: name });
  }
  const sorted = names.toSorted((one, other) => (one < other ? -1 : 1));
  const lists = [
    ["ListSchedules", "Schedules", "ScheduleName", sorted],
    ["ListFlowAliases", "Aliases", "Name", sorted],
    ["ListFlowVersions", "FlowVersions", "Version", ["7", "6", "5", "4", "3", "2", "1"]],
    ["ListExecutions", "Executions", "Name", names.toReversed()],
  ] as const;
  for (const [action, list, member, wanted] of lists) {
    for (const Limit of [1, 2, 3, 7, 99]) {
      const found: string[] = [];
      for (let NextToken = ""; NextToken !== undefined; ) {
        const page = await call(action, { FlowName: "paged", Limit, ...(NextToken && { NextToken }) });
        expect(page[list].length).toBeLessThanOrEqual(Limit);
        found.push(...page[list].map((item: Answer) => item[member]));
        NextToken = page["NextToken"];
      }
      expect({ action, Limit, found }).toEqual({ action, Limit, found: wanted });
    }
  }
});

test("regions, and map runs that are not there", async () => {
  const { Regions } = await call("DescribeRegions");
  expect(Regions.Region[0]).toMatchObject({ RegionId: "us-east-1" });
  await create("mapless", PASS);
  const ended = await run("mapless");
  const about = { FlowName: "mapless", ExecutionName: ended["Name"], MapRunName: "m" };
  await expect(call("DescribeMapRun", about)).rejects.toMatchObject({ code: "MapRunNotExists" });
});
