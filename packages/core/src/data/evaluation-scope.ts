import type { EpochMs, Json, JsonObject } from "../json.ts";

/**
 * What an expression or a payload template may see while one field of one state is evaluated.
 * Values are frozen in meaning: an evaluator never changes them and its results may share structure with them.
 */
export interface EvaluationScope {
  /** `$` in JSONPath (after InputPath, or the result in ResultSelector); `$states.input` (raw input) in JSONata. */
  readonly input: Json;
  /** `$$` in JSONPath; `$states.context` in JSONata. */
  readonly context: JsonObject;
  /** Variables visible in this scope by name, without the `$`. */
  readonly variables: JsonObject;
  /** `$states.result`; present only where it may be used. */
  readonly result?: Json;
  /** `$states.errorOutput`; present only in a catcher. */
  readonly errorOutput?: Json;
  readonly facts: EvaluationFacts;
}

/** The only sources of time and chance in core: both come from outside. */
export interface EvaluationFacts {
  readonly now: EpochMs;
  /** A uniformly distributed number in [0, 1), each call a new one; deterministic for one seed. */
  random(): number;
  /** A version 4 UUID, each call a new one. */
  uuid(): string;
}
