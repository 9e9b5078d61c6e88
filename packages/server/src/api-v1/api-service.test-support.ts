import { randomBytes, randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import { type Catalog, createCatalog, createExecutions, type ExecutionEngine } from "@stepwell/engine";
import {
  MemoryCatalogStore,
  MemoryExecutionStore,
  type SimulatedOutcome,
  SimulatedTasks,
} from "@stepwell/engine/testing";
import type { FastifyInstance } from "fastify";
import { type AccessKey, createAuthenticator } from "../aws/authentication.ts";
import { createServer, type ServerOptions } from "../create-server.ts";

const ROLE = "arn:aws:iam::123456789012:role/r";
const IDENTITY = { partition: "aws", region: "us-east-1", accountId: "123456789012" };

export interface ApiService {
  readonly app: FastifyInstance;
  readonly catalog: Catalog;
  readonly executions: ExecutionEngine;
  readonly url: string;
  /** Creates a state machine; its ARN. */
  machine(name: string, states: object): Promise<string>;
  /** Starts an execution and waits until it rests; its ARN. */
  start(stateMachineArn: string, input?: unknown, name?: string): Promise<string>;
  /** Calls `/api/v1` over HTTP. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // The test says what it expects of it.
  // biome-ignore lint/suspicious/noExplicitAny: a marked edge: JSON as it came.
  readonly body: any;
}

export interface ApiServiceOptions extends Partial<ServerOptions> {
  readonly tasks?: (call: number) => SimulatedOutcome;
  /** With them, authentication is on. */
  readonly keys?: ReadonlyMap<string, AccessKey>;
}

/** The server over HTTP, with a real engine on stores in memory. */
export async function apiService({ tasks, keys, ...options }: ApiServiceOptions = {}): Promise<ApiService> {
  const clock = { now: () => Date.now(), wakeAt };
  const ids = { seed: () => randomBytes(16).toString("hex"), uuid: () => randomUUID() };
  let engine: ExecutionEngine | undefined;
  const running = (): ExecutionEngine => engine as ExecutionEngine;
  const catalog = createCatalog({
    store: new MemoryCatalogStore(),
    clock,
    ids,
    identity: IDENTITY,
    executions: {
      countRunning: (arn) => running().countRunning(arn),
      stateMachineDeleted: (arn, name) => running().stateMachineDeleted(arn, name),
    },
  });
  let calls = 0;
  const router = new SimulatedTasks(clock, { start: () => (tasks ?? (() => "silence" as const))(++calls) });
  engine = createExecutions({
    store: new MemoryExecutionStore(),
    machines: catalog,
    activities: catalog,
    router,
    clock,
    ids,
  });
  const authenticator =
    keys === undefined ? undefined : createAuthenticator({ findKey: (id) => keys.get(id), identity: IDENTITY, clock });
  const app = createServer({
    catalog,
    executions: engine,
    clock,
    ids,
    testing: { identity: IDENTITY },
    ...(authenticator === undefined ? {} : { authenticator }),
    ...options,
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return {
    app,
    catalog,
    executions: engine,
    url,
    machine: async (name, states) => {
      const StartAt = Object.keys(states)[0];
      const definition = JSON.stringify({ StartAt, States: states });
      return (await catalog.createStateMachine({ name, definition, roleArn: ROLE })).stateMachineArn;
    },
    start: async (stateMachineArn, input = {}, name = undefined) => {
      const named = name === undefined ? {} : { name };
      const begun = await running().start({ stateMachineArn, input: JSON.stringify(input), ...named });
      await running().idle();
      return begun.executionArn;
    },
    call: async (method, path, body, headers = {}) => {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
    },
    close: async () => {
      await app.close();
      await running().drain(1_000);
    },
  };
}

function wakeAt(at: number, wake: () => void): () => void {
  const timer = setTimeout(wake, Math.max(0, Math.min(at - Date.now(), 2 ** 31 - 1)));
  return () => clearTimeout(timer);
}

export function arnPath(arn: string): string {
  return encodeURIComponent(arn);
}
