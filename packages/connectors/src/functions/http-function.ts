/**
 * A function behind a URL: the event is POSTed, the body of the answer is the payload, and the headers of Lambda's Invoke
 * API say the rest (`x-amz-function-error`, `x-amzn-errortype`, `x-amz-log-result`).
 */
import type { IncomingMessage } from "node:http";
import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { UrlFunctionConfig } from "./function-config.ts";
import { DEFAULT_CONCURRENCY, DEFAULT_TIMEOUT_SECONDS } from "./function-config.ts";
import { FunctionsClosedError } from "./functions-closed.ts";
import type { CallableFunction, InvocationRequest, InvocationResult } from "./invocation.ts";
import { QUEUE_LENGTH_MAX, RESPONSE_BYTES_MAX, responseTooLarge, throttled, timedOut } from "./invocation.ts";

export class HttpFunction implements CallableFunction {
  readonly #url: URL;
  readonly #timeoutMs: number;
  readonly #concurrency: number;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #closing = new AbortController();
  #running = 0;
  readonly #queue: (() => void)[] = [];

  constructor(config: UrlFunctionConfig) {
    this.#url = new URL(config.url);
    this.#timeoutMs = (config.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
    this.#concurrency = config.concurrency ?? DEFAULT_CONCURRENCY;
    this.#agent =
      this.#url.protocol === "https:" ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  }

  async invoke(request: InvocationRequest, signal: AbortSignal): Promise<InvocationResult> {
    if (this.#queue.length >= QUEUE_LENGTH_MAX) return throttled(request.requestId);
    await this.#turn(AbortSignal.any([signal, this.#closing.signal]));
    try {
      return await this.#exchange(request, signal);
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  /** Waits until fewer than `concurrency` requests run; who ends hands its place to the first who waits. */
  #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < this.#concurrency) {
      this.#running++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const start = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.#queue.splice(this.#queue.indexOf(start), 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#queue.push(start);
    });
  }

  async close(): Promise<void> {
    this.#closing.abort(new FunctionsClosedError());
    this.#agent.destroy();
  }

  async #exchange(request: InvocationRequest, signal: AbortSignal): Promise<InvocationResult> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const any = AbortSignal.any([signal, timeout, this.#closing.signal]);
    try {
      any.throwIfAborted();
      const response = await this.#post(request, any);
      const body = await readBody(response);
      return body === undefined ? responseTooLarge() : resultOf(response, body, request);
    } catch (error) {
      signal.throwIfAborted();
      this.#closing.signal.throwIfAborted();
      return timeout.aborted ? timedOut(request.requestId, this.#timeoutMs) : unreachable(this.#url, error);
    }
  }

  #post(request: InvocationRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const send = this.#url.protocol === "https:" ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const sent = send(
        this.#url,
        { method: "POST", agent: this.#agent, signal, headers: this.#headers(request) },
        resolve,
      );
      sent.on("error", reject);
      sent.end(request.payload);
    });
  }

  #headers(request: InvocationRequest): Record<string, string> {
    return {
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(request.payload)),
      "x-amz-invocation-type": "RequestResponse",
      "x-amzn-trace-id": request.traceId,
      ...(request.traceparent === undefined ? {} : { traceparent: request.traceparent }),
      "lambda-runtime-aws-request-id": request.requestId,
      "lambda-runtime-deadline-ms": String(Date.now() + this.#timeoutMs),
      "lambda-runtime-invoked-function-arn": request.functionArn,
      ...(request.clientContext === undefined
        ? {}
        : { "x-amz-client-context": Buffer.from(request.clientContext).toString("base64") }),
    };
  }
}

function resultOf(response: IncomingMessage, body: string, request: InvocationRequest): InvocationResult {
  const status = response.statusCode ?? 0;
  const functionError = response.headers["x-amz-function-error"] !== undefined;
  if (!functionError && (status < 200 || status > 299)) return refusal(response, status, body, request);
  const version = header(response, "x-amz-executed-version");
  return {
    kind: "payload",
    payload: body,
    functionError,
    logTail: Buffer.from(header(response, "x-amz-log-result") ?? "", "base64").toString(),
    ...(version === undefined ? {} : { executedVersion: version }),
  };
}

/** Not an answer of the function but of whatever stands before it: named as Lambda names its own errors. */
function refusal(
  response: IncomingMessage,
  status: number,
  body: string,
  request: InvocationRequest,
): InvocationResult {
  const named = header(response, "x-amzn-errortype")?.split(":")[0];
  const code =
    named ?? (status === 429 ? "TooManyRequestsException" : status >= 500 ? "ServiceException" : `Http${status}`);
  const message = `${status} ${response.statusMessage ?? ""}: ${body.slice(0, 1000)}`;
  return { kind: "serviceError", code, message, statusCode: status, requestId: request.requestId };
}

/** In the words of the AWS SDK for Java v1, whose error SdkClientException the usual Retry of Lambda tasks names. */
function unreachable(url: URL, error: unknown): InvocationResult {
  const reason = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown }).code;
  const detail = reason === "" && typeof code === "string" ? code : reason;
  return {
    kind: "serviceError",
    code: "SdkClientException",
    message: `Unable to execute HTTP request: ${url.host}: ${detail}`,
  };
}

function header(response: IncomingMessage, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** `undefined`: longer than Lambda allows. */
async function readBody(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > RESPONSE_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
