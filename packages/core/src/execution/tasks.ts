/** A Task's work: sending it out, and what its results mean. Event names differ by kind of resource (features.md B.7). */
import type { TaskState } from "../definition/state-machine.ts";
import { withinLength } from "../errors/states-error.ts";
import type { Json } from "../json.ts";
import type { ScheduleActivity, StartTask } from "./command.ts";
import { exitWithResult } from "./data-flow.ts";
import { attempt, dataLimitExceeded, type Failure, type Outcome } from "./outcome.ts";
import { exceedsBytes, type Payload } from "./payload.ts";
import type { Branch, Snapshot, TaskWait } from "./snapshot.ts";
import { advance, errorDetails, type Step } from "./step.ts";
import { taskToken } from "./task-token.ts";
import { clearTaskTimers, heartbeatTimer, setTimer, timeoutTimer } from "./waits.ts";

export type TaskBranch = Branch & { wait: TaskWait };

/** The prefix of the history's event types, and the members that name the resource in each of them. */
function eventKind(state: TaskState): {
  readonly prefix: string;
  readonly resource: { readonly [member: string]: string };
} {
  const { resource } = state;
  if (resource.kind === "lambda") return { prefix: "LambdaFunction", resource: {} };
  if (resource.kind === "activity") return { prefix: "Activity", resource: {} };
  return { prefix: "Task", resource: { resource: resource.resource, resourceType: resource.service } };
}

export interface TaskPlan {
  readonly taskId: number;
  readonly nonce: string;
  readonly input: string;
  readonly credentialsRoleArn?: string;
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
}

/** Records the schedule and parks the branch; the command that sends the task is `startCommand`. */
export function scheduleTask(step: Step, branch: Branch, state: TaskState, plan: TaskPlan): void {
  const { resource } = state;
  const kind = eventKind(state);
  const named = resource.kind === "service" ? kind.resource : { resource: resource.arn };
  advance(step, branch, `${kind.prefix}Scheduled`, {
    ...(resource.kind === "service"
      ? { parameters: plan.input, region: regionOf(step.snapshot.start.executionArn) }
      : { input: plan.input }),
    ...named,
    ...(plan.timeoutSeconds === undefined ? {} : { timeoutInSeconds: plan.timeoutSeconds }),
    ...(plan.heartbeatSeconds === undefined || resource.kind === "lambda"
      ? {}
      : { heartbeatInSeconds: plan.heartbeatSeconds }),
    ...(plan.credentialsRoleArn === undefined ? {} : { taskCredentials: { roleArn: plan.credentialsRoleArn } }),
  });
  const wait: TaskWait = { kind: "task", since: step.chance.now, phase: "scheduled", ...plan };
  step.snapshot.park(branch, wait);
  step.commands.push(taskCommand(step.snapshot, branch as TaskBranch, state));
  if (resource.kind !== "activity") startTask(step, branch as TaskBranch, state);
}

/** The command that sends a parked task out, also again after a restart: same token. */
export function taskCommand(snapshot: Snapshot, branch: TaskBranch, state: TaskState): StartTask | ScheduleActivity {
  const { taskId, nonce, input, credentialsRoleArn, timeoutSeconds, heartbeatSeconds } = branch.wait;
  const token = taskToken({ executionArn: snapshot.start.executionArn, taskId, nonce });
  const sent = { taskId, stateName: state.name, input, taskToken: token };
  if (state.resource.kind === "activity") return { kind: "ScheduleActivity", ...sent, activityArn: state.resource.arn };
  return {
    kind: "StartTask",
    ...sent,
    enteredEventId: branch.enteredEventId,
    resource: state.resource,
    ...(credentialsRoleArn === undefined ? {} : { credentialsRoleArn }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(heartbeatSeconds === undefined ? {} : { heartbeatSeconds }),
  };
}

function regionOf(arn: string): string {
  return arn.split(":")[3] ?? "";
}

/** The work began: the timeout and the heartbeat count from here. */
export function startTask(step: Step, branch: TaskBranch, state: TaskState, workerName?: string): void {
  const { wait } = branch;
  if (wait.phase !== "scheduled") return;
  const kind = eventKind(state);
  const worker = workerName === undefined ? {} : { workerName };
  if (state.resource.kind === "lambda") advance(step, branch, "LambdaFunctionStarted");
  else advance(step, branch, `${kind.prefix}Started`, { ...kind.resource, ...worker });
  wait.phase = "started";
  if (wait.timeoutSeconds !== undefined) {
    wait.timeoutAt = step.chance.now + wait.timeoutSeconds * 1000;
    setTimer(step, timeoutTimer(wait.taskId), wait.timeoutAt);
  }
  beat(step, branch, state);
}

/** Sets the heartbeat's timer anew. Only who holds a token can send heartbeats: others are not missed (features.md A.3). */
export function beat(step: Step, branch: TaskBranch, state: TaskState): void {
  const { wait } = branch;
  const { resource } = state;
  if (resource.kind === "lambda" || (resource.kind === "service" && resource.pattern === "requestResponse")) return;
  if (wait.heartbeatSeconds === undefined || wait.phase === "scheduled") return;
  wait.heartbeatAt = step.chance.now + wait.heartbeatSeconds * 1000;
  setTimer(step, heartbeatTimer(wait.taskId), wait.heartbeatAt);
  step.snapshot.changed(branch);
}

export function submitTask(step: Step, branch: TaskBranch, state: TaskState, output: string): void {
  if (branch.wait.phase === "submitted" || state.resource.kind !== "service") return;
  advance(step, branch, "TaskSubmitted", { output, ...eventKind(state).resource });
  branch.wait.phase = "submitted";
}

export function succeedTask(step: Step, branch: TaskBranch, state: TaskState, output: string): Outcome {
  if (exceedsBytes(output, step.limits.payloadBytesMax)) {
    const { statesError } = dataLimitExceeded(resourceName(state));
    return failTask(step, branch, state, statesError);
  }
  const kind = eventKind(state);
  const { taskId, nonce } = branch.wait;
  const extras = step.machine.flow === undefined ? {} : { task: { taskId, nonce } };
  finish(step, branch);
  advance(step, branch, `${kind.prefix}Succeeded`, { output, ...kind.resource });
  const result: Payload = { value: JSON.parse(output) as Json };
  return attempt(branch, () => exitWithResult(step, branch, state, result, extras));
}

export function failTask(step: Step, branch: TaskBranch, state: TaskState, told: Failure): Outcome {
  // A flow's bounds are others.
  const failure = step.machine.flow === undefined ? withinLength(told) : told;
  const kind = eventKind(state);
  finish(step, branch);
  advance(step, branch, `${kind.prefix}Failed`, { ...errorDetails(failure), ...kind.resource });
  return { kind: "failed", failure };
}

/** Both a timeout and a missed heartbeat are shown as States.Timeout without a cause (fact 26). */
export function timeOutTask(step: Step, branch: TaskBranch, state: TaskState, what: "timeout" | "heartbeat"): Outcome {
  const kind = eventKind(state);
  const { taskId } = branch.wait;
  finish(step, branch);
  step.commands.push({ kind: "CancelTask", taskId });
  advance(step, branch, `${kind.prefix}TimedOut`, { error: "States.Timeout", ...kind.resource });
  const failure: Failure = { error: "States.Timeout" };
  return { kind: "failed", failure: what === "heartbeat" ? { ...failure, heartbeat: true } : failure };
}

function finish(step: Step, branch: TaskBranch): void {
  clearTaskTimers(step, branch.wait);
  step.snapshot.unpark(branch);
}

/** What a result that is too large is said to come from. */
export function resourceName(state: TaskState): string {
  return state.resource.kind === "service" ? state.resource.service : state.resource.arn;
}
