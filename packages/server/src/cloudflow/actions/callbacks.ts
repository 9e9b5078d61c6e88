/** ReportTaskSucceeded and ReportTaskFailed (cloudflow.md 3.3). */
import { parseTaskToken, type WaitingBranch } from "@stepwell/core";
import { baseRevisionKey, flowExecutionName, Rejection } from "@stepwell/engine";
import { type ActionContext, type Actions, timeText } from "../action.ts";
import { invalidArgument, missingParameter } from "../errors.ts";
import type { FlowEvent } from "../flow-history.ts";
import { readFlowHistory } from "../read-history.ts";

const ERROR_MAX = 128;
const CAUSE_MAX = 4_096;
const OUTPUT_BYTES_MAX = 65_536;

export const CALLBACK_ACTIONS: Actions = {
  ReportTaskSucceeded: {
    awsAction: "SendTaskSuccess",
    required: ["TaskToken", "Output"],
    async perform(context) {
      const { parameters, executions } = context;
      const output = parameters.required("Output");
      if (parameters.json("Output") === undefined) throw missingParameter("Output");
      if (Buffer.byteLength(output) > OUTPUT_BYTES_MAX) {
        throw invalidArgument(`Output must have at most ${OUTPUT_BYTES_MAX} bytes.`);
      }
      const told = { type: "TaskSucceeded", detail: JSON.stringify({ output: JSON.parse(output) }) };
      return report(context, told, (token) => executions.sendTaskSuccess(token, output));
    },
  },
  ReportTaskFailed: {
    awsAction: "SendTaskFailure",
    required: ["TaskToken", "Error"],
    async perform(context) {
      const { parameters, executions } = context;
      const error = parameters.bounded("Error", ERROR_MAX);
      if (error === undefined) throw missingParameter("Error");
      const cause = parameters.bounded("Cause", CAUSE_MAX) ?? "";
      const told = { type: "TaskFailed", detail: JSON.stringify({ error, cause }) };
      return report(context, told, (token) => executions.sendTaskFailure(token, error, cause));
    },
  },
};

/** The event that a report makes. */
interface Told {
  readonly type: string;
  readonly detail: string;
}

async function report(
  context: ActionContext,
  told: Told,
  send: (token: string) => Promise<void>,
): Promise<{ EventId: number }> {
  const token = context.parameters.required("TaskToken");
  const named = parseTaskToken(token);
  if (named === undefined) throw invalidArgument("TaskToken is no token of a task.");
  const waiting = await findWaiting(context, named);
  try {
    await send(token);
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    if (error.name === "TaskTimedOut") throw completed(named);
    if (error.name === "TaskDoesNotExist") throw invalidArgument("TaskToken is no token of a task that exists.");
    throw error;
  }
  return { EventId: await eventOf(context, named.executionArn, told, waiting) };
}

type Named = NonNullable<ReturnType<typeof parseTaskToken>>;

/** A task that waits for a service, not for a report, cannot be reported. Throws TaskInvalidState. */
async function findWaiting(
  { executions }: ActionContext,
  { executionArn, taskId }: Named,
): Promise<WaitingBranch | undefined> {
  const waiting = await executions.waiting(executionArn).catch((error: unknown) => {
    if (error instanceof Rejection) return [];
    throw error;
  });
  const branch = waiting.find((candidate) => candidate.taskId === taskId);
  if (branch === undefined || branch.task?.resource.endsWith(".waitForTaskToken") === true) return branch;
  if (branch.waitsFor === "activity") return branch;
  throw new Rejection("TaskInvalidState", "Task is in an invalid state, please retry.");
}

function completed({ executionArn, taskId }: Named): Rejection {
  const name = flowExecutionName(executionArn.split(":").at(-1) ?? "");
  return new Rejection("TaskAlreadyCompleted", `Task ${taskId} of execution ${name} has already completed.`);
}

/** The event that the report made: of the attempt that was scheduled when the task began to wait. */
async function eventOf(
  context: ActionContext,
  executionArn: string,
  { type, detail }: Told,
  waiting: WaitingBranch | undefined,
): Promise<number> {
  const execution = await context.executions.describe(executionArn).catch((error: unknown) => {
    if (error instanceof Rejection) return undefined;
    throw error;
  });
  const flowName = execution?.stateMachineArn.split(":").at(-1)?.split("/")[0];
  if (execution === undefined || flowName === undefined) return 0;
  try {
    const flow = await context.flows.ofRevision(flowName, baseRevisionKey(execution.revisionKey));
    const events = await readFlowHistory(context, execution, flow);
    const since = waiting === undefined ? "" : timeText(waiting.since);
    const isOfTask = ({ ScheduleEventId }: FlowEvent): boolean => events[ScheduleEventId - 1]?.Time === since;
    const made = events.filter((event) => event.Type === type && event.EventDetail === detail);
    return (made.find(isOfTask) ?? made.at(-1))?.EventId ?? 0;
  } catch (error) {
    // The task of a state machine that is no flow, or of a flow deleted meanwhile.
    if (error instanceof Rejection) return 0;
    throw error;
  }
}
