/**
 * AWS JSON 1.0 over HTTP: `POST /` with `X-Amz-Target: AWSStepFunctions.<Operation>`. One request becomes one typed
 * operation and its answer; every error leaves through `answerOf`. Payloads are never logged.
 */
import type { IncomingHttpHeaders } from "node:http";
import { Rejection } from "@stepwell/engine";
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Caller } from "./authentication.ts";
import { answerOf, type ErrorAnswer } from "./errors.ts";
import { API_MODEL, type OperationName } from "./generated/api-model.ts";
import type { OperationContext } from "./operation.ts";
import { OPERATIONS } from "./operations/index.ts";
import { readInput, serializationError } from "./read-input.ts";
import { runOperation } from "./run-operation.ts";

const CONTENT_TYPE = "application/x-amz-json-1.0";
const TARGET = /^AWSStepFunctions\.([A-Za-z]{1,64})$/;

export interface AwsFrontOptions {
  readonly services: Omit<OperationContext, "signal" | "traceHeader" | "traceparent">;
  /** Throws unless the request may come in. Absent: every request is let in. `undefined`: its sender may do all. */
  callerOf?(request: FastifyRequest, body: Uint8Array): Promise<Caller | undefined>;
  requestId(): string;
  /** Told of every request when it has been answered. `operation` is "Unknown" when the request names none. */
  onAnswer(answer: { operation: string; error: string; status: number; seconds: number }): void;
}

/** Adds the AWS endpoint to a server whose bodies are parsed to buffers. */
export function addAwsFront(app: FastifyInstance, options: AwsFrontOptions): void {
  // Lines say the request's id that its sender knows: no logger of its own is made for each request.
  app.post("/", { childLoggerFactory: (logger) => logger }, async (request, reply) => {
    const requestId = options.requestId();
    const started = performance.now();
    const answer = await perform(options, request, reply);
    const seconds = (performance.now() - started) / 1e3;
    const { operation, status, error } = answer;
    options.onAnswer({ operation, status, error: error?.name ?? "", seconds });
    logAnswer(request.log, { requestId, operation, status, seconds }, error);
    const headers = {
      "content-type": CONTENT_TYPE,
      "content-length": Buffer.byteLength(answer.body),
      "x-amzn-requestid": requestId,
      ...(error === undefined ? {} : { "x-amzn-errortype": error.name }),
    };
    // Written past the framework, which would add a charset that AWS's answers do not have.
    reply.hijack();
    reply.raw.writeHead(status, headers).end(answer.body);
  });
}

interface Answer {
  readonly operation: string;
  readonly status: number;
  readonly body: string;
  readonly error?: ErrorAnswer & { readonly thrown: unknown };
}

async function perform(options: AwsFrontOptions, request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
  const target = TARGET.exec(String(request.headers["x-amz-target"] ?? ""))?.[1] ?? "";
  const operation = isOperation(target) ? target : undefined;
  try {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const caller = await options.callerOf?.(request, body);
    if (operation === undefined) throw new Rejection("UnknownOperationException", "");
    const input = readInput(API_MODEL, operation, parseBody(body));
    caller?.authorize(operation, input);
    const output = await runOperation(operation, input, contextOf(options, request.headers, reply));
    return { operation, status: 200, body: JSON.stringify(output) };
  } catch (thrown) {
    const error = answerOf(thrown);
    const { status, body } = error;
    return { operation: operation ?? "Unknown", status, body: JSON.stringify(body), error: { ...error, thrown } };
  }
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

function contextOf(options: AwsFrontOptions, headers: IncomingHttpHeaders, reply: FastifyReply): OperationContext {
  const traceHeader = headers["x-amzn-trace-id"];
  const { traceparent } = headers;
  let signal: AbortSignal | undefined;
  return {
    ...options.services,
    ...(typeof traceHeader === "string" ? { traceHeader } : {}),
    ...(typeof traceparent === "string" ? { traceparent } : {}),
    get signal() {
      signal ??= goneSignal(reply);
      return signal;
    },
  };
}

/** Aborts when the connection closes before the answer was written. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  if (reply.raw.destroyed) controller.abort();
  else reply.raw.once("close", () => controller.abort());
  return controller.signal;
}

function logAnswer(log: FastifyBaseLogger, fields: object, error: Answer["error"]): void {
  if (error === undefined) log.info(fields, "answered");
  else if (error.status < 500) log.info({ ...fields, error: error.name }, "refused");
  else log.error({ ...fields, error: error.name, err: error.thrown }, "failed");
}
