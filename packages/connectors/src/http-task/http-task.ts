/** `arn:aws:states:::http:invoke`: any HTTPS API, with a connection's credentials. features.md B.5. */
import { isJsonArray, isJsonObject, type Json, type JsonObject, type StartTask } from "@stepwell/core";
import type { Connector, TaskOutcome, TaskRequest } from "@stepwell/engine";
import { notStartable, startProblem } from "../services/service-failure.ts";
import { AddressGuard } from "./address-guard.ts";
import { type ConnectionConfig, findConnection } from "./connection.ts";
import { forbiddenHeaders } from "./forbidden-headers.ts";
import { AnswerTooLarge, bodyJson, type HttpAnswer, HttpConnections, hostOf, NoAnswer } from "./http-call.ts";
import { NoToken, OAuthTokens } from "./oauth-tokens.ts";
import { shownRequest, shownResponse } from "./shown-exchange.ts";
import { ARRAY_FORMATS, type ArrayFormat, plainText, urlEncoded } from "./url-encoding.ts";

export interface HttpTaskSettings {
  /** By the connection's name or ARN. */
  readonly connections?: Readonly<Record<string, ConnectionConfig>>;
  /** Hosts, addresses and networks that may be called though they are not public, also without TLS. */
  readonly allow?: readonly string[];
  /** Default us-east-1. */
  readonly region?: string;
  /** Where all calls go instead, with the endpoint's own host as Host; connections that are not configured are empty then. */
  readonly standIn?: string;
}

/** AWS, "Call HTTPS APIs": 60 seconds in all. */
const TIMEOUT_MS = 60_000;
/** What an execution can hold. */
const ANSWER_BYTES_MAX = 262_144;
const METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];
const FIELDS: ReadonlySet<string> = new Set([
  "ApiEndpoint",
  "Method",
  "Authentication",
  "InvocationConfig",
  "Headers",
  "QueryParameters",
  "RequestBody",
  "Transform",
]);

/** RFC 9110, 5.1 and 5.5. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The parameters cannot be used; told as States.Runtime. */
class Unusable extends Error {}

interface Prepared {
  readonly method: string;
  /** The endpoint, also where the call goes elsewhere. */
  readonly asked: URL;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly connection: ConnectionConfig;
}

export class HttpTask implements Connector {
  readonly #settings: HttpTaskSettings;
  readonly #guard: AddressGuard;
  readonly #http = new HttpConnections();
  readonly #tokens: OAuthTokens;

  constructor(settings: HttpTaskSettings = {}) {
    this.#settings = settings;
    this.#guard = new AddressGuard(settings.allow);
    this.#tokens = new OAuthTokens(this.#http, this.#guard);
  }

  handles({ resource }: Pick<StartTask, "resource" | "stateName">): boolean {
    return resource.kind === "service" && resource.service === "http" && resource.action === "invoke";
  }

  /** By host. */
  lane({ input }: Pick<TaskRequest, "input">): string {
    return hostOf(JSON.parse(input) as Json, "ApiEndpoint");
  }

  parametersProblem({ input }: Pick<TaskRequest, "input">): string | undefined {
    try {
      this.#prepare(JSON.parse(input) as Json);
      return undefined;
    } catch (error) {
      if (error instanceof Unusable) return startProblem(input, [error.message]);
      throw error;
    }
  }

  async start(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    try {
      const prepared = this.#prepare(JSON.parse(request.input) as Json);
      return outcomeOf(await this.#send(traced(prepared, request.traceparent), request, signal));
    } catch (error) {
      if (error instanceof Unusable) return notStartable(request.input, [error.message]);
      if (error instanceof NoAnswer) return { kind: "failed", error: "States.Http.Socket", cause: error.message };
      if (error instanceof NoToken) {
        const cause = `The connection gave no token: ${error.message}`;
        return { kind: "failed", error: "States.Http.Socket", cause };
      }
      if (error instanceof AnswerTooLarge) return tooLarge("http");
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#http.close();
  }

  async #send(prepared: Prepared, request: TaskRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { oauth } = prepared.connection;
    const answer = await this.#sendOnce(prepared, request, signal);
    if (oauth === undefined || (answer.statusCode !== 401 && answer.statusCode !== 407)) return answer;
    // The token may have been withdrawn before its time.
    this.#tokens.forget(oauth);
    return this.#sendOnce(prepared, request, signal);
  }

  async #sendOnce(
    prepared: Prepared,
    { input, httpInspection }: TaskRequest,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const credentials = await this.#credentials(prepared.connection);
    const sent = (): Promise<HttpAnswer> => this.#call(prepared, credentials, signal);
    if (httpInspection === undefined) return sent();
    const parameters = JSON.parse(input) as JsonObject;
    const request = httpInspection.revealSecrets
      ? shownRequest(prepared, parameters, {
          ...credentials,
          ...replaced(prepared.connection.headers ?? {}, credentials),
        })
      : shownRequest(this.#prepare(parameters, {}), parameters, {});
    httpInspection.exchanged({ request });
    const answer = await sent();
    httpInspection.exchanged({ request, response: shownResponse(answer, request.protocol) });
    return answer;
  }

  async #call(prepared: Prepared, credentials: Record<string, string>, signal: AbortSignal): Promise<HttpAnswer> {
    const { method, url, headers, body } = prepared;
    return this.#http.call({
      method,
      url,
      headers: replaced(headers, credentials),
      ...(body === undefined ? {} : { body }),
      timeoutMs: TIMEOUT_MS,
      responseBytesMax: ANSWER_BYTES_MAX,
      ...(this.#settings.standIn === undefined ? { guard: this.#guard } : {}),
      signal,
    });
  }

  async #credentials({ basic, apiKey, oauth }: ConnectionConfig): Promise<Record<string, string>> {
    if (basic !== undefined) {
      return { Authorization: `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString("base64")}` };
    }
    if (apiKey !== undefined) return { [apiKey.name]: apiKey.value };
    return oauth === undefined ? {} : { Authorization: `Bearer ${await this.#tokens.token(oauth)}` };
  }

  /** `shownAs`: the connection to go by in place of the one that the parameters name. */
  #prepare(parameters: Json, shownAs?: ConnectionConfig): Prepared {
    if (!isJsonObject(parameters)) throw new Unusable("The value of the field 'Parameters' has an invalid format");
    for (const name of Object.keys(parameters)) {
      if (!FIELDS.has(name)) throw new Unusable(`The field '${name}' is not supported by Step Functions`);
    }
    const connection = shownAs ?? this.#connectionOf(parameters);
    const method = text(parameters, "Method");
    if (!METHODS.includes(method))
      throw new Unusable(`The field 'Method' should have one of these values: [${METHODS.join(", ")}]`);
    const asked = this.#urlOf(
      text(parameters, "ApiEndpoint"),
      optionalObject(parameters, "QueryParameters"),
      connection,
    );
    const { standIn } = this.#settings;
    const url = standIn === undefined ? asked : new URL(`${asked.pathname}${asked.search}`, standIn);
    const given = optionalObject(parameters, "Headers") ?? {};
    const forbidden = forbiddenHeaders(Object.keys(given), "httpTask");
    if (forbidden.length > 0)
      throw new Unusable(`The 'Headers' field contains unsupported values: [${forbidden.join(", ")}]`);
    const { body, type } = bodyOf(parameters, connection);
    const headers = headersOf(given, connection, type);
    const fixed = {
      "User-Agent": `Amazon|StepFunctions|HttpInvoke|${this.#settings.region ?? "us-east-1"}`,
      Range: "bytes=0-262144",
      ...(standIn === undefined ? {} : { Host: asked.host }),
    };
    const all = replaced(headers, fixed);
    return { method, asked, url, headers: all, connection, ...(body === undefined ? {} : { body }) };
  }

  #connectionOf(parameters: JsonObject): ConnectionConfig {
    const authentication = optionalObject(parameters, "Authentication") ?? {};
    const invocation = optionalObject(parameters, "InvocationConfig") ?? {};
    const arn = authentication["ConnectionArn"] ?? invocation["ConnectionArn"];
    if (arn === undefined) throw new Unusable("The field 'Authentication' is required but was missing");
    if (typeof arn !== "string") throw new Unusable("The value of the field 'ConnectionArn' has an invalid format");
    const connection = findConnection(this.#settings.connections ?? {}, arn);
    if (connection === undefined) {
      if (this.#settings.standIn !== undefined) return {};
      throw new Unusable(`The connection ${arn} does not exist: add it to connections in stepwell.yaml`);
    }
    return connection;
  }

  #urlOf(endpoint: string, query: JsonObject | undefined, connection: ConnectionConfig): URL {
    const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
    if (url === undefined || url.username !== "" || !/^https?:$/.test(url.protocol)) {
      throw new Unusable("The value of the field 'ApiEndpoint' has an invalid format");
    }
    if (url.protocol === "http:" && !this.#guard.namesHost(url.hostname)) {
      throw new Unusable("The field 'ApiEndpoint' must be an HTTPS URL");
    }
    for (const [name, value] of Object.entries({ ...query, ...connection.query })) {
      url.searchParams.delete(name);
      for (const item of isJsonArray(value) ? value : [value]) url.searchParams.append(name, plainText(item));
    }
    return url;
  }
}

function text(parameters: JsonObject, name: string): string {
  const value = parameters[name];
  if (value === undefined) throw new Unusable(`The field '${name}' is required but was missing`);
  if (typeof value !== "string") throw new Unusable(`The value of the field '${name}' has an invalid format`);
  return value;
}

function optionalObject(parameters: JsonObject, name: string): JsonObject | undefined {
  const value = parameters[name];
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw new Unusable(`The value of the field '${name}' has an invalid format`);
  return value;
}

interface Body {
  readonly body?: string;
  readonly type?: string;
}

/** The task's body with the connection's members in it, encoded as asked. */
function bodyOf(parameters: JsonObject, connection: ConnectionConfig): Body {
  const given = parameters["RequestBody"];
  const added = connection.body;
  if (given === undefined && added === undefined) return {};
  const isPlain = given !== undefined && !isJsonObject(given);
  if (isPlain && added !== undefined) {
    throw new Unusable("The field 'RequestBody' must be an object, for the connection adds members to it");
  }
  const merged: Json = isPlain ? given : { ...(given as JsonObject | undefined), ...added };
  const transform = optionalObject(parameters, "Transform") ?? {};
  const encoding = transform["RequestBodyEncoding"] ?? "NONE";
  if (encoding !== "NONE" && encoding !== "URL_ENCODED") {
    throw new Unusable("The field 'RequestBodyEncoding' should have one of these values: [NONE, URL_ENCODED]");
  }
  if (encoding === "NONE") return { body: plainText(merged), type: "application/json" };
  const format = optionalObject(transform, "RequestEncodingOptions")?.["ArrayFormat"] ?? "INDICES";
  if (!ARRAY_FORMATS.includes(format as string)) {
    throw new Unusable(`The field 'ArrayFormat' should have one of these values: [${ARRAY_FORMATS.join(", ")}]`);
  }
  if (!isJsonObject(merged)) throw new Unusable("The field 'RequestBody' must be an object to be URL-encoded");
  return { body: urlEncoded(merged, format as ArrayFormat), type: "application/x-www-form-urlencoded" };
}

/** The connection's headers take the place of the task's, whatever their case. */
function headersOf(given: JsonObject, connection: ConnectionConfig, type: string | undefined): Record<string, string> {
  const all = new Map<string, readonly [string, string]>();
  if (type !== undefined) all.set("content-type", ["Content-Type", type]);
  for (const [name, value] of [...Object.entries(given), ...Object.entries(connection.headers ?? {})]) {
    all.set(name.toLowerCase(), [name, (isJsonArray(value) ? value : [value]).map(plainText).join(", ")]);
  }
  for (const [name, value] of all.values()) {
    if (!HEADER_NAME.test(name) || !HEADER_VALUE.test(value)) {
      throw new Unusable("The value of the field 'Headers' has an invalid format");
    }
  }
  return Object.fromEntries(all.values());
}

/** With the span of the state, unless the task or its connection names another. */
function traced(prepared: Prepared, traceparent: string | undefined): Prepared {
  if (traceparent === undefined) return prepared;
  return { ...prepared, headers: replaced({ traceparent }, prepared.headers) };
}

/** Headers with others in the place of those of the same name. */
function replaced(
  headers: Readonly<Record<string, string>>,
  others: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = new Set(Object.keys(others).map((name) => name.toLowerCase()));
  return {
    ...Object.fromEntries(Object.entries(headers).filter(([name]) => !names.has(name.toLowerCase()))),
    ...others,
  };
}

function outcomeOf(answer: HttpAnswer): TaskOutcome {
  const { statusCode, statusText, headers } = answer;
  if (statusCode >= 300) return { kind: "failed", error: `States.Http.StatusCode.${statusCode}`, cause: statusText };
  const members = [
    `"Headers":${JSON.stringify(headers)}`,
    `"ResponseBody":${bodyJson(answer)}`,
    `"StatusCode":${statusCode}`,
    `"StatusText":${JSON.stringify(statusText)}`,
  ];
  return { kind: "succeeded", output: `{${members.join(",")}}` };
}

/** Recorded behaviour, fact 21. */
export function tooLarge(what: string): TaskOutcome {
  const cause = `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  return { kind: "failed", error: "States.DataLimitExceeded", cause };
}
