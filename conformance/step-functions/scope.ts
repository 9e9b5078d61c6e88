import type { RecordedCase } from "./recorded-case.ts";

/** Why a case is left for later; undefined when it counts now. */
export type LaterReason = "local mocking" | "other services" | "tasks that call Step Functions";

/** Those that cases need and Stepwell reaches by itself: its functions, and where it delivers logs. */
const OWN_SERVICES: ReadonlySet<string> = new Set(["lambda", "logs"]);

/**
 * What of the product a case needs that is not built yet. A case that needs several such things counts for the first. In
 * scope are those that need Step Functions itself and Lambda functions, nothing else.
 */
export function neededLater(recorded: RecordedCase): LaterReason | undefined {
  const definitions = recorded.steps.map((step) => ("call" in step ? String(step.params["definition"] ?? "") : ""));
  const calls = recorded.steps.map((step) => ("call" in step ? step.call : ""));
  const text = definitions.join("\n");
  // What a tested state would call is mocked, or a function.
  if (calls.includes("TestState")) return undefined;
  if (recorded.group === "local_mocking") return "local mocking";
  // Map Runs read and write S3 through the object store, whatever else of AWS is there.
  if (/"Mode": ?"DISTRIBUTED"/.test(text) || calls.some((call) => call.includes("MapRun"))) return undefined;
  if (recorded.requires.some((service) => !OWN_SERVICES.has(service))) return "other services";
  if (/:states:::(?!aws-sdk:sfn:|lambda:|states:)/.test(text)) return "other services";
  if (/:states:::(aws-sdk:sfn|states):/.test(text)) return "tasks that call Step Functions";
  return undefined;
}

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
