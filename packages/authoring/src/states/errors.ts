import type { Duration } from "../duration.ts";
import { type Fields, renderFields } from "../fields/field-utils.ts";
import { renderPath } from "../fields/json-path.ts";
import { Misuse } from "../misuse.ts";
import type { State } from "./state.ts";

/** The names of errors that the service itself raises. */
export const Errors = {
  ALL: "States.ALL",
  HEARTBEAT_TIMEOUT: "States.HeartbeatTimeout",
  TIMEOUT: "States.Timeout",
  TASKS_FAILED: "States.TaskFailed",
  PERMISSIONS: "States.Permissions",
  RESULT_PATH_MATCH_FAILURE: "States.ResultPathMatchFailure",
  PARAMETER_PATH_FAILURE: "States.ParameterPathFailure",
  BRANCH_FAILED: "States.BranchFailed",
  NO_CHOICE_MATCHED: "States.NoChoiceMatched",
} as const;

export const JitterType = { FULL: "FULL", NONE: "NONE" } as const;
export type JitterType = (typeof JitterType)[keyof typeof JitterType];

/** When and how often a state is tried again. */
export interface RetryProps {
  /** `States.ALL` unless said otherwise; that one must stand alone. */
  readonly errors?: readonly string[];
  /** Before the first retry; AWS's default is 1 second. */
  readonly interval?: Duration;
  /** 0 to 99,999,999; AWS's default is 3. */
  readonly maxAttempts?: number;
  /** Above `interval` and below 31,622,400 seconds. */
  readonly maxDelay?: Duration;
  readonly jitterStrategy?: JitterType;
  /** At least 1; AWS's default is 2. */
  readonly backoffRate?: number;
}

/** Which errors a handler takes, and how it is told. */
export interface CatchProps {
  /** `States.ALL` unless said otherwise; that one must stand alone. */
  readonly errors?: readonly string[];
  /** Where the error goes in the input (JSONPath); the whole input unless said otherwise. */
  readonly resultPath?: string;
  /** What the handler gets (JSONata). */
  readonly outputs?: unknown;
  readonly assign?: Fields;
}

export interface Catcher {
  readonly props: CatchProps;
  readonly handler: State;
}

// AWS's API reference, "Retrier": MaxDelaySeconds is above 0 and below 31,622,400.
const MAX_DELAY_SECONDS_LIMIT = 31_622_400;

/** Throws where the service would refuse a retrier that its fields' types allow. */
export function checkRetry(path: string, props: RetryProps): void {
  checkErrors(path, props.errors);
  const { interval, maxDelay } = props;
  if (maxDelay === undefined || maxDelay.isUnresolved()) return;
  const seconds = maxDelay.toSeconds();
  if (seconds >= MAX_DELAY_SECONDS_LIMIT) {
    throw new Misuse(path, `maxDelay must be below ${MAX_DELAY_SECONDS_LIMIT} seconds, got ${seconds}`);
  }
  if (interval === undefined || interval.isUnresolved() || seconds > interval.toSeconds()) return;
  throw new Misuse(path, `maxDelay must be above interval (${interval.toSeconds()} seconds), got ${seconds}`);
}

export function checkErrors(path: string, errors: readonly string[] | undefined): void {
  if (errors === undefined || errors.length < 2 || !errors.includes(Errors.ALL)) return;
  throw new Misuse(path, `${Errors.ALL} must appear alone in an error list`);
}

/** A state's `Retry` and `Catch`; what takes every error comes last, as the language requires. */
export function renderErrorHandling(
  retries: readonly RetryProps[],
  catches: readonly Catcher[],
  jsonata: boolean,
): Fields {
  return {
    Retry: orUndefined(allLast(retries, (retry) => retry.errors).map(renderRetry)),
    Catch: orUndefined(allLast(catches, ({ props }) => props.errors).map((catcher) => renderCatch(catcher, jsonata))),
  };
}

function renderRetry(retry: RetryProps): Fields {
  return {
    ErrorEquals: retry.errors ?? [Errors.ALL],
    IntervalSeconds: retry.interval?.toSeconds(),
    MaxAttempts: retry.maxAttempts,
    BackoffRate: retry.backoffRate,
    MaxDelaySeconds: retry.maxDelay?.toSeconds(),
    JitterStrategy: retry.jitterStrategy,
  };
}

function renderCatch({ props, handler }: Catcher, jsonata: boolean): Fields {
  return {
    ErrorEquals: props.errors ?? [Errors.ALL],
    ResultPath: renderPath(props.resultPath),
    Output: jsonata ? props.outputs : undefined,
    Assign: jsonata ? props.assign : renderFields(props.assign),
    Next: handler.stateId,
  };
}

function allLast<T>(list: readonly T[], errorsOf: (entry: T) => readonly string[] | undefined): T[] {
  const rank = (entry: T): number => ((errorsOf(entry) ?? [Errors.ALL]).includes(Errors.ALL) ? 1 : 0);
  return [...list].sort((a, b) => rank(a) - rank(b));
}

function orUndefined<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
