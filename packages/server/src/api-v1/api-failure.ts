/** The one place that turns what `/api/v1` throws into an answer: `{ error, message }`. */
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { answerOf } from "../aws/errors.ts";
import type { ApiError } from "./types.ts";

/** A refusal that AWS has no name for. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** `field` must be as `rule` says. */
export function invalidRequest(field: string, rule: string, value?: unknown): ApiRefusal {
  const got = value === undefined ? "" : `, got ${shortened(value)}`;
  return new ApiRefusal(400, "InvalidRequest", `${field}: must be ${rule}${got}`);
}

export function notFound(message: string): ApiRefusal {
  return new ApiRefusal(404, "NotFound", message);
}

const SHOWN_CHARACTERS = 60;

function shortened(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

/** What does not exist answers 404 here: AWS's API says 400 to everything. */
const MISSING = /DoesNotExist$|^ResourceNotFound$/;
const STATUSES = new Map([
  ["AccessDeniedException", 403],
  ["MissingAuthenticationTokenException", 401],
  ["UnrecognizedClientException", 401],
  ["InvalidSignatureException", 401],
  ["IncompleteSignatureException", 401],
  ["ExecutionAlreadyExists", 409],
  ["ThrottlingException", 429],
]);

function apiFailureOf(error: unknown): { readonly status: number; readonly body: ApiError } {
  if (error instanceof ApiRefusal) return { status: error.status, body: { error: error.code, message: error.message } };
  const { statusCode, code, message } = error as Partial<FastifyError>;
  if (typeof code === "string" && code.startsWith("FST_") && statusCode !== undefined && statusCode < 500) {
    return { status: statusCode, body: { error: "InvalidRequest", message: message ?? "" } };
  }
  const { name, status, body } = answerOf(error);
  const shown = MISSING.test(name) ? 404 : (STATUSES.get(name) ?? status);
  return { status: shown, body: { error: name, message: String(body["message"] ?? "") } };
}

export function answerFailure(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, body } = apiFailureOf(error);
  if (status >= 500) request.log.error({ err: error }, "failed");
  reply.code(status).send(body);
}
