/** CloudFlow's errors and their HTTP statuses (cloudflow.md 2.6), and what the engine's refusals are called there. */
import { Rejection } from "@stepwell/engine";

const STATUS: { readonly [code: string]: number } = {
  ActionNotSupported: 400,
  APIVersionNotSupported: 400,
  EntityTooLarge: 400,
  InvalidArgument: 400,
  MissingRequiredHeader: 400,
  MissingRequiredParams: 400,
  ExecutionAlreadyExists: 400,
  TaskAlreadyCompleted: 400,
  SignatureNonceUsed: 400,
  AccessDenied: 403,
  InvalidAccessKeyID: 403,
  RequestTimeTooSkewed: 403,
  SignatureNotMatch: 403,
  FlowNotExists: 404,
  ExecutionNotExists: 404,
  ScheduleNotExists: 404,
  FlowVersionNotExists: 404,
  FlowAliasNotExists: 404,
  MapRunNotExists: 404,
  FlowAlreadyExists: 409,
  FlowAliasAlreadyExists: 409,
  ScheduleAlreadyExists: 409,
  ConcurrentUpdateError: 409,
  TaskInvalidState: 409,
  PreconditionFailed: 412,
  UnsupportedMediaType: 415,
  ResourceThrottled: 429,
  InternalServerError: 500,
};

/** Refusals of the engine that say the same under another name. */
const ALSO: { readonly [name: string]: string } = {
  AccessDeniedException: "AccessDenied",
  ConflictException: "ConcurrentUpdateError",
  ExecutionDoesNotExist: "ExecutionNotExists",
  ExecutionLimitExceeded: "ResourceThrottled",
  InvalidExecutionInput: "InvalidArgument",
  InvalidToken: "InvalidArgument",
  StateMachineDoesNotExist: "FlowNotExists",
  StateMachineDeleting: "FlowNotExists",
  TaskDoesNotExist: "InvalidArgument",
  TaskTimedOut: "TaskAlreadyCompleted",
  ThrottlingException: "ResourceThrottled",
  ValidationException: "InvalidArgument",
};

const MESSAGES: { readonly [code: string]: string } = {
  AccessDenied: "The resources doesn't belong to you.",
  ConcurrentUpdateError: "Update conflict, please retry.",
  InternalServerError: "An internal error has occurred. Please retry.",
  ResourceThrottled: "The request is throttled. Please try again later.",
};

export interface FlowErrorAnswer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** A fault of the server, to be logged with what was thrown. */
  readonly fault: boolean;
}

/** The one place where what was thrown becomes an answer. */
export function flowErrorOf(thrown: unknown): FlowErrorAnswer {
  if (thrown instanceof Rejection) {
    const code = Object.hasOwn(ALSO, thrown.name) ? (ALSO[thrown.name] ?? "") : thrown.name;
    const status = Object.hasOwn(STATUS, code) ? STATUS[code] : undefined;
    if (status !== undefined) return { status, code, message: MESSAGES[code] ?? thrown.message, fault: false };
  }
  const code = "InternalServerError";
  return { status: 500, code, message: MESSAGES[code] ?? "", fault: true };
}

export function invalidArgument(message: string): Rejection {
  return new Rejection("InvalidArgument", `Parameter error. ${message}`);
}

export function missingParameter(name: string): Rejection {
  return new Rejection("MissingRequiredParams", `The HTTP query '${name}' must be specified.`);
}

export function actionNotSupported(action: string): Rejection {
  return new Rejection("ActionNotSupported", `The requested API operation '${action}' is incorrect. Please check.`);
}

export function executionNotExists(execution: string, flow: string): Rejection {
  return new Rejection("ExecutionNotExists", `Execution ${execution} for flow ${flow} does not exist.`);
}

export function executionAlreadyExists(execution: string, flow: string): Rejection {
  return new Rejection("ExecutionAlreadyExists", `Execution ${execution} for flow ${flow} already exists.`);
}
