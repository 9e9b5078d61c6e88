/**
 * Functions that are not mapped locally, on AWS or on whatever answers at AWS_ENDPOINT_URL. The SDK is loaded when the
 * first of them is called: a server that runs everything locally never pays for it.
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { Environment } from "../functions/environment.ts";
import type { InvocationResult, ServiceError } from "../functions/invocation.ts";
import type { FunctionDefaults, FunctionReference } from "./function-reference.ts";
import { functionArn } from "./function-reference.ts";
import type { InvokeParameters } from "./invoke-parameters.ts";

const CREDENTIAL_VARIABLES = [
  "AWS_ACCESS_KEY_ID",
  "AWS_PROFILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];
const CONNECTION_TIMEOUT_MS = 10_000;

export class AwsLambda {
  readonly #env: Environment;
  readonly #defaults: FunctionDefaults;
  readonly #clients = new Map<string, Promise<LambdaClient>>();

  constructor(env: Environment, defaults: FunctionDefaults) {
    this.#env = env;
    this.#defaults = defaults;
  }

  /** True when there is an endpoint or a sign of credentials. Instance metadata is not asked: that takes a second to fail. */
  get isConfigured(): boolean {
    if (this.#endpoint !== undefined) return true;
    if (CREDENTIAL_VARIABLES.some((name) => this.#env[name])) return true;
    const directory = join(this.#env["HOME"] ?? homedir(), ".aws");
    return existsSync(this.#env["AWS_SHARED_CREDENTIALS_FILE"] ?? join(directory, "credentials"));
  }

  async invoke(parameters: InvokeParameters, signal: AbortSignal): Promise<InvocationResult> {
    const region = parameters.function.region ?? this.#defaults.region;
    const { InvokeCommand } = await import("@aws-sdk/client-lambda");
    const { clientContext } = parameters;
    const command = new InvokeCommand({
      FunctionName: this.#nameOf(parameters.function),
      InvocationType: parameters.invocationType,
      LogType: parameters.wantsLog ? "Tail" : "None",
      Payload: Buffer.from(parameters.payload),
      ...(parameters.function.qualifier === undefined ? {} : { Qualifier: parameters.function.qualifier }),
      ...(clientContext === undefined ? {} : { ClientContext: clientContext }),
    });
    try {
      const client = await this.#client(region);
      const answer = await client.send(command, { abortSignal: signal });
      return {
        kind: "payload",
        payload: Buffer.from(answer.Payload ?? []).toString(),
        functionError: answer.FunctionError !== undefined,
        logTail: Buffer.from(answer.LogResult ?? "", "base64").toString(),
        ...(answer.ExecutedVersion === undefined ? {} : { executedVersion: answer.ExecutedVersion }),
      };
    } catch (error) {
      signal.throwIfAborted();
      return { kind: "serviceError", ...serviceErrorOf(error) };
    }
  }

  async close(): Promise<void> {
    for (const client of this.#clients.values()) (await client).destroy();
    this.#clients.clear();
  }

  get #endpoint(): string | undefined {
    return this.#env["AWS_ENDPOINT_URL_LAMBDA"] || this.#env["AWS_ENDPOINT_URL"] || undefined;
  }

  /** An account must be told; a bare name means the caller's own. */
  #nameOf(reference: FunctionReference): string {
    const { qualifier: _, ...unqualified } = reference;
    return reference.accountId === undefined ? reference.name : functionArn(unqualified, this.#defaults);
  }

  #client(region: string): Promise<LambdaClient> {
    const known = this.#clients.get(region);
    if (known !== undefined) return known;
    const client = this.#newClient(region);
    this.#clients.set(region, client);
    return client;
  }

  async #newClient(region: string): Promise<LambdaClient> {
    const { LambdaClient } = await import("@aws-sdk/client-lambda");
    const endpoint = this.#endpoint;
    const hasCredentials = CREDENTIAL_VARIABLES.some((name) => this.#env[name]);
    return new LambdaClient({
      region,
      // The definition's own Retry decides; an SDK that retries too would multiply the calls.
      maxAttempts: 1,
      requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS },
      ...(endpoint === undefined ? {} : { endpoint }),
      // A stand-in for AWS wants a signature, whatever it is made with.
      ...(endpoint === undefined || hasCredentials
        ? {}
        : { credentials: { accessKeyId: "stepwell", secretAccessKey: "stepwell" } }),
    });
  }
}

interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly Message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

function serviceErrorOf(thrown: unknown): ServiceError {
  const error = thrown as SdkError;
  const statusCode = error.$metadata?.httpStatusCode;
  const message = error.message || error.Message || String(error.name);
  if (statusCode === undefined)
    return { code: "SdkClientException", message: `Unable to execute HTTP request: ${message}` };
  const requestId = error.$metadata?.requestId;
  return { code: error.name ?? "Unknown", message, statusCode, ...(requestId === undefined ? {} : { requestId }) };
}
