/** A name starts one execution, however often and however fast it is asked for (cloudflow.md 3.2). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CallFlows, CLIENTS, type FlowCallError } from "./flow-clients.ts";
import { type FlowServer, KEY, startFlowServer } from "./flow-server.ts";

const WAITS = "Type: StateMachine\nStartAt: W\nStates: [{ Type: Wait, Name: W, Seconds: 60, End: true }]\n";
const ENDS = "Type: StateMachine\nStartAt: P\nStates: [{ Type: Pass, Name: P, End: true }]\n";
const STARTS = 100;

let server: FlowServer;
const clients: [string, CallFlows][] = [];

beforeAll(async () => {
  server = await startFlowServer();
  for (const [name, client] of Object.entries(CLIENTS)) clients.push([name, client(server.endpoint, KEY)]);
  const call = first();
  await call("CreateFlow", { Name: "waits", Definition: WAITS, Description: "d", Type: "FDL" });
  await call("CreateFlow", { Name: "ends", Definition: ENDS, Description: "d", Type: "FDL" });
});

afterAll(() => server.close());

function first(): CallFlows {
  return (clients[0] as [string, CallFlows])[1];
}

async function startAll(flow: string, name: string): Promise<PromiseSettledResult<Record<string, string>>[]> {
  const starts = Array.from({ length: STARTS }, (_, index) => {
    const [, call] = clients[index % clients.length] as [string, CallFlows];
    return call("StartExecution", { FlowName: flow, ExecutionName: name, Input: JSON.stringify({ index }) });
  });
  return Promise.allSettled(starts);
}

async function executionsOf(flow: string): Promise<Record<string, string>[]> {
  return (await first()("ListExecutions", { FlowName: flow, Limit: 99 }))["Executions"];
}

test("100 starts of a name that stays in progress: one execution, and all are told of it", async () => {
  const results = await startAll("waits", "same");
  const answers = results.map((result) => (result.status === "fulfilled" ? result.value : result.reason));
  for (const answer of answers) expect(answer).toMatchObject({ Name: "same", FlowName: "waits", Status: "Running" });
  expect(new Set(answers.map(({ StartedTime }) => StartedTime)).size).toBe(1);
  expect(new Set(answers.map(({ Input }) => Input)).size).toBe(1);
  expect(await executionsOf("waits")).toHaveLength(1);
});

test("100 starts of a name that ends at once: one execution; whoever comes after its end is refused", async () => {
  const results = await startAll("ends", "same");
  const refused = results.filter((result) => result.status === "rejected").map(({ reason }) => reason as FlowCallError);
  expect(results.length - refused.length).toBeGreaterThan(0);
  for (const error of refused) expect(error.code).toBe("ExecutionAlreadyExists");
  expect(await executionsOf("ends")).toHaveLength(1);
});

test("a stopped execution's name is taken, too; another flow may have the same name", async () => {
  const call = first();
  await call("StopExecution", { FlowName: "waits", ExecutionName: "same", Error: "E", Cause: "C" });
  const about = { FlowName: "waits", ExecutionName: "same" };
  expect(await call("DescribeExecution", { ...about, WaitTimeSeconds: 60 })).toMatchObject({ Status: "Stopped" });
  await expect(call("StartExecution", about)).rejects.toMatchObject({ code: "ExecutionAlreadyExists" });
});

test("without a name the server makes one", async () => {
  const call = first();
  const [one, other] = [
    await call("StartExecution", { FlowName: "ends" }),
    await call("StartExecution", { FlowName: "ends" }),
  ];
  expect(one["Name"]).toMatch(/^[0-9a-f-]{36}$/);
  expect(other["Name"]).not.toBe(one["Name"]);
});
