/** The bounds of cloudflow.md 9 that an execution meets while it runs. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, type CallFlows, openApiClient } from "./flow-clients.ts";
import { type FlowServer, KEY, startFlowServer } from "./flow-server.ts";
import { endOf } from "./given-cases.ts";

let server: FlowServer;
let call: CallFlows;

beforeAll(async () => {
  server = await startFlowServer();
  call = openApiClient(server.endpoint, KEY, "acs3");
});

afterAll(() => server.close());

async function run(name: string, definition: string, input: object = {}): Promise<Answer> {
  await call("CreateFlow", { Name: name, Definition: definition, Description: "", Type: "FDL" });
  const { Name } = await call("StartExecution", { FlowName: name, Input: JSON.stringify(input) });
  return endOf(call, { FlowName: name, ExecutionName: Name });
}

async function historyOf({ FlowName, Name }: Answer): Promise<Answer[]> {
  const events: Answer[] = [];
  for (let token = "1"; token; ) {
    const page = { FlowName, ExecutionName: Name, Limit: 999, NextToken: token };
    const { Events, NextToken = "" } = await call("GetExecutionHistory", page);
    events.push(...Events);
    token = NextToken;
  }
  return events;
}

/** Both take two states of the engine for a step, and count down. */
const STEPS_LOOP = `
type: flow
steps:
  - type: pass
    name: count
    inputMappings: [{target: n, source: $local.n}]
    outputMappings: [{target: n, source: $local.next}]
  - type: choice
    name: more
    choices: [{condition: "true", goto: count}]
`;
const statesLoop = (rounds: number): string => `
Type: StateMachine
StartAt: Count
States:
  - Type: Pass
    Name: Count
    InputConstructor: {n.$: 'intAdd($Input.n, 1)'}
    Next: More
  - Type: Choice
    Name: More
    InputConstructor: {n.$: $Input.n}
    Branches: [{Condition: $Input.n < ${rounds}, Next: Count}]
    Default: Last
  - {Type: Succeed, Name: Last}
`;

describe("5,000 events, of CloudFlow's", () => {
  test("a loop without an end fails with the 5,000th", async () => {
    const ended = await run("forever", STEPS_LOOP);
    expect(ended["Status"]).toBe("Failed");
    const events = await historyOf(ended);
    expect(Math.abs(events.length - 5_000)).toBeLessThanOrEqual(2);
    expect(events.at(-1)).toMatchObject({ Type: "ExecutionFailed", EventId: events.length });
    expect(JSON.parse(events.at(-1)?.["EventDetail"])).toMatchObject({
      error: "FnF.RuntimeError",
      cause: "The execution reached the maximum number of history events (5000).",
    });
  });

  test("an execution of 5,000 events succeeds, one of more does not", async () => {
    // Two steps a round, the last step, and the execution's own two events.
    const fits = await run("fits", statesLoop(1_249), { n: 0 });
    expect(fits["Status"]).toBe("Succeeded");
    expect((await historyOf(fits)).length).toBe(1_249 * 4 + 4);
    expect((await run("too_long", statesLoop(1_250), { n: 0 }))["Status"]).toBe("Failed");
  });
});

test("32 KiB of input, output and local in the old language, 64 KiB of output in the new", async () => {
  const steps = "type: flow\nsteps: [{type: pass, name: p, outputMappings: [{target: x, source: $input.x}]}]";
  const states =
    "Type: StateMachine\nStartAt: P\nStates: [{Type: Pass, Name: P, OutputConstructor: {x.$: $Input.x, y.$: $Input.x}, End: true}]";
  // `{"x":"…"}` twice, and the empty local.
  const half = (32_768 - 2) / 2 - '{"x":""}'.length;
  expect((await run("old_fits", steps, { x: "x".repeat(half) }))["Status"]).toBe("Succeeded");
  expect((await run("old_large", steps, { x: "x".repeat(half + 1) }))["Status"]).toBe("Failed");
  const both = (65_536 - '{"x":"","y":""}'.length - 1) / 2;
  expect((await run("new_fits", states, { x: "x".repeat(both) }))["Status"]).toBe("Succeeded");
  expect((await run("new_large", states, { x: "x".repeat(both + 1) }))["Status"]).toBe("Failed");
});
