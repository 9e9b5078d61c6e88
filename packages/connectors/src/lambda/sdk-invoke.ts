/**
 * `arn:aws:states:::aws-sdk:lambda:invoke` of functions that are served here; all others are AWS's. The answer is that of
 * Lambda's API: the payload as text, and a function's error fails nobody. features.md B.3.
 */
import type { Json, JsonObject, StartTask } from "@stepwell/core";
import type { Connector, TaskOutcome, TaskRequest } from "@stepwell/engine";
import { type OperationModel, type ServiceModel, serviceModel } from "../service-models/service-model.ts";
import { readCoerced } from "../services/coerced-parameters.ts";
import { jsonOutput } from "../services/sdk-values.ts";
import { notStartable, startProblem } from "../services/service-failure.ts";
import { executedVersion } from "./function-reference.ts";
import { checkInvokeParameters, type InvokeParameters } from "./invoke-parameters.ts";
import type { LambdaTask, ServedCall } from "./lambda-task.ts";
import { inSdkWords, serviceFailure } from "./service-error.ts";

type Wanted = Pick<StartTask, "resource" | "stateName">;

export interface SdkInvokeOptions {
  readonly lambda: Pick<LambdaTask, "serveHere">;
  /** False: no function is served here, and calls need not come by. */
  readonly servesAny: () => boolean;
  /** Who calls AWS. */
  readonly elsewhere: (request: Wanted) => Connector | undefined;
}

export class SdkInvoke implements Connector {
  readonly #options: SdkInvokeOptions;

  constructor(options: SdkInvokeOptions) {
    this.#options = options;
  }

  handles({ resource }: Wanted): boolean {
    const { servesAny } = this.#options;
    return (
      resource.kind === "service" &&
      resource.service === "aws-sdk:lambda" &&
      resource.action === "invoke" &&
      resource.pattern !== "sync" &&
      servesAny()
    );
  }

  /** By function. */
  lane({ input }: Pick<TaskRequest, "input">): string {
    const parameters = JSON.parse(input) as { readonly FunctionName?: unknown } | null;
    return String(parameters?.FunctionName);
  }

  parametersProblem({ input }: Pick<TaskRequest, "input">): string | undefined {
    const { wrong } = read(input);
    return wrong === undefined ? undefined : startProblem(input, wrong);
  }

  async start(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    const { input, wrong } = read(request.input);
    if (wrong !== undefined) return notStartable(request.input, wrong);
    const { parameters, failure } = checkInvokeParameters(JSON.stringify(invokeFields(input)));
    if (failure !== undefined) return inSdkWords(failure);
    const served = this.#options.lambda.serveHere(parameters, request, signal);
    if (served !== undefined) return outcomeOf(await served, parameters, request);
    const connector = this.#options.elsewhere(request);
    if (connector !== undefined) return connector.start(request, signal);
    const message = `Function not found: ${parameters.function.name}`;
    return inSdkWords(serviceFailure({ code: "ResourceNotFoundException", message, statusCode: 404 }));
  }
}

function outcomeOf(served: ServedCall, parameters: InvokeParameters, request: TaskRequest): TaskOutcome {
  if (served.kind === "serviceError") return inSdkWords(serviceFailure(served));
  const { model, operation } = invokeOperation();
  const shape = operation.output;
  const output =
    shape === undefined ? "{}" : JSON.stringify(jsonOutput(model, shape, answer(served, parameters), "iso"));
  const waits = request.resource.kind === "service" && request.resource.pattern === "waitForTaskToken";
  return { kind: waits ? "submitted" : "succeeded", output };
}

function answer(served: Exclude<ServedCall, { kind: "serviceError" }>, parameters: InvokeParameters): object {
  if (served.kind === "notAwaited") {
    return { StatusCode: parameters.invocationType === "Event" ? 202 : 204, Payload: "" };
  }
  return {
    ExecutedVersion: served.executedVersion ?? executedVersion(parameters.function),
    ...(served.functionError ? { FunctionError: "Unhandled" } : {}),
    ...(parameters.wantsLog ? { LogResult: Buffer.from(served.logTail).toString("base64") } : {}),
    StatusCode: 200,
    Payload: served.payload,
  };
}

/** What a local call knows of Lambda's parameters. */
function invokeFields(input: JsonObject): JsonObject {
  const { FunctionName, InvocationType, LogType, ClientContext, Payload, Qualifier } = input;
  return Object.fromEntries(
    Object.entries({ FunctionName, InvocationType, LogType, ClientContext, Payload, Qualifier }).filter(
      (field): field is [string, Json] => field[1] !== undefined && field[1] !== null,
    ),
  );
}

function read(input: string): ReturnType<typeof readCoerced> {
  const { model, operation } = invokeOperation();
  return readCoerced(model, operation, JSON.parse(input) as Json, "");
}

function invokeOperation(): { model: ServiceModel; operation: OperationModel } {
  const model = serviceModel("lambda");
  const operation = model?.operation("invoke");
  if (model === undefined || operation === undefined) throw new Error("Lambda must have a model");
  return { model, operation };
}
