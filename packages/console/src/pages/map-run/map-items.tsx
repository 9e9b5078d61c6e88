/** The child runs of a map run as a table: the twin of the grid, with input, output and error of each. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactElement, useMemo } from "react";
import { idOf } from "../../api/arns.ts";
import type { ApiMapRunItemRow } from "../../api/map-run-types.ts";
import { listMapRunItems } from "../../api/v1.ts";
import { useUrlState } from "../../app/url-state.ts";
import { listIn } from "../../app/url-text.ts";
import { Problem } from "../../ui/dialog.tsx";
import { formatCount, formatDuration } from "../../ui/format.ts";
import { unfoldJson } from "../../ui/json-diff.ts";
import type { Json } from "../../ui/json-value.ts";
import { JsonView } from "../../ui/json-view.tsx";
import { Empty, Loading } from "../../ui/page.tsx";
import { Status, statusLook } from "../../ui/status.tsx";
import { type Column, VirtualTable } from "../../ui/virtual-table.tsx";

const STATUSES = ["FAILED", "TIMED_OUT", "ABORTED", "RUNNING", "SUCCEEDED", "PENDING_REDRIVE"] as const;
const PAGE = 100;
const REFRESH_MS = 3_000;

export interface MapItemsProps {
  readonly mapRunArn: string;
  readonly selected: number | undefined;
  readonly running: boolean;
}

export function MapItems({ mapRunArn, selected, running }: MapItemsProps): ReactElement {
  const [url, setUrl] = useUrlState();
  const statuses = listIn(url["status"]);
  const error = url["error"];
  const {
    data,
    error: problem,
    fetchNextPage,
    hasNextPage,
    isFetchingNextPage,
  } = useInfiniteQuery({
    queryKey: ["map-items", mapRunArn, statuses, error, selected],
    queryFn: ({ pageParam }) =>
      listMapRunItems(mapRunArn, {
        ...(statuses.length > 0 && selected === undefined && { status: statuses }),
        ...(error !== undefined && selected === undefined && { error }),
        ...(pageParam !== undefined && { after: pageParam }),
        limit: selected === undefined ? PAGE : 1,
      }),
    initialPageParam: selected === undefined || selected === 0 ? undefined : ((selected - 1) as number | undefined),
    getNextPageParam: (last) => (selected === undefined ? last.next : undefined),
    placeholderData: (before) => before,
    refetchInterval: running ? REFRESH_MS : false,
  });
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  return (
    <section className="stack" aria-label="Items">
      <div className="row">
        <h2>Items</h2>
        {selected === undefined ? (
          <div className="chips" role="group" aria-label="Status of items">
            {STATUSES.map((status) => (
              <button
                key={status}
                type="button"
                className="chip"
                aria-pressed={statuses.includes(status)}
                onClick={() => setUrl({ status: toggled(statuses, status).join(",") })}
              >
                {statusLook(status).word}
              </button>
            ))}
            {error !== undefined && (
              <button type="button" className="chip" aria-pressed="true" onClick={() => setUrl({ error: undefined })}>
                <code>{error}</code> ✕
              </button>
            )}
          </div>
        ) : (
          <button type="button" className="chip" aria-pressed="true" onClick={() => setUrl({ item: undefined })}>
            only item {formatCount(selected)} ✕
          </button>
        )}
      </div>
      <Problem error={problem} />
      {data === undefined && problem === null && <Loading />}
      {data !== undefined && items.length === 0 && <Empty title="No item is like that." />}
      {items.length > 0 && (
        <div style={{ display: "flex", height: selected === undefined ? 420 : 360 }}>
          <VirtualTable
            label="Items"
            columns={COLUMNS}
            rows={items}
            rowKey={({ index }) => index}
            activeKey={selected ?? (url["row"] === undefined ? undefined : Number(url["row"]))}
            onActivate={({ index }) => setUrl({ row: String(index) })}
            onEnd={() => {
              if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
            }}
            expanded={(item) => <ItemBody item={item} />}
          />
        </div>
      )}
    </section>
  );
}

const toggled = (list: readonly string[], one: string): readonly string[] =>
  list.includes(one) ? list.filter((each) => each !== one) : [...list, one];

const COLUMNS: readonly Column<ApiMapRunItemRow>[] = [
  { id: "index", head: "#", width: "80px", align: "end", cell: ({ index }) => formatCount(index) },
  { id: "status", head: "Status", width: "140px", cell: ({ status }) => <Status status={status} quiet /> },
  {
    id: "key",
    head: "Key or items",
    width: "minmax(120px, 1fr)",
    cell: ({ key, firstItem, items }) =>
      key ?? (items > 1 ? `items ${formatCount(firstItem)}–${formatCount(firstItem + items - 1)}` : ""),
  },
  {
    id: "run",
    head: "Child run",
    width: "110px",
    cell: ({ executionArn }) => (
      <Link to="/runs/$id" params={{ id: idOf(executionArn) } as never}>
        open
      </Link>
    ),
  },
  {
    id: "took",
    head: "Took",
    width: "100px",
    align: "end",
    cell: ({ durationMs }) => (durationMs === undefined ? "–" : formatDuration(durationMs)),
  },
  { id: "attempts", head: "Attempts", width: "84px", align: "end", cell: ({ attempts }) => attempts },
  {
    id: "error",
    head: "Error",
    width: "minmax(180px, 2fr)",
    cell: ({ error, cause }) => (
      <>
        <code>{error}</code> <span className="faint">{cause?.slice(0, 160)}</span>
      </>
    ),
  },
];

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function ItemBody({ item }: { readonly item: ApiMapRunItemRow }): ReactElement {
  return (
    <div className="event-body stack">
      {item.cause !== undefined && (
        <section className="stack">
          <h3>Cause</h3>
          <JsonView text={textOf(unfoldJson(item.cause as Json))} label="cause" />
        </section>
      )}
      {item.input !== undefined && (
        <section className="stack">
          <h3>Input</h3>
          <JsonView text={textOf(item.input)} label="input" />
        </section>
      )}
      {item.output !== undefined && (
        <section className="stack">
          <h3>Output</h3>
          <JsonView text={textOf(item.output)} label="output" />
        </section>
      )}
    </div>
  );
}
