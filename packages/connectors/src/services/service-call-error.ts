import { STATUS_CODES } from "node:http";

/** What a service, or the way to it, answered instead of a result. */
export interface ServiceCallFailure {
  /** The exception's shape in the service's model, or the code when it has none. */
  readonly name: string;
  /** As the service sends it: `AWS.SimpleQueueService.NonExistentQueue`. */
  readonly code: string;
  readonly message: string;
  /** Absent: no service was reached. */
  readonly statusCode?: number;
  readonly requestId?: string;
  readonly extendedRequestId?: string;
}

export class ServiceCallError extends Error {
  readonly failure: ServiceCallFailure;

  constructor(failure: ServiceCallFailure, cause?: unknown) {
    super(failure.message, { cause });
    this.name = "ServiceCallError";
    this.failure = failure;
  }
}

/** The task's own role cannot be taken on. */
export class RoleNotAssumed extends Error {
  readonly roleArn: string;

  constructor(roleArn: string, cause: unknown) {
    super(`the role ${roleArn} cannot be assumed`, { cause });
    this.name = "RoleNotAssumed";
    this.roleArn = roleArn;
  }
}

interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly Message?: string;
  readonly code?: string;
  readonly Code?: string;
  readonly HostId?: string;
  readonly errors?: readonly unknown[];
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    readonly requestId?: string;
    readonly extendedRequestId?: string;
  };
}

/** What the AWS SDK for JavaScript threw, in plain data. */
export function failureOf(thrown: unknown): ServiceCallFailure {
  const error = thrown as SdkError;
  const metadata = error.$metadata ?? {};
  const name = error.name ?? "Unknown";
  // An AggregateError of all addresses that refused has no message of its own.
  const first = error.errors?.[0] as SdkError | undefined;
  const [message = name, unreadable] = (error.message || error.Message || first?.message || name).split(
    "\n  Deserialization error",
  );
  if (unreadable !== undefined && metadata.httpStatusCode !== undefined)
    return unreadableAnswer(metadata.httpStatusCode);
  if (metadata.httpStatusCode === undefined) {
    return {
      name: "SdkClientException",
      code: error.code ?? first?.code ?? name,
      message: clientMessage(name, message),
    };
  }
  const extendedRequestId = metadata.extendedRequestId ?? error.HostId;
  return {
    name,
    code: error.Code ?? name,
    message,
    statusCode: metadata.httpStatusCode,
    ...(metadata.requestId === undefined ? {} : { requestId: metadata.requestId }),
    ...(extendedRequestId === undefined ? {} : { extendedRequestId }),
  };
}

/** An answer that is none of the service's, from a gateway perhaps: how the SDK failed to read it says nothing. */
function unreadableAnswer(statusCode: number): ServiceCallFailure {
  const reason = STATUS_CODES[statusCode];
  const message = reason ?? `The answer with status ${statusCode} cannot be read`;
  return {
    name: "Unknown",
    code: reason === undefined ? String(statusCode) : `${statusCode} ${reason}`,
    message,
    statusCode,
  };
}

function clientMessage(name: string, message: string): string {
  if (/Credentials/.test(name) || /credential/i.test(message)) return `Unable to load AWS credentials: ${message}`;
  return `Unable to execute HTTP request: ${message}`;
}

const THROTTLED =
  /^(BandwidthLimitExceeded|EC2ThrottledException|LimitExceededException|PriorRequestNotComplete|ProvisionedThroughputExceededException|RequestLimitExceeded|RequestThrottled(Exception)?|SlowDown|ThrottledException|Throttling(Exception)?|TooManyRequestsException|TransactionInProgressException)$/;

/** The service did nothing and asks for patience. */
export function isThrottled({ name, code, statusCode }: ServiceCallFailure): boolean {
  if (name === "LimitExceededException") return statusCode === 429;
  return statusCode === 429 || statusCode === 503 || THROTTLED.test(name) || THROTTLED.test(code);
}
