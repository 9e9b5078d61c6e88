import { isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { sdkMemberName } from "../service-models/names.ts";
import { readParameters } from "../service-models/parameters.ts";
import type { OperationModel, ServiceModel } from "../service-models/service-model.ts";
import { withIdempotencyToken } from "./idempotency.ts";
import { withCoercedValues } from "./sdk-values.ts";

/** The API's input, or what is wrong with the parameters in AWS's words. */
export type CoercedParameters =
  | { readonly input: JsonObject; readonly wrong?: undefined }
  | { readonly input?: undefined; readonly wrong: readonly string[] };

/**
 * The parameters of an aws-sdk integration as the input of its operation. Values are turned into the kind the API wants
 * where AWS does so; the idempotency token is made of the task's, so that a task sent twice is one request.
 */
export function readCoerced(
  model: ServiceModel,
  operation: OperationModel,
  parameters: Json,
  taskToken: string,
): CoercedParameters {
  if (!isJsonObject(parameters)) return { wrong: ["The value of the field 'Parameters' has an invalid format"] };
  const coerced = operation.input === undefined ? parameters : withCoercedValues(model, operation.input, parameters);
  const complete = withIdempotencyToken(model, operation, coerced as JsonObject, taskToken, sdkMemberName);
  const read = readParameters(model, operation, complete, sdkMemberName);
  return read.ok ? { input: read.input } : { wrong: read.problems.map(({ message }) => message) };
}
