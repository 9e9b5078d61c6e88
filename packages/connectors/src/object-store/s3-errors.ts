import { type ObjectName, ObjectStoreError } from "@stepwell/engine";

interface SdkError {
  readonly name?: string;
  readonly Code?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    readonly requestId?: string;
    readonly extendedRequestId?: string;
  };
}

/** What S3 says when an answer to HEAD, which has no body, carries only a status. */
const BY_STATUS: Readonly<Record<number, readonly [code: string, message: string]>> = {
  403: ["AccessDenied", "Access Denied"],
  404: ["NoSuchKey", "The specified key does not exist."],
  412: ["PreconditionFailed", "At least one of the pre-conditions you specified did not hold"],
  416: ["InvalidRange", "The requested range is not satisfiable"],
};

/** An error of the SDK as the port tells it. */
export function fromSdk(thrown: unknown, place: Partial<ObjectName> & { readonly bucket: string }): ObjectStoreError {
  if (thrown instanceof ObjectStoreError) return thrown;
  const error = thrown as SdkError;
  const { httpStatusCode: statusCode, requestId, extendedRequestId } = error.$metadata ?? {};
  const message = error.message || error.Code || error.code || String(error.name);
  if (statusCode === undefined || statusCode < 300) {
    const sentence = `Unable to execute HTTP request: ${message}`;
    return new ObjectStoreError("Unavailable", sentence, { ...place, cause: thrown });
  }
  const isNameless = error.name === undefined || /^(?:Error|Unknown|UnknownError|NotFound|\d+)$/.test(error.name);
  const [code, sentence] = (isNameless && BY_STATUS[statusCode]) || [error.name ?? "Unknown", message];
  return new ObjectStoreError(code, sentence, {
    ...place,
    statusCode,
    cause: thrown,
    ...(requestId === undefined ? {} : { requestId }),
    ...(extendedRequestId === undefined ? {} : { extendedRequestId }),
  });
}
