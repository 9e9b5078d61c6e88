/** What pages show first: how it is asked for, and the key it is kept under. */
import type { ApiExecution, ApiExecutionPage, ApiOverview } from "./api-types.ts";
import { type DescribedMachine, describeStateMachine } from "./aws.ts";
import { type ExecutionQuery, getExecution, getOverview, searchExecutions } from "./v1.ts";

/** Runs asked for at once. */
export const RUNS_PAGE = 100;

interface OneQuery<T> {
  readonly queryKey: readonly unknown[];
  readonly queryFn: () => Promise<T>;
}

export const overviewQuery = (hours: number): OneQuery<ApiOverview> => ({
  queryKey: ["overview", hours],
  queryFn: () => getOverview(hours),
});

export const machineQuery = (stateMachineArn: string): OneQuery<DescribedMachine> => ({
  queryKey: ["machine", stateMachineArn],
  queryFn: () => describeStateMachine(stateMachineArn),
});

/** Runs change: an answer is only good for the drawing it was asked for. */
const EXECUTION_FRESH_MS = 1_000;

export const executionQuery = (executionArn: string): OneQuery<ApiExecution> & { readonly staleTime: number } => ({
  queryKey: ["execution", executionArn],
  queryFn: () => getExecution(executionArn),
  staleTime: EXECUTION_FRESH_MS,
});

interface RunsQuery {
  readonly queryKey: readonly ["runs", ExecutionQuery];
  readonly queryFn: (asked: {
    readonly pageParam: string | undefined;
    readonly signal: AbortSignal;
  }) => Promise<ApiExecutionPage>;
  readonly initialPageParam: string | undefined;
  readonly getNextPageParam: (last: ApiExecutionPage) => string | undefined;
}

export const runsQuery = (query: ExecutionQuery): RunsQuery => ({
  queryKey: ["runs", query],
  queryFn: ({ pageParam, signal }) =>
    searchExecutions({ ...query, limit: RUNS_PAGE, ...(pageParam !== undefined && { cursor: pageParam }) }, signal),
  initialPageParam: undefined,
  getNextPageParam: (last) => last.cursor,
});
