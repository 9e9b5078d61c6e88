/** Distributed Maps of flows: child executions, batches, tolerated failures, and what the API tells of their runs. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, type CallFlows, openApiClient } from "./flow-clients.ts";
import { type FlowServer, KEY, startFlowServer } from "./flow-server.ts";
import { endOf, until } from "./given-cases.ts";

let server: FlowServer;
let call: CallFlows;

beforeAll(async () => {
  server = await startFlowServer();
  call = openApiClient(server.endpoint, KEY, "acs3");
});

afterAll(() => server.close());

const flow = (map: string): string => `
Type: StateMachine
SpecVersion: v1
StartAt: M
States:
  - Type: Map
    Name: M
    ItemsPath: $Input.items
${map}
`;

const ECHO = `
    Processor:
      StartAt: P
      States:
        - {Type: Pass, Name: P, OutputConstructor: {got.$: $Input, global.$: $Global, input.$: $Context.Execution.Input}, End: true}
    End: true
`;

/** Fails for what is not `ok`. */
const PICKY = `
    Processor:
      StartAt: C
      States:
        - {Type: Choice, Name: C, Branches: [{Condition: $Input.ok == true, Next: S}], Default: F}
        - {Type: Fail, Name: F, Code: NotOk, Detail: d}
        - {Type: Succeed, Name: S, OutputConstructor: {n.$: $Input.n}}
    OutputConstructor: {ns.$: '$Output.Items[*].n'}
    Catch: [{Errors: [FnF.ExceedToleratedFailureThreshold], Next: Z, OutputConstructor: {code.$: $Context.Current.Error.Code}}]
    Next: Z
  - {Type: Succeed, Name: Z}
`;

const create = (Name: string, Definition: string, more: Record<string, string> = {}): Promise<Answer> =>
  call("CreateFlow", { Name, Definition, Description: "", Type: "FDL", ...more });

async function run(name: string, input: unknown): Promise<{ ended: Answer; events: Answer[] }> {
  const { Name } = await call("StartExecution", { FlowName: name, Input: JSON.stringify(input) });
  const about = { FlowName: name, ExecutionName: Name };
  const ended = await endOf(call, about);
  return { ended, events: (await call("GetExecutionHistory", { ...about, Limit: 999 }))["Events"] };
}

describe("what children get and give", () => {
  test.each([
    ["standard", "    ProcessorConfig: {ExecutionMode: Standard}", { a: 1 }],
    ["express", "    ProcessorConfig: {ExecutionMode: Express}", { a: 1 }],
    [
      "constructed",
      "    ItemConstructor: {x.$: $Item.a, k.$: $Input.k, n.$: $Context.Current.Name}",
      { x: 1, k: "K", n: "M" },
    ],
  ])("%s", async (name, fields, wanted) => {
    await create(`d_${name}`, flow(fields + ECHO));
    const { ended } = await run(`d_${name}`, { k: "K", items: [{ a: 1 }] });
    expect(JSON.parse(ended["Output"])).toEqual({ Items: [{ got: wanted, global: {}, input: wanted }] });
  });

  test("batches, with what they all get; items need not be objects then", async () => {
    const batcher = "    ItemBatcher: {MaxItemsPerBatch: 2, BatchInput: {k.$: $Input.k, lit: 1}}\n    MaxItems: 3";
    await create("d_batches", flow(batcher + ECHO));
    const { ended } = await run("d_batches", { k: "K", items: [1, "b", { c: 1 }, 4] });
    const BatchInput = { k: "K", lit: 1 };
    expect(JSON.parse(ended["Output"]).Items.map(({ got }: Answer) => got)).toEqual([
      { BatchInput, Items: [1, "b"] },
      { BatchInput, Items: [{ c: 1 }] },
    ]);
  });

  test("children do not see the parent's $Global", async () => {
    const definition = flow(`    ProcessorConfig: {ExecutionMode: Express}${ECHO}`)
      .replace("StartAt: M", "StartAt: G")
      .replace("States:", "States:\n  - {Type: Pass, Name: G, GlobalConstructor: {secret: 1}, Next: M}");
    await create("d_global", definition);
    const { ended } = await run("d_global", { items: [{ a: 1 }] });
    expect(JSON.parse(ended["Output"]).Items[0].global).toEqual({});
  });
});

describe("failures", () => {
  const items = [{ n: 1, ok: true }, { n: 2 }, { n: 3, ok: true }, { n: 4, ok: true }];

  test.each([
    ["none", "    ProcessorConfig: {ExecutionMode: Express}", { code: "FnF.ExceedToleratedFailureThreshold" }],
    ["count", "    ToleratedFailedCount: 1", { ns: [1, 3, 4] }],
    ["percentage", "    ToleratedFailedPercentage: 25.5", { ns: [1, 3, 4] }],
    ["few", "    ToleratedFailedPercentage: 24", { code: "FnF.ExceedToleratedFailureThreshold" }],
  ])("tolerated: %s", async (name, fields, wanted) => {
    await create(`t_${name}`, flow(fields + PICKY));
    const { ended, events } = await run(`t_${name}`, { items });
    expect(JSON.parse(ended["Output"])).toEqual(wanted);
    const told = events.map(({ Type, StepName }) => `${Type} ${StepName}`.trim());
    const failed = "code" in wanted ? ["StepFailed M"] : [];
    expect(told).toEqual([
      ...["ExecutionStarted", "StepEntered M", "StepStarted M", ...failed, "StepExited M"],
      ...["StepEntered Z", "StepExited Z", "ExecutionSucceeded"],
    ]);
  });

  test("what is no object, or too many items", async () => {
    await create("t_items", flow(`    ProcessorConfig: {}${ECHO}`));
    for (const items of [[1], 5, Array.from({ length: 10_001 }, () => ({}))]) {
      const { ended, events } = await run("t_items", { items });
      expect(ended["Status"]).toBe("Failed");
      expect(JSON.parse(events.at(-1)?.["EventDetail"]).error).toBe("FnF.RuntimeError");
    }
  });
});

test("the run is described and changed, its children are listed and described", async () => {
  const waits = `    ToleratedFailedCount: 2
    MaxConcurrency: 3
    Processor:
      StartAt: C
      States:
        - {Type: Choice, Name: C, Branches: [{Condition: $Input.n == 3, Next: W}, {Condition: $Input.n == 2, Next: F}], Default: S}
        - {Type: Succeed, Name: S}
        - {Type: Fail, Name: F, Code: Two}
        - {Type: Wait, Name: W, Seconds: 300, End: true}
    End: true
`;
  await create("runs", flow(waits));
  const started = await call("StartExecution", { FlowName: "runs", Input: '{"items":[{"n":1},{"n":2},{"n":3}]}' });
  const about = { FlowName: "runs", ExecutionName: started["Name"] };
  const history = await until("the map run", async () => {
    const { Events } = await call("GetExecutionHistory", about);
    return Events.length >= 3 ? Events : undefined;
  });
  const MapRunName = JSON.parse(history[2]["EventDetail"]).mapRunName;
  const described = await until("the map run", async () => {
    const answer = await call("DescribeMapRun", { ...about, MapRunName });
    return answer["ItemCounts"].Failed === 1 && answer["ItemCounts"].Succeed === 1 ? answer : undefined;
  });
  expect(described).toMatchObject({
    MapRunName,
    ExecutionName: started["Name"],
    Status: "Running",
    Concurrency: 3,
    ToleratedFailedCount: 2,
    ToleratedFailedPercentage: 0,
    ItemCounts: { Total: 3, Pending: 0, Running: 1, Succeed: 1, Failed: 1, Aborted: 0 },
    StoppedTime: "",
  });
  const changed = { Concurrency: 7, ToleratedFailedCount: 1, ToleratedFailedPercentage: 12.5 };
  expect(await call("UpdateMapRun", { ...about, MapRunName, ...changed })).toMatchObject(changed);
  const list = (more: object): Promise<Answer> => call("ListExecutions", { FlowName: "runs", MapRunName, ...more });
  const { Executions } = await list({});
  expect(Executions.map(({ Input, Status }: Answer) => [Input, Status])).toEqual([
    ['{"n":3}', "Running"],
    ['{"n":2}', "Failed"],
    ['{"n":1}', "Succeeded"],
  ]);
  const first = await list({ Limit: 2 });
  const second = await list({ Limit: 2, NextToken: first["NextToken"] });
  expect([...first["Executions"], ...second["Executions"]]).toEqual(Executions);
  expect((await list({ Status: "Failed" }))["Executions"]).toEqual([Executions[1]]);
  expect((await call("ListExecutions", { FlowName: "runs", MapRunName: "none" }))["Executions"]).toEqual([]);
  const child = { FlowName: "runs", ExecutionName: Executions[1].Name };
  expect(await call("DescribeExecution", child)).toMatchObject({ Input: '{"n":2}', Status: "Failed" });
  const { Events } = await call("GetExecutionHistory", child);
  expect(JSON.parse(Events.at(-1).EventDetail).error).toBe("Two");
  await call("StopExecution", about);
});

describe("refused, with the name of the state", () => {
  test.each([
    ["ItemReader: {SourceType: CSV}", "ItemReader of a distributed Map: objects in OSS cannot be used here"],
    ["ResultWriter: {Parameters: {}}", "ResultWriter of a distributed Map: objects in OSS cannot be used here"],
    ["ProcessorConfig: {ExecutionMode: Fast}", "ExecutionMode must be Standard or Express, got 'Fast'"],
    ["ItemBatcher: {BatchInput: {}}", "one of MaxItemsPerBatch and MaxInputBytesPerBatch is required"],
    ["ToleratedFailedPercentage: 101", "ToleratedFailedPercentage must be a number from 0 to 100"],
    ["ProcessorConfig: {}\n    MaxConcurrency: 101", "MaxConcurrency must be a whole number from 0 to 100"],
    ["MaxItems: 10001", "MaxItems must be a whole number from 1 to 10000"],
    ["ItemConstructor: {a.$: $Output.x}", "refers to '$Output'"],
  ])("%s", async (field, words) => {
    const refused = create("never", flow(`    ${field}${ECHO}`));
    await expect(refused).rejects.toMatchObject({ code: "InvalidArgument", message: expect.stringContaining(words) });
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining("step 'M'") });
  });

  test("children in the Express mode only call and wait shortly; Express flows have none", async () => {
    const wait = ECHO.replace("Type: Pass, Name: P", "Type: Wait, Name: P, Seconds: 21");
    const definition = flow(`    ProcessorConfig: {ExecutionMode: Express}${wait}`);
    await expect(create("never", definition)).rejects.toMatchObject({ message: expect.stringContaining("1 to 20") });
    const express = create("never", flow(`    ProcessorConfig: {ExecutionMode: Express}${ECHO}`), {
      ExecutionMode: "Express",
    });
    await expect(express).rejects.toMatchObject({
      message: expect.stringContaining("not possible in the Express mode"),
    });
  });
});
