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
  /** In which case, for docs/errors.md. */
  readonly when: string;
}

const modelled = (when: string, status = 400): ErrorKind => ({ status, namespace: SERVICE, when });
const common = (when: string, status = 400): ErrorKind => ({ status, namespace: FRAMEWORK, when });

const INTERNAL_FAILURE = common("a bug: the log has it", 500);
const SERVICE_UNAVAILABLE = common("the store cannot be reached, or the service is shutting down", 503);

export const API_ERRORS: { readonly [name: string]: ErrorKind } = {
  ActivityAlreadyExists: modelled("an activity of this name exists with another configuration"),
  ActivityDoesNotExist: modelled("no such activity"),
  ActivityLimitExceeded: modelled("the account has as many activities as it may have"),
  ActivityWorkerLimitExceeded: modelled("as many workers as may wait for one activity"),
  ConflictException: modelled("another change came first, or the resource is in use", 409),
  ExecutionAlreadyExists: modelled("the name is taken by an execution with another input, or one that has ended"),
  ExecutionDoesNotExist: modelled("no such execution"),
  ExecutionLimitExceeded: modelled("as many executions as may be open at once"),
  ExecutionNotRedrivable: modelled("the execution runs, succeeded, or cannot be redriven any more"),
  InvalidArn: modelled("not an ARN, or one of another kind of resource"),
  InvalidDefinition: modelled("the definition has errors: all of them are in the message"),
  InvalidEncryptionConfiguration: modelled("members that do not go together"),
  InvalidExecutionInput: modelled("the input is not JSON, or too large"),
  InvalidLoggingConfiguration: modelled("not exactly one log group, not its ARN, or no such log group"),
  InvalidName: modelled("characters or a length that names may not have"),
  InvalidOutput: modelled("the output of a task is not JSON, or too large"),
  InvalidToken: modelled("a page token or task token that was not given out for this"),
  InvalidTracingConfiguration: modelled("members that do not go together"),
  KmsAccessDeniedException: modelled("the key may not be used"),
  KmsInvalidStateException: modelled("the key is not in a state to be used"),
  KmsThrottlingException: modelled("the key is used too often"),
  MissingRequiredParameter: modelled("nothing to change was given"),
  ResourceNotFound: modelled("no such resource"),
  ServiceQuotaExceededException: modelled("a quota is used up", 402),
  StateMachineAlreadyExists: modelled("a state machine of this name exists with another definition or configuration"),
  StateMachineDeleting: modelled("the state machine is being deleted"),
  StateMachineDoesNotExist: modelled("no such state machine, version or alias"),
  StateMachineLimitExceeded: modelled("the account has as many state machines as it may have"),
  StateMachineTypeNotSupported: modelled("not for state machines of this type"),
  TaskDoesNotExist: modelled("nobody waits for this task any more"),
  TaskTimedOut: modelled("the task has timed out, or its execution has ended"),
  TooManyTags: modelled("more than 50 tags"),
  ValidationException: {
    status: 400,
    namespace: VALIDATION,
    when: "a member that is missing, of another type, or outside its bounds",
  },

  AccessDeniedException: common("no rule of the caller's key allows the operation on the resource"),
  IncompleteSignatureException: common("the Authorization header lacks a part"),
  InternalFailure: INTERNAL_FAILURE,
  InvalidSignatureException: common(
    "another secret, a changed request, or a clock that is off by more than 15 minutes",
  ),
  MissingAuthenticationTokenException: common("the request is not signed"),
  RequestEntityTooLargeException: common("a body of more than 1 MiB", 413),
  SerializationException: common("the body is not JSON, or a member is of another type"),
  ServiceUnavailableException: SERVICE_UNAVAILABLE,
  ThrottlingException: common("too many requests"),
  UnknownOperationException: common("X-Amz-Target names no operation"),
  UnrecognizedClientException: common("no such access key, or another session token"),
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
    return answer(
      "ServiceUnavailableException",
      SERVICE_UNAVAILABLE,
      "The service cannot store or read its data right now.",
    );
  }
  return answer("InternalFailure", INTERNAL_FAILURE, "The request failed because of an internal error.");
}

function answer(
  name: string,
  { status, namespace }: ErrorKind,
  message: string,
  details: { readonly [member: string]: unknown } = {},
): ErrorAnswer {
  return { name, status, body: { __type: `${namespace}#${name}`, message, ...details } };
}
