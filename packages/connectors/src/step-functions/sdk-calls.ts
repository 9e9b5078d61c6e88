/** `arn:aws:states:::aws-sdk:sfn:<action>`: the API of this same Stepwell, called without HTTP. */
import type { Json, StartTask } from "@stepwell/core";
import type { Connector, TaskOutcome, TaskRequest } from "@stepwell/engine";
import { type OperationModel, type ServiceModel, serviceModel } from "../service-models/service-model.ts";
import { readCoerced } from "../services/coerced-parameters.ts";
import { jsonOutput } from "../services/sdk-values.ts";
import { notStartable, startProblem } from "../services/service-failure.ts";
import { refusedAs, type StepFunctionsApi, sdkFailure } from "./step-functions-api.ts";

export class StepFunctionsSdkCalls implements Connector {
  readonly #api: StepFunctionsApi;

  constructor(api: StepFunctionsApi) {
    this.#api = api;
  }

  handles({ resource }: Pick<TaskRequest, "resource" | "stateName">): boolean {
    return resource.kind === "service" && resource.service === "aws-sdk:sfn" && resource.pattern !== "sync";
  }

  parametersProblem({ resource, input }: Pick<TaskRequest, "resource" | "input">): string | undefined {
    const { model, operation } = known(resource);
    const { wrong } = readCoerced(model, operation, JSON.parse(input) as Json, "");
    return wrong === undefined ? undefined : startProblem(input, wrong);
  }

  start(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    return refusedAs(sdkFailure, async () => {
      const { resource } = request;
      const { model, operation } = known(resource);
      const read = readCoerced(model, operation, JSON.parse(request.input) as Json, request.taskToken);
      if (read.wrong !== undefined) return notStartable(request.input, read.wrong);
      const answer = await this.#api(operation.name, read.input, signal);
      const shown = operation.output === undefined ? {} : jsonOutput(model, operation.output, answer, "iso");
      const output = JSON.stringify(shown);
      return resource.kind === "service" && resource.pattern === "waitForTaskToken"
        ? { kind: "submitted", output }
        : { kind: "succeeded", output };
    });
  }
}

function known(resource: StartTask["resource"]): { model: ServiceModel; operation: OperationModel } {
  const model = serviceModel("sfn");
  const operation = model?.operation(resource.kind === "service" ? resource.action : "");
  if (model === undefined || operation === undefined) throw new Error(`${resource.arn} must have a model`);
  return { model, operation };
}
