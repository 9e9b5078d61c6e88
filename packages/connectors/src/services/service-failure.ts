/**
 * Errors of services as tasks show them. Optimised integrations spell them like the AWS SDK for Java v1, the newer ones of
 * them and aws-sdk integrations like v2. Recorded behaviour, facts 22 to 24 and 28; features.md B.4, B.6.
 */
import { randomUUID } from "node:crypto";
import type { Json } from "@stepwell/core";
import type { TaskOutcome, TaskRequest } from "@stepwell/engine";
import type { ServiceModel } from "../service-models/service-model.ts";
import { ClientMissing } from "./client-packages.ts";
import { ParameterRefusal } from "./integration.ts";
import { ValueProblem } from "./sdk-values.ts";
import { RoleNotAssumed, ServiceCallError, type ServiceCallFailure } from "./service-call-error.ts";

/** How a service's errors are called. */
export interface ErrorNames {
  /** Before the dot: `DynamoDB`. */
  readonly prefix: string;
  /** The service in a v1 cause (`AmazonDynamoDBv2`); absent: causes and names as in v2. */
  readonly v1Service?: string;
  /** Of errors that have no exception of their own: `AmazonDynamoDBException`. */
  readonly fallback: string;
}

/** The outcome of a task whose call threw; what is no failure of the call is thrown on. */
export function failedCall(thrown: unknown, names: ErrorNames, model: ServiceModel, request: TaskRequest): TaskOutcome {
  if (thrown instanceof ServiceCallError) return serviceFailure(thrown.failure, names, model);
  if (thrown instanceof RoleNotAssumed) return roleRefused(request, thrown);
  if (thrown instanceof ClientMissing) {
    return { kind: "failed", error: `${names.prefix}.SdkClientException`, cause: thrown.message };
  }
  if (thrown instanceof ValueProblem) return notStartable(request.input, [thrown.message]);
  throw thrown;
}

/** Recorded behaviour, fact 28. */
export function roleRefused({ roleArn }: TaskRequest, refused: RoleNotAssumed): TaskOutcome {
  const cause = `The role ${roleArn} is not authorized to assume the task state's role, ${refused.roleArn}.`;
  return { kind: "failed", error: "States.TaskFailed", cause };
}

function serviceFailure(failure: ServiceCallFailure, names: ErrorNames, model: ServiceModel): TaskOutcome {
  const { message, statusCode } = failure;
  if (statusCode === undefined) {
    return { kind: "failed", error: `${names.prefix}.SdkClientException`, cause: message };
  }
  const error = `${names.prefix}.${exceptionName(failure, names, model)}`;
  return {
    kind: "failed",
    error,
    cause: `${message} ${names.v1Service === undefined ? v2Details(failure, names, model) : v1Details(failure, names.v1Service)}`,
  };
}

/** Both SDKs for Java: `QueueDoesNotExist` → `QueueDoesNotExistException`, `BadFault` → `BadException`. */
function exceptionName({ name }: ServiceCallFailure, names: ErrorNames, model: ServiceModel): string {
  if (!hasException(model, name)) return names.fallback;
  if (name.endsWith("Exception")) return name;
  return `${name.endsWith("Fault") ? name.slice(0, -"Fault".length) : name}Exception`;
}

function hasException(model: ServiceModel, name: string): boolean {
  for (const action of model.actions()) if (model.operation(action)?.errors?.includes(name) === true) return true;
  return false;
}

function v1Details({ statusCode, code, requestId }: ServiceCallFailure, service: string): string {
  const details = [
    `Service: ${service}`,
    `Status Code: ${statusCode}`,
    `Error Code: ${code}`,
    `Request ID: ${requestId || randomUUID()}`,
    "Proxy: null",
  ];
  return `(${details.join("; ")})`;
}

function v2Details(failure: ServiceCallFailure, { prefix }: ErrorNames, model: ServiceModel): string {
  const { statusCode, requestId, extendedRequestId } = failure;
  const details = [`Service: ${prefix}`, `Status Code: ${statusCode}`, `Request ID: ${requestId || randomUUID()}`];
  // Only S3 has a second id.
  if (model.service === "s3") details.push(`Extended Request ID: ${extendedRequestId || randomUUID()}`);
  return `(${details.join(", ")}) (SDK Attempt Count: 1)`;
}

/** Parameters that no call can be made with. */
export function notStartable(input: string, wrong: readonly string[]): TaskOutcome {
  return { kind: "failed", error: "States.Runtime", cause: startProblem(input, wrong) };
}

/** The same before a task is scheduled, where core puts "An error occurred while executing the state …" before it. */
export function startProblem(input: string, wrong: readonly string[]): string {
  return `The Parameters '${input}' could not be used to start the Task: [${wrong.join(", ")}]`;
}

/** What `read` refuses to read, as the problem of a task's parameters. */
export function refusalOf(input: string, read: (parameters: Json) => unknown): string | undefined {
  try {
    read(JSON.parse(input) as Json);
    return undefined;
  } catch (error) {
    if (error instanceof ParameterRefusal) return startProblem(input, error.wrong);
    throw error;
  }
}
