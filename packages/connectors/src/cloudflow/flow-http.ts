/** `HTTP:Request` of CloudFlow (cloudflow.md 6.3): any answer is a result, none is an error. */
import { isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import type { TaskOutcome, TaskRequest } from "@stepwell/engine";
import type { AddressGuard } from "../http-task/address-guard.ts";
import { AnswerTooLarge, bodyJson, type HttpAnswer, type HttpConnections, NoAnswer } from "../http-task/http-call.ts";
import { failed, stringOf } from "./flow-outcome.ts";

/** How long an answer may take; a Timeout of the state ends it before that. */
const TIMEOUT_MS = 900_000;
/** What a state can hold. */
const ANSWER_BYTES_MAX = 65_536;
const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"]);
const REQUEST_FAILED = "HTTP.RequestFailed";
const INVALID = "HTTP.InvalidArgument";

/** The header that carries the token of a task that waits for a report. */
const TOKEN_HEADER = "X-FnF-Http-Callback-Task-Token";

/** RFC 9110, 5.1 and 5.5. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

interface Prepared {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export async function requestHttp(
  request: TaskRequest,
  http: HttpConnections,
  guard: AddressGuard,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  const prepared = prepare(JSON.parse(request.input) as JsonObject);
  if (typeof prepared === "string") return failed(INVALID, prepared);
  const waits = request.resource.kind === "service" && request.resource.pattern === "waitForTaskToken";
  const headers = waits ? { ...prepared.headers, [TOKEN_HEADER]: request.taskToken } : prepared.headers;
  try {
    const answer = await http.call({
      ...prepared,
      headers,
      timeoutMs: TIMEOUT_MS,
      responseBytesMax: ANSWER_BYTES_MAX,
      guard,
      signal,
    });
    const output = JSON.stringify(resultOf(answer));
    return waits ? { kind: "submitted", output } : { kind: "succeeded", output };
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof AnswerTooLarge) return failed(REQUEST_FAILED, error.message);
    throw error;
  }
}

/** What to send, or what is wrong with the parameters. */
function prepare(parameters: JsonObject): Prepared | string {
  const { url, method, headers, body } = parameters;
  const target = typeof url === "string" && URL.canParse(url) ? new URL(url) : undefined;
  if (target === undefined || !/^https?:$/.test(target.protocol)) {
    return `url must be a full http or https URL, got ${JSON.stringify(url ?? null)}`;
  }
  const verb = typeof method === "string" ? method.toUpperCase() : "";
  if (!METHODS.has(verb))
    return `method must be one of ${[...METHODS].join(", ")}, got ${JSON.stringify(method ?? null)}`;
  const given = headersOf(headers);
  if (typeof given === "string") return given;
  if (body === undefined || body === null) return { method: verb, url: target, headers: given };
  if (typeof body === "string") return { method: verb, url: target, headers: given, body };
  const typed = Object.keys(given).some((name) => name.toLowerCase() === "content-type");
  const json = typed ? given : { ...given, "Content-Type": "application/json" };
  return { method: verb, url: target, headers: json, body: JSON.stringify(body) };
}

function headersOf(headers: Json | undefined): Readonly<Record<string, string>> | string {
  if (headers === undefined || headers === null) return {};
  if (!isJsonObject(headers)) return `headers must be a map, got ${JSON.stringify(headers)}`;
  const entries = Object.entries(headers).map(([name, value]): [string, string] => [name, stringOf(value)]);
  const wrong = entries.find(([name, value]) => !HEADER_NAME.test(name) || !HEADER_VALUE.test(value));
  return wrong === undefined ? Object.fromEntries(entries) : `headers: '${wrong[0]}' is no header that can be sent`;
}

/** A header that came several times is a list of its values, joined. */
function resultOf(answer: HttpAnswer): JsonObject {
  const headers = Object.entries(answer.headers).map(([name, values]) => [name, values.join(", ")]);
  return {
    Header: Object.fromEntries(headers) as JsonObject,
    Code: answer.statusCode,
    Body: JSON.parse(bodyJson(answer)) as Json,
  };
}
