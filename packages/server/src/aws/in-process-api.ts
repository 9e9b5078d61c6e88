import type { Catalog, Clock, Executions } from "@stepwell/engine";
import { Rejection } from "@stepwell/engine";
import { API_MODEL, type OperationName } from "./generated/api-model.ts";
import type { OperationContext } from "./operation.ts";
import { OPERATIONS } from "./operations/index.ts";
import { PageTokens } from "./page-tokens.ts";
import { readInput } from "./read-input.ts";
import { runOperation } from "./run-operation.ts";

export interface InProcessApiOptions {
  readonly catalog: Catalog;
  readonly executions: Executions;
  readonly clock: Pick<Clock, "now">;
  readonly pageTokenKey: string;
  readonly activityPollMs: number;
}

/**
 * The Step Functions API without HTTP, for workflows that call it themselves: the request body of an operation in, its
 * response body out. Refusals are thrown as `Rejection`, constraint violations included.
 */
export type InProcessApi = (operation: string, input: object, signal: AbortSignal) => Promise<object>;

export function createInProcessApi(options: InProcessApiOptions): InProcessApi {
  const { catalog, executions, activityPollMs } = options;
  const pages = new PageTokens(options.pageTokenKey, options.clock);
  return async (operation, input, signal) => {
    if (!isOperation(operation)) throw new Rejection("UnknownOperationException", `There is no operation ${operation}`);
    const context: OperationContext = { catalog, executions, pages, activityPollMs, signal };
    return (await runOperation(operation, readInput(API_MODEL, operation, input), context)) as object;
  };
}

function isOperation(name: string): name is OperationName {
  return Object.hasOwn(OPERATIONS, name);
}
