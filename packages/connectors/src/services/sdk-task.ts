/**
 * Tasks that call any operation of any service: `arn:aws:states:::aws-sdk:<service>:<action>[.waitForTaskToken]`.
 * features.md B.6; recorded behaviour, facts 23 and 24.
 */
import type { Json, JsonObject, StartTask } from "@stepwell/core";
import type { Connector, TaskOutcome, TaskRequest } from "@stepwell/engine";
import { type OperationModel, type ServiceModel, serviceModel } from "../service-models/service-model.ts";
import type { AwsClients } from "./aws-clients.ts";
import { clientPackage, installHint, isService } from "./client-packages.ts";
import { readCoerced } from "./coerced-parameters.ts";
import { streamedMember } from "./sdk-values.ts";
import { failedCall, notStartable, startProblem } from "./service-failure.ts";

const PREFIX = "aws-sdk:";

/** Performs the calls of one service. */
class SdkTask implements Connector {
  readonly #clients: AwsClients;
  readonly #service: string;

  constructor(service: string, clients: AwsClients) {
    this.#service = service;
    this.#clients = clients;
  }

  handles({ resource }: Pick<StartTask, "resource" | "stateName">): boolean {
    return resource.kind === "service" && resource.service === `${PREFIX}${this.#service}`;
  }

  parametersProblem({ resource, input }: Pick<TaskRequest, "resource" | "input">): string | undefined {
    const { model, operation } = this.#known(resource);
    const { wrong } = readCoerced(model, operation, JSON.parse(input) as Json, "");
    return wrong === undefined ? undefined : startProblem(input, wrong);
  }

  async start(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    const { resource } = request;
    const { model, operation } = this.#known(resource);
    const parameters = JSON.parse(request.input) as Json;
    const read = readCoerced(model, operation, parameters, request.taskToken);
    if (read.wrong !== undefined) return notStartable(request.input, read.wrong);
    const input = withBodyType(model, operation, read.input);
    const { credentialsRoleArn } = request;
    const role = credentialsRoleArn === undefined ? {} : { roleArn: credentialsRoleArn };
    try {
      const { output } = await this.#clients.call({ model, operation, input, times: "iso", ...role, signal });
      const waits = resource.kind === "service" && resource.pattern === "waitForTaskToken";
      return { kind: waits ? "submitted" : "succeeded", output: JSON.stringify(output) };
    } catch (error) {
      const prefix = model.exceptionPrefix;
      return failedCall(error, { prefix, fallback: `${prefix}Exception` }, model, request);
    }
  }

  #known(resource: StartTask["resource"]): { model: ServiceModel; operation: OperationModel } {
    const model = serviceModel(this.#service);
    const operation = model?.operation(resource.kind === "service" ? resource.action : "");
    if (model === undefined || operation === undefined) throw new Error(`${resource.arn} must have a model`);
    return { model, operation };
  }
}

/** What is streamed is sent as text where nothing else is said (recorded: test_s3_put_object). */
function withBodyType(model: ServiceModel, operation: OperationModel, input: JsonObject): JsonObject {
  if (operation.input === undefined) return input;
  const body = streamedMember(model, operation.input);
  const hasType = model.shape(operation.input).members?.["ContentType"] !== undefined;
  if (body === undefined || !hasType || input[body] === undefined || input["ContentType"] !== undefined) return input;
  return { ...input, ContentType: "text/plain; charset=UTF-8" };
}

/** The connectors of aws-sdk integrations, one for each service, made when a service is first asked for. */
export class SdkTasks {
  readonly #clients: AwsClients;
  readonly #connectors = new Map<string, Connector>();

  constructor(clients: AwsClients) {
    this.#clients = clients;
  }

  /** Undefined for resources of other kinds, and where `problemOf` names what is missing. */
  connectorFor({ resource }: Pick<StartTask, "resource">): Connector | undefined {
    if (resource.kind !== "service" || !resource.service.startsWith(PREFIX)) return undefined;
    const service = resource.service.slice(PREFIX.length);
    const known = this.#connectors.get(service);
    if (known !== undefined && serviceModel(service)?.operation(resource.action) !== undefined) return known;
    if (this.problemOf(resource) !== undefined) return undefined;
    const connector = new SdkTask(service, this.#clients);
    this.#connectors.set(service, connector);
    return connector;
  }

  /** Why a resource of an SDK integration cannot be performed; undefined when it can, or is of another kind. */
  problemOf(resource: StartTask["resource"]): ResourceProblem | undefined {
    if (resource.kind !== "service" || !resource.service.startsWith(PREFIX)) return undefined;
    const service = resource.service.slice(PREFIX.length);
    const model = isService(service) ? serviceModel(service) : undefined;
    if (model?.operation(resource.action) === undefined) return { kind: "notRecognized" };
    const name = clientPackage(model);
    return this.#clients.packages.isInstalled(name) ? undefined : { kind: "missing", message: installHint(name) };
  }
}

export type ResourceProblem =
  /** AWS has no such service or action. */
  | { readonly kind: "notRecognized" }
  /** It could be performed if something were there. */
  | { readonly kind: "missing"; readonly message: string };
