/**
 * Tasks of optimised integrations (`arn:aws:states:::sqs:sendMessage` and the like), each as its entry in the tables says:
 * request-response, `.waitForTaskToken`, `.sync`.
 *
 * O1. A job's handle says all that is needed to ask for it and to stop it after a restart.
 */
import { isJsonObject, type Json, type JsonObject, type StartTask } from "@stepwell/core";
import type { Connector, RecoveredJob, TaskOutcome, TaskRequest } from "@stepwell/engine";
import { readParameters } from "../service-models/parameters.ts";
import { type OperationModel, type ServiceModel, serviceModel } from "../service-models/service-model.ts";
import { type AwsClients, members, type ServiceAnswer } from "./aws-clients.ts";
import { withIdempotencyToken } from "./idempotency.ts";
import { type AskingTask, type CallService, type Integration, type Job, ParameterRefusal } from "./integration.ts";
import { asText } from "./json-texts.ts";
import { OPTIMIZED_INTEGRATIONS } from "./optimized-integrations.ts";
import { sdkMetadata } from "./sdk-metadata.ts";
import { withCapitals } from "./sdk-values.ts";
import { isThrottled, ServiceCallError, type ServiceCallFailure } from "./service-call-error.ts";
import { failedCall, notStartable, refusalOf } from "./service-failure.ts";

type ServiceResource = Extract<StartTask["resource"], { kind: "service" }>;

interface JobHandle {
  readonly job: JsonObject;
  /** What the start answered, for jobs whose end is that nothing is left to describe. */
  readonly submitted?: JsonObject;
}

/** The connectors of all optimised services in the tables, one for each, so that no service waits for another. */
export function optimizedConnectors(clients: AwsClients): Connector[] {
  const services = new Set(Object.keys(OPTIMIZED_INTEGRATIONS).map((name) => name.split(":")[0] as string));
  return [...services].map((service) => new OptimizedTask(service, clients));
}

class OptimizedTask implements Connector {
  readonly #service: string;
  readonly #clients: AwsClients;

  constructor(service: string, clients: AwsClients) {
    this.#service = service;
    this.#clients = clients;
  }

  handles({ resource }: Pick<StartTask, "resource" | "stateName">): boolean {
    return resource.kind === "service" && resource.service === this.#service && integrationOf(resource) !== undefined;
  }

  parametersProblem({ resource, input }: Pick<TaskRequest, "resource" | "input">): string | undefined {
    const { integration, model } = this.#known({ resource });
    return refusalOf(input, (parameters) => {
      const given = checked(integration, parameters, resource as ServiceResource);
      // What only names its parameters is read when it is performed.
      if (integration.perform === undefined) inputOf(integration, model, given, { ...NOBODY, resource });
    });
  }

  async start(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    const { integration, model } = this.#known(request);
    try {
      return await this.#started(integration, model, request, signal);
    } catch (error) {
      if (error instanceof ParameterRefusal) return notStartable(request.input, error.wrong);
      return failedCall(error, integration.errors, model, request);
    }
  }

  async poll(request: TaskRequest, handle: string, signal: AbortSignal): Promise<TaskOutcome | undefined> {
    const { integration, model } = this.#known(request);
    const { job: jobHandle, submitted } = JSON.parse(handle) as JobHandle;
    const { job } = integration;
    if (job === undefined) return { kind: "succeeded", output: "{}" };
    try {
      const call = this.#caller(integration, request, signal);
      const answer = await call(job.describe, job.describeInput(jobHandle));
      return outcomeOf(job, answer, jobHandle);
    } catch (error) {
      if (!(error instanceof ServiceCallError)) throw error;
      if (job.goneError !== undefined && error.failure.name === job.goneError) {
        const output = integration.result === undefined ? (submitted ?? {}) : integration.result({}, jobHandle);
        return { kind: "succeeded", output: JSON.stringify(output) };
      }
      // What passes by itself is asked again by the engine; what the service refuses it will refuse again.
      if (mayPass(error.failure)) throw error;
      return failedCall(error, integration.errors, model, request);
    }
  }

  async cancel(request: TaskRequest, handle: string | undefined): Promise<void> {
    const { integration } = this.#known(request);
    const cancel = integration.job?.cancel;
    if (handle === undefined || cancel === undefined) return;
    const { job } = JSON.parse(handle) as JobHandle;
    await this.#caller(integration, request)(cancel.action, cancel.input(job));
  }

  /** Where the service knows a repeated request, it answers with the job it has started; elsewhere nobody can tell. */
  async recover(request: TaskRequest, signal: AbortSignal): Promise<RecoveredJob> {
    const { integration, model } = this.#known(request);
    if (integration.job?.cancel === undefined) return { kind: "none" };
    if (!knowsRepetition(integration, model, request)) return { kind: "unknown" };
    try {
      const started = await this.#started(integration, model, request, signal);
      const handle = started.kind === "submitted" ? started.handle : undefined;
      return handle === undefined ? { kind: "none" } : { kind: "found", handle };
    } catch (error) {
      const isRefused = error instanceof ServiceCallError && !mayPass(error.failure);
      if (error instanceof ParameterRefusal || isRefused) return { kind: "none" };
      throw error;
    }
  }

  #known({ resource }: Pick<TaskRequest, "resource">): { integration: Integration; model: ServiceModel } {
    const integration = integrationOf(resource as ServiceResource);
    const model = integration === undefined ? undefined : serviceModel(integration.model);
    if (integration === undefined || model === undefined) throw new Error(`${resource.arn} must be in the tables`);
    return { integration, model };
  }

  async #started(
    integration: Integration,
    model: ServiceModel,
    request: TaskRequest,
    signal: AbortSignal,
  ): Promise<TaskOutcome> {
    const resource = request.resource as ServiceResource;
    const { pattern } = resource;
    const waits = pattern !== "requestResponse";
    const parameters = checked(integration, JSON.parse(request.input) as Json, resource);
    const answer = await this.#performed(integration, model, parameters, request, signal);
    const refused = integration.refused?.(answer.output, request);
    if (refused !== undefined) return { kind: "failed", ...refused, cause: JSON.stringify(answer.output) };
    const output = integration.result?.(answer.output, parameters) ?? answer.output;
    const shown = JSON.stringify(integration.metadata ? alphabetical({ ...output, ...sdkMetadata(answer) }) : output);
    if (!waits) return { kind: "succeeded", output: shown };
    if (pattern === "waitForTaskToken" || integration.job === undefined) return { kind: "submitted", output: shown };
    const handle: JobHandle = {
      job: integration.job.handle(output, parameters),
      ...(integration.job.goneError === undefined ? {} : { submitted: output }),
    };
    return { kind: "submitted", output: shown, handle: JSON.stringify(handle) };
  }

  async #performed(
    integration: Integration,
    model: ServiceModel,
    parameters: JsonObject,
    request: TaskRequest,
    signal: AbortSignal,
  ): Promise<ServiceAnswer> {
    if (integration.perform !== undefined) {
      const output = await integration.perform(parameters, this.#caller(integration, request, signal));
      return { output, statusCode: 200, headers: {}, requestId: "" };
    }
    const operation = operationOf(model, integration.operation);
    const input = inputOf(integration, model, parameters, request);
    return this.#clients.call({ model, operation, input, times: "millis", ...roleOf(request), signal });
  }

  /** Calls by other actions; parameters and answers are spelled as in workflows. */
  #caller(integration: Integration, request: TaskRequest, signal?: AbortSignal): CallService {
    return async (action, parameters, service = integration.model) => {
      const model = serviceModel(service);
      if (model === undefined) throw new Error(`${service} must have a model`);
      const operation = operationOf(model, action);
      const read = readParameters(model, operation, parameters);
      if (!read.ok) throw new ParameterRefusal(read.problems.map(({ message }) => message));
      const { input } = read;
      const call = { model, operation, input, times: "millis", ...roleOf(request) } as const;
      return (await this.#clients.call(signal === undefined ? call : { ...call, signal })).output;
    };
  }
}

/** Who asks when nobody does: parameters are only looked at. */
const NOBODY = { taskToken: "", executionArn: "", stateMachineArn: "" };

/** The parameters, without those that the engine fills itself. Throws ParameterRefusal. */
function checked(integration: Integration, parameters: Json, { pattern }: ServiceResource): JsonObject {
  if (!isJsonObject(parameters)) {
    throw new ParameterRefusal(["The value of the field 'Parameters' has an invalid format"]);
  }
  const waits = pattern !== "requestResponse";
  const reserved = waits ? (integration.reserved ?? []).filter((name) => Object.hasOwn(parameters, name)) : [];
  if (reserved.length === 0) return parameters;
  throw new ParameterRefusal(reserved.map((name) => `The field '${name}' is not supported by Step Functions`));
}

/** What the operation is called with. Throws ParameterRefusal. */
function inputOf(
  integration: Integration,
  model: ServiceModel,
  parameters: JsonObject,
  asking: AskingTask & Pick<TaskRequest, "taskToken">,
): JsonObject {
  const operation = operationOf(model, integration.operation);
  const prepared = withTexts(integration.prepare?.(parameters, asking) ?? parameters, integration.texts ?? []);
  const spelled = operation.input === undefined ? prepared : withCapitals(model, operation.input, prepared);
  const complete = withIdempotencyToken(model, operation, members(spelled), asking.taskToken);
  const read = readParameters(model, operation, complete);
  if (!read.ok) throw new ParameterRefusal(read.problems.map(({ message }) => message));
  return read.input;
}

function mayPass(failure: ServiceCallFailure): boolean {
  return failure.statusCode === undefined || failure.statusCode >= 500 || isThrottled(failure);
}

/** The request carries a token that is made of the task's own. */
function knowsRepetition(integration: Integration, model: ServiceModel, request: TaskRequest): boolean {
  if (integration.perform !== undefined) return false;
  const sent = members(JSON.parse(request.input) as Json);
  const complete = withIdempotencyToken(model, operationOf(model, integration.operation), sent, request.taskToken);
  return Object.keys(complete).length > Object.keys(sent).length;
}

/** The table's entry, when it has the pattern; which patterns ASL allows is core's. */
function integrationOf(resource: StartTask["resource"]): Integration | undefined {
  if (resource.kind !== "service") return undefined;
  const name = `${resource.service}:${resource.action}`;
  const integration = Object.hasOwn(OPTIMIZED_INTEGRATIONS, name) ? OPTIMIZED_INTEGRATIONS[name] : undefined;
  return resource.pattern === "sync" && integration?.job === undefined ? undefined : integration;
}

function operationOf(model: ServiceModel, action: string): OperationModel {
  const operation = model.operation(action);
  if (operation === undefined) throw new Error(`${model.service} must have the operation ${action}`);
  return operation;
}

function roleOf({ credentialsRoleArn }: TaskRequest): { roleArn?: string } {
  return credentialsRoleArn === undefined ? {} : { roleArn: credentialsRoleArn };
}

function withTexts(parameters: JsonObject, names: readonly string[]): JsonObject {
  const texts = names.filter((name) => Object.hasOwn(parameters, name));
  return { ...parameters, ...Object.fromEntries(texts.map((name) => [name, asText(parameters[name] as Json)])) };
}

function alphabetical(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function outcomeOf(job: Job, answer: JsonObject, handle: JsonObject): TaskOutcome | undefined {
  const described = job.described === undefined ? answer : job.described(answer);
  if (described === undefined) return undefined;
  const verdict = job.verdict(members(described));
  if (verdict === "running") return undefined;
  const output = JSON.stringify(job.result?.(described, handle) ?? described);
  return verdict === "succeeded"
    ? { kind: "succeeded", output }
    : { kind: "failed", error: "States.TaskFailed", cause: output };
}
