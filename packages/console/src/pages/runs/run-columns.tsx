/** What is told of a run wherever runs are listed. */
import type { ApiExecutionItem } from "../../api/api-types.ts";
import { Status } from "../../ui/status.tsx";
import { Ago, Elapsed } from "../../ui/time.tsx";
import type { Column } from "../../ui/virtual-table.tsx";

export const STATUS_COLUMN: Column<ApiExecutionItem> = {
  id: "status",
  head: "Status",
  width: "150px",
  cell: ({ status }) => <Status status={status} />,
};

export const STARTED_COLUMN: Column<ApiExecutionItem> = {
  id: "start",
  head: "Started",
  width: "110px",
  cell: ({ startDate }) => <Ago at={startDate} />,
};

export const DURATION_COLUMN: Column<ApiExecutionItem> = {
  id: "duration",
  head: "Duration",
  width: "110px",
  align: "end",
  cell: ({ startDate, stopDate }) => <Elapsed from={startDate} to={stopDate} />,
};

export const FAILURE_COLUMN: Column<ApiExecutionItem> = {
  id: "failure",
  head: "Failed state and error",
  width: "minmax(200px, 1.6fr)",
  cell: ({ failedState, error }) => (
    <span title={[failedState, error].filter((each) => each !== undefined).join(": ")}>
      {failedState !== undefined && <strong>{failedState} </strong>}
      {error !== undefined && <code>{error}</code>}
    </span>
  ),
};
