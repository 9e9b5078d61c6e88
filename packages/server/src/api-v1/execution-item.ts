import type { Executions, ExecutionTask, FoundExecution } from "@stepwell/engine";
import type { ApiExecutionItem, ApiWaitingTask } from "./types.ts";

/** How many failed executions of one page are asked for the state that failed them. */
const FAILED_STATES_MAX = 100;

type Shown = Omit<FoundExecution, "key" | "payload">;

export function executionItem(execution: Shown, failedState?: string): ApiExecutionItem {
  const { executionArn, stateMachineArn, name, status, startDate, stopDate, error, redriveCount } = execution;
  const { mapRunArn, forkOf } = execution;
  return {
    executionArn,
    stateMachineArn,
    name,
    status,
    startDate,
    redriveCount,
    ...(stopDate === undefined ? {} : { stopDate }),
    ...(error === undefined ? {} : { error }),
    ...(failedState === undefined ? {} : { failedState }),
    ...(mapRunArn === undefined ? {} : { mapRunArn }),
    ...(forkOf === undefined ? {} : { forkOf }),
  };
}

export async function executionItems(
  executions: Executions,
  found: readonly Shown[],
  failedStatesMax: number = FAILED_STATES_MAX,
): Promise<ApiExecutionItem[]> {
  const failed = found.filter(({ status }) => status === "FAILED").slice(0, failedStatesMax);
  const states = new Map<string, string>();
  await Promise.all(
    failed.map(async ({ executionArn }) => {
      const state = await failedStateOf(executions, executionArn);
      if (state !== undefined) states.set(executionArn, state);
    }),
  );
  return found.map((execution) => executionItem(execution, states.get(execution.executionArn)));
}

/** `undefined` also when the execution was deleted meanwhile. */
export async function failedStateOf(executions: Executions, executionArn: string): Promise<string | undefined> {
  return executions.queries?.failedState(executionArn).catch(() => undefined);
}

/** Who may not send results does not see the token that would do. */
export function waitingTask({ taskToken, ...task }: ExecutionTask, mayAnswer: boolean): ApiWaitingTask {
  return taskToken === undefined || !mayAnswer ? task : { ...task, taskToken };
}
