import type { CallableFunction, InvocationRequest, InvocationResult } from "./invocation.ts";

/**
 * A function that may be replaced while it runs: what it has begun ends with the old code, as on Lambda, and then it is closed.
 */
export class RetirableFunction implements CallableFunction {
  readonly #target: CallableFunction;
  #running = 0;
  #whenIdle: (() => void) | undefined;

  constructor(target: CallableFunction) {
    this.#target = target;
  }

  async invoke(request: InvocationRequest, signal: AbortSignal): Promise<InvocationResult> {
    this.#running++;
    try {
      return await this.#target.invoke(request, signal);
    } finally {
      this.#running--;
      if (this.#running === 0) this.#whenIdle?.();
    }
  }

  /** Resolves when nothing is under way and it is closed. Nobody may call it any more. */
  async retire(): Promise<void> {
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    await this.#target.close();
  }

  close(): Promise<void> {
    return this.#target.close();
  }
}
