/**
 * Calls to AWS's services with the clients of the AWS SDK for JavaScript. A client is loaded when the first call needs
 * it, and shares its connections between all calls of one service, region and role.
 *
 * C1. No call is repeated by the SDK: the definition's Retry decides. Only calls that were throttled, which did nothing,
 *     are made again here, after a growing wait and at most `THROTTLED_ATTEMPTS_MAX` times; and those that went into a kept
 *     connection which was closed meanwhile.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { Json, JsonObject } from "@stepwell/core";
import type { ShapeReference } from "../service-models/model-data.ts";
import { type OperationModel, type ServiceModel, serviceModel } from "../service-models/service-model.ts";
import { type AwsSettings, type Credentials, endpointOf, hasCredentials, ownCredentials } from "./aws-settings.ts";
import { type ClientModule, ClientPackages, clientPackage } from "./client-packages.ts";
import { jsonOutput, sdkInput, type TimeStyle } from "./sdk-values.ts";
import { failureOf, isThrottled, RoleNotAssumed, ServiceCallError } from "./service-call-error.ts";
import { keepingAgents, wasStale } from "./stale-sockets.ts";

export interface ServiceCall {
  readonly model: ServiceModel;
  readonly operation: OperationModel;
  /** The API's input as JSON, members called as in the API. */
  readonly input: JsonObject;
  readonly times: TimeStyle;
  /** Whom to call as. */
  readonly roleArn?: string;
  /** Where, when not in the region of the settings. */
  readonly region?: string;
  readonly signal?: AbortSignal;
}

export interface ServiceAnswer {
  /** Members as in workflows. */
  readonly output: JsonObject;
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly requestId: string;
}

/** What answers calls of one service in place of AWS. */
export interface LocalService {
  readonly service: string;
  /** Undefined: the call is not for it. Rejects as `AwsClients.call` does. */
  answer(call: ServiceCall): Promise<ServiceAnswer> | undefined;
  close(): Promise<void>;
}

interface Command {
  readonly middlewareStack: { add(middleware: Middleware, options: object): void };
}

type Middleware = (
  next: (args: unknown) => Promise<{ readonly response: unknown }>,
) => (args: unknown) => Promise<{ readonly response: unknown }>;

interface Client {
  send(command: Command, options: { abortSignal?: AbortSignal }): Promise<Readonly<Record<string, unknown>>>;
  destroy(): void;
  readonly config: { readonly credentials: () => Promise<Credentials> };
}

interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  body?: unknown;
}

const CONNECTION_TIMEOUT_MS = 10_000;
/** Models answer slowly; nothing answers later than this. */
const REQUEST_TIMEOUT_MS = 900_000;
const THROTTLED_ATTEMPTS_MAX = 4;
/** All sockets that are kept may have been closed: at the last try it is probably a new one. */
const STALE_ATTEMPTS_MAX = 3;
const THROTTLED_PAUSE_MS = 200;
const CLIENTS_MAX = 128;
/** Larger than any payload of an execution. */
const BODY_BYTES_MAX = 16 * 1_048_576;
const ROLE_SECONDS = 900;
/** Credentials that end sooner are not used for another call. */
const EXPIRY_MARGIN_MS = 60_000;

export class AwsClients {
  readonly settings: AwsSettings;
  readonly packages: ClientPackages;
  readonly #local: LocalService | undefined;
  readonly #clients = new Map<string, Promise<Client>>();
  readonly #roles = new Map<string, Promise<Credentials>>();

  constructor(settings: AwsSettings, local?: LocalService) {
    this.#local = local;
    this.settings = settings;
    this.packages = new ClientPackages(settings.baseDirectory ?? process.cwd());
  }

  get region(): string {
    return this.settings.region ?? "us-east-1";
  }

  /** Throws ServiceCallError, RoleNotAssumed, ClientMissing, ValueProblem, or the signal's reason. */
  async call(call: ServiceCall): Promise<ServiceAnswer> {
    const local = this.#local?.service === call.model.service ? this.#local.answer(call) : undefined;
    if (local !== undefined) return local;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#callOnce(call);
      } catch (error) {
        if (attempt < STALE_ATTEMPTS_MAX && wasStale(error)) continue;
        const isWorthTrying = error instanceof ServiceCallError && isThrottled(error.failure);
        if (!isWorthTrying || attempt >= THROTTLED_ATTEMPTS_MAX) throw error;
      }
      await sleep(THROTTLED_PAUSE_MS * 2 ** attempt * (0.5 + Math.random() / 2), undefined, { signal: call.signal });
    }
  }

  /** A call by names, for what integrations need besides their own operation. `input` has the API's own names. */
  async callByName(
    service: string,
    action: string,
    input: JsonObject,
    options: Pick<ServiceCall, "roleArn" | "signal" | "times">,
  ): Promise<JsonObject> {
    const model = serviceModel(service);
    const operation = model?.operation(action);
    if (model === undefined || operation === undefined) throw new Error(`${service}:${action} must have a model`);
    return (await this.call({ model, operation, input, ...options })).output;
  }

  /** The credentials a call would be signed with. */
  async credentials(service: string, roleArn: string | undefined): Promise<Credentials> {
    const model = serviceModel(service);
    if (model === undefined) throw new Error(`${service} must have a model`);
    return (await this.#client(model, roleArn)).config.credentials();
  }

  async close(): Promise<void> {
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    for (const client of await Promise.allSettled(clients)) if (client.status === "fulfilled") client.value.destroy();
    await this.#local?.close();
  }

  async #callOnce({ model, operation, input, times, roleArn, region, signal }: ServiceCall): Promise<ServiceAnswer> {
    const client = await this.#client(model, roleArn, region);
    const values = operation.input === undefined ? {} : sdkInput(model, operation.input, input);
    const command = newCommand(await this.packages.load(clientPackage(model)), operation.name, values);
    let http: HttpAnswer = { statusCode: 200, headers: {} };
    const remember: Middleware = (next) => async (args) => {
      const result = await next(args);
      http = result.response as HttpAnswer;
      if (model.metadata.protocol === "json" && isStream(http.body)) http.body = await bytesOf(http.body);
      return result;
    };
    command.middlewareStack.add(remember, { step: "deserialize", priority: "low" });
    try {
      const answer = await client.send(command, signal === undefined ? {} : { abortSignal: signal });
      const output = await outputOf(model, operation.output, answer, times);
      const { statusCode, headers } = http;
      return { output, statusCode, headers, requestId: requestIdOf(answer, headers) };
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof RoleNotAssumed) throw error;
      const output = unreadOutput(http, operation.output, model, times);
      if (output !== undefined) {
        const { statusCode, headers } = http;
        return { output, statusCode, headers, requestId: requestIdOf({}, headers) };
      }
      throw new ServiceCallError(failureOf(error), error);
    }
  }

  #client(model: ServiceModel, roleArn: string | undefined, region: string = this.region): Promise<Client> {
    const key = `${model.service} ${region} ${roleArn ?? ""}`;
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    const client = this.#newClient(model, roleArn, region);
    // One that could not be made is made anew at the next call.
    client.catch(() => this.#clients.delete(key));
    this.#clients.set(key, client);
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > CLIENTS_MAX && oldest !== undefined) this.#clients.delete(oldest);
    return client;
  }

  async #newClient(model: ServiceModel, roleArn: string | undefined, region: string): Promise<Client> {
    const module = await this.packages.load(clientPackage(model));
    const { settings } = this;
    const endpoint = endpointOf(settings, model.service, model.metadata.serviceId);
    const credentials = this.#credentialsFor(endpoint, roleArn);
    return new (clientClass(module))({
      region,
      maxAttempts: 1,
      // HTTP/1.1 for all, also for the services whose clients would speak HTTP/2: stand-ins do not.
      requestHandler: new NodeHttpHandler({
        connectionTimeout: CONNECTION_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        throwOnRequestTimeout: true,
        ...keepingAgents(),
      }),
      ...(endpoint === undefined ? {} : { endpoint }),
      // Stand-ins for S3 have no host name for each bucket.
      ...(model.service === "s3" && endpoint !== undefined ? { forcePathStyle: true } : {}),
      ...(settings.profile === undefined ? {} : { profile: settings.profile }),
      ...(credentials === undefined ? {} : { credentials }),
    });
  }

  #credentialsFor(
    endpoint: string | undefined,
    roleArn: string | undefined,
  ): Credentials | (() => Promise<Credentials>) | undefined {
    const { settings } = this;
    // A stand-in alone, with nobody to be: there is no role to take on either.
    const canAssume = hasCredentials(settings) || endpointOf(settings, "sts", "STS") !== undefined;
    if (roleArn !== undefined && canAssume) return () => this.#assumed(roleArn);
    return ownCredentials(settings, endpoint);
  }

  async #assumed(roleArn: string): Promise<Credentials> {
    const known = await this.#roles.get(roleArn)?.catch(() => undefined);
    if (known?.expiration !== undefined && known.expiration.getTime() - EXPIRY_MARGIN_MS > Date.now()) return known;
    const assumed = this.#assume(roleArn);
    this.#roles.set(roleArn, assumed);
    const [oldest] = this.#roles.keys();
    if (this.#roles.size > CLIENTS_MAX && oldest !== undefined) this.#roles.delete(oldest);
    return assumed;
  }

  async #assume(roleArn: string): Promise<Credentials> {
    const input = { RoleArn: roleArn, RoleSessionName: "stepwell", DurationSeconds: ROLE_SECONDS };
    try {
      const { Credentials: given } = await this.callByName("sts", "assumeRole", input, { times: "iso" });
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = given as Readonly<Record<string, string>>;
      return {
        accessKeyId: AccessKeyId ?? "",
        secretAccessKey: SecretAccessKey ?? "",
        ...(SessionToken === undefined ? {} : { sessionToken: SessionToken }),
        ...(Expiration === undefined ? {} : { expiration: new Date(Expiration) }),
      };
    } catch (error) {
      throw new RoleNotAssumed(roleArn, error);
    }
  }
}

function clientClass(module: ClientModule): new (config: object) => Client {
  const name = Object.keys(module).find((key) => /^[A-Z]\w*Client$/.test(key));
  return module[name ?? ""] as new (
    config: object,
  ) => Client;
}

function newCommand(module: ClientModule, operation: string, input: unknown): Command {
  const command = module[`${operation}Command`] as (new (input: unknown) => Command) | undefined;
  if (command === undefined) throw new Error(`the installed client has no operation ${operation}: update it`);
  return new command(input);
}

async function outputOf(
  model: ServiceModel,
  reference: ShapeReference | undefined,
  answer: Readonly<Record<string, unknown>>,
  times: TimeStyle,
): Promise<JsonObject> {
  if (reference === undefined) return {};
  const { payload } = model.shape(reference);
  const body = payload === undefined ? undefined : answer[payload];
  const read = isStream(body) ? { ...answer, [payload as string]: await bytesOf(body) } : answer;
  return jsonOutput(model, reference, read, times) as JsonObject;
}

/**
 * The output of a call that succeeded although the SDK could not read it: stand-ins for AWS write some members in another
 * form than AWS, most of all timestamps.
 */
function unreadOutput(
  { statusCode, body }: HttpAnswer,
  reference: ShapeReference | undefined,
  model: ServiceModel,
  times: TimeStyle,
): JsonObject | undefined {
  if (statusCode >= 300 || !(body instanceof Uint8Array) || reference === undefined) return undefined;
  try {
    return jsonOutput(model, reference, JSON.parse(Buffer.from(body).toString()), times) as JsonObject;
  } catch {
    return undefined;
  }
}

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) throw new Error(`the body has more than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function requestIdOf(answer: Readonly<Record<string, unknown>>, headers: HttpAnswer["headers"]): string {
  const { requestId } = (answer["$metadata"] ?? {}) as { readonly requestId?: string };
  return requestId ?? headers["x-amzn-requestid"] ?? "";
}

/** A JSON value that must be an object. */
export function members(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
