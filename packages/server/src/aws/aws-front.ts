/**
 * AWS JSON 1.0 over HTTP: `POST /` with `X-Amz-Target: AWSStepFunctions.<Operation>`. One request becomes one typed
 * operation and its answer; every error leaves through `answerOf`. Payloads are never logged.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { Rejection } from "@stepwell/engine";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import type { Caller, RequestHead } from "./authentication.ts";
import { answerOf, type ErrorAnswer } from "./errors.ts";
import { API_MODEL, type OperationName } from "./generated/api-model.ts";
import type { OperationContext } from "./operation.ts";
import { OPERATIONS } from "./operations/index.ts";
import { readBody } from "./read-body.ts";
import { readInput, serializationError } from "./read-input.ts";
import { runOperation } from "./run-operation.ts";

const CONTENT_TYPE = "application/x-amz-json-1.0";
const TARGET = /^AWSStepFunctions\.([A-Za-z]{1,64})$/;

export interface AwsFrontOptions {
  readonly services: Omit<OperationContext, "signal" | "traceHeader" | "traceparent">;
  readonly bodyBytesMax: number;
  readonly logger?: FastifyBaseLogger;
  /** Throws unless the request may come in. Absent: every request is let in. `undefined`: its sender may do all. */
  callerOf?(request: RequestHead, body: Uint8Array): Promise<Caller | undefined>;
  requestId(): string;
  /** Told of every request when it has been answered. `operation` is "Unknown" when the request names none. */
  onAnswer(answer: { operation: string; error: string; status: number; seconds: number }): void;
}

/** The AWS endpoint. Most of what a service gets comes here, and does without what a framework does for each request. */
export class AwsFront {
  readonly #options: AwsFrontOptions;
  #isClosing = false;

  constructor(options: AwsFrontOptions) {
    this.#options = options;
  }

  /** Whether `handle` takes the request. Requests that only might be AWS's come by the route. */
  isFor({ method, url, headers }: IncomingMessage): boolean {
    return (
      method === "POST" && headers["x-amz-target"] !== undefined && (url === "/" || url?.startsWith("/?") === true)
    );
  }

  /** Reads and answers a request as Node's server hands it over. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    readBody(request, this.#options.bodyBytesMax, (body) => {
      if (this.#isClosing) response.shouldKeepAlive = false;
      const answered =
        body === "too large" ? this.#refuseBody(request, response) : this.#respond(request, body, response);
      answered.catch((error: unknown) => {
        this.#options.logger?.error({ err: error }, "failed");
        response.destroy();
      });
    });
  }

  /** Adds the endpoint to a server whose bodies are parsed to buffers. */
  addRoute(app: FastifyInstance): void {
    // Lines say the request's id that its sender knows: no logger of its own is made for each request.
    app.post("/", { childLoggerFactory: (logger) => logger }, async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      // Written past the framework, which would add a charset that AWS's answers do not have.
      reply.hijack();
      await this.#respond(request.raw, body, reply.raw);
    });
    app.addHook("preClose", async () => {
      this.#isClosing = true;
    });
  }

  async #respond(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const started = performance.now();
    this.#send(response, await perform(this.#options, headOf(request), body, response), started);
  }

  /** What is left of the body is not read: the connection goes with it. */
  async #refuseBody(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.shouldKeepAlive = false;
    const thrown = new Rejection("RequestEntityTooLargeException", "Request body is too large");
    const operation = operationOf(request.headers) ?? "Unknown";
    this.#send(response, failed(operation, thrown), performance.now());
  }

  #send(response: ServerResponse, answer: Answer, started: number): void {
    const { operation, status, body, error } = answer;
    const requestId = this.#options.requestId();
    const seconds = (performance.now() - started) / 1e3;
    this.#options.onAnswer({ operation, status, error: error?.name ?? "", seconds });
    if (this.#options.logger !== undefined) {
      logAnswer(this.#options.logger, { requestId, operation, status, seconds }, error);
    }
    const headers = {
      "content-type": CONTENT_TYPE,
      "content-length": Buffer.byteLength(body),
      "x-amzn-requestid": requestId,
      ...(error === undefined ? {} : { "x-amzn-errortype": error.name }),
    };
    response.writeHead(status, headers).end(body);
  }
}

function headOf({ method = "", url = "", headers }: IncomingMessage): RequestHead {
  return { method, url, headers };
}

interface Answer {
  readonly operation: string;
  readonly status: number;
  readonly body: string;
  readonly error?: ErrorAnswer & { readonly thrown: unknown };
}

async function perform(
  options: AwsFrontOptions,
  request: RequestHead,
  body: Buffer,
  response: ServerResponse,
): Promise<Answer> {
  const operation = operationOf(request.headers);
  try {
    const caller = await options.callerOf?.(request, body);
    if (operation === undefined) throw new Rejection("UnknownOperationException", "");
    const input = readInput(API_MODEL, operation, parseBody(body));
    caller?.authorize(operation, input);
    const output = await runOperation(operation, input, contextOf(options, request.headers, response));
    return { operation, status: 200, body: JSON.stringify(output) };
  } catch (thrown) {
    return failed(operation ?? "Unknown", thrown);
  }
}

function failed(operation: string, thrown: unknown): Answer {
  const error = answerOf(thrown);
  return { operation, status: error.status, body: JSON.stringify(error.body), error: { ...error, thrown } };
}

function operationOf(headers: IncomingHttpHeaders): OperationName | undefined {
  const target = TARGET.exec(String(headers["x-amz-target"] ?? ""))?.[1] ?? "";
  return isOperation(target) ? target : undefined;
}

function isOperation(name: string): name is OperationName {
  return Object.hasOwn(OPERATIONS, name);
}

/** An empty body is an empty request. Throws SerializationException. */
function parseBody(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw serializationError("The request body is not valid JSON");
  }
}

function contextOf(options: AwsFrontOptions, headers: IncomingHttpHeaders, response: ServerResponse): OperationContext {
  const traceHeader = headers["x-amzn-trace-id"];
  const { traceparent } = headers;
  let signal: AbortSignal | undefined;
  return {
    ...options.services,
    ...(typeof traceHeader === "string" ? { traceHeader } : {}),
    ...(typeof traceparent === "string" ? { traceparent } : {}),
    get signal() {
      signal ??= goneSignal(response);
      return signal;
    },
  };
}

/** Aborts when the connection closes before the answer was written. */
function goneSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  if (response.destroyed) controller.abort();
  else response.once("close", () => controller.abort());
  return controller.signal;
}

function logAnswer(log: FastifyBaseLogger, fields: object, error: Answer["error"]): void {
  if (error === undefined) log.info(fields, "answered");
  else if (error.status < 500) log.info({ ...fields, error: error.name }, "refused");
  else log.error({ ...fields, error: error.name, err: error.thrown }, "failed");
}
