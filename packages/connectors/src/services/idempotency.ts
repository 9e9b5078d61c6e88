import { createHash } from "node:crypto";
import type { JsonObject } from "@stepwell/core";
import { memberName, type Spelling } from "../service-models/names.ts";
import type { OperationModel, ServiceModel } from "../service-models/service-model.ts";

/** A name that is the same whenever the same task is sent, in the form of a UUID. */
export function tokenName(taskToken: string): string {
  const hex = createHash("sha256").update(taskToken).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

/**
 * Fills the members by which an API knows a repeated request, where the workflow has not: a task that is sent again after
 * a crash does not start a second job.
 */
export function withIdempotencyToken(
  model: ServiceModel,
  operation: OperationModel,
  parameters: JsonObject,
  taskToken: string,
  spelling: Spelling = memberName,
): JsonObject {
  if (operation.input === undefined) return parameters;
  const tokens = Object.entries(model.shape(operation.input).members ?? {})
    .filter(([name, member]) => member.idempotencyToken === true && !Object.hasOwn(parameters, spelling(name)))
    .map(([name]) => [spelling(name), tokenName(taskToken)]);
  return tokens.length === 0 ? parameters : { ...parameters, ...Object.fromEntries(tokens) };
}
