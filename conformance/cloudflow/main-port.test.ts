/** CloudFlow's requests are told from AWS's by their shape, on one port. */
import { composeStepwell, type Service, type Stepwell, serve } from "stepwell";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLIENTS } from "./flow-clients.ts";
import { KEY } from "./flow-server.ts";

const PASS = "type: flow\nsteps: [{ type: pass, name: p }]\n";

let stepwell: Stepwell;
let service: Service;

beforeAll(async () => {
  stepwell = await composeStepwell({ dataDir: ":memory:" });
  service = await serve(stepwell, { host: "127.0.0.1", port: 0, cloudFlow: {} });
});

afterAll(async () => {
  await service.close();
  await stepwell.close(0);
});

test.each(Object.entries(CLIENTS))(
  "%s: GET and POST, parameters in the query and in the body",
  async (name, client) => {
    const call = client(new URL(service.url).host, KEY);
    const flow = `f_${name.replace(/\W/g, "_")}`;
    await call("CreateFlow", { Name: flow, Definition: PASS, Description: "d", Type: "FDL" });
    expect(await call("DescribeFlow", { Name: flow })).toMatchObject({ Name: flow, Definition: PASS });
    await call("StartExecution", { FlowName: flow, ExecutionName: "e" });
    const about = { FlowName: flow, ExecutionName: "e", WaitTimeSeconds: 60 };
    expect(await call("DescribeExecution", about)).toMatchObject({ Status: "Succeeded" });
    await expect(call("DescribeFlow", { Name: "nobody" })).rejects.toMatchObject({ code: "FlowNotExists" });
  },
);

test("AWS's requests and everything else are answered as ever", async () => {
  const answer = await fetch(service.url, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AWSStepFunctions.ListStateMachines" },
    body: "{}",
  });
  const { stateMachines } = (await answer.json()) as { stateMachines: { name: string }[] };
  expect(stateMachines.map(({ name }) => name)).toEqual(["f_openapi_acs3", "f_openapi_v2", "f_pop_core"]);
  expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
  const unknown = await fetch(service.url, { method: "POST", body: "{}" });
  expect(await unknown.text()).toContain("UnknownOperationException");
});

test("a flow's own text is read and changed for its editor", async () => {
  const ask = async (name: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }> => {
    const change = body && {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    };
    const answer = await fetch(`${service.url}/api/v1/flows/${name}`, change);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const { status, body: answer } = await ask("f_pop_core");
  const flow = answer["flow"] as Record<string, unknown>;
  expect(status).toBe(200);
  expect(flow).toMatchObject({ name: "f_pop_core", language: "steps", executionMode: "Standard", definition: PASS });
  const definition = `# changed\n${PASS}`;
  const saved = await ask("f_pop_core", { definition, etag: flow["etag"] });
  expect(saved).toMatchObject({ status: 200, body: { definition } });
  expect(await ask("f_pop_core", { definition, etag: flow["etag"] })).toMatchObject({
    status: 412,
    body: { error: "PreconditionFailed" },
  });
  expect(await ask("f_pop_core", { definition: "type: flow" })).toMatchObject({
    status: 400,
    body: { error: "InvalidArgument", message: expect.stringContaining("steps is required") },
  });
  expect(await ask("nobody")).toEqual({ status: 200, body: { flow: null } });
  expect(await ask("nobody", { definition })).toMatchObject({ status: 404, body: { error: "FlowNotExists" } });
});
