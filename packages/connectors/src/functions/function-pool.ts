/**
 * The processes of one function: kept warm, never more than `concurrency`, replaced when they die, ended when idle.
 *
 * I1. Every invocation gets exactly one result; none when its caller aborted or the pool was closed: then it rejects.
 * I2. A process that dies before its first invocation fails one waiting invocation: a function that cannot start fails
 *     its callers instead of being started for ever.
 */
import type { Environment } from "./environment.ts";
import { functionEnvironment } from "./environment.ts";
import type { CommandFunctionConfig, HandlerFunctionConfig } from "./function-config.ts";
import { DEFAULT_CONCURRENCY, DEFAULT_TIMEOUT_SECONDS } from "./function-config.ts";
import type { FunctionLog } from "./function-log.ts";
import { logContext } from "./function-log.ts";
import { FunctionsClosedError } from "./functions-closed.ts";
import type { CallableFunction, InvocationRequest, InvocationResult } from "./invocation.ts";
import { failure, QUEUE_LENGTH_MAX, throttled } from "./invocation.ts";
import type { Program } from "./program.ts";
import { resolveProgram } from "./program.ts";
import { Worker } from "./worker.ts";

export interface FunctionPoolOptions {
  readonly functionName: string;
  readonly config: HandlerFunctionConfig | CommandFunctionConfig;
  readonly baseDirectory: string;
  readonly region: string;
  /** The server's environment, of which functions see only what they must. */
  readonly env: Environment;
  readonly log: FunctionLog;
  /** A process without work for this long is ended. */
  readonly idleMs: number;
}

interface Waiting {
  readonly request: InvocationRequest;
  readonly settle: (result: InvocationResult) => void;
  readonly reject: (reason: unknown) => void;
}

export class FunctionPool implements CallableFunction {
  readonly #options: FunctionPoolOptions;
  readonly #workers = new Set<Worker>();
  /** The one used last is used first: the others may grow old and be ended. */
  readonly #idle: { readonly worker: Worker; readonly reaper: NodeJS.Timeout }[] = [];
  #queue: Waiting[] = [];
  #program: Program | undefined;
  #isClosed = false;

  constructor(options: FunctionPoolOptions) {
    this.#options = options;
  }

  /** How many processes there are now. */
  get size(): number {
    return this.#workers.size;
  }

  async invoke(request: InvocationRequest, signal: AbortSignal): Promise<InvocationResult> {
    signal.throwIfAborted();
    if (this.#isClosed) throw new FunctionsClosedError();
    if (this.#queue.length >= QUEUE_LENGTH_MAX) return throttled(request.requestId);
    const problem = this.#problem(request);
    if (problem !== undefined) return problem;
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        request,
        settle: (result) => {
          signal.removeEventListener("abort", abort);
          if (this.#isClosed) reject(new FunctionsClosedError());
          else resolve(result);
        },
        reject: (reason) => {
          signal.removeEventListener("abort", abort);
          reject(reason);
        },
      };
      // A handler that runs is left to its end, as Lambda leaves it; one that only waits need not start.
      const abort = () => {
        this.#queue = this.#queue.filter((other) => other !== waiting);
        reject(signal.reason);
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#queue.push(waiting);
      this.#advance();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { reaper } of this.#idle.splice(0)) clearTimeout(reaper);
    for (const { reject } of this.#queue.splice(0)) reject(new FunctionsClosedError());
    await Promise.all([...this.#workers].map((worker) => worker.stop()));
  }

  /** A function that cannot even be started on this machine. */
  #problem(request: InvocationRequest): InvocationResult | undefined {
    if (this.#program !== undefined) return undefined;
    const { config, baseDirectory, env, functionName, log } = this.#options;
    const { program, problem } = resolveProgram(config, { baseDirectory, env });
    if (problem !== undefined) {
      const message = `RequestId: ${request.requestId} Error: function ${functionName}: ${problem.message}`;
      log({ functionName, stream: "platform", message: problem.message, ...logContext(request) });
      return failure(problem.errorType, message);
    }
    this.#program = program;
    if (program.note !== undefined) log({ functionName, stream: "platform", message: program.note });
    return undefined;
  }

  #advance(): void {
    while (this.#queue.length > 0 && this.#idle.length > 0) {
      const { worker, reaper } = this.#idle.pop()!;
      clearTimeout(reaper);
      this.#run(worker, this.#queue.shift()!);
    }
    const concurrency = this.#options.config.concurrency ?? DEFAULT_CONCURRENCY;
    let starting = [...this.#workers].filter((worker) => !worker.isInitialised).length;
    while (starting < this.#queue.length && this.#workers.size < concurrency) {
      this.#start();
      starting++;
    }
  }

  #run(worker: Worker, { request, settle }: Waiting): void {
    void worker.run(request).then(settle);
  }

  #start(): void {
    const { config, functionName, region, env, log } = this.#options;
    const program = this.#program!;
    const identity = {
      name: functionName,
      region,
      handler: program.handler,
      taskRoot: program.directory,
      executionEnvironment: program.executionEnvironment,
    };
    const spec = {
      functionName,
      program,
      environment: functionEnvironment(env, identity, config),
      timeoutMs: (config.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
      log,
    };
    const worker = new Worker(spec, {
      onReady: (ready) => this.#ready(ready),
      onUnready: (left) => this.#forgetIdle(left),
      onExit: (gone, initFailure) => this.#exited(gone, initFailure),
    });
    this.#workers.add(worker);
    void worker.start();
  }

  #ready(worker: Worker): void {
    if (this.#isClosed || !this.#workers.has(worker)) return;
    const reaper = setTimeout(() => this.#reap(worker), this.#options.idleMs);
    this.#idle.push({ worker, reaper });
    this.#advance();
  }

  #reap(worker: Worker): void {
    this.#forgetIdle(worker);
    void worker.stop();
  }

  #exited(worker: Worker, initFailure: ((requestId: string) => InvocationResult) | undefined): void {
    this.#workers.delete(worker);
    this.#forgetIdle(worker);
    if (initFailure !== undefined) {
      const waiting = this.#queue.shift();
      waiting?.settle(initFailure(waiting.request.requestId));
    }
    if (!this.#isClosed) this.#advance();
  }

  #forgetIdle(worker: Worker): void {
    const index = this.#idle.findIndex((idle) => idle.worker === worker);
    if (index >= 0) clearTimeout(this.#idle.splice(index, 1)[0]!.reaper);
  }
}
