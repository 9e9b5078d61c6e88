/**
 * The main program of a Node function's process: loads the handler, then asks the runtime API for one invocation after the
 * other. Behaves as Lambda's Node runtime does for handlers that return a promise, a value, or call back.
 * Imports nothing but Node: it runs outside the server.
 */
import { realpathSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { Agent, request } from "node:http";
import { Socket } from "node:net";
import { basename, dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { types } from "node:util";

type Callback = (error: unknown, result?: unknown) => void;
type Handler = (event: unknown, context: unknown, callback: Callback) => unknown;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The error that a function's caller sees. */
interface ErrorPayload {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

const FATAL_EXIT_CODE = 129;
const handlerFile = take("STEPWELL_HANDLER_FILE");
const handlerName = take("STEPWELL_HANDLER_NAME");
const token = take("STEPWELL_RUNTIME_TOKEN");
const [host, port] = (process.env["AWS_LAMBDA_RUNTIME_API"] ?? "").split(":");
const agent = new Agent({ keepAlive: true });
/** Where an error that nobody awaits must be reported; undefined while there is nobody to tell. */
let errorPath: string | undefined = "/init/error";

function take(name: string): string {
  const value = process.env[name];
  delete process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: this program is started by Stepwell`);
  return value;
}

function call(method: "GET" | "POST", path: string, body?: string, headers: IncomingHttpHeaders = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host,
        port,
        agent,
        method,
        path: `/2018-06-01/runtime${path}`,
        headers: {
          ...headers,
          "stepwell-runtime-token": token,
          ...(body === undefined
            ? {}
            : { "content-length": Buffer.byteLength(body), "content-type": "application/json" }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** The server is gone, or does not want this process any more. */
function leave(error: Error): never {
  process.stderr.write(`The runtime API is gone: ${error.message}\n`);
  process.exit(1);
}

function named(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

async function loadHandler(): Promise<Handler> {
  const module = basename(handlerFile).replace(/\.[^.]+$/, "");
  let exports: Record<string, unknown>;
  try {
    exports = (await import(pathToFileURL(handlerFile).href)) as Record<string, unknown>;
  } catch (error) {
    throw importFailure(error);
  }
  // A CommonJS module may show its exports only as `default`.
  const handler = exports[handlerName] ?? (exports["default"] as Record<string, unknown> | undefined)?.[handlerName];
  if (typeof handler === "function") return handler as Handler;
  const reason = handler === undefined ? "is undefined or not exported" : "is not a function";
  throw named("Runtime.HandlerNotFound", `${module}.${handlerName} ${reason}`);
}

function importFailure(error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  const isMissing = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
  const isSyntax = error instanceof SyntaxError || code === "ERR_INVALID_TYPESCRIPT_SYNTAX";
  if (!isMissing && !isSyntax) return error;
  const failure = named(isMissing ? "Runtime.ImportModuleError" : "Runtime.UserCodeSyntaxError", String(error));
  if (isSyntax && (error as Error).stack !== undefined) failure.stack = (error as Error).stack!;
  return failure;
}

function payloadOf(error: unknown): ErrorPayload {
  try {
    if (types.isNativeError(error) || error instanceof Error) {
      return {
        errorType: error.name,
        errorMessage: error.message,
        trace: deployedPaths(error.stack ?? "").split("\n"),
      };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch (problem) {
    // An error may have getters that throw.
    return { errorType: "handled", errorMessage: `The error cannot be read: ${String(problem)}`, trace: [] };
  }
}

/** A caller sees where code lies on Lambda, as it would there; what is printed keeps the places of this machine. */
function deployedPaths(stack: string): string {
  const places = [
    [dirname(handlerFile), "/var/task"],
    [realpathSync(dirname(handlerFile)), "/var/task"],
    [import.meta.dirname, "/var/runtime"],
  ] as const;
  return places.reduce((text, [from, to]) => {
    const url = pathToFileURL(from).href;
    return text.replaceAll(`${url}/`, `file://${to}/`).replaceAll(`${from}/`, `${to}/`);
  }, stack);
}

function stringify(result: unknown): string {
  try {
    return JSON.stringify(result) ?? "null";
  } catch (error) {
    throw named("Runtime.MarshalError", `Unable to stringify response body: ${(error as Error).message}`);
  }
}

function contextOf(headers: IncomingHttpHeaders): object {
  const { env } = process;
  const deadlineMs = Number(headers["lambda-runtime-deadline-ms"]);
  const clientContext = headers["lambda-runtime-client-context"];
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env["AWS_LAMBDA_FUNCTION_VERSION"],
    functionName: env["AWS_LAMBDA_FUNCTION_NAME"],
    memoryLimitInMB: env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
    logGroupName: env["AWS_LAMBDA_LOG_GROUP_NAME"],
    logStreamName: env["AWS_LAMBDA_LOG_STREAM_NAME"],
    clientContext: typeof clientContext === "string" ? JSON.parse(clientContext) : undefined,
    identity: undefined,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

class Runtime {
  readonly #handler: Handler;

  constructor(handler: Handler) {
    this.#handler = handler;
  }

  async handleOnce(): Promise<void> {
    const { status, headers, body } = await call("GET", "/invocation/next");
    if (status !== 200) throw new Error(`the runtime API answered ${status}: ${body}`);
    const requestId = String(headers["lambda-runtime-aws-request-id"]);
    errorPath = `/invocation/${requestId}/error`;
    process.env["_X_AMZN_TRACE_ID"] = String(headers["lambda-runtime-trace-id"] ?? "");
    try {
      const result = stringify(await this.#run(JSON.parse(body), contextOf(headers)));
      errorPath = undefined;
      await call("POST", `/invocation/${requestId}/response`, result);
    } catch (error) {
      // Also when the answer could not be sent: then this fails too, and the process ends.
      errorPath = undefined;
      await postError(`/invocation/${requestId}/error`, error);
    }
  }

  #run(event: unknown, context: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const drained = () => {
        process.stderr.write("The handler gave no result and has nothing left to wait for: the result is null\n");
        settle(null, null);
      };
      const settle: Callback = (error, result) => {
        process.off("beforeExit", drained);
        if (error === null || error === undefined) resolve(result);
        else reject(error);
      };
      process.once("beforeExit", drained);
      const returned = this.#handler(event, context, settle);
      const isPromise = typeof (returned as { then?: unknown } | null | undefined)?.then === "function";
      if (isPromise)
        (returned as Promise<unknown>).then(
          (value) => settle(null, value),
          (error) => settle(error ?? String(error)),
        );
      else if (this.#handler.length < 3) settle(null, returned);
    });
  }
}

async function postError(path: string, error: unknown): Promise<void> {
  const payload = payloadOf(error);
  print(path.startsWith("/init") ? "Init Error" : "Invoke Error", error);
  await call("POST", path, JSON.stringify(payload), { "lambda-runtime-function-error-type": "Unhandled" });
}

function print(title: string, error: unknown): void {
  const isOurs = error instanceof Error && error.name.startsWith("Runtime.");
  const words = isOurs ? `${error.name}: ${error.message}` : ((error as Error | null)?.stack ?? String(error));
  process.stderr.write(`${title}\t${words}\n`);
}

/** An error that nobody awaits ends the process, after its caller was told. */
function dieOf(error: unknown): void {
  const path = errorPath;
  errorPath = undefined;
  const end = () => process.exit(FATAL_EXIT_CODE);
  if (path === undefined) {
    print("Uncaught Exception", error);
    end();
  } else {
    postError(path, error).then(end, end);
  }
}

async function main(): Promise<void> {
  const lifeline = new Socket({ fd: 3, readable: true, writable: false });
  lifeline.once("close", () => process.exit(1)).resume();
  lifeline.unref();
  process.on("uncaughtException", dieOf);
  process.on("unhandledRejection", (reason) => {
    print("Unhandled Rejection", reason);
    dieOf(named("Runtime.UnhandledPromiseRejection", String(reason)));
  });
  let runtime: Runtime;
  try {
    runtime = new Runtime(await loadHandler());
    errorPath = undefined;
  } catch (error) {
    await postError("/init/error", error).catch(leave);
    process.exit(1);
  }
  for (;;) await runtime.handleOnce().catch(leave);
}

await main();
