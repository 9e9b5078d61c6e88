import type { Json, JsonObject } from "@stepwell/core";

// The shape of a file under conformance/data/step-functions/cases. The README.md there is the specification.

/** One recorded test: the calls to make, in order, and what AWS answered. */
export interface RecordedCase extends ComparisonRules {
  readonly id: string;
  readonly group: string;
  readonly summary: string;
  /** Services other than Step Functions that the engine will be made to call. */
  readonly requires: readonly string[];
  readonly steps: readonly Step[];
  /** What AWS answered, by the key that a match names. */
  readonly expected: JsonObject;
}

/** How the answers of one case are compared. */
export interface ComparisonRules {
  readonly placeholders: { readonly [token: string]: Placeholder };
  /** Members left out on both sides, at any depth. */
  readonly ignore_keys: readonly string[];
  /** Members the actual answer may have although the recording has not. */
  readonly optional_keys: readonly string[];
  /** Texts below these members were parsed by the recorder whatever they hold. */
  readonly parsed_keys?: readonly string[];
  /** Lists below these members are bags. */
  readonly unordered_under?: readonly string[];
  readonly concurrent: boolean;
  readonly parallel_unordered?: boolean;
  readonly tolerate?: readonly Tolerance[];
}

export type Tolerance = "map_exit_link" | "evaluation_failed_link" | "compact_texts" | "sdk_attempts";

export type Placeholder =
  | { readonly kind: "any" }
  | { readonly kind: "same"; readonly value?: string }
  | { readonly kind: "one_of"; readonly values: readonly string[] }
  | { readonly kind: "iso8601"; readonly any?: boolean }
  | { readonly kind: "pattern"; readonly pattern: string };

export type Step = CallStep | LambdaStep | AwaitStep | SleepStep;

export interface CallStep {
  readonly step: number;
  readonly service: string;
  readonly call: string;
  readonly params: JsonObject;
  readonly may_fail?: boolean;
  readonly match?: readonly Match[];
}

export interface LambdaStep {
  readonly step: number;
  readonly lambda: string;
  /** A key of functions.json. */
  readonly behaviour: string;
  readonly runtime?: string;
  readonly handler?: string;
  /** Seconds. */
  readonly timeout?: number;
  readonly match?: readonly Match[];
}

export interface AwaitStep {
  readonly step: number;
  /** The condition; its parameters are further members, which differ from condition to condition. */
  readonly await: string;
  readonly match?: readonly Match[];
}

export interface SleepStep {
  readonly step: number;
  /** Seconds. */
  readonly sleep: number;
  readonly match?: readonly Match[];
}

export type MatchForm =
  | "response"
  | "member"
  | "error"
  | "error_only"
  | "exception"
  | "execution_output"
  | "log_events"
  | "last_log_event"
  | "message_bodies";

export interface Match {
  readonly key: string;
  readonly form: MatchForm;
  readonly member?: string;
  readonly drop?: readonly string[];
  /** For `response` the name of a list; for `member` true when the list is a bag. */
  readonly unordered?: string | boolean;
  readonly subset?: boolean;
  readonly index?: number;
}

/** A behaviour of functions.json: a few lines of Python with a `handler(event, context)`. */
export interface FunctionBehaviour {
  readonly description: string;
  readonly python: string;
}

/** What one step answered. */
export interface StepAnswer {
  /** The body (of an error answer too), with `ResponseMetadata.HTTPStatusCode` as the Python SDK adds it. */
  readonly body: JsonObject;
  /** Present when the call was refused. */
  readonly error?: { readonly code: string; readonly message: string };
  /** The operation, for the wording of `exception`. */
  readonly call?: string;
  /** Parsed log messages or SQS bodies, for steps that await them. */
  readonly list?: readonly Json[];
}
