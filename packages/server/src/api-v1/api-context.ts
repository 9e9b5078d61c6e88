import type { AwsIdentity, Catalog, Clock, ExecutionQueries, Executions, Flows, Ids, Triggers } from "@stepwell/engine";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiRefusal } from "./api-failure.ts";
import type { EventStreams } from "./sse.ts";

/** What the routes of `/api/v1` work with. */
export interface ApiContext {
  readonly catalog: Catalog;
  readonly executions: Executions;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly identity: AwsIdentity;
  readonly streams: EventStreams;
  /** Absent: rules and schedules are not served. */
  readonly triggers?: Triggers;
  /** Absent: CloudFlow is not served. */
  readonly flows?: Pick<Flows, "describe" | "update">;
  /**
   * Throws AccessDeniedException unless the request's caller may do `action` (`states:DescribeExecution`,
   * `stepwell:SearchExecutions`) on `resource`, an ARN or "*". Every route calls it before it answers.
   */
  authorize(request: FastifyRequest, action: string, resource: string): void;
  /** The same as an answer. */
  may(request: FastifyRequest, action: string, resource: string): boolean;
}

/** Adds some routes below `/api/v1`; their bodies are JSON, and what they throw is answered as `{ error, message }`. */
export type ApiRoutes = (scope: FastifyInstance, context: ApiContext) => void;

/** Items of a page, when the request does not say. */
const PAGE_DEFAULT = 50;
const PAGE_MAX = 500;
const ARN_CHARACTERS_MAX = 2_048;

/** JSON schema of the `limit` every list takes. */
export const LIMIT_SCHEMA: object = { type: "integer", minimum: 1, maximum: PAGE_MAX, default: PAGE_DEFAULT };
export const CURSOR_SCHEMA: object = { type: "string", minLength: 1, maxLength: ARN_CHARACTERS_MAX };
/** Of a path with an `:arn`. */
export const ARN_PARAMS: object = {
  type: "object",
  properties: { arn: { type: "string", minLength: 1, maxLength: ARN_CHARACTERS_MAX } },
};
/** Of a query with `limit` and `cursor` alone. */
export const PAGE_SCHEMA: object = { type: "object", properties: { limit: LIMIT_SCHEMA, cursor: CURSOR_SCHEMA } };

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/** Throws where the data plane answers none. */
export function queriesOf({ executions }: ApiContext): ExecutionQueries {
  if (executions.queries === undefined) throw new ApiRefusal(503, "NotOffered", "This data plane answers no searches.");
  return executions.queries;
}
