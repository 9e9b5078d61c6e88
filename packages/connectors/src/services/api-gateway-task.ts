/** `arn:aws:states:::apigateway:invoke[.waitForTaskToken]`. features.md B.3. */
import { isJsonArray, isJsonObject, type Json, type JsonObject, type StartTask } from "@stepwell/core";
import type { Connector, TaskOutcome, TaskRequest } from "@stepwell/engine";
import { AddressGuard } from "../http-task/address-guard.ts";
import { forbiddenHeaders } from "../http-task/forbidden-headers.ts";
import {
  AnswerTooLarge,
  bodyJson,
  type HttpAnswer,
  HttpConnections,
  hostOf,
  NoAnswer,
} from "../http-task/http-call.ts";
import { tooLarge } from "../http-task/http-task.ts";
import { plainText } from "../http-task/url-encoding.ts";
import type { AwsClients } from "./aws-clients.ts";
import { endpointOf } from "./aws-settings.ts";
import { ParameterRefusal } from "./integration.ts";
import { RoleNotAssumed } from "./service-call-error.ts";
import { notStartable, refusalOf, roleRefused } from "./service-failure.ts";
import { signedHeaders } from "./signing.ts";

/** API Gateway itself gives up after 29 seconds, unless it is asked for more. */
const TIMEOUT_MS = 300_000;
const ANSWER_BYTES_MAX = 10_485_760;
const METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];
const AUTH_TYPES = ["NO_AUTH", "IAM_ROLE", "RESOURCE_POLICY"];
const FIELDS: ReadonlySet<string> = new Set([
  "ApiEndpoint",
  "Method",
  "Stage",
  "Path",
  "Headers",
  "QueryParameters",
  "RequestBody",
  "AllowNullValues",
  "AuthType",
]);
/** `abc123.execute-api.eu-west-1.amazonaws.com` */
const REGION_OF_HOST = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com/;

export class ApiGatewayTask implements Connector {
  readonly #clients: AwsClients;
  readonly #guard: AddressGuard;
  readonly #http = new HttpConnections();

  constructor(clients: AwsClients, allow: readonly string[] = []) {
    this.#clients = clients;
    this.#guard = new AddressGuard(allow);
  }

  handles({ resource }: Pick<StartTask, "resource" | "stateName">): boolean {
    return resource.kind === "service" && resource.service === "apigateway" && resource.action === "invoke";
  }

  /** By API. */
  lane({ input }: Pick<TaskRequest, "input">): string {
    return hostOf(JSON.parse(input) as Json, "ApiEndpoint");
  }

  parametersProblem({ input }: Pick<TaskRequest, "input">): string | undefined {
    return refusalOf(input, parametersOf);
  }

  async start(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    try {
      const answer = await this.#send(parametersOf(JSON.parse(request.input) as Json), request, signal);
      return outcomeOf(answer, request);
    } catch (error) {
      if (error instanceof ParameterRefusal) return notStartable(request.input, error.wrong);
      if (error instanceof RoleNotAssumed) return roleRefused(request, error);
      if (error instanceof AnswerTooLarge) return tooLarge("apigateway");
      if (error instanceof NoAnswer) {
        const cause = `Unable to execute HTTP request: ${error.message}`;
        return { kind: "failed", error: "ApiGateway.SdkClientException", cause };
      }
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#http.close();
  }

  async #send(parameters: JsonObject, request: TaskRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const endpoint = String(parameters["ApiEndpoint"]);
    const standIn = endpointOf(this.#clients.settings, "apigateway", "ApiGateway Invoke");
    const url = urlOf(parameters, standIn ?? `https://${endpoint}`);
    const body = parameters["RequestBody"];
    const headers: Record<string, string> = {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(standIn === undefined ? {} : { host: endpoint }),
      ...headersOf(parameters),
    };
    const call = {
      method: String(parameters["Method"]),
      url,
      headers,
      ...(body === undefined ? {} : { body: plainText(body) }),
    };
    const signed = parameters["AuthType"] === "IAM_ROLE" ? await this.#signed(call, endpoint, request) : headers;
    return this.#http.call({
      ...call,
      headers: signed,
      timeoutMs: TIMEOUT_MS,
      responseBytesMax: ANSWER_BYTES_MAX,
      ...(standIn === undefined ? { guard: this.#guard } : {}),
      signal,
    });
  }

  async #signed(
    call: Parameters<typeof signedHeaders>[0],
    endpoint: string,
    request: TaskRequest,
  ): Promise<Record<string, string>> {
    const credentials = await this.#clients.credentials("sts", request.credentialsRoleArn);
    const region = REGION_OF_HOST.exec(endpoint)?.[1] ?? this.#clients.region;
    return signedHeaders(call, "execute-api", region, credentials);
  }
}

function parametersOf(parameters: Json): JsonObject {
  if (!isJsonObject(parameters)) throw new ParameterRefusal([invalid("Parameters")]);
  const wrong = Object.keys(parameters)
    .filter((name) => !FIELDS.has(name))
    .map((name) => `The field '${name}' is not supported by Step Functions`);
  for (const name of ["ApiEndpoint", "Method"]) {
    if (parameters[name] === undefined) wrong.push(`The field '${name}' is required but was missing`);
  }
  for (const name of ["ApiEndpoint", "Method", "Stage", "Path", "AuthType"]) {
    if (parameters[name] !== undefined && typeof parameters[name] !== "string") wrong.push(invalid(name));
  }
  const { Method, AuthType = "NO_AUTH", ApiEndpoint } = parameters;
  if (typeof Method === "string" && !METHODS.includes(Method)) wrong.push(invalid("Method"));
  if (typeof AuthType === "string" && !AUTH_TYPES.includes(AuthType)) wrong.push(invalid("AuthType"));
  // A host, nothing else: a path or a user in it would be sent elsewhere than it looks.
  if (typeof ApiEndpoint === "string" && !/^[A-Za-z0-9.:[\]-]+$/.test(ApiEndpoint)) wrong.push(invalid("ApiEndpoint"));
  for (const name of ["Headers", "QueryParameters"]) {
    if (parameters[name] !== undefined && !isMapOfLists(parameters[name])) wrong.push(invalid(name));
  }
  if (wrong.length > 0) throw new ParameterRefusal(wrong);
  const forbidden = forbiddenHeaders(Object.keys((parameters["Headers"] ?? {}) as JsonObject), "apiGateway");
  if (forbidden.length === 0) return parameters;
  throw new ParameterRefusal([`The 'Headers' field contains unsupported values: [${forbidden.join(", ")}]`]);
}

function invalid(name: string): string {
  return `The value of the field '${name}' has an invalid format`;
}

function isMapOfLists(value: Json | undefined): boolean {
  return isJsonObject(value) && Object.values(value).every((list) => isJsonArray(list));
}

function urlOf(parameters: JsonObject, base: string): URL {
  const { Stage, Path, QueryParameters } = parameters as { readonly [name: string]: Json };
  const parts = [Stage, Path].flatMap((part) => String(part ?? "").split("/")).filter((part) => part !== "");
  const url = new URL(base);
  url.pathname = `/${parts.map((part) => encodeURIComponent(decodedOnce(part))).join("/")}`;
  for (const [name, values] of Object.entries((QueryParameters ?? {}) as JsonObject)) {
    for (const value of values as readonly Json[]) url.searchParams.append(name, plainText(value));
  }
  return url;
}

/** A path may be given encoded or not. */
function decodedOnce(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function headersOf({ Headers }: JsonObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries((Headers ?? {}) as JsonObject).map(([name, values]) => [
      name.toLowerCase(),
      (values as readonly Json[]).map(plainText).join(","),
    ]),
  );
}

function outcomeOf(answer: HttpAnswer, { resource }: TaskRequest): TaskOutcome {
  const { statusCode, statusText, headers } = answer;
  if (statusCode >= 400) {
    return { kind: "failed", error: `ApiGateway.${statusCode}`, cause: answer.body.toString() };
  }
  const members = [
    `"Headers":${JSON.stringify(headers)}`,
    `"ResponseBody":${bodyJson(answer)}`,
    `"StatusCode":${statusCode}`,
    `"StatusText":${JSON.stringify(statusText)}`,
  ];
  const waits = resource.kind === "service" && resource.pattern === "waitForTaskToken";
  return { kind: waits ? "submitted" : "succeeded", output: `{${members.join(",")}}` };
}
