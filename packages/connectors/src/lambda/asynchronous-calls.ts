import { setTimeout as delay } from "node:timers/promises";
import type { FunctionLog } from "../functions/function-log.ts";
import { logContext } from "../functions/function-log.ts";
import type { CallableFunction, InvocationRequest, InvocationResult } from "../functions/invocation.ts";

/** Lambda tries a failed asynchronous call again after one minute, then after two. AWS Lambda, "Asynchronous invocation". */
const RETRY_DELAYS_MS = [60_000, 120_000];
const CALLS_MAX = 10_000;

/** Calls of InvocationType Event: nobody waits for them. They live in memory only and end with the server. */
export class AsynchronousCalls {
  readonly #log: FunctionLog;
  readonly #closing = new AbortController();
  #count = 0;

  constructor(log: FunctionLog) {
    this.#log = log;
  }

  start(functionName: string, target: CallableFunction, request: InvocationRequest): void {
    if (this.#count >= CALLS_MAX) {
      this.#say(functionName, request, `Dropped: ${CALLS_MAX} asynchronous calls wait`);
      return;
    }
    this.#count++;
    this.#attempts(functionName, target, request)
      .catch((error: Error) => this.#say(functionName, request, `The asynchronous call was given up: ${error.message}`))
      .finally(() => this.#count--);
  }

  close(): void {
    this.#closing.abort(new Error("the server stops"));
  }

  async #attempts(functionName: string, target: CallableFunction, request: InvocationRequest): Promise<void> {
    const { signal } = this.#closing;
    for (const retryDelayMs of [...RETRY_DELAYS_MS, undefined]) {
      const result = await target.invoke(request, signal);
      if (result.kind === "payload" && !result.functionError) return;
      const next = retryDelayMs === undefined ? "no more attempts" : `again in ${retryDelayMs / 1000} seconds`;
      this.#say(functionName, request, `The asynchronous call failed (${next}): ${reason(result)}`);
      if (retryDelayMs !== undefined) await delay(retryDelayMs, undefined, { signal, ref: false });
    }
  }

  #say(functionName: string, request: InvocationRequest, message: string): void {
    this.#log({ functionName, stream: "platform", message, ...logContext(request) });
  }
}

function reason(result: InvocationResult): string {
  return (result.kind === "payload" ? result.payload : result.message).slice(0, 1000);
}
