import {
  type ChildDescription,
  type Executions,
  type MapRunDescription,
  type MapRuns,
  parseExecutionArn,
  parseMapRunArn,
  Rejection,
  type StatusCounts,
} from "@stepwell/engine";
import type { ApiMapRunCounts } from "../../api-v1/map-runs-types.ts";
import { type Operation, page } from "../operation.ts";
import { epochSeconds, type Output } from "../operation-types.ts";

/** Those of a data plane that has them; one without refuses Distributed Maps at create time. */
export function mapRunsOf({ mapRuns }: Executions): MapRuns {
  if (mapRuns !== undefined) return mapRuns;
  throw new Rejection("ValidationException", "A Map Run is not supported by this version of Stepwell");
}

export const describeMapRun: Operation<"DescribeMapRun"> = async (input, { executions }) => {
  parseMapRunArn(input.mapRunArn);
  const run = await mapRunsOf(executions).describe(input.mapRunArn);
  const { limits, stopDate, redriveDate } = run;
  return {
    mapRunArn: run.mapRunArn,
    executionArn: run.executionArn,
    status: run.status,
    startDate: epochSeconds(run.startDate),
    ...(stopDate === undefined ? {} : { stopDate: epochSeconds(stopDate) }),
    ...limits,
    itemCounts: countsOf(run, run.itemCounts, run.pendingItems),
    executionCounts: countsOf(run, run.childCounts, run.pendingChildren),
    redriveCount: run.redriveCount,
    ...(redriveDate === undefined ? {} : { redriveDate: epochSeconds(redriveDate) }),
  };
};

/** What was counted only after redrives came to AWS is left out while it is 0, as it was recorded before. */
export function countsOf(run: MapRunDescription, counts: StatusCounts, pending: number): ApiMapRunCounts {
  const { RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE } = counts;
  return {
    pending,
    running: RUNNING,
    succeeded: SUCCEEDED,
    failed: FAILED,
    timedOut: TIMED_OUT,
    aborted: ABORTED,
    total: pending + RUNNING + SUCCEEDED + FAILED + TIMED_OUT + ABORTED + PENDING_REDRIVE,
    // Also without a ResultWriter (recorded-behaviour.md, fact 11).
    resultsWritten: run.areResultsWritten ? SUCCEEDED : 0,
    ...(PENDING_REDRIVE === 0 ? {} : { pendingRedrive: PENDING_REDRIVE }),
  };
}

export const listMapRuns: Operation<"ListMapRuns"> = async (input, context) => {
  parseExecutionArn(input.executionArn);
  const { executions } = context;
  await executions.describe(input.executionArn);
  if (executions.mapRuns === undefined) return { mapRuns: [] };
  const { items, ...next } = await page(context, "ListMapRuns", input, (wanted) =>
    mapRunsOf(executions).list(input.executionArn, wanted),
  );
  const mapRuns = items.map(({ executionArn, mapRunArn, stateMachineArn, startDate, stopDate }) => ({
    executionArn,
    mapRunArn,
    stateMachineArn,
    startDate: epochSeconds(startDate),
    ...(stopDate === undefined ? {} : { stopDate: epochSeconds(stopDate) }),
  }));
  return { mapRuns, ...next };
};

export const updateMapRun: Operation<"UpdateMapRun"> = async (input, { executions }) => {
  parseMapRunArn(input.mapRunArn);
  const { mapRunArn, ...limits } = input;
  if (Object.keys(limits).length === 0) {
    throw new Rejection(
      "ValidationException",
      "At least one of maxConcurrency, toleratedFailurePercentage and toleratedFailureCount must be specified",
      { reason: "MISSING_REQUIRED_PARAMETER" },
    );
  }
  await mapRunsOf(executions).update(mapRunArn, limits);
  return {};
};

type ExecutionItem = NonNullable<Output<"ListExecutions">["executions"]>[number];

/** ListExecutions with a mapRunArn. */
export const listChildren: Operation<"ListExecutions"> = async (input, context) => {
  const { mapRunArn = "", statusFilter, redriveFilter } = input;
  parseMapRunArn(mapRunArn);
  const { items, ...next } = await page(context, "ListExecutions", input, (wanted) =>
    mapRunsOf(context.executions).children({
      ...wanted,
      mapRunArn,
      ...(statusFilter === undefined ? {} : { statuses: [statusFilter] }),
      ...(redriveFilter === undefined ? {} : { redrive: redriveFilter }),
    }),
  );
  return { executions: items.map((child) => ({ ...childMembers(child, mapRunArn), itemCount: child.items })), ...next };
};

function childMembers(child: ChildDescription, mapRunArn: string): ExecutionItem {
  const { executionArn, stateMachineArn, name, status, startedAt, stoppedAt, redriveCount, redrivenAt } = child;
  return {
    executionArn,
    stateMachineArn,
    name,
    status,
    startDate: epochSeconds(startedAt),
    ...(stoppedAt === undefined ? {} : { stopDate: epochSeconds(stoppedAt) }),
    mapRunArn,
    redriveCount,
    ...(redrivenAt === undefined ? {} : { redriveDate: epochSeconds(redrivenAt) }),
  };
}

/** DescribeExecution of an Express child: `undefined` for any other ARN. */
export async function describeExpressChild(
  executions: Executions,
  executionArn: string,
  includesData: boolean,
): Promise<Output<"DescribeExecution"> | undefined> {
  const child = await executions.mapRuns?.expressChild(executionArn);
  if (child === undefined) return undefined;
  const { input, output, error, cause, redriveStatus, redriveStatusReason } = child;
  return {
    ...childMembers(child, child.mapRunArn),
    redriveStatus,
    ...(redriveStatusReason === undefined ? {} : { redriveStatusReason }),
    ...(includesData ? { input, inputDetails: { included: true } } : {}),
    ...(includesData && output !== undefined ? { output, outputDetails: { included: true } } : {}),
    ...(includesData && error !== undefined ? { error } : {}),
    ...(includesData && cause !== undefined ? { cause } : {}),
  };
}
