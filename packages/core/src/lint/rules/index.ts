import type { LintRule } from "../lint-rule.ts";
import { choiceMissingIsPresent, choiceNoDefault, unreachableState } from "./choices.ts";
import {
  distributedOuterVariable,
  jsonata21Syntax,
  jsonataUndefinedRisk,
  passResultWithPath,
  resultShape,
} from "./data.ts";
import {
  catchWithoutResultPath,
  causeIsString,
  lambdaRetryMissing,
  mapItemUncaught,
  optimizedVsSdkErrorName,
  retryOnNonIdempotent,
  statesAllDoesNotCover,
  statesAllNotLast,
} from "./errors.ts";
import {
  historyForecast,
  itemReaderConsoleFolder,
  mapSharedWrite,
  mapUnboundedConcurrency,
  payloadForecast,
  pollLoopBudget,
  redrivePermissionMissing,
} from "./limits.ts";
import {
  expressUnsupported,
  heartbeatNotBelowTimeout,
  http60s,
  syncWithoutTimeout,
  tokenNotPassed,
  tokenWithoutTimeout,
} from "./waiting.ts";

/** All rules. Each has a page `docs/lint/<code>.md`. */
export const LINT_RULES: readonly LintRule[] = [
  mapItemUncaught,
  catchWithoutResultPath,
  mapSharedWrite,
  mapUnboundedConcurrency,
  tokenWithoutTimeout,
  tokenNotPassed,
  heartbeatNotBelowTimeout,
  syncWithoutTimeout,
  pollLoopBudget,
  historyForecast,
  payloadForecast,
  statesAllDoesNotCover,
  statesAllNotLast,
  retryOnNonIdempotent,
  choiceNoDefault,
  choiceMissingIsPresent,
  optimizedVsSdkErrorName,
  resultShape,
  expressUnsupported,
  distributedOuterVariable,
  jsonata21Syntax,
  jsonataUndefinedRisk,
  itemReaderConsoleFolder,
  http60s,
  redrivePermissionMissing,
  unreachableState,
  passResultWithPath,
  lambdaRetryMissing,
  causeIsString,
];
