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
