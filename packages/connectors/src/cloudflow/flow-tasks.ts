/** What the tasks of flows call: `arn:acs:states:::<service>:<action>`, which only the compiler of flows writes. */
import { FLOW_PARTITION, type StartTask } from "@stepwell/core";
import type { Connector, RecoveredJob, TaskOutcome, TaskRequest } from "@stepwell/engine";
import { AddressGuard } from "../http-task/address-guard.ts";
import { HttpConnections } from "../http-task/http-call.ts";
import { type FlowsApi, findFlow, pollFlow, startFlow, stopFlow } from "./flow-children.ts";
import { invokeFunction, type LambdaFinder } from "./flow-functions.ts";
import { requestHttp } from "./flow-http.ts";
import { type MessageEndpoints, sendMessage } from "./flow-messages.ts";

export interface FlowTasksOptions {
  readonly flows: FlowsApi;
  /** Who performs functions. */
  readonly lambda: LambdaFinder;
  /** Hosts, addresses and networks that HTTP:Request may call though they are not public. */
  readonly allow?: readonly string[];
  readonly messages?: MessageEndpoints;
  readonly onProblem?: (problem: unknown, about: string) => void;
}

export class FlowTasks implements Connector {
  readonly #options: FlowTasksOptions;
  readonly #http = new HttpConnections();
  readonly #guard: AddressGuard;

  constructor(options: FlowTasksOptions) {
    this.#options = options;
    this.#guard = new AddressGuard(options.allow);
  }

  handles({ resource }: Pick<StartTask, "resource" | "stateName">): boolean {
    return resource.kind === "service" && resource.partition === FLOW_PARTITION;
  }

  start(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    const { flows, lambda, messages = {}, onProblem = () => undefined } = this.#options;
    switch (request.resource.kind === "service" ? request.resource.service : "") {
      case "http":
        return requestHttp(request, this.#http, this.#guard, signal);
      case "fc":
        return invokeFunction(request, lambda, onProblem, signal);
      case "mns":
        return sendMessage(request, messages, this.#http, signal);
      default:
        return startFlow(request, flows);
    }
  }

  poll(_request: TaskRequest, handle: string): Promise<TaskOutcome | undefined> {
    return pollFlow(handle, this.#options.flows);
  }

  cancel(_request: TaskRequest, handle: string | undefined): Promise<void> {
    return handle === undefined ? Promise.resolve() : stopFlow(handle, this.#options.flows);
  }

  recover(request: TaskRequest): Promise<RecoveredJob> {
    return findFlow(request, this.#options.flows);
  }

  async close(): Promise<void> {
    this.#http.close();
  }
}
