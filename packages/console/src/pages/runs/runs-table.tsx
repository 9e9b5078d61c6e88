/** Runs as a table: of all machines or of one. Searches, follows what changes, and repairs many at once. */
import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactElement, useMemo, useState } from "react";
import type { ApiExecutionItem, ApiExecutionPage } from "../../api/api-types.ts";
import { executionNameOf, idOf, machineArnOf, machineNameOf } from "../../api/arns.ts";
import { useStream } from "../../api/live.ts";
import { RUNS_PAGE, runsQuery } from "../../api/queries.ts";
import { executionsStreamPath } from "../../api/v1.ts";
import { useUrlState } from "../../app/url-state.ts";
import { announce } from "../../ui/announce.ts";
import { Problem } from "../../ui/dialog.tsx";
import { formatCount, plural } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { download, Empty, Loading } from "../../ui/page.tsx";
import { RowLink } from "../../ui/row-link.tsx";
import { useThrottled } from "../../ui/throttled.ts";
import { type Column, VirtualTable } from "../../ui/virtual-table.tsx";
import { BulkDialog, type BulkKind } from "./bulk-dialog.tsx";
import { DURATION_COLUMN, FAILURE_COLUMN, STARTED_COLUMN, STATUS_COLUMN } from "./run-columns.tsx";
import { csvOf } from "./run-csv.ts";
import { RunFacets } from "./run-facets.tsx";
import { RunFilters } from "./run-filters.tsx";
import { runQuery, SEARCH_MEMBERS, searchTime } from "./run-query.ts";

export function RunsTable({ machine }: { readonly machine?: string }): ReactElement {
  const [url, setUrl] = useUrlState();
  const navigate = useNavigate();
  const [selected, setSelected] = useState<ReadonlySet<string>>(NOTHING);
  const [bulk, setBulk] = useState<BulkKind>();
  const asked = runsQuery(runQuery(url, machine, searchTime()));
  const { data, error, fetchNextPage, hasNextPage, isFetchingNextPage, isFetching, refetch } = useInfiniteQuery({
    ...asked,
    placeholderData: (before) => before,
  });
  // What happened before the stream began is told as missed: an answer on its way must not be asked for again.
  useLiveRuns(asked.queryKey, machine, data !== undefined, () => void refetch());
  const runs = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data]);
  const examined = data?.pages.reduce((sum, page) => sum + page.examined, 0) ?? 0;
  const columns = useMemo(() => columnsOf(machine, selected, setSelected, runs), [machine, selected, runs]);
  const chosen = runs.filter(({ executionArn }) => selected.has(executionArn));
  return (
    <>
      <RunFilters machine={machine} />
      <RunFacets runs={runs} machine={machine} />
      <div className="row">
        <span className="faint" role="status">
          {plural(runs.length, "run")}
          {hasNextPage && " so far"}
          {examined > runs.length && ` · ${formatCount(examined)} looked at`}
          {isFetching && " · searching…"}
        </span>
        <span className="grow" />
        {chosen.length > 0 && (
          <>
            <strong>{plural(chosen.length, "run")} chosen</strong>
            {chosen.length === 2 && (
              <Link to="/compare" search={pairOf(chosen) as never} className="button">
                Compare
              </Link>
            )}
            <button type="button" className="button" onClick={() => setBulk("redrive")}>
              <Icon name="redrive" size={13} /> Redrive
            </button>
            <button type="button" className="button button-danger" onClick={() => setBulk("stop")}>
              <Icon name="stop" size={11} /> Stop
            </button>
          </>
        )}
        <button
          type="button"
          className="button"
          disabled={runs.length === 0}
          onClick={() => download("runs.csv", "text/csv", csvOf(chosen.length > 0 ? chosen : runs))}
        >
          <Icon name="download" size={13} /> CSV
        </button>
        <button
          type="button"
          className="button"
          disabled={runs.length === 0}
          onClick={() =>
            download("runs.json", "application/json", JSON.stringify(chosen.length > 0 ? chosen : runs, null, 2))
          }
        >
          <Icon name="download" size={13} /> JSON
        </button>
      </div>
      <Problem error={error} />
      {data === undefined && error === null && <Loading />}
      {data !== undefined && runs.length === 0 && !isFetching && <NoRuns machine={machine} isBound={hasNextPage} />}
      {runs.length > 0 && (
        <VirtualTable
          label="Runs"
          columns={columns}
          rows={runs}
          rowHeight={36}
          isFixed
          rowKey={({ executionArn }) => idOf(executionArn)}
          activeKey={url["at"]}
          onActivate={({ executionArn }) => setUrl({ at: idOf(executionArn) })}
          onOpen={({ executionArn }) => void navigate({ to: "/runs/$id", params: { id: idOf(executionArn) } as never })}
          onEnd={() => {
            if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
          }}
        />
      )}
      {hasNextPage && runs.length < RUNS_PAGE && (
        <div className="row">
          <button type="button" className="button" disabled={isFetching} onClick={() => void fetchNextPage()}>
            Search on
          </button>
        </div>
      )}
      {bulk !== undefined && (
        <BulkDialog
          kind={bulk}
          runs={chosen}
          onClose={() => {
            setBulk(undefined);
            setSelected(NOTHING);
            void refetch();
          }}
        />
      )}
    </>
  );
}

const NOTHING: ReadonlySet<string> = new Set();

interface NoRunsProps {
  readonly machine: string | undefined;
  /** The search looked at as many as it may, and has not come to the end. */
  readonly isBound: boolean;
}

function NoRuns({ machine, isBound }: NoRunsProps): ReactElement {
  const [url, setUrl] = useUrlState();
  if (SEARCH_MEMBERS.every((member) => url[member] === undefined)) {
    return machine === undefined ? (
      <Empty icon="runs" title="Nothing has run yet.">
        <Link to="/machines">Start a state machine</Link>, or send StartExecution to this server.
      </Empty>
    ) : (
      <Empty icon="runs" title={`${machine} has not run yet.`}>
        Start it with the button above, or press <kbd>s</kbd>.
      </Empty>
    );
  }
  const clear = () => setUrl(Object.fromEntries(SEARCH_MEMBERS.map((member) => [member, undefined])));
  return (
    <Empty icon="search" title="No run was found.">
      {isBound
        ? "The search has looked at as many runs as it may at once: search on below."
        : "None is as searched for."}{" "}
      <button type="button" className="text-button" onClick={clear}>
        Clear the search
      </button>
    </Empty>
  );
}

/** The older one is A. */
function pairOf(chosen: readonly ApiExecutionItem[]): Readonly<Record<string, string>> {
  const [a, b] = chosen.toSorted((one, other) => one.startDate - other.startDate);
  return { a: idOf(a?.executionArn ?? ""), b: idOf(b?.executionArn ?? "") };
}

/** Runs on the page change in place; new ones come with the next page that is asked for, at most every two seconds. */
function useLiveRuns(
  key: readonly unknown[],
  machine: string | undefined,
  enabled: boolean,
  refetch: () => void,
): void {
  const client = useQueryClient();
  const again = useThrottled(refetch, 2_000);
  useStream(`runs ${machine ?? ""}`, enabled, {
    path: () => executionsStreamPath(machine === undefined ? undefined : machineArnOf(machine)),
    on: {
      execution: (told) => {
        const items = new Map((told as readonly ApiExecutionItem[]).map((item) => [item.executionArn, item]));
        client.setQueryData<InfiniteData<ApiExecutionPage>>(key, (before) => {
          if (before === undefined) return before;
          const pages = before.pages.map((page) => ({ ...page, items: page.items.map((item) => take(items, item)) }));
          return { ...before, pages };
        });
        if (items.size > 0) {
          announce("The list of runs changed");
          again();
        }
      },
      missed: again,
    },
  });
}

/** What the map still holds afterwards is new to the page. */
function take(items: Map<string, ApiExecutionItem>, item: ApiExecutionItem): ApiExecutionItem {
  const told = items.get(item.executionArn);
  items.delete(item.executionArn);
  return told ?? item;
}

function columnsOf(
  machine: string | undefined,
  selected: ReadonlySet<string>,
  select: (next: ReadonlySet<string>) => void,
  runs: readonly ApiExecutionItem[],
): readonly Column<ApiExecutionItem>[] {
  const toggle = (arn: string) => {
    const next = new Set(selected);
    if (!next.delete(arn)) next.add(arn);
    select(next);
  };
  const all = runs.length > 0 && runs.every(({ executionArn }) => selected.has(executionArn));
  const columns: Column<ApiExecutionItem>[] = [
    {
      id: "select",
      head: (
        <input
          type="checkbox"
          aria-label="Choose all that are loaded"
          checked={all}
          onChange={() => select(all ? NOTHING : new Set(runs.map(({ executionArn }) => executionArn)))}
        />
      ),
      width: "38px",
      cell: ({ executionArn, name }) => (
        <input
          type="checkbox"
          aria-label={`Choose ${name}`}
          checked={selected.has(executionArn)}
          onChange={() => toggle(executionArn)}
        />
      ),
    },
    STATUS_COLUMN,
    {
      id: "name",
      head: "Name",
      width: "minmax(200px, 2fr)",
      cell: ({ executionArn, forkOf }) => (
        <>
          <RowLink page="run" id={idOf(executionArn)} className="mono">
            {executionNameOf(executionArn)}
          </RowLink>
          {forkOf !== undefined && <span className="tag">fork</span>}
        </>
      ),
    },
    {
      id: "machine",
      head: "Machine",
      width: "minmax(140px, 1fr)",
      cell: ({ stateMachineArn }) => (
        <RowLink page="machine" id={machineNameOf(stateMachineArn)}>
          {machineNameOf(stateMachineArn)}
        </RowLink>
      ),
    },
    STARTED_COLUMN,
    DURATION_COLUMN,
    FAILURE_COLUMN,
    {
      id: "redrives",
      head: "Redrives",
      width: "80px",
      align: "end",
      cell: ({ redriveCount }) => (redriveCount === 0 ? <span className="faint">0</span> : redriveCount),
    },
  ];
  return columns.filter(({ id }) => id !== "machine" || machine === undefined);
}
