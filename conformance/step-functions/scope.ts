import type { RecordedCase } from "./recorded-case.ts";

/** Whether a case sees all that an account has, and so must be alone in it. */
export function needsOwnAccount(recorded: RecordedCase): boolean {
  return recorded.steps.some(
    (step) =>
      "call" in step && /^List(Activities|StateMachines)$/.test(step.call) && step.match?.some(({ subset }) => !subset),
  );
}

/** Whether a case has Lambda functions, which run as local Python functions. */
export function needsPython(recorded: RecordedCase): boolean {
  return recorded.steps.some((step) => "lambda" in step);
}
