/** What a commit changed, as those are told who watch lists and pages: small, and JSON, since it travels between processes. */
import type { ExecutionSummary } from "./executions.ts";
import type { LiveExecution } from "./live-execution.ts";
import type { Consequences } from "./uncommitted.ts";

export interface ExecutionChange
  extends Pick<
    ExecutionSummary,
    | "executionArn"
    | "stateMachineArn"
    | "name"
    | "status"
    | "startDate"
    | "stopDate"
    | "mapRunArn"
    | "redriveCount"
    | "forkOf"
  > {
  readonly error?: string;
  /** Of its history: of two changes of one execution the later one has the greater. */
  readonly lastEventId: number;
  /** It began, ended or was redriven. */
  readonly turned: boolean;
}

/** Which changes somebody wants to be told of. */
export interface ChangesWanted {
  /** Every commit of this execution. */
  readonly executionArn?: string;
  /** Beginnings, ends and redrives of its executions. Without either: of all but children of map runs. */
  readonly stateMachineArn?: string;
}

const EVERYTHING = "all";

/** Changes that are wanted alike have one topic, in all processes. */
export function topicOf({ executionArn, stateMachineArn }: ChangesWanted): string {
  if (executionArn !== undefined) return `execution ${executionArn}`;
  return stateMachineArn === undefined ? EVERYTHING : `machine ${stateMachineArn}`;
}

/** The topics a change belongs to. */
export function topicsOf({
  executionArn,
  stateMachineArn,
  mapRunArn,
  turned,
}: Pick<ExecutionChange, "executionArn" | "stateMachineArn" | "mapRunArn" | "turned">): string[] {
  const topics = [topicOf({ executionArn })];
  if (!turned) return topics;
  topics.push(topicOf({ stateMachineArn }));
  if (mapRunArn === undefined) topics.push(EVERYTHING);
  return topics;
}

/** Of two changes of one execution, both of which are told: the later one, with what the earlier one was told for. */
export function laterChange(one: ExecutionChange, other: ExecutionChange): ExecutionChange {
  const later = other.lastEventId >= one.lastEventId ? other : one;
  const turned = one.turned || other.turned;
  return later.turned === turned ? later : { ...later, turned };
}

export function executionChange(
  live: Pick<LiveExecution, "start" | "redriveCount" | "lastEventId">,
  { end }: Pick<Consequences, "end">,
  turned: boolean,
): ExecutionChange {
  const { executionArn, stateMachineArn, executionName, startedAt, mapRunArn, forkOf } = live.start;
  return {
    executionArn,
    stateMachineArn,
    name: executionName,
    status: end?.status ?? "RUNNING",
    startDate: startedAt,
    redriveCount: live.redriveCount,
    ...(end === undefined ? {} : { stopDate: end.stopDate }),
    ...(end?.error === undefined ? {} : { error: end.error }),
    ...(mapRunArn === undefined ? {} : { mapRunArn }),
    ...(forkOf === undefined ? {} : { forkOf }),
    lastEventId: live.lastEventId,
    turned,
  };
}
