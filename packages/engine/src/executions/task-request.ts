import type { ExecutionStart, StartTask } from "@stepwell/core";
import type { TaskRequest } from "../ports/connector.ts";

/** What a connector is told of a task, apart from its trace. */
export function taskRequestOf(start: ExecutionStart, command: StartTask): TaskRequest {
  const { executionArn, executionName, stateMachineArn, stateMachineAliasArn, roleArn, startedAt } = start;
  return {
    ...command,
    executionArn,
    executionName,
    stateMachineArn,
    ...(stateMachineAliasArn === undefined ? {} : { stateMachineAliasArn }),
    roleArn,
    startedAtMs: startedAt,
  };
}

/** Whether a task that was sent may have started a job: one that goes on by itself, and is to be stopped with the task. */
export function mayHaveJob({ resource }: Pick<StartTask, "resource">): boolean {
  return resource.kind === "service" && resource.pattern === "sync";
}
