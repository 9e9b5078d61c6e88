/**
 * The Lambda runtime API of one process: what a runtime asks for its next invocation, and where it sends results.
 * AWS Lambda, "Using the Lambda runtime API for custom runtimes". One server for each process, so that the port alone says
 * who is calling and everything of a dead process can be closed with it.
 *
 * Listens on the loopback interface only. Requests that a browser page could have sent are refused; our own bootstraps also
 * prove themselves with a secret, which a plain runtime client cannot do.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { InvocationRequest } from "./invocation.ts";
import { RESPONSE_BYTES_MAX } from "./invocation.ts";

/** What a runtime says. `tooLarge`: the body passed Lambda's bound and was thrown away. */
export interface RuntimeListener {
  /** The runtime waits for an invocation; every call is followed by at most one `next`. */
  onReady(): void;
  /** The runtime hung up while it waited; it may ask again. */
  onLeft(): void;
  onResponse(requestId: string, body: Buffer | "tooLarge"): void;
  onError(requestId: string, body: string): void;
  onInitError(body: string): void;
}

const TOKEN_HEADER = "stepwell-runtime-token";
const PREFIX = "/2018-06-01/runtime";
/** A body that goes on this far beyond the bound is cut off with its connection. */
const DISCARD_BYTES_MAX = 64 * 1024 * 1024;

export class RuntimeApi {
  readonly #server: Server;
  readonly #listener: RuntimeListener;
  readonly #token: Buffer | undefined;
  #waiting: ServerResponse | undefined;
  #current: string | undefined;
  #openConnections = 0;

  private constructor(listener: RuntimeListener, token: string | undefined) {
    this.#listener = listener;
    this.#token = token === undefined ? undefined : Buffer.from(token);
    this.#server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    this.#server.on("connection", (socket) => {
      this.#openConnections++;
      socket.once("close", () => this.#openConnections--);
    });
  }

  static async listen(listener: RuntimeListener, token?: string): Promise<RuntimeApi> {
    const api = new RuntimeApi(listener, token);
    await new Promise<void>((resolve, reject) => {
      api.#server.once("error", reject);
      api.#server.listen(0, "127.0.0.1", resolve);
    });
    return api;
  }

  /** For AWS_LAMBDA_RUNTIME_API. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** True once the process has no connection left: nothing more can come from it. */
  get isQuiet(): boolean {
    return this.#openConnections === 0;
  }

  /** Answers the runtime that waits. */
  next(invocation: InvocationRequest, deadlineMs: number): void {
    const response = this.#waiting;
    if (response === undefined) throw new Error("A runtime must be waiting before it is given an invocation");
    this.#waiting = undefined;
    this.#current = invocation.requestId;
    response.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": invocation.requestId,
      "lambda-runtime-deadline-ms": String(deadlineMs),
      "lambda-runtime-invoked-function-arn": invocation.functionArn,
      "lambda-runtime-trace-id": invocation.traceId,
      ...(invocation.traceparent === undefined ? {} : { traceparent: invocation.traceparent }),
      ...(invocation.clientContext === undefined ? {} : { "lambda-runtime-client-context": invocation.clientContext }),
    });
    response.end(invocation.payload);
  }

  close(): void {
    this.#waiting = undefined;
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#isRuntime(request)) return answer(response, 403, "Forbidden", "Not the runtime of this function");
    const path = (request.url ?? "").split("?")[0]!;
    if (request.method === "GET" && path === `${PREFIX}/invocation/next`) return this.#wait(response);
    if (request.method !== "POST") return answer(response, 404, "NotFound", `No such operation: ${path}`);
    const body = await readBody(request);
    if (path === `${PREFIX}/init/error`) return this.#initError(body, response);
    const [, requestId, what] = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (requestId === undefined) return answer(response, 404, "NotFound", `No such operation: ${path}`);
    if (requestId !== this.#current) return answer(response, 400, "InvalidRequestID", "Invalid request ID");
    this.#finish(requestId, what === "error", body, response);
  }

  #wait(response: ServerResponse): void {
    if (this.#current !== undefined) {
      answer(response, 403, "InvalidStateTransition", "The invocation before this one has no result yet");
      return;
    }
    const before = this.#waiting;
    this.#waiting = response;
    before?.destroy();
    response.once("close", () => {
      if (this.#waiting !== response) return;
      this.#waiting = undefined;
      this.#listener.onLeft();
    });
    this.#listener.onReady();
  }

  #finish(requestId: string, isError: boolean, body: Buffer | "tooLarge", response: ServerResponse): void {
    this.#current = undefined;
    if (body === "tooLarge") {
      answer(
        response,
        413,
        "RequestEntityTooLarge",
        `Exceeded maximum allowed payload size (${RESPONSE_BYTES_MAX} bytes).`,
      );
      this.#listener.onResponse(requestId, body);
      return;
    }
    accepted(response);
    if (isError) this.#listener.onError(requestId, body.toString());
    else this.#listener.onResponse(requestId, body);
  }

  #initError(body: Buffer | "tooLarge", response: ServerResponse): void {
    accepted(response);
    this.#listener.onInitError(body === "tooLarge" ? "" : body.toString());
  }

  #isRuntime(request: IncomingMessage): boolean {
    const fromPage = request.headers.origin !== undefined || request.headers["sec-fetch-site"] !== undefined;
    if (fromPage || request.headers.host !== this.address) return false;
    if (this.#token === undefined) return true;
    const shown = Buffer.from(String(request.headers[TOKEN_HEADER] ?? ""));
    return shown.length === this.#token.length && timingSafeEqual(shown, this.#token);
  }
}

export function newRuntimeToken(): string {
  return randomBytes(24).toString("base64url");
}

async function readBody(request: IncomingMessage): Promise<Buffer | "tooLarge"> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > DISCARD_BYTES_MAX) throw new Error("The runtime sends without end");
    if (length <= RESPONSE_BYTES_MAX) chunks.push(chunk);
  }
  return length > RESPONSE_BYTES_MAX ? "tooLarge" : Buffer.concat(chunks);
}

function accepted(response: ServerResponse): void {
  response.writeHead(202, { "content-type": "application/json" }).end('{"status":"OK"}\n');
}

function answer(response: ServerResponse, status: number, errorType: string, errorMessage: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ errorMessage, errorType }));
}
