import type { JsonObject } from "../json.ts";
import type { Payload } from "./payload.ts";
import type { ScopeExtras } from "./scope.ts";

/** The stages of a state's data that TestState shows. */
export type DataStage =
  | "afterInputPath"
  | "afterParameters"
  | "afterArguments"
  | "result"
  | "afterResultSelector"
  | "afterResultPath";

/** A state that is run alone, by TestState, and not in an execution. */
export interface TestedState {
  /** What `$$` is, beside what the execution's own context object would say. */
  context(extras: ScopeExtras): JsonObject;
  /** Told of the data after each stage, perhaps more than once. */
  inspect(stage: DataStage, data: Payload): void;
}
