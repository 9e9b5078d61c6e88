/** Runs as CSV (RFC 4180), as spreadsheets read it. */
import type { ApiExecutionItem } from "../../api/api-types.ts";
import { machineNameOf } from "../../api/arns.ts";
import { formatDateTime } from "../../ui/format.ts";

export function csvOf(runs: readonly ApiExecutionItem[]): string {
  const quote = (value: string | number | undefined) => `"${String(value ?? "").replaceAll('"', '""')}"`;
  const head = "status,name,machine,started,stopped,durationMs,failedState,error,redrives,executionArn";
  const rows = runs.map((run) =>
    [
      run.status,
      run.name,
      machineNameOf(run.stateMachineArn),
      formatDateTime(run.startDate),
      run.stopDate === undefined ? "" : formatDateTime(run.stopDate),
      run.stopDate === undefined ? "" : run.stopDate - run.startDate,
      run.failedState,
      run.error,
      run.redriveCount,
      run.executionArn,
    ]
      .map(quote)
      .join(","),
  );
  return `${[head, ...rows].join("\r\n")}\r\n`;
}
