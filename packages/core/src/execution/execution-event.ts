import type { EpochMs } from "../json.ts";

/**
 * What happens to an execution from outside: the input of `transition`. An event about a timer or a task that is no
 * longer waited for (late, doubled, cancelled) changes nothing and is recorded nowhere (invariant 4).
 */
export type ExecutionEvent =
  | { readonly kind: "TimerFired"; readonly timerId: string }
  /** `.sync` and `.waitForTaskToken`: the API answered; `output` is JSON text. */
  | { readonly kind: "TaskSubmitted"; readonly taskId: number; readonly output: string }
  /** `output` is JSON text, exactly as the history must show it; the core parses it. */
  | { readonly kind: "TaskSucceeded"; readonly taskId: number; readonly output: string }
  | { readonly kind: "TaskFailed"; readonly taskId: number; readonly error?: string; readonly cause?: string }
  | { readonly kind: "TaskHeartbeat"; readonly taskId: number }
  /** An activity worker leased the task. */
  | { readonly kind: "ActivityStarted"; readonly taskId: number; readonly workerName?: string }
  /** `output` is JSON text: the array of results, or where they were written. */
  | { readonly kind: "MapRunSucceeded"; readonly taskId: number; readonly output: string }
  | { readonly kind: "MapRunFailed"; readonly taskId: number; readonly error: string; readonly cause?: string }
  /** StopExecution. */
  | { readonly kind: "Stopped"; readonly error?: string; readonly cause?: string }
  /** The state machine was deleted: the execution fails at its next transition. */
  | { readonly kind: "StateMachineDeleted"; readonly name: string }
  | { readonly kind: "Redriven"; readonly redriveCount: number };

/** Time and chance for one transition. Equal facts and events give equal steps. */
export interface Facts {
  readonly now: EpochMs;
  /** At least 16 characters of hexadecimal randomness; ids, jitter, tokens and random functions are derived from it. */
  readonly seed: string;
  /** ARNs of activities the definition names that do not exist now; only needed when it names activities. */
  readonly missingActivities?: ReadonlySet<string>;
}
