import { randomUUID } from "node:crypto";
import type { TaskOutcome } from "@stepwell/engine";
import type { ServiceError } from "../functions/invocation.ts";

/**
 * Errors of Lambda that have an exception class of their own in the AWS SDK for Java v1, which names the errors of
 * optimised integrations; all others are an AWSLambdaException there.
 */
const MODELLED: ReadonlySet<string> = new Set([
  "CodeStorageExceededException",
  "EC2AccessDeniedException",
  "EC2ThrottledException",
  "EC2UnexpectedException",
  "EFSIOException",
  "EFSMountConnectivityException",
  "EFSMountFailureException",
  "EFSMountTimeoutException",
  "ENILimitReachedException",
  "InvalidParameterValueException",
  "InvalidRequestContentException",
  "InvalidRuntimeException",
  "InvalidSecurityGroupIDException",
  "InvalidSubnetIDException",
  "InvalidZipFileException",
  "KMSAccessDeniedException",
  "KMSDisabledException",
  "KMSInvalidStateException",
  "KMSNotFoundException",
  "RecursiveInvocationException",
  "RequestTooLargeException",
  "ResourceConflictException",
  "ResourceNotFoundException",
  "ResourceNotReadyException",
  "ServiceException",
  "SnapStartException",
  "SnapStartNotReadyException",
  "SnapStartTimeoutException",
  "SubnetIPAddressLimitReachedException",
  "TooManyRequestsException",
  "UnsupportedMediaTypeException",
]);

/** Recorded on AWS (recorded-behaviour.md, fact 22): SDK v1 spelling. */
export function serviceFailure(error: ServiceError): TaskOutcome {
  if (error.statusCode === undefined) {
    return { kind: "failed", error: "Lambda.SdkClientException", cause: error.message };
  }
  const name = MODELLED.has(error.code) ? error.code : "AWSLambdaException";
  const details = [
    "Service: AWSLambda",
    `Status Code: ${error.statusCode}`,
    `Error Code: ${error.code}`,
    `Request ID: ${error.requestId ?? randomUUID()}`,
    "Proxy: null",
  ];
  return { kind: "failed", error: `Lambda.${name}`, cause: `${error.message} (${details.join("; ")})` };
}

/** The same in the spelling of aws-sdk integrations: AWS SDK v2 (facts 23 and 24). */
export function inSdkWords(outcome: TaskOutcome): TaskOutcome {
  if (outcome.kind !== "failed") return outcome;
  const { error = "", cause = "" } = outcome;
  const details =
    / \(Service: AWSLambda; Status Code: (\d+); Error Code: ([^;]+); Request ID: ([^;]+); Proxy: null\)$/.exec(cause);
  if (details === null) return outcome;
  const [written, status, code, requestId] = details;
  const message = cause.slice(0, -written.length);
  return {
    kind: "failed",
    error: error === "Lambda.AWSLambdaException" && code !== "AWSLambdaException" ? "Lambda.LambdaException" : error,
    cause: `${message} (Service: Lambda, Status Code: ${status}, Request ID: ${requestId}) (SDK Attempt Count: 1)`,
  };
}
