import type {
  CancelMapRun,
  EpochMs,
  ExecutionStart,
  HistoryEvent,
  ScheduleActivity,
  StartMapRun,
  StartTask,
} from "@stepwell/core";
import type { EndRecord, ExecutionCommit, JobToStop, RedriveRecord, SubmittedTask } from "../ports/store.ts";
import { mayHaveJob, taskRequestOf } from "./task-request.ts";

/** A task that no longer counts; its job, if there is one, is to be stopped. */
export interface CancelledTask {
  readonly command: StartTask | ScheduleActivity;
  readonly handle?: string;
}

/** What follows a commit, in order. */
export interface Consequences {
  readonly history: readonly HistoryEvent[];
  readonly tasksToStart: readonly StartTask[];
  readonly tasksCancelled: readonly CancelledTask[];
  readonly mapRunsToStart: readonly StartMapRun[];
  readonly mapRunsCancelled: readonly CancelMapRun[];
  readonly activitiesQueued: readonly string[];
  readonly end: EndRecord | undefined;
  readonly started: boolean;
  readonly redriven: boolean;
}

type TaskChanges = Pick<
  ExecutionCommit,
  "tasksSubmitted" | "tasksSettled" | "activityTasksQueued" | "activityTasksRemoved"
>;

const NONE: readonly never[] = [];
const NO_TASK_CHANGES: TaskChanges = {
  tasksSubmitted: NONE,
  tasksSettled: NONE,
  activityTasksQueued: NONE,
  activityTasksRemoved: NONE,
};

/**
 * What was decided on one execution since its last commit. Most commits have few of the members, so each is made when it
 * is first needed.
 */
export class Uncommitted {
  readonly history: HistoryEvent[] = [];
  end: EndRecord | undefined;
  redrive: RedriveRecord | undefined;
  #toStart: Map<number, StartTask> | undefined;
  #cancelled: CancelledTask[] | undefined;
  #mapRunsToStart: Map<number, StartMapRun> | undefined;
  #mapRunsCancelled: CancelMapRun[] | undefined;
  #queued: Map<number, string> | undefined;
  #dequeued: number[] | undefined;
  #submitted: Map<number, SubmittedTask> | undefined;
  #settled: number[] | undefined;

  start(command: StartTask): void {
    this.#toStart ??= new Map();
    this.#toStart.set(command.taskId, command);
  }

  queue({ taskId, activityArn }: ScheduleActivity): void {
    this.#queued ??= new Map();
    this.#queued.set(taskId, activityArn);
  }

  /** The task leaves its activity's queue, or never gets there. */
  dequeue(taskId: number): void {
    if (this.#queued?.delete(taskId)) return;
    this.#dequeued ??= [];
    this.#dequeued.push(taskId);
  }

  startMapRun(command: StartMapRun): void {
    this.#mapRunsToStart ??= new Map();
    this.#mapRunsToStart.set(command.taskId, command);
  }

  cancelMapRun(command: CancelMapRun): void {
    if (this.#mapRunsToStart?.delete(command.taskId)) return;
    this.#mapRunsCancelled ??= [];
    this.#mapRunsCancelled.push(command);
  }

  submit(task: SubmittedTask): void {
    this.#submitted ??= new Map();
    this.#submitted.set(task.taskId, task);
  }

  /** A submitted task is waited for no longer. */
  settle(taskId: number): void {
    if (this.#submitted?.delete(taskId)) return;
    this.#settled ??= [];
    this.#settled.push(taskId);
  }

  cancel(task: CancelledTask): void {
    this.#cancelled ??= [];
    this.#cancelled.push(task);
  }

  unstart(taskId: number): void {
    this.#toStart?.delete(taskId);
  }

  /** True for a task (or map run) that was asked for but not committed: nobody outside knows of it. */
  isUnsent(taskId: number): boolean {
    return (
      this.#toStart?.has(taskId) === true ||
      this.#queued?.has(taskId) === true ||
      this.#mapRunsToStart?.has(taskId) === true
    );
  }

  get isEmpty(): boolean {
    return this.history.length === 0 && this.end === undefined && this.redrive === undefined && !this.#hasTaskChanges();
  }

  #hasTaskChanges(): boolean {
    const counts = [this.#submitted?.size, this.#settled?.length, this.#queued?.size, this.#dequeued?.length];
    return counts.some((count) => count !== undefined && count > 0);
  }

  taskChanges(): TaskChanges {
    if (!this.#hasTaskChanges()) return NO_TASK_CHANGES;
    const queued = [...(this.#queued ?? [])];
    return {
      tasksSubmitted: [...(this.#submitted?.values() ?? [])],
      tasksSettled: this.#settled ?? NONE,
      activityTasksQueued: queued.map(([taskId, activityArn]) => ({ taskId, activityArn })),
      activityTasksRemoved: this.#dequeued ?? NONE,
    };
  }

  /** Of the tasks that were cancelled: what is to be stopped, even by another process. */
  jobsToStop(start: ExecutionStart, since: EpochMs): readonly JobToStop[] {
    if (this.#cancelled === undefined) return NONE;
    return this.#cancelled.flatMap(({ command, handle }) => {
      if (command.kind !== "StartTask" || (handle === undefined && !mayHaveJob(command))) return [];
      const job = { taskId: command.taskId, since, request: JSON.stringify(taskRequestOf(start, command)) };
      return [handle === undefined ? job : { ...job, handle }];
    });
  }

  consequences(started: boolean): Consequences {
    return {
      history: this.history,
      tasksToStart: this.#toStart === undefined ? NONE : [...this.#toStart.values()],
      tasksCancelled: this.#cancelled ?? NONE,
      mapRunsToStart: this.#mapRunsToStart === undefined ? NONE : [...this.#mapRunsToStart.values()],
      mapRunsCancelled: this.#mapRunsCancelled ?? NONE,
      activitiesQueued: this.#queued === undefined ? NONE : [...new Set(this.#queued.values())],
      end: this.end,
      started,
      redriven: this.redrive !== undefined,
    };
  }
}
