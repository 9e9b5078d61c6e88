/**
 * `eks:call` and `eks:runJob[.sync]`: the Kubernetes API of a cluster, with a token of AWS and the cluster's own authority.
 * features.md B.3; AWS, "Create and manage Amazon EKS clusters with Step Functions".
 */
import { isJsonArray, isJsonObject, type Json, type JsonObject, type StartTask } from "@stepwell/core";
import type { Connector, TaskOutcome, TaskRequest } from "@stepwell/engine";
import { AddressGuard } from "../http-task/address-guard.ts";
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
import { at, objectAt, ParameterRefusal, pick } from "./integration.ts";
import { RoleNotAssumed } from "./service-call-error.ts";
import { notStartable, refusalOf, roleRefused } from "./service-failure.ts";
import { eksToken } from "./signing.ts";

const TIMEOUT_MS = 60_000;
const ANSWER_BYTES_MAX = 1_048_576;
/** Of each container's log. */
const LOG_BYTES_MAX = 65_536;
const PODS_MAX = 20;
const ACTIONS = ["call", "runJob"];
const CLUSTER_FIELDS = ["ClusterName", "CertificateAuthority", "Endpoint"] as const;

interface ClusterCall {
  readonly method: string;
  readonly path: string;
  readonly query?: JsonObject;
  readonly body?: Json;
}

interface JobHandle {
  readonly name: string;
  readonly namespace: string;
}

export class EksTask implements Connector {
  readonly #clients: AwsClients;
  readonly #guard: AddressGuard;
  readonly #http = new HttpConnections();

  constructor(clients: AwsClients, allow: readonly string[] = []) {
    this.#clients = clients;
    this.#guard = new AddressGuard(allow);
  }

  handles({ resource }: Pick<StartTask, "resource" | "stateName">): boolean {
    return resource.kind === "service" && resource.service === "eks" && ACTIONS.includes(resource.action);
  }

  /** By cluster. */
  lane({ input }: Pick<TaskRequest, "input">): string {
    return hostOf(JSON.parse(input) as Json, "Endpoint");
  }

  parametersProblem({ input }: Pick<TaskRequest, "input">): string | undefined {
    return refusalOf(input, clusterParameters);
  }

  start(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    const { resource } = request;
    return this.#told(request, (parameters) =>
      resource.kind === "service" && resource.action === "call"
        ? this.#call(parameters, request, signal)
        : this.#runJob(parameters, request, signal),
    );
  }

  poll(request: TaskRequest, handle: string, signal: AbortSignal): Promise<TaskOutcome | undefined> {
    const job = JSON.parse(handle) as JobHandle;
    return this.#told(request, (parameters) => this.#jobOutcome(parameters, request, job, signal), true);
  }

  async cancel(request: TaskRequest, handle: string | undefined): Promise<void> {
    if (handle === undefined) return;
    const { signal } = new AbortController();
    const job = JSON.parse(handle) as JobHandle;
    const query = { propagationPolicy: ["Background"] };
    const call = { method: "DELETE", path: jobPath(job), query };
    const answer = await this.#send(clusterParameters(JSON.parse(request.input) as Json), call, request, signal);
    if (answer.statusCode >= 400 && answer.statusCode !== 404) {
      throw new Error(`the cluster answered ${answer.statusCode} to the deletion of ${jobPath(job)}`);
    }
  }

  async close(): Promise<void> {
    this.#http.close();
  }

  /** `rethrows`: what passes by itself is asked again by the engine. */
  async #told<Outcome>(
    request: TaskRequest,
    perform: (parameters: JsonObject) => Promise<Outcome>,
    rethrows = false,
  ): Promise<Outcome | TaskOutcome> {
    try {
      return await perform(clusterParameters(JSON.parse(request.input) as Json));
    } catch (error) {
      if (error instanceof ParameterRefusal) return notStartable(request.input, error.wrong);
      if (error instanceof RoleNotAssumed) return roleRefused(request, error);
      if (error instanceof AnswerTooLarge) return tooLarge("eks");
      if (!(error instanceof NoAnswer) || rethrows) throw error;
      const cause = `Unable to execute HTTP request: ${error.message}`;
      return { kind: "failed", error: "EKS.SdkClientException", cause };
    }
  }

  async #call(parameters: JsonObject, request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    const { Method, Path, QueryParameters, RequestBody } = parameters;
    if (typeof Method !== "string" || typeof Path !== "string") {
      throw new ParameterRefusal(
        ["Method", "Path"].filter((name) => typeof parameters[name] !== "string").map(missingField),
      );
    }
    const answer = await this.#send(
      parameters,
      {
        method: Method,
        path: Path,
        ...(isJsonObject(QueryParameters) ? { query: QueryParameters } : {}),
        ...(RequestBody === undefined ? {} : { body: RequestBody }),
      },
      request,
      signal,
    );
    if (answer.statusCode >= 400) return refused(answer);
    const waits = request.resource.kind === "service" && request.resource.pattern === "waitForTaskToken";
    return { kind: waits ? "submitted" : "succeeded", output: answerText(answer) };
  }

  async #runJob(parameters: JsonObject, request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    const { Job, Namespace = "default" } = parameters;
    if (!isJsonObject(Job)) throw new ParameterRefusal([missingField("Job")]);
    const namespace = String(Namespace);
    const path = `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs`;
    const answer = await this.#send(parameters, { method: "POST", path, body: Job }, request, signal);
    if (answer.statusCode >= 400) return refused(answer);
    const name = at(JSON.parse(bodyJson(answer)) as JsonObject, "metadata", "name");
    const output = answerText(answer);
    if (request.resource.kind !== "service" || request.resource.pattern === "requestResponse") {
      return { kind: "succeeded", output };
    }
    const handle: JobHandle = { name: String(name), namespace };
    const isPolled = request.resource.pattern === "sync";
    return { kind: "submitted", output, ...(isPolled ? { handle: JSON.stringify(handle) } : {}) };
  }

  async #jobOutcome(
    parameters: JsonObject,
    request: TaskRequest,
    handle: JobHandle,
    signal: AbortSignal,
  ): Promise<TaskOutcome | undefined> {
    const answer = await this.#send(parameters, { method: "GET", path: jobPath(handle) }, request, signal);
    if (answer.statusCode >= 500 || answer.statusCode === 429)
      throw new Error(`the cluster answered ${answer.statusCode}`);
    if (answer.statusCode >= 400) return refused(answer);
    const job = JSON.parse(bodyJson(answer)) as JsonObject;
    const conditions = at(job, "status", "conditions");
    const has = (type: string) =>
      isJsonArray(conditions as Json) &&
      (conditions as readonly JsonObject[]).some(
        (condition) => condition["type"] === type && condition["status"] === "True",
      );
    if (!has("Complete") && !has("Failed")) return undefined;
    const logs = await this.#logs(parameters, request, handle, signal);
    const output = JSON.stringify({ ...logs, ResponseBody: job, StatusCode: answer.statusCode });
    return has("Complete")
      ? { kind: "succeeded", output }
      : { kind: "failed", error: "States.TaskFailed", cause: output };
  }

  /** `logs.pods.<pod>.containers.<container>.log`, where LogOptions ask for it. */
  async #logs(
    parameters: JsonObject,
    request: TaskRequest,
    { name, namespace }: JobHandle,
    signal: AbortSignal,
  ): Promise<JsonObject> {
    const options = objectAt(parameters, "LogOptions") ?? {};
    if (options["RetrieveLogs"] !== true) return {};
    const base = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
    const query = { labelSelector: [`job-name=${name}`] };
    const list = await this.#send(parameters, { method: "GET", path: base, query }, request, signal);
    const items = at(JSON.parse(bodyJson(list)) as JsonObject, "items");
    const pods = (isJsonArray(items as Json) ? (items as readonly JsonObject[]) : []).slice(0, PODS_MAX);
    const read: [string, JsonObject][] = [];
    for (const pod of pods) {
      const podName = String(at(pod, "metadata", "name"));
      const containers = (at(pod, "spec", "containers") ?? []) as readonly JsonObject[];
      const logs: [string, JsonObject][] = [];
      for (const { name: container } of containers) {
        const query = {
          limitBytes: [LOG_BYTES_MAX],
          ...objectAt(options, "LogParameters"),
          container: [container as Json],
        };
        const path = `${base}/${encodeURIComponent(podName)}/log`;
        const log = await this.#send(parameters, { method: "GET", path, query }, request, signal);
        logs.push([String(container), { log: logJson(log.body.toString(), options["RawLogs"] === true) }]);
      }
      read.push([podName, { containers: Object.fromEntries(logs) }]);
    }
    return { logs: { pods: Object.fromEntries(read) } };
  }

  async #send(
    parameters: JsonObject,
    call: ClusterCall,
    request: TaskRequest,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const { ClusterName, CertificateAuthority, Endpoint } = parameters as Readonly<Record<string, string>>;
    const standIn = this.#clients.settings.endpoints?.["kubernetes"];
    const url = clusterUrl(standIn ?? (Endpoint as string), call.path);
    // Only a cluster that the configuration names is spoken to without TLS.
    if (standIn === undefined && url.protocol === "http:" && !this.#guard.namesHost(url.hostname)) {
      throw new ParameterRefusal(["The value of the field 'Endpoint' has an invalid format"]);
    }
    for (const [name, values] of Object.entries(call.query ?? {})) {
      for (const value of isJsonArray(values) ? values : [values]) url.searchParams.append(name, plainText(value));
    }
    const credentials = await this.#clients.credentials("sts", request.credentialsRoleArn);
    const token = await eksToken(ClusterName as string, this.#clients.region, credentials);
    return this.#http.call({
      method: call.method,
      url,
      headers: {
        Accept: "application/json",
        Authorization: `Bearer ${token}`,
        ...(call.body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(call.body === undefined ? {} : { body: plainText(call.body) }),
      timeoutMs: TIMEOUT_MS,
      responseBytesMax: ANSWER_BYTES_MAX,
      ...(standIn === undefined && url.protocol === "https:"
        ? { certificateAuthority: Buffer.from(CertificateAuthority as string, "base64").toString() }
        : {}),
      ...(standIn === undefined ? { guard: this.#guard } : {}),
      signal,
    });
  }
}

function clusterParameters(parameters: Json): JsonObject {
  if (!isJsonObject(parameters))
    throw new ParameterRefusal(["The value of the field 'Parameters' has an invalid format"]);
  const missing = CLUSTER_FIELDS.filter((name) => typeof parameters[name] !== "string");
  if (missing.length > 0) throw new ParameterRefusal(missing.map(missingField));
  return parameters;
}

function missingField(name: string): string {
  return `The field '${name}' is required but was missing`;
}

function clusterUrl(endpoint: string, path: string): URL {
  const base = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol) || !path.startsWith("/")) {
    throw new ParameterRefusal([
      `The value of the field '${base === undefined ? "Endpoint" : "Path"}' has an invalid format`,
    ]);
  }
  const url = new URL(base.origin);
  url.pathname = path;
  return url;
}

function jobPath({ name, namespace }: JobHandle): string {
  return `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs/${encodeURIComponent(name)}`;
}

function answerText(answer: HttpAnswer): string {
  const members = [
    `"ResponseBody":${bodyJson(answer)}`,
    `"ResponseHeaders":${JSON.stringify(answer.headers)}`,
    `"StatusCode":${answer.statusCode}`,
  ];
  return `{${members.join(",")}}`;
}

function refused(answer: HttpAnswer): TaskOutcome {
  const parsed = JSON.parse(bodyJson(answer)) as Json;
  const cause = isJsonObject(parsed)
    ? JSON.stringify(pick({ ResponseBody: parsed }, "ResponseBody"))
    : plainText(parsed);
  return { kind: "failed", error: `EKS.${answer.statusCode}`, cause };
}

/** Logs that are JSON are given as JSON, unless RawLogs are asked for. */
function logJson(log: string, isRaw: boolean): Json {
  if (isRaw) return log;
  try {
    return JSON.parse(log) as Json;
  } catch {
    return log;
  }
}
