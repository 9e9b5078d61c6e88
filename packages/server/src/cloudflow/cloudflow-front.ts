/**
 * CloudFlow's API over HTTP: one path, `/`; the operation is a parameter or a header (cloudflow.md 2). One request becomes one
 * action and its answer; every error leaves through `flowErrorOf`. Payloads are never logged.
 */
import { Rejection } from "@stepwell/engine";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Action, ActionContext, FlowServices } from "./action.ts";
import { FLOW_API_ACTIONS } from "./actions/index.ts";
import { actionNotSupported, type FlowErrorAnswer, flowErrorOf, missingParameter } from "./errors.ts";
import type { FlowAuthenticator } from "./flow-authentication.ts";
import { type FlowRequest, FORM, header, JSON_TYPE, looksLikeFlowRequest, readFlowRequest } from "./flow-request.ts";
import { Parameters } from "./parameters.ts";
import type { RateLimits } from "./rate-limits.ts";

/** cloudflow.md 9: a request is at most 1024 KiB. */
export const FLOW_BODY_BYTES_MAX = 1_048_576;
const VERSION = "2019-03-15";
const REQUEST_ID = /^[A-Za-z0-9_-]{1,128}$/;

export interface CloudFlowOptions extends FlowServices {
  /** Absent: every request is let in. */
  readonly authenticator?: FlowAuthenticator;
  /** Absent: nothing is throttled. */
  readonly rates?: RateLimits;
}

export interface FlowAnswered {
  readonly operation: string;
  readonly error: string;
  readonly status: number;
  readonly seconds: number;
}

/**
 * Answers CloudFlow's requests of a server whose bodies are parsed to buffers. `only`: the server has nothing else, and every
 * request is taken for one of CloudFlow's; without it, those that look like one.
 */
export function addCloudFlowFront(
  app: FastifyInstance,
  options: CloudFlowOptions,
  only: boolean,
  onAnswer: (answer: FlowAnswered) => void = () => undefined,
): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const started = process.hrtime.bigint();
    const answered = await perform(options, request, reply);
    send(reply, answered);
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    const { operation, status, error } = answered;
    onAnswer({ operation: `fnf:${operation}`, error: error?.code ?? "", status, seconds });
    logAnswer(request, answered, seconds);
  };
  if (only) {
    app.route({ method: ["GET", "POST", "PUT", "DELETE"], url: "/*", handler: answer });
    return;
  }
  // Not async: most requests are not for here, and none of those shall wait a turn.
  app.addHook("preHandler", (request, reply, done) => {
    const { url, headers, method } = request;
    const isForHere =
      (method === "GET" || method === "POST") &&
      /^\/(?:\?|$)/.test(url) &&
      looksLikeFlowRequest({ url, headers, body: bodyOf(request) });
    if (!isForHere) done();
    else void answer(request, reply).then(() => done(), done);
  });
}

/** The answer to a request that could not be read. */
export function flowErrorBody(
  error: { readonly statusCode?: number | undefined },
  host: string | undefined,
  requestId: string,
): { readonly status: number; readonly body: object } {
  const { status, code, message } = flowErrorOf(error.statusCode === 413 ? tooLarge() : error);
  return { status, body: { Code: code, Message: message, RequestId: requestId, HostId: host ?? "" } };
}

function tooLarge(): Rejection {
  return new Rejection(
    "EntityTooLarge",
    `The payload size exceeds maximum allowed size (${FLOW_BODY_BYTES_MAX} bytes).`,
  );
}

interface Answered {
  readonly operation: string;
  readonly status: number;
  readonly requestId: string;
  readonly body: string;
  readonly etag?: string;
  readonly error?: FlowErrorAnswer & { readonly thrown: unknown };
}

async function perform(options: CloudFlowOptions, request: FastifyRequest, reply: FastifyReply): Promise<Answered> {
  let requestId = options.ids.uuid().toUpperCase();
  let operation = "Unknown";
  try {
    const body = bodyOf(request);
    checkSize(body.length);
    const { method, url, headers } = request;
    const read = readFlowRequest({ method, url, headers, body });
    const wanted = read.parameters.get("RequestId");
    if (typeof wanted === "string" && REQUEST_ID.test(wanted)) requestId = wanted;
    const caller = await options.authenticator?.authenticate(read);
    checkMediaType(read);
    const action = actionOf(read);
    operation = read.action;
    if (read.problem !== undefined) throw read.problem;
    options.rates?.take(operation);
    if (operation === "StartExecution") await options.rates?.mayStart(options.executions);
    const parameters = new Parameters(read.parameters);
    // What may not be empty is told by the action; a flow's description may.
    for (const name of action.required) if (!parameters.has(name)) throw missingParameter(name);
    const flowName = action.flowParameter === undefined ? "" : parameters.text(action.flowParameter);
    caller?.authorize({ action: operation, awsAction: action.awsAction, flowName });
    const tags: string[] = [];
    const members = await action.perform(contextOf(options, parameters, request, reply, tags));
    const [etag] = tags;
    const answer = JSON.stringify({ ...members, RequestId: requestId });
    return { operation, status: 200, requestId, body: answer, ...(etag === undefined ? {} : { etag }) };
  } catch (thrown) {
    const error = flowErrorOf(thrown);
    const HostId = header(request.headers, "host") ?? "";
    const answer = { Code: error.code, Message: error.message, RequestId: requestId, HostId };
    return { operation, status: error.status, requestId, body: JSON.stringify(answer), error: { ...error, thrown } };
  }
}

function contextOf(
  options: CloudFlowOptions,
  parameters: Parameters,
  request: FastifyRequest,
  reply: FastifyReply,
  tags: string[],
): ActionContext {
  const expected = header(request.headers, "if-match")?.replace(/^(?:W\/)?"(.*)"$/, "$1");
  return {
    ...options,
    parameters,
    ...(expected === undefined || expected === "*" ? {} : { expectedEtag: expected }),
    tag: (etag) => void tags.push(etag),
    get signal() {
      return goneSignal(reply);
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

function bodyOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function checkSize(bytes: number): void {
  if (bytes > FLOW_BODY_BYTES_MAX) throw tooLarge();
}

function checkMediaType({ body, mediaType }: FlowRequest): void {
  if (body.length === 0 || mediaType === FORM || mediaType === JSON_TYPE) return;
  throw new Rejection("UnsupportedMediaType", 'The content type must be "application/json".');
}

function actionOf({ action, version, style, parameters }: FlowRequest): Action {
  if (version === "") throw missingParameter("Version");
  if (version !== VERSION) {
    throw new Rejection(
      "APIVersionNotSupported",
      `The requested API version '${version}' is not supported yet. Please check.`,
    );
  }
  // A header is no part of what the RPC style signs.
  if (action === "" || (style === "rpc" && parameters.has("Signature") && !parameters.has("Action"))) {
    throw missingParameter("Action");
  }
  const found = Object.hasOwn(FLOW_API_ACTIONS, action) ? FLOW_API_ACTIONS[action] : undefined;
  if (found === undefined) throw actionNotSupported(action);
  return found;
}

function send(reply: FastifyReply, { status, requestId, body, etag }: Answered): void {
  reply.hijack();
  reply.raw
    .writeHead(status, {
      "content-type": "application/json;charset=utf-8",
      "content-length": Buffer.byteLength(body),
      "x-acs-request-id": requestId,
      ...(etag === undefined ? {} : { etag: `"${etag}"` }),
    })
    .end(body);
}

function logAnswer(request: FastifyRequest, { operation, status, requestId, error }: Answered, seconds: number): void {
  const fields = { requestId, operation, status, seconds };
  if (error === undefined) request.log.info(fields, "answered");
  else if (!error.fault) request.log.info({ ...fields, error: error.code }, "refused");
  else request.log.error({ ...fields, error: error.code, err: error.thrown }, "failed");
}
