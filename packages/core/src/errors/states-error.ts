/**
 * A States error: what a state failed with, as Retry and Catch see it.
 * Data, not an exception: `transition` turns it into an outcome. ASL spec, "Errors".
 */
export interface StatesError {
  /** Absent when a Fail state or a caller gave none. */
  readonly error?: string;
  readonly cause?: string;
}

/**
 * Carries a States error out of an evaluation inside core; `transition` is the only place that catches it.
 * `location` is set by JSONata evaluation: the field that failed (`Output/result`), which AWS shows in EvaluationFailed.
 */
export class StatesErrorSignal extends Error {
  readonly statesError: StatesError;
  readonly location: string | undefined;

  constructor(error: string, cause: string, location?: string) {
    super(`${error}: ${cause}`);
    this.name = "StatesErrorSignal";
    this.statesError = { error, cause };
    this.location = location;
  }
}

/** AWS's quotas for what is told of a failure, in characters. features.md D.1. */
const ERROR_LENGTH_MAX = 256;
const CAUSE_LENGTH_MAX = 32_768;

/** The same failure, with what is longer than AWS keeps cut off: a function may tell megabytes. */
export function withinLength<F extends StatesError>(failure: F): F {
  const { error = "", cause = "" } = failure;
  if (error.length <= ERROR_LENGTH_MAX && cause.length <= CAUSE_LENGTH_MAX) return failure;
  return {
    ...failure,
    ...(failure.error === undefined ? {} : { error: cut(error, ERROR_LENGTH_MAX) }),
    ...(failure.cause === undefined ? {} : { cause: cut(cause, CAUSE_LENGTH_MAX) }),
  };
}

/** Half a surrogate pair is no character. */
function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const last = text.charCodeAt(lengthMax - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? lengthMax - 1 : lengthMax);
}
