import { randomBytes, randomUUID } from "node:crypto";
import { type Catalog, createCatalog } from "@stepwell/engine";
import { MemoryCatalogStore } from "@stepwell/engine/testing";
import type { FastifyInstance } from "fastify";
import { createServer, type ServerOptions } from "./create-server.ts";
import { FakeExecutions } from "./fake-executions.test-support.ts";

export interface TestService {
  readonly app: FastifyInstance;
  readonly catalog: Catalog;
  readonly store: MemoryCatalogStore;
  readonly executions: FakeExecutions;
  /** Calls an operation in process. */
  call(operation: string, input: unknown, headers?: Record<string, string>): Promise<TestAnswer>;
}

interface TestAnswer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: Record<string, unknown>;
}

/** The server on a simulated store and a fake data plane. */
export function testService(options: Partial<ServerOptions> = {}): TestService {
  const store = new MemoryCatalogStore();
  const now = () => Date.now();
  const clock = { now, wakeAt: () => () => undefined };
  const ids = { seed: () => randomBytes(16).toString("hex"), uuid: () => randomUUID() };
  const executions: FakeExecutions = new FakeExecutions(() => catalog, now);
  const catalog: Catalog = createCatalog({ store, clock, ids, executions });
  const app = createServer({ catalog, executions, clock, ids, ...options });
  return {
    app,
    catalog,
    store,
    executions,
    async call(operation, input, headers = {}) {
      const response = await app.inject({
        method: "POST",
        url: "/",
        headers: {
          "content-type": "application/x-amz-json-1.0",
          "x-amz-target": `AWSStepFunctions.${operation}`,
          ...headers,
        },
        payload: typeof input === "string" ? input : JSON.stringify(input),
      });
      return { status: response.statusCode, headers: response.headers, body: response.json() };
    },
  };
}

export const ROLE_ARN = "arn:aws:iam::123456789012:role/r";
export const PASS = '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}';
