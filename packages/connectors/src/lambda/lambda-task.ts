/**
 * Tasks that call a Lambda function: a function's ARN as Resource, and `arn:aws:states:::lambda:invoke` with or without
 * `.waitForTaskToken`. Finds who serves the function (a local one, AWS, nobody) and says the outcome in the words of
 * Step Functions. Recorded behaviour, facts 21, 22, 25, 30.
 */
import { randomBytes, randomUUID } from "node:crypto";
import type { StartTask } from "@stepwell/core";
import { type Connector, type TaskOutcome, type TaskRequest, traceHeaderOf } from "@stepwell/engine";
import { isEvaluator } from "../functions/expression-evaluator.ts";
import type { FunctionLog } from "../functions/function-log.ts";
import type { CallableFunction, InvocationRequest, InvocationResult } from "../functions/invocation.ts";
import { isJsonText } from "../json-text.ts";
import { RoleNotAssumed } from "../services/service-call-error.ts";
import { roleRefused } from "../services/service-failure.ts";
import { AsynchronousCalls } from "./asynchronous-calls.ts";
import type { AwsLambda } from "./aws-lambda.ts";
import type { FunctionDefaults, FunctionReference } from "./function-reference.ts";
import { executedVersion, functionArn, parseFunctionReference } from "./function-reference.ts";
import type { FunctionRegistry } from "./function-registry.ts";
import { invokeEnvelope, payloadJson } from "./invoke-envelope.ts";
import type { InvokeParameters } from "./invoke-parameters.ts";
import { checkInvokeParameters, decodeClientContext, invokeFieldsProblem } from "./invoke-parameters.ts";
import { serviceFailure } from "./service-error.ts";

export interface LambdaTaskOptions {
  readonly registry: FunctionRegistry;
  /** Who serves the functions of EvaluateExpression tasks that nobody configured. */
  readonly evaluator?: CallableFunction;
  readonly aws: AwsLambda;
  readonly defaults: FunctionDefaults;
  readonly log: FunctionLog;
  /** Whether the cause of "Function not found" also says how to map a function. */
  readonly explainUnmapped: () => boolean;
}

export type ServedCall = InvocationResult | { readonly kind: "notAwaited" };

type Resource = StartTask["resource"];

/** True for what this connector performs. */
export function isLambdaResource(resource: Resource): boolean {
  if (resource.kind === "lambda") return true;
  return resource.service === "lambda" && resource.action === "invoke" && resource.pattern !== "sync";
}

export class LambdaTask implements Connector {
  readonly #options: LambdaTaskOptions;
  readonly #asynchronous: AsynchronousCalls;

  constructor(options: LambdaTaskOptions) {
    this.#options = options;
    this.#asynchronous = new AsynchronousCalls(options.log);
  }

  handles(request: Pick<StartTask, "resource" | "stateName">): boolean {
    return isLambdaResource(request.resource);
  }

  /** By function. */
  lane({ resource, input }: Pick<TaskRequest, "resource" | "input">): string {
    if (resource.kind === "lambda") return resource.arn;
    const parameters = JSON.parse(input) as { readonly FunctionName?: unknown } | null;
    return String(parameters?.FunctionName);
  }

  parametersProblem({ resource, input }: Pick<TaskRequest, "resource" | "input">): string | undefined {
    return resource.kind === "lambda" ? undefined : invokeFieldsProblem(input);
  }

  async start(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    const { resource } = request;
    try {
      return resource.kind === "lambda"
        ? await this.#startFunction(request, resource.arn, signal)
        : await this.#startInvoke(request, signal);
    } catch (error) {
      if (error instanceof RoleNotAssumed) return roleRefused(request, error);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#asynchronous.close();
  }

  /** A bare ARN: the input is the event, what the function sends is the output. */
  async #startFunction(request: TaskRequest, arn: string, signal: AbortSignal): Promise<TaskOutcome> {
    const reference = parseFunctionReference(arn);
    if (reference === undefined) return this.#notFound({ name: arn }, request, undefined);
    const parameters = {
      function: reference,
      payload: request.input,
      invocationType: "RequestResponse",
      wantsLog: false,
    } as const;
    const result = await this.#invoke(parameters, request, randomUUID(), xrayTraceId(request.traceparent), signal);
    if (result.kind === "serviceError") return this.#refused(reference, request, result);
    if (result.functionError) return functionFailure(result.payload, result.payload);
    return { kind: "succeeded", output: isJsonText(result.payload) ? result.payload : payloadJson(result.payload) };
  }

  async #startInvoke(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    const { parameters, failure } = checkInvokeParameters(request.input);
    if (failure !== undefined) return failure;
    const answer = { requestId: randomUUID(), traceId: xrayTraceId(request.traceparent), now: new Date() };
    if (parameters.invocationType !== "RequestResponse" && this.#local(parameters.function) !== undefined) {
      const statusCode = parameters.invocationType === "Event" ? 202 : 204;
      if (statusCode === 202) this.#callLater(parameters, request, answer.requestId, answer.traceId);
      return this.#submitted(request, invokeEnvelope({ ...answer, statusCode, payload: "" }));
    }
    const result = await this.#invoke(parameters, request, answer.requestId, answer.traceId, signal);
    if (result.kind === "serviceError") return this.#refused(parameters.function, request, result);
    if (result.functionError) return functionFailure(result.payload, payloadJson(result.payload));
    const statusCode = ({ RequestResponse: 200, Event: 202, DryRun: 204 } as const)[parameters.invocationType];
    const envelope = invokeEnvelope({
      ...answer,
      statusCode,
      payload: result.payload,
      ...(statusCode === 200
        ? { executedVersion: result.executedVersion ?? executedVersion(parameters.function) }
        : {}),
      ...(parameters.wantsLog ? { logResult: Buffer.from(result.logTail).toString("base64") } : {}),
    });
    return this.#submitted(request, envelope);
  }

  /** A call of Lambda's own API, when its function is served here. Who is only told of the call does not wait for it. */
  serveHere(parameters: InvokeParameters, request: TaskRequest, signal: AbortSignal): Promise<ServedCall> | undefined {
    if (this.#local(parameters.function) === undefined) return undefined;
    const [requestId, traceId] = [randomUUID(), xrayTraceId(request.traceparent)];
    if (parameters.invocationType === "RequestResponse") {
      return this.#invoke(parameters, request, requestId, traceId, signal);
    }
    if (parameters.invocationType === "Event") this.#callLater(parameters, request, requestId, traceId);
    return Promise.resolve({ kind: "notAwaited" });
  }

  #submitted(request: TaskRequest, output: string): TaskOutcome {
    const waits = request.resource.kind === "service" && request.resource.pattern === "waitForTaskToken";
    return { kind: waits ? "submitted" : "succeeded", output };
  }

  #local(reference: FunctionReference): ReturnType<FunctionRegistry["find"]> {
    const { registry, evaluator } = this.#options;
    return registry.find(reference) ?? (isEvaluator(reference.name) ? evaluator : undefined);
  }

  async #invoke(
    parameters: InvokeParameters,
    request: TaskRequest,
    requestId: string,
    traceId: string,
    signal: AbortSignal,
  ): Promise<InvocationResult> {
    const local = this.#local(parameters.function);
    if (local !== undefined) return local.invoke(this.#invocation(parameters, request, requestId, traceId), signal);
    const { aws } = this.#options;
    if (!aws.isConfigured) return { kind: "serviceError", code: NOT_FOUND, message: "", statusCode: 404, requestId };
    return aws.invoke(parameters, request.credentialsRoleArn, signal);
  }

  #invocation(
    parameters: InvokeParameters,
    request: TaskRequest,
    requestId: string,
    traceId: string,
  ): InvocationRequest {
    const { clientContext } = parameters;
    return {
      requestId,
      traceId,
      payload: parameters.payload,
      functionArn: functionArn(parameters.function, this.#options.defaults),
      executionArn: request.executionArn,
      stateName: request.stateName,
      ...(request.traceparent === undefined ? {} : { traceparent: request.traceparent }),
      ...(clientContext === undefined ? {} : { clientContext: decodeClientContext(clientContext) }),
    };
  }

  #callLater(parameters: InvokeParameters, request: TaskRequest, requestId: string, traceId: string): void {
    const target = this.#local(parameters.function)!;
    this.#asynchronous.start(
      parameters.function.name,
      target,
      this.#invocation(parameters, request, requestId, traceId),
    );
  }

  #refused(
    reference: FunctionReference,
    request: TaskRequest,
    result: InvocationResult & { kind: "serviceError" },
  ): TaskOutcome {
    const isUnmapped = result.code === NOT_FOUND && result.message === "";
    return isUnmapped ? this.#notFound(reference, request, result.requestId) : serviceFailure(result);
  }

  /** Nobody serves the function: what AWS says, and (where wanted) what to do about it. */
  #notFound(reference: FunctionReference, request: TaskRequest, requestId: string | undefined): TaskOutcome {
    const { defaults, log, explainUnmapped } = this.#options;
    const arn = functionArn({ ...reference, qualifier: reference.qualifier ?? "$LATEST" }, defaults);
    const hint = `Function ${reference.name} is not in stepwell.yaml (functions: ${reference.name}: {handler: ./file.ts#handler}), and neither AWS credentials nor AWS_ENDPOINT_URL_LAMBDA are set.`;
    log({ functionName: reference.name, stream: "platform", message: hint, ...logPlace(request) });
    const failure = serviceFailure({
      code: NOT_FOUND,
      message: `Function not found: ${arn}`,
      statusCode: 404,
      requestId: requestId ?? randomUUID(),
    });
    if (!explainUnmapped() || failure.kind !== "failed") return failure;
    return { ...failure, cause: `${failure.cause} ${hint}` };
  }
}

const NOT_FOUND = "ResourceNotFoundException";

/**
 * The outcome of a function that failed. Recorded (fact 25): the payload's errorType is the error; the cause is the
 * payload. Without a type AWS says so.
 */
export function functionFailure(payload: string, cause: string): TaskOutcome {
  const errorType = errorTypeOf(payload);
  if (errorType !== undefined) return { kind: "failed", error: errorType, cause };
  const words = "The cause could not be determined because Lambda did not return an error type. Returned payload: ";
  return { kind: "failed", error: "Lambda.Unknown", cause: words + payload };
}

function errorTypeOf(payload: string): string | undefined {
  if (!isJsonText(payload)) return undefined;
  const value = JSON.parse(payload) as { errorType?: unknown } | null;
  const errorType = typeof value === "object" && value !== null ? value.errorType : undefined;
  return typeof errorType === "string" && errorType !== "" ? errorType : undefined;
}

function logPlace({ executionArn, stateName }: TaskRequest): { executionArn: string; stateName: string } {
  return { executionArn, stateName };
}

/** AWS X-Ray, "Tracing header": of the state's span where executions are traced; else the time and 96 random bits. */
function xrayTraceId(traceparent: string | undefined): string {
  const traced = traceparent === undefined ? undefined : traceHeaderOf(traceparent);
  if (traced !== undefined) return traced;
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `root=1-${seconds}-${randomBytes(12).toString("hex")};sampled=0`;
}
