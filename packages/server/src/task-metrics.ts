import type { HistoryEvent } from "@stepwell/core";
import type { CommittedChange } from "@stepwell/engine";
import type { Counter, Metrics } from "./metrics.ts";
import { TIME_BOUNDS } from "./time-bounds.ts";

/** One kind of work and what CloudWatch calls it. */
interface Kind {
  readonly prefix: "LambdaFunction" | "Activity" | "Task";
  readonly many: string;
  readonly one: string;
  readonly label: string;
}

const KINDS: readonly Kind[] = [
  { prefix: "LambdaFunction", many: "lambda_functions", one: "lambda_function", label: "lambda_function_arn" },
  { prefix: "Activity", many: "activities", one: "activity", label: "activity_arn" },
  {
    prefix: "Task",
    many: "service_integrations",
    one: "service_integration",
    label: "service_integration_resource_arn",
  },
];

type Phase = "scheduled" | "started" | "submitted" | "succeeded" | "failed" | "timed_out";

/** What an event's type says after its prefix. */
const PHASES: { readonly [suffix: string]: Phase } = {
  Scheduled: "scheduled",
  Started: "started",
  Submitted: "submitted",
  Succeeded: "succeeded",
  Failed: "failed",
  ScheduleFailed: "failed",
  StartFailed: "failed",
  SubmitFailed: "failed",
  TimedOut: "timed_out",
};

/** By type of event: about which kind of work it is, and what it says. */
const TASK_EVENTS: ReadonlyMap<string, { readonly kind: number; readonly phase: Phase }> = new Map(
  KINDS.flatMap(({ prefix }, kind) =>
    Object.entries(PHASES).map(([suffix, phase]) => [`${prefix}${suffix}`, { kind, phase }] as const),
  ),
);

export function isTaskEvent(type: string): boolean {
  return TASK_EVENTS.has(type);
}

const COUNTED: readonly Phase[] = ["scheduled", "started", "succeeded", "failed", "timed_out"];
const MISSED_HEARTBEAT = "heartbeat_timed_out";

/** Tasks whose way is followed; more, and the executions followed longest are forgotten. */
const EXECUTIONS_MAX = 20_000;

interface OpenTask {
  readonly resource: string;
  readonly scheduledAt: number;
  startedAt: number | undefined;
  /** Absent: it has no heartbeat. Its own timeout, without which it has all the time. */
  readonly heartbeat?: { readonly timeoutMs: number };
}

interface KindMetrics {
  count(phase: Phase | typeof MISSED_HEARTBEAT, resource: string): void;
  time(which: "run" | "schedule" | "", resource: string, ms: number): void;
}

interface TaskMetrics {
  (change: CommittedChange): void;
  /** The execution has ended in a change that says nothing of tasks. */
  ended(change: Pick<CommittedChange, "executionArn">): void;
}

/**
 * Counts and times tasks by their resource: ActivitiesStarted, LambdaFunctionRunTime, ServiceIntegrationsFailed, …
 * (features.md E.7). Only the Scheduled event names the resource: those after it are found by their links. A task
 * scheduled before this process began is counted with the resource "unknown" and not timed.
 */
export function taskMetrics(metrics: Metrics): TaskMetrics {
  const kinds = KINDS.map((kind) => metricsOf(metrics, kind));
  /** By execution, by the id of the task's last event. */
  const followed = new Map<string, Map<number, OpenTask>>();
  const add = (change: CommittedChange): void => {
    for (const event of change.history) {
      const known = TASK_EVENTS.get(event.type);
      if (known === undefined) continue;
      const { kind, phase } = known;
      const tasks = tasksOf(followed, change.executionArn);
      const task = phase === "scheduled" ? newTask(event, change) : tasks.get(event.previousEventId);
      tasks.delete(event.previousEventId);
      note(kinds[kind] as KindMetrics, phase, task, event);
      if (task !== undefined && (phase === "scheduled" || phase === "started" || phase === "submitted")) {
        tasks.set(event.id, task);
      }
    }
    if (change.end !== undefined || followed.get(change.executionArn)?.size === 0) followed.delete(change.executionArn);
  };
  return Object.assign(add, {
    ended(change: Pick<CommittedChange, "executionArn">): void {
      // Some changes make their names when they are asked for.
      if (followed.size > 0) followed.delete(change.executionArn);
    },
  });
}

function metricsOf(metrics: Metrics, { prefix, many, one, label }: Kind): KindMetrics {
  const words = many.replaceAll("_", " ");
  const counted = prefix === "Activity" ? [...COUNTED, MISSED_HEARTBEAT] : COUNTED;
  const counters = new Map<string, Counter>(
    counted.map((phase) => [phase, metrics.counter(`stepwell_${many}_${phase}_total`, `${words} ${phase}.`, [label])]),
  );
  const histogram = (name: string, help: string) =>
    metrics.histogram(`stepwell_${one}_${name}_milliseconds`, help, [label], TIME_BOUNDS);
  const times = {
    run: histogram("run_time", "From start to end."),
    schedule: histogram("schedule_time", "From being scheduled to the start."),
    "": histogram("time", "From being scheduled to the end."),
  };
  return {
    count: (phase, resource) => counters.get(phase)?.([resource]),
    time: (which, resource, ms) => times[which]([resource], ms),
  };
}

function tasksOf(followed: Map<string, Map<number, OpenTask>>, executionArn: string): Map<number, OpenTask> {
  let tasks = followed.get(executionArn);
  if (tasks === undefined) {
    tasks = new Map();
    followed.set(executionArn, tasks);
    const [oldest] = followed.keys();
    if (followed.size > EXECUTIONS_MAX && oldest !== undefined) followed.delete(oldest);
  }
  return tasks;
}

function note(metrics: KindMetrics, phase: Phase, task: OpenTask | undefined, { timestamp }: HistoryEvent): void {
  const resource = task?.resource ?? "unknown";
  metrics.count(phase === "timed_out" && hasMissedHeartbeat(task, timestamp) ? MISSED_HEARTBEAT : phase, resource);
  if (task === undefined || phase === "scheduled" || phase === "submitted") return;
  if (phase === "started") {
    task.startedAt = timestamp;
    metrics.time("schedule", resource, timestamp - task.scheduledAt);
    return;
  }
  metrics.time("", resource, timestamp - task.scheduledAt);
  if (task.startedAt !== undefined) metrics.time("run", resource, timestamp - task.startedAt);
}

/** The history does not say which clock ran out: only before its own timeout can it have been the heartbeat's. */
function hasMissedHeartbeat(task: OpenTask | undefined, timedOutAt: number): boolean {
  const { heartbeat, startedAt } = task ?? {};
  return heartbeat !== undefined && startedAt !== undefined && timedOutAt < startedAt + heartbeat.timeoutMs;
}

/** Functions and activities are named by ARN, integrations by service and action. */
function newTask({ details = {}, timestamp }: HistoryEvent, { stateMachineArn }: CommittedChange): OpenTask {
  const { resource, resourceType, heartbeatInSeconds, timeoutInSeconds } = details;
  const partition = stateMachineArn.split(":")[1];
  const named = resourceType === undefined ? resource : `arn:${partition}:states:::${resourceType}:${resource}`;
  const task = { resource: String(named), scheduledAt: timestamp, startedAt: undefined };
  if (heartbeatInSeconds === undefined || resourceType !== undefined) return task;
  return { ...task, heartbeat: { timeoutMs: Number(timeoutInSeconds ?? Number.POSITIVE_INFINITY) * 1_000 } };
}
