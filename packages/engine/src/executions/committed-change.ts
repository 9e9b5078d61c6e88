import type { EpochMs } from "@stepwell/core";
import type { CommittedChange } from "./engine-options.ts";
import type { LiveExecution } from "./live-execution.ts";
import type { Consequences } from "./uncommitted.ts";

/** What a commit changes in an execution, as those are told who watch from outside. */
export function changeOf(
  live: Pick<LiveExecution, "executionArn" | "revisionKey" | "start" | "traceHeader" | "redriveCount" | "redriveDate">,
  { history, started, redriven, end }: Pick<Consequences, "history" | "started" | "redriven" | "end">,
  committedAt: EpochMs,
): CommittedChange {
  const { traceHeader, redriveDate } = live;
  return {
    executionArn: live.executionArn,
    stateMachineArn: live.start.stateMachineArn,
    revisionKey: live.revisionKey,
    start: live.start,
    ...(traceHeader === undefined ? {} : { traceHeader }),
    history,
    started,
    redriven,
    redriveCount: live.redriveCount,
    ...(redriveDate === undefined ? {} : { redriveDate }),
    ...(end === undefined ? {} : { end }),
    committedAt,
  };
}
