import type { StatesError } from "../errors/states-error.ts";
import { StatesErrorSignal, withinLength } from "../errors/states-error.ts";
import type { JsonObject } from "../json.ts";
import type { Payload } from "./payload.ts";
import type { Branch } from "./snapshot.ts";

/** What came of entering a state or of going on with it. */
export type Outcome =
  | {
      readonly kind: "exit";
      readonly output: Payload;
      /** `null`: the branch ends here. */
      readonly next: string | null;
      readonly assigned?: JsonObject;
    }
  | { readonly kind: "failed"; readonly failure: Failure }
  /** `branch.wait` says for what. */
  | { readonly kind: "waiting" };

/** Why a state failed, and what may be done about it. */
export interface Failure extends StatesError {
  /** Neither Retry nor Catch of any level sees it: the execution fails. */
  readonly fatal?: true;
  /** A heartbeat was missed: `States.HeartbeatTimeout` matches it too. */
  readonly heartbeat?: true;
  /** JSONata: an EvaluationFailed event comes first. */
  readonly evaluation?: { readonly location?: string };
}

/** The result of the state, or what a field's evaluation failed with. The one place where evaluation errors are caught. */
export function attempt(branch: Branch, act: () => Outcome): Outcome {
  try {
    return act();
  } catch (signal) {
    if (!(signal instanceof StatesErrorSignal)) throw signal;
    const prefix = `An error occurred while executing the state '${branch.state}' (entered at the event id #${branch.enteredEventId}). `;
    return { kind: "failed", failure: evaluationFailure(signal, prefix) };
  }
}

/** What a field's evaluation failed with; the prefix says where, for most errors. */
export function evaluationFailure(signal: StatesErrorSignal, prefix: string): Failure {
  const { error, cause } = signal.statesError;
  if (error === "States.DataLimitExceeded") return { error, cause: cause ?? "", fatal: true };
  // What the functions of flows fail with: expressions, too, without AWS's words.
  const ofFlow = error?.startsWith("FnF.") === true;
  const failure = withinLength({ error: error ?? "States.Runtime", cause: `${ofFlow ? "" : prefix}${cause ?? ""}` });
  if (error === "States.Runtime") return { ...failure, fatal: true };
  if (error !== "States.QueryEvaluationError" && !ofFlow) return failure;
  return { ...failure, evaluation: signal.location === undefined ? {} : { location: signal.location } };
}

/** States.DataLimitExceeded in AWS's words; `what` is the state, or the resource a task called. */
export function dataLimitExceeded(what: string): StatesErrorSignal {
  return new StatesErrorSignal(
    "States.DataLimitExceeded",
    `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}
