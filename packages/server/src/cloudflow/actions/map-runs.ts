/** DescribeMapRun and UpdateMapRun (cloudflow.md 3.5): the runs of flows' distributed Maps. */
import { type MapRunDescription, Rejection } from "@stepwell/engine";
import { countsOf } from "../../aws/operations/map-runs.ts";
import { type ActionContext, type Actions, timeText } from "../action.ts";
import type { Parameters } from "../parameters.ts";
import { findExecution } from "./executions.ts";

const REQUIRED = ["FlowName", "ExecutionName", "MapRunName"] as const;
const LISTED_MAX = 1_000;

const STATUSES: { readonly [status: string]: string } = {
  RUNNING: "Running",
  SUCCEEDED: "Succeeded",
  FAILED: "Failed",
  ABORTED: "Stopped",
};

export const MAP_RUN_ACTIONS: Actions = {
  DescribeMapRun: {
    awsAction: "DescribeMapRun",
    flowParameter: "FlowName",
    required: REQUIRED,
    async perform(context) {
      return mapRunView(context.parameters, await findMapRun(context));
    },
  },
  UpdateMapRun: {
    awsAction: "UpdateMapRun",
    flowParameter: "FlowName",
    required: REQUIRED,
    async perform(context) {
      const { parameters, executions } = context;
      const { mapRunArn } = await findMapRun(context);
      const maxConcurrency = parameters.number("Concurrency", 0, 100);
      const toleratedFailureCount = parameters.number("ToleratedFailedCount", 0, 10_000);
      const toleratedFailurePercentage = parameters.decimal("ToleratedFailedPercentage", 0, 100);
      await executions.mapRuns?.update(mapRunArn, {
        ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
        ...(toleratedFailureCount === undefined ? {} : { toleratedFailureCount }),
        ...(toleratedFailurePercentage === undefined ? {} : { toleratedFailurePercentage }),
      });
      return limitsView(await findMapRun(context));
    },
  },
};

async function findMapRun(context: ActionContext): Promise<MapRunDescription> {
  const { execution } = await findExecution(context);
  const name = context.parameters.required("MapRunName");
  const runs = await context.executions.mapRuns?.list(execution.executionArn, { limit: LISTED_MAX });
  const found = runs?.items.find(({ mapRunArn }) => mapRunArn.split(":").at(-1) === name);
  if (found !== undefined) return found;
  throw new Rejection("MapRunNotExists", `Map run ${name} does not exist.`);
}

function mapRunView(parameters: Parameters, run: MapRunDescription): object {
  const counts = countsOf(run, run.itemCounts, run.pendingItems);
  return {
    MapRunName: run.mapRunArn.split(":").at(-1),
    ExecutionName: parameters.text("ExecutionName"),
    Status: STATUSES[run.status] ?? run.status,
    ...limitsView(run),
    ItemCounts: {
      Total: counts.total,
      Pending: counts.pending,
      Running: counts.running,
      Succeed: counts.succeeded,
      Failed: counts.failed + counts.timedOut,
      Aborted: counts.aborted,
    },
    StartedTime: timeText(run.startDate),
    StoppedTime: run.stopDate === undefined ? "" : timeText(run.stopDate),
  };
}

function limitsView({ limits }: MapRunDescription): object {
  return {
    Concurrency: limits.maxConcurrency,
    ToleratedFailedCount: limits.toleratedFailureCount,
    ToleratedFailedPercentage: limits.toleratedFailurePercentage,
  };
}
