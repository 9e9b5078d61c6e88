/** Many small flows in both languages, started by Alibaba's clients in turn (cloudflow.md 5 and 6). */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, type CallFlows, CLIENTS } from "./flow-clients.ts";
import { type FlowServer, KEY, startFlowServer } from "./flow-server.ts";
import { endOf } from "./given-cases.ts";
import { STATES_CASES } from "./states-cases.ts";
import { type FlowCase, STEPS_CASES } from "./steps-cases.ts";

const CHILD = `
version: v1
type: flow
steps:
  - type: choice
    name: c
    choices: [{ condition: $.fail == true, goto: f }]
    default: { goto: ok }
  - { type: fail, name: f, error: Kaboom, cause: child said }
  - { type: pass, name: ok, outputMappings: [{ target: r, source: $input.v }] }
`;
const WAITING_CHILD = "version: v1\ntype: flow\nsteps: [{ type: wait, name: w, duration: 100 }]\n";

let server: FlowServer;
let calls: readonly CallFlows[];

/** Says "hello world", at `/404` in JSON what it was sent. */
const called = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    if (request.url !== "/404") return response.writeHead(200, { "content-type": "text/plain" }).end("hello world");
    const { "x-a": a, "x-n": n, "content-type": ct } = request.headers;
    const sent = { method: request.method, ...(a && { a, n, ct }), body: Buffer.concat(chunks).toString() };
    return response.writeHead(404, { "content-type": "application/json" }).end(JSON.stringify(sent));
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => called.listen(0, "127.0.0.1", resolve));
  server = await startFlowServer();
  calls = Object.values(CLIENTS).map((client) => client(server.endpoint, KEY));
  await create(calls[0]!, { name: "child_old", flow: CHILD });
  await create(calls[0]!, { name: "child_wait", flow: WAITING_CHILD });
});

afterAll(async () => {
  called.close();
  await server.close();
});

async function create(call: CallFlows, { name, flow, express }: FlowCase): Promise<void> {
  const mode = express ? { ExecutionMode: "Express" } : {};
  await call("CreateFlow", { Name: name, Definition: flow, Description: "d", Type: "FDL", ...mode });
}

function inputOf({ input = {} }: FlowCase): string {
  const url = `http://127.0.0.1:${(called.address() as AddressInfo).port}/`;
  return JSON.stringify(input).replace('"URL404"', `"${url}404"`).replace('"URL"', `"${url}"`);
}

/** Status, output and error, and the events of a Standard execution. */
async function run(call: CallFlows, given: FlowCase): Promise<{ ended: Answer; error: string; events: Answer[] }> {
  const FlowName = given.name;
  if (given.express) {
    const ended = await call("StartSyncExecution", { FlowName, ExecutionName: "e", Input: inputOf(given) });
    return { ended, error: ended["ErrorCode"], events: [] };
  }
  const { Name } = await call("StartExecution", { FlowName, Input: inputOf(given) });
  const about = { FlowName, ExecutionName: Name };
  const ended = await endOf(call, about);
  const { Events } = await call("GetExecutionHistory", { ...about, Limit: 999 });
  return { ended, error: JSON.parse(Events.at(-1)["EventDetail"]).error, events: Events };
}

/** Ids without gaps; where no step failed, every step that was entered was left. */
function checkHistory(events: readonly Answer[], status: string): void {
  for (const [at, { EventId, ScheduleEventId }] of events.entries()) {
    expect(EventId).toBe(at + 1);
    expect(ScheduleEventId).toBeLessThan(EventId);
  }
  if (status !== "Succeeded" || events.some(({ Type }) => Type === "StepFailed")) return;
  const idsOf = (type: string, id: string): unknown[] =>
    events.filter(({ Type }) => Type === type).map((event) => event[id]);
  expect(idsOf("StepExited", "ScheduleEventId").sort()).toEqual(idsOf("StepEntered", "EventId").sort());
}

describe.each([
  ["steps", STEPS_CASES],
  ["states", STATES_CASES],
])("%s", (_language, cases) => {
  test.each(cases.map((given, at) => [given.name, given.about ?? "", at] as const))(
    "%s %s",
    async (_name, _about, at) => {
      const given = cases[at]!;
      const call = calls[at % calls.length]!;
      await create(call, given);
      const { ended, error, events } = await run(call, given);
      const { status = "Succeeded" } = given;
      expect({ status: ended["Status"], error: error ?? "" }).toEqual({
        status,
        error: given.error ?? (status === "Succeeded" ? "" : expect.any(String)),
      });
      if (given.output !== undefined) expect(JSON.parse(ended["Output"])).toEqual(given.output);
      checkHistory(events, status);
    },
  );
});

test("the history of steps that construct their input", async () => {
  const [call] = calls;
  const scope = "{ StartAt: F, States: [{ Type: Fail, Name: F, InputConstructor: { c: 1 }, Code: E, Detail: D }] }";
  const catching = "Catch: [{ Errors: [E], Next: M }], Next: M";
  const states = [
    `{ Type: Parallel, Name: P, InputConstructor: { a: 1 }, Branches: [${scope}], ${catching} }`,
    "{ Type: Map, Name: M, InputConstructor: { l.$: 'toArray($Input)' }, ItemsPath: $Input.l, Processor: { StartAt: S, States: [{ Type: Succeed, Name: S }] }, End: true }",
  ];
  const given = { name: "constructing", flow: `Type: StateMachine\nStartAt: P\nStates: [${states.join(", ")}]` };
  await create(call!, given);
  const { events } = await run(call!, given);
  expect(events.map(({ Type, StepName }) => (StepName === "" ? Type : `${Type} ${StepName}`))).toEqual([
    "ExecutionStarted",
    ...["StepEntered P", "BranchEntered P", "StepEntered F", "StepFailed F", "StepFailed P", "StepExited P"],
    ...["StepEntered M", "IterationEntered M", "StepEntered S", "StepExited S", "IterationExited M", "StepExited M"],
    "ExecutionSucceeded",
  ]);
  const failed = events.filter(({ Type }) => Type === "StepFailed").map((event) => JSON.parse(event["EventDetail"]));
  expect(failed).toEqual([
    { error: "E", cause: "D" },
    { error: "E", cause: "D" },
  ]);
});
