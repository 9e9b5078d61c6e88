import type { Catalog, Executions, Page } from "@stepwell/engine";
import type { OperationName } from "./generated/api-model.ts";
import type { Input, Output } from "./operation-types.ts";
import type { PagedInput, PageTokens } from "./page-tokens.ts";
import type { StateTesting } from "./state-testing.ts";

/** What an operation works with. */
export interface OperationContext {
  readonly catalog: Catalog;
  readonly executions: Executions;
  readonly pages: PageTokens;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
  /** How long GetActivityTask waits for a task. */
  readonly activityPollMs: number;
  /** Absent where TestState is not offered. */
  readonly testing?: StateTesting;
  /** The X-Amzn-Trace-Id header. */
  readonly traceHeader?: string;
  /** The W3C header of the same name. */
  readonly traceparent?: string;
}

/** One operation: a checked request in, a response out; refusals are thrown as `Rejection`. */
export type Operation<Name extends OperationName> = (
  input: Input<Name>,
  context: OperationContext,
) => Promise<Output<Name>>;

/** One page of a list, with the token of the next one. */
export async function page<Item>(
  context: OperationContext,
  operation: OperationName,
  input: PagedInput,
  read: (page: { limit: number; cursor?: string }) => Promise<Page<Item>>,
): Promise<{ readonly items: readonly Item[]; readonly nextToken?: string }> {
  const { items, cursor } = await read(context.pages.read(operation, input));
  return cursor === undefined ? { items } : { items, nextToken: context.pages.write(operation, input, cursor) };
}
