/**
 * The table of API errors: what each name is on the wire. The only place that turns a thrown error into an answer.
 * Statuses: API reference of each operation, "Errors", and "Common Errors".
 */
import { Rejection, StoreUnavailable } from "@stepwell/engine";

/** Whose error it is, which `__type` shows before the `#`. Clients read what comes after it. */
const SERVICE = "com.amazonaws.swf.service.v2.model";
const FRAMEWORK = "com.amazon.coral.service";
const VALIDATION = "com.amazon.coral.validate";

interface ErrorKind {
  readonly status: number;
  readonly namespace: string;
}

const modelled = (status = 400): ErrorKind => ({ status, namespace: SERVICE });
const common = (status: number): ErrorKind => ({ status, namespace: FRAMEWORK });

export const API_ERRORS: { readonly [name: string]: ErrorKind } = {
  ActivityAlreadyExists: modelled(),
  ActivityDoesNotExist: modelled(),
  ActivityLimitExceeded: modelled(),
  ActivityWorkerLimitExceeded: modelled(),
  ConflictException: modelled(409),
  ExecutionAlreadyExists: modelled(),
  ExecutionDoesNotExist: modelled(),
  ExecutionLimitExceeded: modelled(),
  ExecutionNotRedrivable: modelled(),
  InvalidArn: modelled(),
  InvalidDefinition: modelled(),
  InvalidEncryptionConfiguration: modelled(),
  InvalidExecutionInput: modelled(),
  InvalidLoggingConfiguration: modelled(),
  InvalidName: modelled(),
  InvalidOutput: modelled(),
  InvalidToken: modelled(),
  InvalidTracingConfiguration: modelled(),
  KmsAccessDeniedException: modelled(),
  KmsInvalidStateException: modelled(),
  KmsThrottlingException: modelled(),
  MissingRequiredParameter: modelled(),
  ResourceNotFound: modelled(),
  ServiceQuotaExceededException: modelled(402),
  StateMachineAlreadyExists: modelled(),
  StateMachineDeleting: modelled(),
  StateMachineDoesNotExist: modelled(),
  StateMachineLimitExceeded: modelled(),
  StateMachineTypeNotSupported: modelled(),
  TaskDoesNotExist: modelled(),
  TaskTimedOut: modelled(),
  TooManyTags: modelled(),
  ValidationException: { status: 400, namespace: VALIDATION },

  AccessDeniedException: common(400),
  IncompleteSignatureException: common(400),
  InternalFailure: common(500),
  InvalidSignatureException: common(400),
  MissingAuthenticationTokenException: common(400),
  RequestEntityTooLargeException: common(413),
  SerializationException: common(400),
  ServiceUnavailableException: common(503),
  ThrottlingException: common(400),
  UnknownOperationException: common(400),
  UnrecognizedClientException: common(400),
};

/** An error as the client gets it. */
export interface ErrorAnswer {
  readonly name: string;
  readonly status: number;
  readonly body: { readonly [member: string]: unknown };
}

/** Never shows what an unexpected error says: that goes to the log. */
export function answerOf(error: unknown): ErrorAnswer {
  if (error instanceof Rejection) {
    const kind = API_ERRORS[error.name];
    if (kind !== undefined) return answer(error.name, kind, error.message, error.details);
  }
  if (error instanceof StoreUnavailable) {
    return answer("ServiceUnavailableException", common(503), "The service cannot store or read its data right now.");
  }
  return answer("InternalFailure", common(500), "The request failed because of an internal error.");
}

function answer(
  name: string,
  { status, namespace }: ErrorKind,
  message: string,
  details: { readonly [member: string]: unknown } = {},
): ErrorAnswer {
  return { name, status, body: { __type: `${namespace}#${name}`, message, ...details } };
}
