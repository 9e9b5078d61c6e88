/** Chooses the run to compare with: runs of the same machine, its relatives first. */
import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import type { ApiExecution, ApiExecutionItem } from "../../api/api-types.ts";
import { executionNameOf, idOf } from "../../api/arns.ts";
import { searchExecutions } from "../../api/v1.ts";
import { useUrlState } from "../../app/url-state.ts";
import { Problem } from "../../ui/dialog.tsx";
import { Empty, Loading } from "../../ui/page.tsx";
import { statusLook } from "../../ui/status.tsx";
import { type Column, VirtualTable } from "../../ui/virtual-table.tsx";
import { DURATION_COLUMN, FAILURE_COLUMN, STARTED_COLUMN, STATUS_COLUMN } from "../runs/run-columns.tsx";

export interface RunPickerProps {
  readonly member: "a" | "b";
  /** The run that is chosen already. */
  readonly other: ApiExecution | undefined;
}

const SHOWN = 100;
const STATUSES = ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "RUNNING"] as const;

export function RunPicker({ member, other }: RunPickerProps): ReactElement {
  const [url, setUrl] = useUrlState();
  const [status, setStatus] = useState<string>();
  const [name, setName] = useState("");
  const query = {
    ...(other !== undefined && { stateMachineArn: other.stateMachineArn }),
    ...(status !== undefined && { status: [status] }),
    ...(name !== "" && { name }),
    limit: SHOWN,
  };
  const { data, error } = useQuery({
    queryKey: ["runs", "picker", query],
    queryFn: ({ signal }) => searchExecutions(query, signal),
    placeholderData: (before) => before,
  });
  const choose = (executionArn: string) => setUrl({ [member]: idOf(executionArn) }, { push: true });
  const items = (data?.items ?? []).filter(({ executionArn }) => executionArn !== other?.executionArn);
  const relatives = [...(other?.forkOf === undefined ? [] : [other.forkOf.executionArn]), ...(other?.forks ?? [])];
  return (
    <>
      <p>
        {other === undefined ? (
          "Choose the first run."
        ) : (
          <>
            Compare <strong className="mono">{executionNameOf(other.executionArn)}</strong> with:
          </>
        )}
      </p>
      <div className="row">
        <input
          type="search"
          aria-label="Name begins with"
          placeholder="Name begins with…"
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <div className="chips" role="group" aria-label="Status">
          {STATUSES.map((each) => (
            <button
              key={each}
              type="button"
              className="chip"
              aria-pressed={status === each}
              onClick={() => setStatus(status === each ? undefined : each)}
            >
              {statusLook(each).word}
            </button>
          ))}
        </div>
        {relatives.slice(0, 4).map((arn) => (
          <button key={arn} type="button" className="button" onClick={() => choose(arn)}>
            {arn === other?.forkOf?.executionArn ? "its original" : "its fork"} <code>{executionNameOf(arn)}</code>
          </button>
        ))}
      </div>
      <Problem error={error} />
      {data === undefined && error === null && <Loading />}
      {data !== undefined && items.length === 0 && <Empty icon="runs" title="No other run was found." />}
      {items.length > 0 && (
        <VirtualTable
          label="Runs to compare with"
          columns={columnsOf(choose)}
          rows={items}
          isFixed
          rowKey={({ executionArn }) => idOf(executionArn)}
          activeKey={url["at"]}
          onActivate={({ executionArn }) => setUrl({ at: idOf(executionArn) })}
          onOpen={({ executionArn }) => choose(executionArn)}
        />
      )}
    </>
  );
}

function columnsOf(choose: (arn: string) => void): readonly Column<ApiExecutionItem>[] {
  return [
    {
      id: "choose",
      head: <span className="visually-hidden">Choose</span>,
      width: "104px",
      cell: ({ executionArn, name }) => (
        <button
          type="button"
          className="button"
          aria-label={`Compare with ${name}`}
          onClick={() => choose(executionArn)}
        >
          Compare
        </button>
      ),
    },
    STATUS_COLUMN,
    {
      id: "name",
      head: "Name",
      width: "minmax(180px, 2fr)",
      cell: ({ executionArn }) => <span className="mono">{executionNameOf(executionArn)}</span>,
    },
    STARTED_COLUMN,
    DURATION_COLUMN,
    FAILURE_COLUMN,
  ];
}
