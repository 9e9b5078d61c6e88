// Task: has work done by a service, a function or an activity worker. ASL spec, "Task State".

import { numberOrExpression, numberPath, taskArguments, template } from "../definition/expression-fields.ts";
import type { FieldTable, FieldValues } from "../definition/field.ts";
import { only, required } from "../definition/field-kinds.ts";
import type { CommonState, TaskState } from "../definition/state-machine.ts";
import { credentials, resource } from "../definition/task-fields.ts";
import { StatesErrorSignal } from "../errors/states-error.ts";
import { effectiveInput, workInput } from "../execution/data-flow.ts";
import { dataLimitExceeded } from "../execution/outcome.ts";
import { exceedsBytes, textOf } from "../execution/payload.ts";
import { scopeOf } from "../execution/scope.ts";
import type { Branch } from "../execution/snapshot.ts";
import type { Step } from "../execution/step.ts";
import { scheduleTask, type TaskPlan } from "../execution/tasks.ts";
import {
  ASSIGN_FIELD,
  ERROR_HANDLING_FIELDS,
  errorHandling,
  IDENTITY_FIELDS,
  nextOf,
  PATH_FIELDS,
  RESULT_FIELDS,
  SECONDS_MAX,
  TRANSITION_FIELDS,
  TRANSITION_GROUPS,
} from "./common-fields.ts";
import type { StateKind } from "./state-kind.ts";

const POSITIVE_SECONDS = { min: 1, max: SECONDS_MAX };

const FIELDS = {
  ...IDENTITY_FIELDS,
  Resource: required(resource()),
  ...PATH_FIELDS,
  ...TRANSITION_FIELDS,
  ...ASSIGN_FIELD,
  ...RESULT_FIELDS,
  ...ERROR_HANDLING_FIELDS,
  Parameters: only("JSONPath", template()),
  Arguments: only("JSONata", taskArguments()),
  Credentials: credentials(),
  TimeoutSeconds: numberOrExpression("Integer", POSITIVE_SECONDS),
  TimeoutSecondsPath: only("JSONPath", numberPath("integer", POSITIVE_SECONDS)),
  HeartbeatSeconds: numberOrExpression("Integer", POSITIVE_SECONDS),
  HeartbeatSecondsPath: only("JSONPath", numberPath("integer", POSITIVE_SECONDS)),
} satisfies FieldTable;

export const task: StateKind<TaskState> = {
  fields: FIELDS,
  groups: [
    ...TRANSITION_GROUPS,
    { fields: ["TimeoutSeconds", "TimeoutSecondsPath"] },
    { fields: ["HeartbeatSeconds", "HeartbeatSecondsPath"] },
  ],
  parse(fields: FieldValues<typeof FIELDS>, common: CommonState): TaskState | undefined {
    if (fields.Resource === undefined) return undefined;
    const parameters = fields.Parameters ?? fields.Arguments;
    const timeoutSeconds = fields.TimeoutSeconds ?? fields.TimeoutSecondsPath;
    const heartbeatSeconds = fields.HeartbeatSeconds ?? fields.HeartbeatSecondsPath;
    return {
      ...common,
      type: "Task",
      next: nextOf(fields),
      resource: fields.Resource,
      ...errorHandling(fields),
      ...(parameters !== undefined && { parameters }),
      ...(fields.ResultSelector !== undefined && { resultSelector: fields.ResultSelector }),
      ...(fields.ResultPath !== undefined && { resultPath: fields.ResultPath }),
      ...(fields.Credentials !== undefined && { credentialsRoleArn: fields.Credentials }),
      ...(timeoutSeconds !== undefined && { timeoutSeconds }),
      ...(heartbeatSeconds !== undefined && { heartbeatSeconds }),
    };
  },
  enter(step, branch, state) {
    const { resource } = state;
    if (resource.kind === "activity" && step.missingActivities.has(resource.arn)) {
      throw new StatesErrorSignal("States.Runtime", `The activity ${resource.arn} does not exist.`);
    }
    const plan = planTask(step, branch, state);
    const problem = step.machine.parametersProblem?.(state, plan.input);
    if (problem !== undefined) throw new StatesErrorSignal("States.Runtime", problem);
    scheduleTask(step, branch, state, plan);
    return { kind: "waiting" };
  },
};

/** Every attempt has its own id and token (features.md A.9). */
function planTask(step: Step, branch: Branch, state: TaskState): TaskPlan {
  const { head } = step.snapshot;
  const task = { taskId: head.nextTaskId, nonce: step.chance.nonce() };
  head.nextTaskId += 1;
  step.snapshot.headChanged();
  const extras = showsToken(state) ? { task } : {};
  const scope = scopeOf(step, branch, state, effectiveInput(step, branch, state).value, extras);
  const input = textOf(workInput(step, branch, state, extras));
  if (exceedsBytes(input, step.limits.payloadBytesMax)) throw dataLimitExceeded(state.name);
  const timeoutSeconds = state.timeoutSeconds?.evaluate(scope);
  const heartbeatSeconds = state.heartbeatSeconds?.evaluate(scope);
  const credentialsRoleArn = state.credentialsRoleArn?.evaluate(scope);
  return {
    ...task,
    input,
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(heartbeatSeconds !== undefined && { heartbeatSeconds }),
    ...(credentialsRoleArn !== undefined && { credentialsRoleArn }),
  };
}

/** Only who can be answered with a token sees one in the context object. features.md A.17. */
function showsToken({ resource }: TaskState): boolean {
  return resource.kind === "activity" || (resource.kind === "service" && resource.pattern !== "requestResponse");
}
