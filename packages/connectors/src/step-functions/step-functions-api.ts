import { randomUUID } from "node:crypto";
import type { TaskOutcome } from "@stepwell/engine";
import { Rejection } from "@stepwell/engine";

/** The Step Functions API of this Stepwell: a request body in, a response body out; refusals are thrown as `Rejection`. */
export type StepFunctionsApi = (operation: string, input: object, signal: AbortSignal) => Promise<object>;

/** Members of the API's own spelling: `executionArn`; timestamps are epoch seconds. */
export type ApiMembers = { readonly [member: string]: unknown };

/** features.md C.1. */
const STATUSES: Readonly<Record<string, number>> = { ConflictException: 409, ServiceQuotaExceededException: 402 };

function statusOf({ name }: Rejection): number {
  return STATUSES[name] ?? 400;
}

/** A refusal as optimised integrations show it: AWS SDK for Java v1 (recorded-behaviour.md, fact 22). */
export function optimisedFailure(refusal: Rejection): TaskOutcome {
  const code = refusal.name;
  const details = [
    "Service: AWSStepFunctions",
    `Status Code: ${statusOf(refusal)}`,
    `Error Code: ${code}`,
    `Request ID: ${randomUUID()}`,
    "Proxy: null",
  ];
  return {
    kind: "failed",
    error: `StepFunctions.${exceptionName(code)}`,
    cause: `${refusal.message} (${details.join("; ")})`,
  };
}

/** A refusal as aws-sdk integrations show it: AWS SDK for Java v2 (facts 23 and 24). */
export function sdkFailure(refusal: Rejection): TaskOutcome {
  const details = ["Service: Sfn", `Status Code: ${statusOf(refusal)}`, `Request ID: ${randomUUID()}`];
  return {
    kind: "failed",
    error: `Sfn.${exceptionName(refusal.name)}`,
    cause: `${refusal.message} (${details.join(", ")}) (SDK Attempt Count: 1)`,
  };
}

/** The suffix is there whether the service writes it or not (features.md B.6). */
function exceptionName(code: string): string {
  return code.endsWith("Exception") ? code : `${code}Exception`;
}

/** What the API refused becomes an outcome; anything else is thrown on. */
export async function refusedAs(
  failure: (refusal: Rejection) => TaskOutcome,
  act: () => Promise<TaskOutcome>,
): Promise<TaskOutcome> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Rejection) return failure(error);
    throw error;
  }
}
