import type { TaskResource } from "../definition/state-machine.ts";
import type { EpochMs } from "../json.ts";
import type { MapRunPlan } from "./map-run-plan.ts";

/** What `transition` asks for. Performed only after the step that asked is committed (invariant 1). */
export type Command =
  | StartTask
  | ScheduleActivity
  | CancelTask
  | StartMapRun
  | CancelMapRun
  | SetTimer
  | ClearTimer
  | EndExecution;

export interface StartTask {
  readonly kind: "StartTask";
  /** Unique in the execution; every attempt has a new one. */
  readonly taskId: number;
  readonly stateName: string;
  /** Id of the state's Entered event: tells this visit of the state from others. */
  readonly enteredEventId: number;
  readonly resource: Exclude<TaskResource, { kind: "activity" }>;
  /** JSON text: the effective input (bare Lambda ARN) or the parameters (service integration). */
  readonly input: string;
  /** Present for every service integration; a callback or `.sync` task may be completed with it. */
  readonly taskToken: string;
  readonly credentialsRoleArn?: string;
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
}

export interface ScheduleActivity {
  readonly kind: "ScheduleActivity";
  readonly taskId: number;
  readonly stateName: string;
  readonly activityArn: string;
  readonly input: string;
  readonly taskToken: string;
}

/** The task no longer counts: stop the job where the connector can, take the activity task off its queue. */
export interface CancelTask {
  readonly kind: "CancelTask";
  readonly taskId: number;
}

/** A Distributed Map begins, or goes on after a redrive (`redriveCount` > 0). Its end comes as an event with this task id. */
export interface StartMapRun {
  readonly kind: "StartMapRun";
  readonly taskId: number;
  readonly stateName: string;
  readonly mapRunArn: string;
  readonly redriveCount: number;
  readonly plan: MapRunPlan;
}

/** The map run no longer counts: it is ABORTED, and its open children with it. */
export interface CancelMapRun {
  readonly kind: "CancelMapRun";
  readonly taskId: number;
  readonly mapRunArn: string;
}

/** Setting a timer that exists moves it. */
export interface SetTimer {
  readonly kind: "SetTimer";
  readonly timerId: string;
  readonly at: EpochMs;
}

export interface ClearTimer {
  readonly kind: "ClearTimer";
  readonly timerId: string;
}

export interface EndExecution {
  readonly kind: "EndExecution";
  readonly status: "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  /** JSON text. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}
