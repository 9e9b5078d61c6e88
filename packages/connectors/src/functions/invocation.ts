/** One call of a function, whatever runs it. */
export interface InvocationRequest {
  /** UUID; what the function sees as its request id. */
  readonly requestId: string;
  /** JSON text of the event. */
  readonly payload: string;
  /** As the caller named the function, with its qualifier. */
  readonly functionArn: string;
  /** JSON text, already decoded from base64. */
  readonly clientContext?: string;
  /** `Root=1-…;Sampled=0`. */
  readonly traceId: string;
  /** W3C Trace Context, where executions are traced. */
  readonly traceparent?: string;
  /** For the log: on whose behalf the function runs. */
  readonly executionArn: string;
  readonly stateName: string;
}

export type InvocationResult =
  | {
      readonly kind: "payload";
      /** The bytes that the function sent, as text: JSON unless the function sent something else. */
      readonly payload: string;
      /** The payload describes an error of the function. */
      readonly functionError: boolean;
      /** The end of what the function printed, at most `LOG_TAIL_BYTES_MAX` bytes. */
      readonly logTail: string;
      readonly executedVersion?: string;
    }
  /** Lambda itself refused or could not be reached: no handler ran to its end. */
  | ({ readonly kind: "serviceError" } & ServiceError);

/** An error of the Lambda API. */
export interface ServiceError {
  /** `ResourceNotFoundException`. */
  readonly code: string;
  readonly message: string;
  /** Absent when there was no answer at all. */
  readonly statusCode?: number;
  readonly requestId?: string;
}

/** A function that can be called. Never rejects for what the function did; rejects with the signal's reason when aborted. */
export interface CallableFunction {
  invoke(request: InvocationRequest, signal: AbortSignal): Promise<InvocationResult>;
  close(): Promise<void>;
}

/** Lambda's bound on a request. AWS Lambda, "Lambda quotas". */
export const REQUEST_BYTES_MAX = 6_291_456;
/** Lambda's bound on a response, as its own error message names it. */
export const RESPONSE_BYTES_MAX = 6_291_556;
/** What LogType Tail returns. AWS Lambda, "Invoke". */
export const LOG_TAIL_BYTES_MAX = 4_096;
/** Invocations that may wait for one function; more are throttled as Lambda would. */
export const QUEUE_LENGTH_MAX = 10_000;

export function failure(errorType: string, errorMessage: string): InvocationResult {
  return { kind: "payload", payload: JSON.stringify({ errorType, errorMessage }), functionError: true, logTail: "" };
}

export function timedOut(requestId: string, timeoutMs: number): InvocationResult {
  const seconds = (timeoutMs / 1000).toFixed(2);
  return failure("Sandbox.Timedout", `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`);
}

export function responseTooLarge(): InvocationResult {
  return failure(
    "Function.ResponseSizeTooLarge",
    `Response payload size exceeded maximum allowed payload size (${RESPONSE_BYTES_MAX} bytes).`,
  );
}

export function throttled(requestId: string): InvocationResult {
  return {
    kind: "serviceError",
    code: "TooManyRequestsException",
    message: "Rate Exceeded.",
    statusCode: 429,
    requestId,
  };
}
