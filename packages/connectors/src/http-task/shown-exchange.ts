/** What TestState shows of an HTTP call. Developer guide, "Using TestState API to test a state", example of TRACE. */
import { isJsonArray, isJsonObject, type JsonObject } from "@stepwell/core";
import type { HttpExchange } from "@stepwell/engine";
import type { HttpAnswer } from "./http-call.ts";
import { plainText } from "./url-encoding.ts";

interface Call {
  readonly method: string;
  readonly asked: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * The task's own headers, then those that the connection added, then Step Functions'; what HTTP itself needs is not
 * among them.
 */
export function shownRequest(
  { method, asked, headers, body }: Call,
  parameters: JsonObject,
  added: Readonly<Record<string, string>>,
): HttpExchange["request"] {
  const given = isJsonObject(parameters["Headers"]) ? Object.entries(parameters["Headers"]) : [];
  const addedNames = new Set(Object.keys(added).map((name) => name.toLowerCase()));
  const own = given
    .filter(([name]) => !addedNames.has(name.toLowerCase()))
    .map(([name, value]) => [name, (isJsonArray(value) ? value : [value]).map(plainText).join(", ")] as const);
  const fixed = ["User-Agent", "Range"].map((name) => [name, headers[name] ?? ""] as const);
  return {
    protocol: protocolOf(asked),
    method,
    url: asked.href,
    headers: shownHeaders([...own, ...Object.entries(added), ...fixed]),
    ...(body === undefined ? {} : { body }),
  };
}

export function shownResponse(
  { statusCode, statusText, headers, body }: HttpAnswer,
  protocol: string,
): NonNullable<HttpExchange["response"]> {
  const all = Object.entries(headers).flatMap(([name, values]) => values.map((value) => [name, value] as const));
  return {
    protocol,
    statusCode: String(statusCode),
    statusMessage: statusText,
    headers: shownHeaders(all),
    body: body.toString(),
  };
}

function protocolOf({ protocol }: URL): string {
  return protocol.replace(/:$/, "");
}

function shownHeaders(headers: readonly (readonly [name: string, value: string])[]): string {
  return `[${headers.map(([name, value]) => `${name}: ${value}`).join(", ")}]`;
}
