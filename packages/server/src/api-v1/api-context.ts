import type { AwsIdentity, Catalog, Clock, Executions, Ids } from "@stepwell/engine";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** What the routes of `/api/v1` work with. */
export interface ApiContext {
  readonly catalog: Catalog;
  readonly executions: Executions;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly identity: AwsIdentity;
  /**
   * Throws AccessDeniedException unless the request's caller may do `action` (`states:DescribeExecution`,
   * `stepwell:SearchExecutions`) on `resource`, an ARN or "*". Every route calls it before it answers.
   */
  authorize(request: FastifyRequest, action: string, resource: string): void;
}

/** Adds some routes below `/api/v1`; their bodies are JSON, and what they throw is answered as `{ error, message }`. */
export type ApiRoutes = (scope: FastifyInstance, context: ApiContext) => void;

/** Items of a page, when the request does not say. */
export const PAGE_DEFAULT = 50;
export const PAGE_MAX = 500;

/** JSON schema of the `limit` every list takes. */
export const LIMIT_SCHEMA: object = { type: "integer", minimum: 1, maximum: PAGE_MAX, default: PAGE_DEFAULT };
/** JSON schema of an ARN in a path. */
export const ARN_SCHEMA: object = { type: "string", minLength: 1, maxLength: 2_048 };
