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

/** Whether a case needs AWS's other services: it says so, or a task of its state machines calls one. */
export function needsOtherServices(recorded: RecordedCase): boolean {
  // What TestState would call is mocked.
  const definitions = recorded.steps.map((step) =>
    "call" in step && step.call !== "TestState" ? String(step.params["definition"] ?? "") : "",
  );
  return (
    recorded.requires.some((service) => service !== "lambda") ||
    definitions.some((text) => /:states:::(?!aws-sdk:sfn:|lambda:|states:)/.test(text))
  );
}
