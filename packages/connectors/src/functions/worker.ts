/**
 * One process of a function: started, asked, killed at its timeout, reported dead.
 *
 * I1. A worker holds at most one invocation, and gives exactly one result for it.
 * I2. What the process printed before it answered is logged under that invocation.
 * I3. After `onExit` nothing more comes from a worker.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { signalGroup, track } from "./child-processes.ts";
import type { FunctionLogLine } from "./function-log.ts";
import { LineSplitter, LogTail, logContext } from "./function-log.ts";
import type { InvocationRequest, InvocationResult } from "./invocation.ts";
import { failure, responseTooLarge, timedOut } from "./invocation.ts";
import type { Program } from "./program.ts";
import type { RuntimeListener } from "./runtime-api.ts";
import { newRuntimeToken, RuntimeApi } from "./runtime-api.ts";

export interface WorkerSpec {
  readonly functionName: string;
  readonly program: Program;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly log: (line: FunctionLogLine) => void;
}

export interface WorkerListener {
  /** The process waits for an invocation. */
  onReady(worker: Worker): void;
  /** The process hung up while it waited. It is killed when it does not come back. */
  onUnready(worker: Worker): void;
  /** The process is gone, or never came to be; `initFailure` makes the result for an invocation that waited for it. */
  onExit(worker: Worker, initFailure: ((requestId: string) => InvocationResult) | undefined): void;
}

interface Running {
  readonly request: InvocationRequest;
  readonly settle: (result: InvocationResult) => void;
  readonly timer: NodeJS.Timeout;
  readonly tail: LogTail;
  readonly startedAt: number;
}

/** A process that has not asked for its first invocation by then is killed; longer when the function's timeout is. */
const INIT_TIMEOUT_MS = 30_000;
const TERMINATE_GRACE_MS = 500;
/** How long to wait for what a dead process had already sent. */
const LAST_WORDS_MS = 200;

export class Worker {
  readonly #spec: WorkerSpec;
  readonly #listener: WorkerListener;
  #api: RuntimeApi | undefined;
  #child: ChildProcess | undefined;
  #running: Running | undefined;
  #initialised = false;
  #initFailure: ((requestId: string) => InvocationResult) | undefined;
  #initTimer: NodeJS.Timeout | undefined;
  readonly #exited: Promise<void>;
  #markExited: () => void = () => undefined;
  #isWaiting = false;
  #isStopping = false;
  #isClosed = false;

  constructor(spec: WorkerSpec, listener: WorkerListener) {
    this.#spec = spec;
    this.#listener = listener;
    this.#exited = new Promise((resolve) => {
      this.#markExited = resolve;
    });
  }

  /** False until the process has asked for its first invocation. */
  get isInitialised(): boolean {
    return this.#initialised;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Never rejects: what goes wrong is told by `onExit`. */
  async start(): Promise<void> {
    try {
      await this.#spawn();
    } catch (error) {
      this.#notStarted(error as Error);
    }
  }

  async #spawn(): Promise<void> {
    const ownBootstrap = this.#spec.program.variables["STEPWELL_HANDLER_FILE"] !== undefined;
    const token = ownBootstrap ? newRuntimeToken() : undefined;
    this.#api = await RuntimeApi.listen(this.#runtimeListener(), token);
    if (this.#isStopping) return this.#end((requestId) => exitError(requestId, "The server stops"));
    const { program, environment } = this.#spec;
    const child = spawn(program.executable, program.args, {
      cwd: program.directory,
      env: {
        ...environment,
        ...program.variables,
        ...(token === undefined ? {} : { STEPWELL_RUNTIME_TOKEN: token }),
        AWS_LAMBDA_LOG_STREAM_NAME: logStreamName(new Date()),
        AWS_LAMBDA_RUNTIME_API: this.#api.address,
      },
      // A bootstrap of ours ends itself when fd 3 closes: nothing is left behind when the server is killed.
      stdio: ["ignore", "pipe", "pipe", ownBootstrap ? "pipe" : "ignore"],
      detached: true,
    });
    this.#child = child;
    this.#watch(child);
  }

  /** The worker must be ready and hold nothing. Resolves with the one result of the invocation. */
  run(request: InvocationRequest): Promise<InvocationResult> {
    if (this.#running !== undefined) throw new Error("A worker must hold at most one invocation");
    const { timeoutMs } = this.#spec;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#timeOut(request), timeoutMs);
      const tail = new LogTail();
      tail.add(`START RequestId: ${request.requestId} Version: $LATEST`);
      this.#running = { request, settle: resolve, timer, tail, startedAt: performance.now() };
      this.#isWaiting = false;
      this.#api!.next(request, Date.now() + timeoutMs);
    });
  }

  /** Asks the process to end, then makes it. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#signal("SIGTERM");
    const patience = setTimeout(() => this.#signal("SIGKILL"), TERMINATE_GRACE_MS);
    await this.#exited;
    clearTimeout(patience);
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child !== undefined) signalGroup(this.#child, signal);
  }

  #runtimeListener(): RuntimeListener {
    return {
      onReady: () => this.#ready(),
      onLeft: () => this.#left(),
      onResponse: (requestId, body) => this.#answered(requestId, body),
      onError: (requestId, body) => this.#failed(requestId, body),
      onInitError: (body) => this.#refused(body),
    };
  }

  #ready(): void {
    this.#initialised = true;
    clearTimeout(this.#initTimer);
    this.#isWaiting = true;
    // After `#finish`, whose immediate was asked for before this one. The process may have hung up again by then.
    setImmediate(() => {
      if (this.#isWaiting) this.#listener.onReady(this);
    });
  }

  #left(): void {
    this.#isWaiting = false;
    this.#awaitReady();
    this.#listener.onUnready(this);
  }

  #answered(requestId: string, body: Buffer | "tooLarge"): void {
    const result = body === "tooLarge" ? responseTooLarge() : payloadResult(body.toString(), false);
    this.#finish(requestId, result);
  }

  #failed(requestId: string, body: string): void {
    this.#finish(requestId, payloadResult(body, true));
  }

  #refused(body: string): void {
    this.#initFailure ??= () => payloadResult(body, true);
  }

  #timeOut(request: InvocationRequest): void {
    this.#say(`Task timed out after ${(this.#spec.timeoutMs / 1000).toFixed(2)} seconds: the process is killed`);
    this.#signal("SIGKILL");
    this.#settle(request.requestId, timedOut(request.requestId, this.#spec.timeoutMs));
  }

  /** Lets the output that was printed before the answer be read first (I2): it is in the pipe already. */
  #finish(requestId: string, result: InvocationResult): void {
    clearTimeout(this.#running?.timer);
    setImmediate(() => this.#settle(requestId, result));
  }

  #settle(requestId: string, result: InvocationResult): void {
    const running = this.#running;
    if (running?.request.requestId !== requestId) return;
    clearTimeout(running.timer);
    this.#running = undefined;
    running.settle(result.kind === "payload" ? { ...result, logTail: this.#logTail(running) } : result);
  }

  /** With the lines that Lambda writes around what a function prints; only what is measured here is told. */
  #logTail({ request: { requestId }, tail, startedAt }: Running): string {
    const ms = performance.now() - startedAt;
    const memory = this.#spec.environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"];
    const report = `Duration: ${ms.toFixed(2)} ms\tBilled Duration: ${Math.ceil(ms)} ms\tMemory Size: ${memory} MB`;
    tail.add(`END RequestId: ${requestId}`);
    tail.add(`REPORT RequestId: ${requestId}\t${report}`);
    return tail.text();
  }

  #watch(child: ChildProcess): void {
    track(child);
    this.#awaitReady();
    const stdout = new LineSplitter((line) => this.#print("stdout", line));
    const stderr = new LineSplitter((line) => this.#print("stderr", line));
    child.stdout?.on("data", (chunk: Buffer) => stdout.write(chunk));
    child.stderr?.on("data", (chunk: Buffer) => stderr.write(chunk));
    // The lifeline is never written to; that its other end closes is told by `exit`.
    child.stdio[3]?.on("error", () => undefined);
    child.once("error", (error) => this.#notStarted(error));
    child.once("close", () => {
      this.#isClosed = true;
    });
    child.once("exit", (code, signal) => {
      signalGroup(child, "SIGKILL");
      void this.#lastWords().then(() => {
        stdout.flush();
        stderr.flush();
        this.#gone(exitWords(code, signal));
      });
    });
  }

  #awaitReady(): void {
    const limitMs = Math.max(INIT_TIMEOUT_MS, this.#spec.timeoutMs);
    clearTimeout(this.#initTimer);
    this.#initTimer = setTimeout(() => this.#initTimeout(limitMs), limitMs);
  }

  #initTimeout(limitMs: number): void {
    this.#say(`The process did not ask for an invocation within ${limitMs / 1000} seconds: it is killed`);
    this.#initFailure = (requestId) => timedOut(requestId, limitMs);
    this.#signal("SIGKILL");
  }

  #notStarted(error: Error): void {
    if (this.#child?.pid !== undefined) {
      this.#say(`The process: ${error.message}`);
      return;
    }
    const { executable } = this.#spec.program;
    this.#end((id) => failure("Runtime.InvalidEntrypoint", `RequestId: ${id} Error: ${executable}: ${error.message}`));
  }

  /** What a process sent before it died may still lie in its pipes and connections. */
  async #lastWords(): Promise<void> {
    const until = Date.now() + LAST_WORDS_MS;
    while (!(this.#isClosed && this.#api?.isQuiet !== false) && Date.now() < until) await delay(5);
  }

  #gone(exit: string): void {
    const running = this.#running;
    if (running !== undefined) this.#settle(running.request.requestId, exitError(running.request.requestId, exit));
    this.#end(this.#initFailure ?? ((requestId) => exitError(requestId, exit)));
  }

  #end(initFailure: (requestId: string) => InvocationResult): void {
    this.#isWaiting = false;
    clearTimeout(this.#initTimer);
    this.#api?.close();
    this.#markExited();
    this.#listener.onExit(this, this.#initialised ? undefined : initFailure);
  }

  #print(stream: "stdout" | "stderr", message: string): void {
    const { functionName, log } = this.#spec;
    this.#running?.tail.add(message);
    log({ functionName, stream, message, ...logContext(this.#running?.request) });
  }

  #say(message: string): void {
    const { functionName, log } = this.#spec;
    log({ functionName, stream: "platform", message, ...logContext(this.#running?.request) });
  }
}

/** As Lambda names them, one for each process. */
function logStreamName(now: Date): string {
  const day = now.toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/[$LATEST]${randomBytes(16).toString("hex")}`;
}

function payloadResult(payload: string, functionError: boolean): InvocationResult {
  return { kind: "payload", payload, functionError, logTail: "" };
}

function exitError(requestId: string, words: string): InvocationResult {
  return failure("Runtime.ExitError", `RequestId: ${requestId} Error: ${words}`);
}

/** As the Go program that runs Lambda's sandboxes says it. */
function exitWords(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `Runtime exited with error: signal: ${SIGNAL_WORDS[signal] ?? signal}`;
  return code === 0 ? "Runtime exited without providing a reason" : `Runtime exited with error: exit status ${code}`;
}

const SIGNAL_WORDS: { readonly [name: string]: string } = {
  SIGABRT: "aborted",
  SIGBUS: "bus error",
  SIGFPE: "floating point exception",
  SIGHUP: "hangup",
  SIGILL: "illegal instruction",
  SIGINT: "interrupt",
  SIGKILL: "killed",
  SIGQUIT: "quit",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
  SIGTRAP: "trace/breakpoint trap",
};
