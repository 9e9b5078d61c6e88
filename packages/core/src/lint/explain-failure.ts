/** The run-time half of the linter: which rules would have told of a failure. */
import type { DefinitionPath } from "../definition/findings.ts";
import { isJsonObject, type Json } from "../json.ts";
import { type LintOptions, lintDefinition } from "./lint-definition.ts";
import { lintModel } from "./lint-model.ts";
import type { LintFinding } from "./lint-rule.ts";

export interface Failure {
  readonly error?: string;
  readonly cause?: string;
  /** Of the state that failed, where it is known. */
  readonly stateName?: string;
}

/** What an error or cause looks like, and the rules that see it coming. */
const SYMPTOMS: readonly { readonly of: (failure: Failure) => boolean; readonly rules: readonly string[] }[] = [
  {
    of: ({ error, cause = "" }) => error === "States.Runtime" && /does not point to a next state/.test(cause),
    rules: ["choice-no-default"],
  },
  {
    of: ({ error, cause = "" }) =>
      error === "States.Runtime" && /could not be found in the input|Invalid path/.test(cause),
    rules: [
      "choice-missing-ispresent",
      "catch-without-resultpath",
      "result-shape",
      "cause-is-string",
      "states-all-does-not-cover",
    ],
  },
  {
    of: ({ error, cause = "" }) => error === "States.QueryEvaluationError" && /undefined|returned nothing/i.test(cause),
    rules: ["jsonata-undefined-risk", "distributed-outer-variable", "result-shape", "cause-is-string"],
  },
  {
    of: ({ error, cause = "" }) =>
      error === "States.DataLimitExceeded" || /maximum (payload|number of bytes)/.test(cause),
    rules: ["payload-forecast"],
  },
  {
    of: ({ cause = "" }) => /maximum number of (history )?events|history event count/.test(cause),
    rules: ["history-forecast", "poll-loop-budget"],
  },
  {
    of: ({ error = "" }) =>
      /^Lambda\.(ServiceException|AWSLambdaException|SdkClientException|TooManyRequestsException|ClientExecutionTimeoutException)$/.test(
        error,
      ),
    rules: ["lambda-retry-missing"],
  },
  {
    of: ({ error = "" }) => /^States\.(Timeout|HeartbeatTimeout|Http\.Socket)$/.test(error),
    rules: ["http-60s", "heartbeat-not-below-timeout", "express-unsupported", "token-not-passed"],
  },
  {
    of: ({ error = "" }) => /^(DynamoDB|DynamoDb|SQS|Sqs|SNS|Sns|ECS|Ecs|EKS|Eks)\./.test(error),
    rules: ["optimized-vs-sdk-error-name"],
  },
];

/** Of any failure inside a Map. */
const OF_MAPS: readonly string[] = ["map-item-uncaught"];
/** With more there would be no hint any more. */
const HINTS_MAX = 5;

/** Findings that have to do with the failure, those of the failed state first. */
export function explainFailure(definition: Json, failure: Failure, options: LintOptions = {}): readonly LintFinding[] {
  if (!isJsonObject(definition)) return [];
  const rules = new Set(SYMPTOMS.filter((symptom) => symptom.of(failure)).flatMap((symptom) => symptom.rules));
  const { states } = lintModel(definition, options.type ?? "STANDARD");
  const failed = states.find(({ name }) => name === failure.stateName)?.path;
  const holds = (path: DefinitionPath): boolean => failed !== undefined && path.every((step, i) => step === failed[i]);
  const isOwn = ({ path }: LintFinding): boolean => failed?.every((step, i) => step === path[i]) === true;
  const findings = lintDefinition(definition, options).filter(({ code, path }) =>
    OF_MAPS.includes(code) ? holds(path) : rules.has(code),
  );
  return [...findings.filter(isOwn), ...findings.filter((finding) => !isOwn(finding))].slice(0, HINTS_MAX);
}
