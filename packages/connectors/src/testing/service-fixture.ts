/** What the tests of service integrations share: moto's server where it is installed, and tasks of any resource. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { parseTaskResource } from "@stepwell/core";
import type { Connector, TaskOutcome, TaskRequest } from "@stepwell/engine";

const START_ATTEMPTS_MAX = 150;
const POLLS_MAX = 60;

export const hasMoto: boolean = spawnSync("moto_server", ["-h"]).status === 0;

export interface Moto {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** A fresh account of AWS, in memory. */
export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const env = { ...process.env, MOTO_ACCOUNT_ID: "123456789012", MOTO_IAM_LOAD_MANAGED_POLICIES: "false" };
  const child = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore", env });
  const endpoint = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < START_ATTEMPTS_MAX; attempt++) {
    if (await answers(`${endpoint}/moto-api/`)) break;
    await sleep(100);
  }
  const close = async () => {
    const ended = once(child, "exit");
    child.kill();
    await ended;
  };
  return { endpoint, close };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** A task of `arn:aws:states:::<integration>`. */
export function serviceTask(integration: string, parameters: unknown, members: Partial<TaskRequest> = {}): TaskRequest {
  const resource = parseTaskResource(`arn:aws:states:::${integration}`);
  if (resource === undefined || resource.kind === "activity") throw new Error(`${integration} must be a resource`);
  return {
    kind: "StartTask",
    taskId: 1,
    stateName: "Call",
    enteredEventId: 2,
    taskToken: `token-of-${integration}`,
    executionArn: "arn:aws:states:us-east-1:123456789012:execution:Machine:run",
    executionName: "run",
    stateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:Machine",
    roleArn: "arn:aws:iam::123456789012:role/execution-role",
    startedAtMs: 0,
    resource,
    input: JSON.stringify(parameters),
    ...members,
  };
}

interface Connectors {
  connectorFor(request: TaskRequest): Connector | undefined;
}

/** Starts a task. */
export function startTask(
  connectors: Connectors,
  request: TaskRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<TaskOutcome> {
  const connector = connectors.connectorFor(request);
  if (connector === undefined) throw new Error(`Nobody performs ${request.resource.arn}`);
  return connector.start(request, signal);
}

/** Polls a submitted task to its end. */
export async function pollTask(connectors: Connectors, request: TaskRequest, handle: string): Promise<TaskOutcome> {
  const connector = connectors.connectorFor(request);
  for (let poll = 0; poll < POLLS_MAX; poll++) {
    const outcome = await connector?.poll?.(request, handle, new AbortController().signal);
    if (outcome !== undefined) return outcome;
    await sleep(50);
  }
  throw new Error(`${request.resource.arn} must end`);
}
