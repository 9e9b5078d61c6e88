/**
 * `FC:InvokeFunction` and functions as `resourceArn` (cloudflow.md 5.4, 6.3): the same functions that serve Lambda, by name. A name that
 * FC has in a service is looked for as it is, and as `<service>-<function>`.
 */
import { type JsonObject, parseFlowResourceArn } from "@stepwell/core";
import type { Connector, TaskOutcome, TaskRequest } from "@stepwell/engine";
import { failed } from "./flow-outcome.ts";

/** Who performs a bare Lambda ARN. */
export type LambdaFinder = (request: TaskRequest) => Connector | undefined;

const NOT_FOUND = /ResourceNotFoundException/;

export async function invokeFunction(
  request: TaskRequest,
  lambda: LambdaFinder,
  onProblem: (problem: unknown, about: string) => void,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  const { resourceArn, invocationType, body } = JSON.parse(request.input) as JsonObject;
  const arn = typeof resourceArn === "string" ? parseFlowResourceArn(resourceArn) : undefined;
  if (arn?.service !== "fc") {
    return failed(
      "FC.InvalidArgument",
      `resourceArn must be a function's ARN, got ${JSON.stringify(resourceArn ?? null)}`,
    );
  }
  if (invocationType !== "Sync" && invocationType !== "Async") {
    return failed(
      "FC.InvalidArgument",
      `invocationType must be Sync or Async, got ${JSON.stringify(invocationType ?? null)}`,
    );
  }
  const names = [arn.function, ...(arn.fcService === undefined ? [] : [`${arn.fcService}-${arn.function}`])];
  const calling = invoke(request, names, JSON.stringify(body ?? {}), lambda, signal);
  const pattern = request.resource.kind === "service" ? request.resource.pattern : "requestResponse";
  if (invocationType === "Async" && pattern === "requestResponse") {
    // Nobody waits for what comes of it.
    calling.catch((problem: unknown) => onProblem(problem, `function ${arn.function}`));
    return { kind: "succeeded", output: "{}" };
  }
  const outcome = await calling;
  if (outcome.kind !== "succeeded" || pattern !== "waitForTaskToken") return outcome;
  return { kind: "submitted", output: outcome.output };
}

async function invoke(
  request: TaskRequest,
  names: readonly string[],
  event: string,
  lambda: LambdaFinder,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  let outcome: TaskOutcome = failed("FC.FunctionNotFound", `function '${names[0]}' does not exist`);
  for (const name of names) {
    const called: TaskRequest = { ...request, resource: { kind: "lambda", arn: name }, input: event };
    const connector = lambda(called);
    if (connector === undefined) continue;
    outcome = flowOutcome(await connector.start(called, signal));
    if (outcome.kind !== "failed" || outcome.error !== "FC.FunctionNotFound") return outcome;
  }
  return outcome;
}

/** Errors of the service in FC's words; those of the function itself keep their names (cloudflow.md 5.5). */
function flowOutcome(outcome: TaskOutcome): TaskOutcome {
  if (outcome.kind !== "failed") return outcome;
  const { error = "", cause = "" } = outcome;
  if (NOT_FOUND.test(error)) return failed("FC.FunctionNotFound", cause);
  if (/TooManyRequests|Throttl/.test(error)) return failed("FC.ResourceExhausted", cause);
  const service = /^Lambda\.(.*?)(?:Exception)?$/.exec(error)?.[1];
  if (service !== undefined) return failed(service === "Unknown" ? "FC.Unknown" : `FC.${service}`, cause);
  return failed(error === "" || error.startsWith("States.") ? "FC.Unknown" : error, cause);
}
