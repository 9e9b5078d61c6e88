/** Other services of AWS while a stack is deployed: only behind endpoints that were named. AWS itself is never called. */
import {
  AwsClients,
  type AwsSettings,
  clientPackage,
  createObjectStore,
  endpointOf,
  ServiceCallError,
  serviceModel,
} from "@stepwell/connectors";
import type { JsonObject } from "@stepwell/core";
import type { ObjectStore } from "@stepwell/engine";
import { UsageError } from "../usage-error.ts";

/** What another service refused, or that it cannot be reached. */
export class EndpointRefusal extends UsageError {
  /** The service's own name for it. */
  readonly code: string;

  constructor(code: string, message: string, cause: unknown) {
    super(message);
    this.cause = cause;
    this.code = code;
  }
}

export class AwsEndpoints {
  readonly #settings: AwsSettings;
  readonly #clients: AwsClients;

  constructor(settings: AwsSettings) {
    this.#settings = settings;
    this.#clients = new AwsClients(settings);
  }

  /** The URL that stands for a service; undefined when none was named, or its client is not installed. */
  of(service: string): string | undefined {
    const model = serviceModel(service);
    if (model === undefined) return undefined;
    const url = endpointOf(this.#settings, service, model.metadata.serviceId);
    return url !== undefined && this.#clients.packages.isInstalled(clientPackage(model)) ? url : undefined;
  }

  /** What functions need to find the same services: `AWS_ENDPOINT_URL_<SERVICE>`. */
  variables(): Readonly<Record<string, string>> {
    const env = this.#settings.env ?? process.env;
    const given = Object.entries(env).flatMap(([name, value]) =>
      /^AWS_ENDPOINT_URL(_[A-Z0-9_]+)?$/.test(name) && value ? [[name, value] as const] : [],
    );
    const configured = Object.entries(this.#settings.endpoints ?? {}).map(([service, url]) => {
      const id = serviceModel(service)?.metadata.serviceId ?? service;
      const suffix = service === "default" ? "" : `_${id.toUpperCase().replaceAll(/[ -]/g, "_")}`;
      return [`AWS_ENDPOINT_URL${suffix}`, url] as const;
    });
    const found = Object.fromEntries([...configured, ...given]);
    // What stands in for AWS wants a signature, whatever it is made with.
    return Object.keys(found).length === 0
      ? {}
      : { AWS_ACCESS_KEY_ID: "stepwell", AWS_SECRET_ACCESS_KEY: "stepwell", ...found };
  }

  /** `input` and the answer have the API's own names. Throws EndpointRefusal. */
  async call(service: string, action: string, input: JsonObject): Promise<JsonObject> {
    if (this.of(service) === undefined) throw new Error(`there must be an endpoint for ${service}`);
    try {
      return await this.#clients.callByName(service, action, input, {
        times: "iso",
        signal: AbortSignal.timeout(CALL_MS),
      });
    } catch (error) {
      const where = `${service}:${action} at ${this.of(service)}`;
      if (!(error instanceof ServiceCallError))
        throw new EndpointRefusal("Unknown", `${where}: ${String(error)}`, error);
      const { code, name, message } = error.failure;
      throw new EndpointRefusal(code || name, `${where}: ${code || name}: ${message}`, error);
    }
  }

  /** Objects: of the buckets given, which are directories, and of S3's place for all others. */
  objectStore(buckets: Readonly<Record<string, string>> = {}): ObjectStore {
    return createObjectStore({ ...this.#settings, buckets });
  }

  close(): Promise<void> {
    return this.#clients.close();
  }
}

const CALL_MS = 30_000;
