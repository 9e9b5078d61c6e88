import type { ExecutionStart, StartMapRun, StateMachine } from "@stepwell/core";

/** A Distributed Map's run as its parent asks for it. */
export interface MapRunRequest extends StartMapRun {
  readonly parent: ExecutionStart;
  readonly machine: StateMachine;
  readonly revisionKey: string;
}

export type MapRunOutcome =
  /** `output` is JSON text: the array of results, or where they were written. */
  | { readonly kind: "succeeded"; readonly output: string }
  | { readonly kind: "failed"; readonly error: string; readonly cause?: string };

/** Performs the runs of Distributed Maps. */
export interface MapRunHost {
  /**
   * Begins a run, or goes on with it: asked again for the same ARN after a restart, and after a redrive of the parent.
   * `ended` is called once; it rejects when the parent could not be told, and may then be called again.
   */
  start(request: MapRunRequest, ended: (outcome: MapRunOutcome) => Promise<void>): void;
  /** The parent no longer waits: the run is ABORTED, and its open children with it. */
  cancel(mapRunArn: string): void;
}
