/** What an optimised integration is: data, and small functions where an API's form and Step Functions' differ. */
import type { JsonObject } from "@stepwell/core";
import type { TaskRequest } from "@stepwell/engine";
import type { ErrorNames } from "./service-failure.ts";

/** A call of the integration's service (or another), made as the task's role. Names in input and output as in workflows. */
export type CallService = (action: string, parameters: JsonObject, service?: string) => Promise<JsonObject>;

/** What of a task its parameters may tell of. */
export type AskingTask = Pick<TaskRequest, "executionArn" | "stateMachineArn" | "resource">;

export interface Integration {
  /** The service's model and client: `eventbridge`. */
  readonly model: string;
  /** `putEvents`: called with the parameters. */
  readonly operation: string;
  readonly errors: ErrorNames;
  /** Whether results of request-response have `SdkHttpMetadata` and `SdkResponseMetadata`. */
  readonly metadata: boolean;
  /** Fields whose value may be anything and is sent as JSON text where it is no text: `Message`. */
  readonly texts?: readonly string[];
  /** Fields the engine itself fills when it waits for the job. */
  readonly reserved?: readonly string[];
  /** What is sent instead of the parameters as given. Throws ParameterRefusal. */
  readonly prepare?: (parameters: JsonObject, asking: AskingTask) => JsonObject;
  /** Calls by themselves, where one operation is not enough; then `operation` only says whose errors these are. */
  readonly perform?: (parameters: JsonObject, call: CallService) => Promise<JsonObject>;
  /** The result for the workflow. */
  readonly result?: (output: JsonObject, parameters: JsonObject) => JsonObject;
  /** The error of an answer that is none in HTTP. */
  readonly refused?: (output: JsonObject, request: TaskRequest) => { readonly error: string } | undefined;
  readonly job?: Job;
}

export type Verdict = "running" | "succeeded" | "failed";

/** What `.sync` waits for. Everything is spelled as in workflows. */
export interface Job {
  /** What must be known to ask for it again after a restart. */
  readonly handle: (output: JsonObject, parameters: JsonObject) => JsonObject;
  readonly describe: string;
  readonly describeInput: (handle: JsonObject) => JsonObject;
  /** The job in the answer of `describe`; undefined while there is none yet. */
  readonly described?: (answer: JsonObject) => JsonObject | undefined;
  readonly verdict: (described: JsonObject) => Verdict;
  /** The result, also the cause of a failure. Default: what was described. */
  readonly result?: (described: JsonObject, handle: JsonObject) => JsonObject;
  /** Deleting succeeds when this error says that it is gone. */
  readonly goneError?: string;
  readonly cancel?: { readonly action: string; readonly input: (handle: JsonObject) => JsonObject };
}

/** Parameters the integration itself cannot use. */
export class ParameterRefusal extends Error {
  readonly wrong: readonly string[];

  constructor(wrong: readonly string[]) {
    super(wrong.join(", "));
    this.name = "ParameterRefusal";
    this.wrong = wrong;
  }
}

/** The field of an object, or of an object in it: `at(job, "Status", "State")`. */
export function at(object: JsonObject, ...path: readonly (string | number)[]): JsonObject[string] | undefined {
  let value: JsonObject[string] | undefined = object;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as JsonObject)[step];
  }
  return value;
}

export function objectAt(object: JsonObject, ...path: readonly (string | number)[]): JsonObject | undefined {
  const value = at(object, ...path);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** Only the named fields that are there. */
export function pick(object: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(object, name) ? [[name, object[name]!]] : [])));
}

/** A verdict by the job's status. */
export function statusIs(
  path: readonly string[],
  succeeded: readonly string[],
  failed: readonly string[],
): (described: JsonObject) => Verdict {
  return (described) => {
    const status = at(described, ...path);
    if (succeeded.includes(status as string)) return "succeeded";
    return failed.includes(status as string) ? "failed" : "running";
  };
}
