/** All state machines: how they do, what fails now, a start button. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactElement, useMemo, useState } from "react";
import type { ApiMachine } from "../../api/api-types.ts";
import { idOf } from "../../api/arns.ts";
import { useStream } from "../../api/live.ts";
import { executionsStreamPath, listMachines } from "../../api/v1.ts";
import { useUrlState } from "../../app/url-state.ts";
import { Problem } from "../../ui/dialog.tsx";
import { formatDuration } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { isTexts, useLocal, writeLocal } from "../../ui/local.ts";
import { Empty, Loading, PageHead } from "../../ui/page.tsx";
import { Status } from "../../ui/status.tsx";
import { useThrottled } from "../../ui/throttled.ts";
import { Ago } from "../../ui/time.tsx";
import { type Column, VirtualTable } from "../../ui/virtual-table.tsx";
import { StartDialog } from "../start/start-dialog.tsx";

const PAGE = 100;
const NO_FAVOURITES: readonly string[] = [];

export function MachinesPage(): ReactElement {
  const [url, setUrl] = useUrlState();
  const navigate = useNavigate();
  const prefix = url["prefix"] ?? "";
  const favourites = useLocal("favourites", NO_FAVOURITES, isTexts);
  const [starting, setStarting] = useState<ApiMachine>();
  const { data, error, fetchNextPage, hasNextPage, isFetchingNextPage, refetch } = useInfiniteQuery({
    queryKey: ["machines", prefix],
    queryFn: ({ pageParam }) =>
      listMachines({ prefix, limit: PAGE, ...(pageParam !== undefined && { cursor: pageParam }) }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.cursor,
    placeholderData: (before) => before,
  });
  const again = useThrottled(() => void refetch(), 3_000);
  useStream("machines", true, { path: () => executionsStreamPath(), on: { execution: again, missed: again } });
  const machines = useMemo(() => {
    const all = data?.pages.flatMap(({ items }) => items) ?? [];
    const liked = (machine: ApiMachine) => (favourites.includes(machine.name) ? 0 : 1);
    return all.toSorted((a, b) => liked(a) - liked(b));
  }, [data, favourites]);
  const columns = useMemo(() => columnsOf(favourites, setStarting), [favourites]);
  const open = ({ name }: ApiMachine) => void navigate({ to: "/machines/$name", params: { name } as never });
  return (
    <div className="page">
      <PageHead
        title="Machines"
        actions={
          <Link to="/new" className="button button-primary">
            <Icon name="plus" size={14} /> New state machine
          </Link>
        }
      />
      <div className="row">
        <input
          type="search"
          aria-label="Name begins with"
          placeholder="Name begins with…"
          value={prefix}
          onChange={({ target }) => setUrl({ prefix: target.value })}
        />
      </div>
      <Problem error={error} />
      {data === undefined && error === null && <Loading />}
      {data !== undefined && machines.length === 0 && (
        <Empty icon="machines" title={prefix === "" ? "There is no state machine yet." : "No name begins so."}>
          Create one here, with <code>stepwell</code>, or with any AWS SDK pointed at <code>{location.origin}</code>.
        </Empty>
      )}
      {machines.length > 0 && (
        <VirtualTable
          label="State machines"
          columns={columns}
          rows={machines}
          rowHeight={42}
          rowKey={({ name }) => name}
          activeKey={url["at"]}
          onActivate={({ name }) => setUrl({ at: name })}
          onOpen={open}
          onEnd={() => {
            if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
          }}
        />
      )}
      {starting !== undefined && (
        <StartDialog
          stateMachineArn={starting.stateMachineArn}
          name={starting.name}
          onClose={() => setStarting(undefined)}
        />
      )}
    </div>
  );
}

function columnsOf(
  favourites: readonly string[],
  onStart: (machine: ApiMachine) => void,
): readonly Column<ApiMachine>[] {
  return [
    {
      id: "favourite",
      head: <span className="visually-hidden">Favourite</span>,
      width: "46px",
      cell: ({ name }) => {
        const liked = favourites.includes(name);
        return (
          <button
            type="button"
            className="icon-button"
            aria-pressed={liked}
            aria-label={`Favourite ${name}`}
            onClick={() =>
              writeLocal("favourites", liked ? favourites.filter((each) => each !== name) : [...favourites, name])
            }
          >
            <span className={liked ? "status status-quiet tone-warn" : "faint"}>{liked ? "★" : "☆"}</span>
          </button>
        );
      },
    },
    {
      id: "name",
      head: "Name",
      width: "minmax(180px, 2fr)",
      cell: ({ name }) => (
        <Link to="/machines/$name" params={{ name } as never}>
          {name}
        </Link>
      ),
    },
    { id: "type", head: "Type", width: "90px", cell: ({ type }) => (type === "EXPRESS" ? "Express" : "Standard") },
    {
      id: "version",
      head: "Version",
      width: "74px",
      align: "end",
      cell: ({ version }) => version ?? <span className="faint">–</span>,
    },
    {
      id: "running",
      head: "Running",
      width: "90px",
      align: "end",
      cell: ({ name, running }) =>
        running === 0 ? (
          <span className="faint">0</span>
        ) : (
          <Link to="/machines/$name" params={{ name } as never} search={{ status: "RUNNING" } as never}>
            {running}
          </Link>
        ),
    },
    { id: "rate", head: "Newest runs", width: "minmax(170px, 1.2fr)", cell: (machine) => <Rate machine={machine} /> },
    { id: "p50", head: "p50", width: "96px", align: "end", cell: ({ p50Ms }) => duration(p50Ms) },
    { id: "p95", head: "p95", width: "96px", align: "end", cell: ({ p95Ms }) => duration(p95Ms) },
    {
      id: "last",
      head: "Last run",
      width: "minmax(190px, 1fr)",
      cell: ({ last }) =>
        last === undefined ? (
          <span className="faint">never</span>
        ) : (
          <Link to="/runs/$id" params={{ id: idOf(last.executionArn) } as never}>
            <Status status={last.status} /> <Ago at={last.startDate} />
          </Link>
        ),
    },
    {
      id: "start",
      head: <span className="visually-hidden">Start</span>,
      width: "96px",
      cell: (machine) => (
        <button type="button" className="button" aria-label={`Start ${machine.name}`} onClick={() => onStart(machine)}>
          <Icon name="play" size={12} /> Start
        </button>
      ),
    },
  ];
}

const duration = (ms: number | undefined) => (ms === undefined ? <span className="faint">–</span> : formatDuration(ms));

/** How the newest runs ended: a bar and its words. */
function Rate({ machine: { recent } }: { readonly machine: ApiMachine }): ReactElement {
  const { succeeded, failed, timedOut, aborted } = recent;
  const total = succeeded + failed + timedOut + aborted;
  if (total === 0) return <span className="faint">none ended</span>;
  const parts = [
    ["good", succeeded],
    ["bad", failed],
    ["late", timedOut],
    ["off", aborted],
  ] as const;
  const failing = failed + timedOut;
  return (
    <span className="row" title={`${succeeded} succeeded, ${failed} failed, ${timedOut} timed out, ${aborted} aborted`}>
      <span className="bars grow" aria-hidden="true">
        {parts.map(([tone, count]) => (
          <span key={tone} className={`fill-${tone}`} style={{ flex: count }} />
        ))}
      </span>
      <span className={failing > 0 ? "status status-quiet tone-bad" : "faint"}>
        {failing > 0 ? `${failing} of ${total} failed` : `${succeeded} succeeded`}
      </span>
    </span>
  );
}
