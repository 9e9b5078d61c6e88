/**
 * Tasks that the configuration sends elsewhere, by the name of their state or their resource, without a change of the
 * definition: to a mock, to a function of the user's own, or to another endpoint.
 */
import { randomUUID } from "node:crypto";
import type { Json, StartTask } from "@stepwell/core";
import type { Connector, TaskOutcome, TaskRequest } from "@stepwell/engine";
import type { FunctionConfig } from "../functions/function-config.ts";
import type { CallableFunction } from "../functions/invocation.ts";
import { payloadJson } from "../lambda/invoke-envelope.ts";
import { functionFailure } from "../lambda/lambda-task.ts";
import { serviceFailure } from "../lambda/service-error.ts";
import { wildcard } from "./pattern.ts";

export type TaskRoute =
  /** Answered at once. */
  | { readonly mock: { readonly output: Json } | { readonly error: string; readonly cause?: string } }
  /** AWS's own integration, at another URL. */
  | { readonly endpoint: string }
  /** Gets the task's input as its event; what it answers is the task's result. */
  | FunctionConfig;

interface Finder {
  connectorFor(request: Pick<StartTask, "resource" | "stateName">): Connector | undefined;
  close?(): Promise<void>;
}

export interface RoutedTasksOptions {
  /** By the name of a state, or by its resource where the key begins with `arn:`; `*` stands for anything. */
  readonly tasks: Readonly<Record<string, TaskRoute>>;
  readonly newFunction: (key: string, config: FunctionConfig) => CallableFunction;
  readonly servicesAt: (endpoint: string) => Finder;
}

interface Route {
  readonly matches: RegExp;
  readonly isResource: boolean;
  readonly to: Connector | Finder;
}

/** The first route that matches performs a task. */
export class RoutedTasks {
  readonly #routes: readonly Route[];

  constructor({ tasks, newFunction, servicesAt }: RoutedTasksOptions) {
    this.#routes = Object.entries(tasks).map(([key, route]) => ({
      matches: wildcard(key),
      isResource: key.startsWith("arn:"),
      to:
        "mock" in route
          ? new MockRoute(route.mock)
          : "endpoint" in route
            ? servicesAt(route.endpoint)
            : new FunctionRoute(key, newFunction(functionName(key), route)),
    }));
  }

  connectorFor(request: Pick<StartTask, "resource" | "stateName">): Connector | undefined {
    const { resource, stateName } = request;
    const route = this.#routes.find(({ matches, isResource }) => matches.test(isResource ? resource.arn : stateName));
    if (route === undefined) return undefined;
    return "connectorFor" in route.to ? route.to.connectorFor(request) : route.to;
  }

  async close(): Promise<void> {
    await Promise.all(this.#routes.map(({ to }) => to.close?.()));
  }
}

/** What Lambda would take as a name: it is seen by the function, and in the log. */
function functionName(key: string): string {
  return key.replaceAll(/[^A-Za-z0-9_-]+/g, "_").slice(0, 140) || "task";
}

type Waiting = "requestResponse" | "sync" | "waitForTaskToken";

function patternOf({ resource }: TaskRequest): Waiting {
  return resource.kind === "service" ? resource.pattern : "requestResponse";
}

/** A job that has been answered has ended. */
async function answered(handle: string): Promise<TaskOutcome> {
  return JSON.parse(handle) as TaskOutcome;
}

class MockRoute implements Connector {
  readonly #mock: Extract<TaskRoute, { mock: unknown }>["mock"];

  constructor(mock: Extract<TaskRoute, { mock: unknown }>["mock"]) {
    this.#mock = mock;
  }

  handles(): boolean {
    return true;
  }

  async start(request: TaskRequest): Promise<TaskOutcome> {
    const outcome: TaskOutcome =
      "output" in this.#mock
        ? { kind: "succeeded", output: JSON.stringify(this.#mock.output) }
        : { kind: "failed", ...this.#mock };
    if (patternOf(request) === "requestResponse") return outcome;
    const output = outcome.kind === "succeeded" ? outcome.output : "{}";
    return { kind: "submitted", output, handle: JSON.stringify(outcome) };
  }

  poll(_request: TaskRequest, handle: string): Promise<TaskOutcome> {
    return answered(handle);
  }
}

class FunctionRoute implements Connector {
  readonly #name: string;
  readonly #function: CallableFunction;

  constructor(name: string, callable: CallableFunction) {
    this.#name = name;
    this.#function = callable;
  }

  handles(): boolean {
    return true;
  }

  async start(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    const invocation = {
      requestId: randomUUID(),
      traceId: "Root=1-00000000-000000000000000000000000;Sampled=0",
      payload: request.input,
      functionArn: this.#name,
      executionArn: request.executionArn,
      stateName: request.stateName,
    };
    const result = await this.#function.invoke(invocation, signal);
    if (result.kind === "serviceError") return serviceFailure(result);
    const payload = payloadJson(result.payload);
    if (result.functionError) return functionFailure(result.payload, payload);
    const pattern = patternOf(request);
    if (pattern === "requestResponse") return { kind: "succeeded", output: payload };
    // Who gave the token to somebody else waits for them; a job has ended when the function has.
    if (pattern === "waitForTaskToken") return { kind: "submitted", output: payload };
    const outcome: TaskOutcome = { kind: "succeeded", output: payload };
    return { kind: "submitted", output: payload, handle: JSON.stringify(outcome) };
  }

  poll(_request: TaskRequest, handle: string): Promise<TaskOutcome> {
    return answered(handle);
  }

  close(): Promise<void> {
    return this.#function.close();
  }
}
