/** The cases of data/cloudflow/cases.json, and how one is run by a client. */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Answer, CallFlows } from "./flow-clients.ts";

export interface GivenExample {
  readonly file: string;
  readonly flow: string;
  readonly needs?: readonly string[];
  readonly cases: readonly GivenCase[];
}

export interface GivenCase {
  readonly input: Readonly<Record<string, unknown>>;
  readonly status: string;
  readonly output?: unknown;
  readonly error?: string;
  readonly reports?: readonly GivenReport[];
  readonly childExecutions?: number;
}

interface GivenReport {
  /** `input.<member> of execution <name> of <flow>`; absent: the token that the called server got. */
  readonly tokenFrom?: string;
  readonly succeeded?: unknown;
  readonly failed?: string;
  readonly cause?: string;
}

const DATA = join(import.meta.dirname, "..", "data", "cloudflow");
const PATIENCE_MS = 150_000;
const PAUSE_MS = 50;

export function givenExamples(): GivenExample[] {
  return JSON.parse(readFileSync(join(DATA, "cases.json"), "utf8")).examples;
}

export function definitionOf(file: string): string {
  return readFileSync(join(DATA, file), "utf8");
}

/** A server that flows call: it keeps the tokens it is sent. */
export interface CalledServer {
  readonly url: string;
  readonly tokens: string[];
  readonly bodies: unknown[];
  close(): void;
}

export async function startCalledServer(): Promise<CalledServer> {
  const tokens: string[] = [];
  const bodies: unknown[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const token = request.headers["x-fnf-http-callback-task-token"];
      bodies.push(text.startsWith("{") ? JSON.parse(text) : text);
      if (typeof token === "string") tokens.push(token);
      response.writeHead(200, { "content-type": "text/plain" }).end("hello world");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, tokens, bodies, close: () => void server.close() };
}

/** Asks until there is an answer. */
export async function until<T>(what: string, ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** The execution when it has ended: a bound for a machine on which much else runs, never a measure. */
export async function endOf(call: CallFlows, about: { FlowName: string; ExecutionName: string }): Promise<Answer> {
  for (let rounds = 0; ; rounds += 1) {
    const execution = await call("DescribeExecution", { ...about, WaitTimeSeconds: 20 });
    if (execution["Status"] !== "Running" || rounds === 12) return execution;
  }
}

/** What is not as the case says; empty when all is. */
export async function runGivenCase(
  call: CallFlows,
  example: GivenExample,
  given: GivenCase,
  executionName: string,
): Promise<string[]> {
  const called = await startCalledServer();
  try {
    const children = await countChildren(call, example);
    const input = unique(given.input, called.url, executionName);
    await call("StartExecution", {
      FlowName: example.flow,
      ExecutionName: executionName,
      Input: JSON.stringify(input),
    });
    for (const [index, report] of (given.reports ?? []).entries()) {
      const token = await tokenOf(call, report, called, index, executionName);
      await reportTask(call, token, report);
    }
    const about = { FlowName: example.flow, ExecutionName: executionName };
    const ended = await endOf(call, about);
    const complaints = await complaintsOf(call, given, ended, about);
    const more = (await countChildren(call, example)) - children;
    if (given.childExecutions !== undefined && more !== given.childExecutions) {
      complaints.push(`${more} executions of the child, not ${given.childExecutions}`);
    }
    return complaints;
  } finally {
    called.close();
  }
}

/** Names of executions in the input must not have been used by another client's run of the case. */
function unique(input: GivenCase["input"], url: string, executionName: string): object {
  const members = Object.entries(input).map(([name, value]) => {
    if (value === "<a test server>") return [name, url];
    return name === "managerRun" ? [name, childName(String(value), executionName)] : [name, value];
  });
  return Object.fromEntries(members);
}

function childName(name: string, executionName: string): string {
  return `${name}-${executionName}`;
}

async function tokenOf(
  call: CallFlows,
  { tokenFrom }: GivenReport,
  called: CalledServer,
  index: number,
  executionName: string,
): Promise<string> {
  if (tokenFrom === undefined) return until("a call with a token", () => called.tokens[index]);
  const [, member = "", name = "", flow = ""] = /^input\.(\S+) of execution (\S+) of (\S+)$/.exec(tokenFrom) ?? [];
  return until("the child", async () => {
    const about = { FlowName: flow, ExecutionName: childName(name, executionName) };
    const child = await call("DescribeExecution", about).catch(() => undefined);
    return child === undefined ? undefined : (JSON.parse(child["Input"])[member] as string);
  });
}

async function reportTask(call: CallFlows, token: string, { succeeded, failed, cause }: GivenReport): Promise<void> {
  if (failed === undefined) {
    await call("ReportTaskSucceeded", { TaskToken: token, Output: JSON.stringify(succeeded) });
  } else {
    await call("ReportTaskFailed", {
      TaskToken: token,
      Error: failed,
      ...(cause === undefined ? {} : { Cause: cause }),
    });
  }
}

async function complaintsOf(
  call: CallFlows,
  given: GivenCase,
  ended: Answer,
  about: { FlowName: string; ExecutionName: string },
): Promise<string[]> {
  const complaints: string[] = [];
  if (ended["Status"] !== given.status) complaints.push(`Status is ${ended["Status"]}, not ${given.status}`);
  if (given.output !== undefined) {
    const output = ended["Output"] === "" ? undefined : JSON.parse(ended["Output"]);
    const [found, wanted] = [sorted(output), sorted(given.output)];
    if (found !== wanted) complaints.push(`Output is ${found}, not ${wanted}`);
  }
  if (given.error === undefined) return complaints;
  const { Events } = await call("GetExecutionHistory", { ...about, Limit: 999 });
  const last = Events.at(-1);
  const { error } = JSON.parse(last["EventDetail"]);
  if (last["Type"] !== "ExecutionFailed" || error !== given.error) {
    complaints.push(`the last event is ${last["Type"]} with the error ${error}, not ${given.error}`);
  }
  return complaints;
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, member) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  );
}

async function countChildren(call: CallFlows, { needs = [] }: GivenExample): Promise<number> {
  const [flow] = needs;
  if (flow === undefined) return 0;
  return (await call("ListExecutions", { FlowName: flow, Limit: 99 }))["Executions"].length;
}
