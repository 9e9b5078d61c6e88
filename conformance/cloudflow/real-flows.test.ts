/** Flows as their users write them, started by Alibaba's clients in turn, with functions, a queue, and servers that report. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CallFlows, CLIENTS } from "./flow-clients.ts";
import { type FlowServer, KEY, startFlowServer } from "./flow-server.ts";
import { endOf } from "./given-cases.ts";
import { REAL_STATES } from "./real-states-cases.ts";
import { REAL_STEPS } from "./real-steps-cases.ts";
import type { FlowCase } from "./steps-cases.ts";

const FUNCTIONS = `
export const echo = async (event) => event;
export const number = async () => 5;
export async function double({ n }) {
  if (n > 100) throw Object.assign(new Error(n + " is too big"), { name: "TooBig" });
  return { doubled: 2 * n };
}
export async function tick({ n }) {
  return { n: n + 1, status: n + 1 >= 3 ? "done" : "running" };
}
export async function book({ what, broken }) {
  if (what === broken) throw Object.assign(new Error("no " + what), { name: "BookError" });
  return { booked: what + "-1" };
}
`;
const NAMES = ["echo", "number", "double", "tick", "book"];

const CHILDREN: readonly FlowCase[] = [
  {
    name: "child_old",
    flow: `
version: v1
type: flow
steps:
  - type: choice
    name: c
    choices: [{ condition: $.fail == true, goto: f }]
    default: { goto: ok }
  - { type: fail, name: f, error: Kaboom, cause: child said }
  - { type: pass, name: ok, outputMappings: [{ target: r, source: $input.v }] }
`,
  },
  { name: "child_wait", flow: "type: flow\nsteps: [{ type: wait, name: w, duration: 1000 }]\n" },
  {
    name: "child_new",
    flow: "Type: StateMachine\nStartAt: S\nStates: [{ Type: Succeed, Name: S, OutputConstructor: { got.$: $Input } }]\n",
  },
];

let server: FlowServer;
let calls: readonly CallFlows[];
const directory = mkdtempSync(join(tmpdir(), "stepwell-real-flows-"));
const polls = new Map<string, number>();
const helper: Server = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    const { status = 200, type = "text/plain", text } = answerTo(request, body);
    response.writeHead(status, { "content-type": type }).end(text);
  });
});

beforeAll(async () => {
  writeFileSync(join(directory, "functions.mjs"), FUNCTIONS);
  await new Promise<void>((resolve) => helper.listen(0, "127.0.0.1", resolve));
  const url = helperUrl();
  server = await startFlowServer({
    messages: { "queues/*": `${url}queue`, "topics/*": `${url}topic` },
    functions: Object.fromEntries(NAMES.map((name) => [name, { handler: `./functions.mjs#${name}` }])),
    baseDirectory: directory,
  });
  calls = Object.values(CLIENTS).map((client) => client(server.endpoint, KEY));
  for (const child of CHILDREN) await create(calls[0]!, child);
});

afterAll(async () => {
  helper.close();
  rmSync(directory, { recursive: true, force: true });
  await server.close();
});

function helperUrl(): string {
  return `http://127.0.0.1:${(helper.address() as AddressInfo).port}/`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Who is sent a token reports: members of the queue `refusals` and `/reject` refuse. */
function answerTo(request: IncomingMessage, body: string): { status?: number; type?: string; text: string } {
  const { pathname, searchParams } = new URL(request.url ?? "/", helperUrl());
  const token = request.headers["x-fnf-http-callback-task-token"];
  if (pathname === "/approve") report(token, "ReportTaskSucceeded", { by: JSON.parse(body).who, token });
  if (pathname === "/reject") report(token, "ReportTaskFailed", { error: "Rejected", cause: JSON.parse(body).reason });
  if (pathname === "/queue") {
    const { QueueName, MessageBody } = JSON.parse(body);
    const { taskToken } = JSON.parse(MessageBody);
    if (QueueName === "approvals") report(taskToken, "ReportTaskSucceeded", { approved: true });
    else report(taskToken, "ReportTaskFailed", { error: "Refused", cause: "not today" });
  }
  if (pathname === "/poll") {
    const job = searchParams.get("job") ?? "";
    polls.set(job, (polls.get(job) ?? 0) + 1);
    const done = (polls.get(job) ?? 0) >= 2;
    return {
      type: "application/json",
      text: JSON.stringify(done ? { Status: "DONE", Result: 42 } : { Status: "RUN" }),
    };
  }
  const status = /^\/status\/(\d+)$/.exec(pathname)?.[1];
  return status === undefined ? { text: "hello world" } : { status: Number(status), text: `status ${status}` };
}

function report(token: unknown, action: string, what: Record<string, unknown>): void {
  const [call] = calls;
  const { error, cause } = what;
  const parameters = error === undefined ? { Output: JSON.stringify(what) } : { Error: error, Cause: cause };
  const told = call?.(action, { TaskToken: String(token), ...parameters } as Record<string, string>);
  told?.catch((problem: unknown) => console.log(`${action}: ${String(problem)}`));
}

async function create(call: CallFlows, { name, flow, express }: FlowCase): Promise<void> {
  const mode = express ? { ExecutionMode: "Express" } : {};
  await call("CreateFlow", { Name: name, Definition: flow, Description: "", Type: "FDL", ...mode });
}

/** `*` is any text. */
function wanted(value: unknown): unknown {
  if (value === "*") return expect.any(String);
  if (Array.isArray(value)) return value.map(wanted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, wanted(member)]));
}

describe.each([
  ["steps", REAL_STEPS],
  ["states", REAL_STATES],
])("%s", (_language, cases) => {
  test.each(cases.map((given, at) => [given.name, given.about ?? "", at] as const))(
    "%s %s",
    async (_name, _about, at) => {
      const given = cases[at]!;
      const call = calls[at % calls.length]!;
      await create(call, given);
      const Input = JSON.stringify(given.input ?? {}).replace('"URL"', JSON.stringify(helperUrl()));
      const about = { FlowName: given.name };
      const started = given.express ? undefined : await call("StartExecution", { ...about, Input });
      const ended = started
        ? await endOf(call, { ...about, ExecutionName: started["Name"] })
        : await call("StartSyncExecution", { ...about, Input });
      const history = started
        ? (await call("GetExecutionHistory", { ...about, ExecutionName: started["Name"], Limit: 999 }))["Events"]
        : [];
      const error = started ? JSON.parse(history.at(-1)["EventDetail"]).error : ended["ErrorCode"];
      const { status = "Succeeded" } = given;
      const output = ended["Output"] === "" ? undefined : JSON.parse(ended["Output"]);
      expect({ status: ended["Status"], error: error || undefined, output }).toEqual({
        status,
        error: status === "Succeeded" ? undefined : (given.error ?? expect.any(String)),
        output: status === "Succeeded" ? wanted(given.output) : undefined,
      });
      for (const [index, event] of history.entries()) expect(event["EventId"]).toBe(index + 1);
    },
  );
});
