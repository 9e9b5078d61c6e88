import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { signalGroup, track } from "./child-processes.ts";
import { FunctionsClosedError } from "./functions-closed.ts";
import type { CallableFunction, InvocationRequest, InvocationResult } from "./invocation.ts";
import { failure, QUEUE_LENGTH_MAX, RESPONSE_BYTES_MAX, responseTooLarge, throttled, timedOut } from "./invocation.ts";

export interface ExpressionEvaluatorOptions {
  /** An expression that runs longer is killed. Default 10,000. */
  readonly timeoutMs?: number;
  /** V8's old space; an expression that needs more is killed. Default 64. */
  readonly memoryMb?: number;
  /** Processes at once; further evaluations wait. Default 4. */
  readonly concurrency?: number;
}

/** How long a process may take to start on a machine that is busy with other things. */
const START_MS_MAX = 30_000;
/** The end of the name of every function that an EvaluateExpression task of the CDK, or of ours, calls. */
const NAME_END = "-EvalFunction";

/** Whether a function that nobody configured is the one that evaluates expressions. */
export function isEvaluator(functionName: string): boolean {
  return functionName.endsWith(NAME_END);
}

/**
 * Evaluates the JavaScript of EvaluateExpression tasks: a fresh process for each, with Node's permission model and no
 * environment, so that expressions share nothing and reach nothing. The event is
 * `{ expression, expressionAttributeValues: { "$.path": value } }`, as the CDK's task sends it.
 */
export class ExpressionEvaluator implements CallableFunction {
  readonly #options: Required<ExpressionEvaluatorOptions>;
  readonly #closing = new AbortController();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: ExpressionEvaluatorOptions = {}) {
    const { timeoutMs = 10_000, memoryMb = 64, concurrency = 4 } = options;
    this.#options = { timeoutMs, memoryMb, concurrency };
  }

  async invoke(request: InvocationRequest, signal: AbortSignal): Promise<InvocationResult> {
    signal.throwIfAborted();
    if (this.#closing.signal.aborted) throw new FunctionsClosedError();
    if (!isEvaluation(request.payload)) {
      return failure("Error", "the event must be { expression: string, expressionAttributeValues: object }");
    }
    if (this.#waiting.length >= QUEUE_LENGTH_MAX) return throttled(request.requestId);
    await this.#turn();
    try {
      signal.throwIfAborted();
      return await this.#evaluate(request, AbortSignal.any([signal, this.#closing.signal]));
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new FunctionsClosedError());
    for (const start of this.#waiting.splice(0)) start();
  }

  async #turn(): Promise<void> {
    if (this.#running >= this.#options.concurrency) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
  }

  #evaluate({ payload, requestId }: InvocationRequest, signal: AbortSignal): Promise<InvocationResult> {
    const { memoryMb, timeoutMs } = this.#options;
    const args = ["--permission", `--allow-fs-read=${SANDBOX}`, `--max-old-space-size=${memoryMb}`, SANDBOX];
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const child = spawn(process.execPath, args, {
        cwd: tmpdir(),
        env: { TZ: "UTC" },
        stdio: ["pipe", "pipe", "ignore"],
        detached: true,
      });
      track(child);
      const kill = (): void => signalGroup(child, "SIGKILL");
      let verdict: InvocationResult | undefined;
      const end = (result: InvocationResult): void => {
        verdict ??= result;
        kill();
      };
      const stopAfter = (ms: number): NodeJS.Timeout => setTimeout(() => end(timedOut(requestId, timeoutMs)), ms);
      let timer = stopAfter(START_MS_MAX);
      signal.addEventListener("abort", kill, { once: true });
      const chunks: Buffer[] = [];
      let bytes = 0;
      child.stdout.on("data", (chunk: Buffer) => {
        // The first thing it says is that it begins to evaluate.
        if (bytes === 0) {
          clearTimeout(timer);
          timer = stopAfter(timeoutMs);
        }
        bytes += chunk.length;
        if (bytes > RESPONSE_BYTES_MAX) end(responseTooLarge());
        else chunks.push(chunk);
      });
      // A process that is killed before it has read all closes its input: its exit tells what happened.
      child.stdin.on("error", kill);
      child.once("error", (error) => end(failure("Runtime.InvalidEntrypoint", error.message)));
      child.once("close", () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", kill);
        if (signal.aborted) reject(signal.reason);
        else resolve(verdict ?? readAnswer(Buffer.concat(chunks).toString()));
      });
      child.stdin.end(payload);
    });
  }
}

function isEvaluation(payload: string): boolean {
  const event = JSON.parse(payload) as { expression?: unknown; expressionAttributeValues?: unknown } | null;
  const values = event?.expressionAttributeValues;
  return typeof event?.expression === "string" && typeof values === "object" && values !== null;
}

function readAnswer(text: string): InvocationResult {
  if (text.trim() === "")
    return failure("Runtime.ExitError", "The expression used more memory than it may, or ended its process");
  const answer = JSON.parse(text) as { result: unknown } | { errorType: string; errorMessage: string };
  if ("errorType" in answer) return failure(answer.errorType, answer.errorMessage);
  return { kind: "payload", payload: JSON.stringify(answer.result ?? null), functionError: false, logTail: "" };
}

// Sources are run as they are (.ts); a build has .js beside this file.
const SANDBOX = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./expression-sandbox.ts" : "./expression-sandbox.js", import.meta.url),
);
