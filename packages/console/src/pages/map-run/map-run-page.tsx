/** One map run: how far it is, what fails and how, which item it was; and the controls of a running one. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import { arnOf, executionNameOf, idOf, machineNameOf } from "../../api/arns.ts";
import { useStream } from "../../api/live.ts";
import type { ApiMapRun, ApiMapRunCounts, ApiMapRunProgress } from "../../api/map-run-types.ts";
import { getMapRun, getMapRunCells, mapRunReportPath, mapRunStreamPath } from "../../api/v1.ts";
import { useUrlState } from "../../app/url-state.ts";
import { Problem } from "../../ui/dialog.tsx";
import { FailedPage } from "../../ui/failed-page.tsx";
import { formatCount, formatDuration } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { Empty, Loading, PageHead } from "../../ui/page.tsx";
import { Status } from "../../ui/status.tsx";
import { useThrottled } from "../../ui/throttled.ts";
import { Elapsed } from "../../ui/time.tsx";
import { CellGrid } from "./cell-grid.tsx";
import { MapItems } from "./map-items.tsx";
import { ControlsDialog, RedriveItemsDialog } from "./map-run-dialogs.tsx";

const CELLS_MS = 1_500;

export function MapRunPage(): ReactElement {
  const { id, map } = useParams({ strict: false }) as { id: string; map: string };
  const mapRunArn = arnOf(map);
  const client = useQueryClient();
  const key = ["map-run", mapRunArn];
  const { data, error, refetch } = useQuery({ queryKey: key, queryFn: () => getMapRun(mapRunArn), staleTime: 0 });
  const cells = useQuery({
    queryKey: ["map-run-cells", mapRunArn],
    queryFn: ({ signal }) => getMapRunCells(mapRunArn, signal),
    staleTime: 0,
    structuralSharing: false,
  });
  const again = useThrottled(() => {
    void cells.refetch();
    void refetch();
  }, CELLS_MS);
  useStream(mapRunArn, data?.status === "RUNNING", {
    path: () => mapRunStreamPath(mapRunArn),
    on: {
      progress: (told) => {
        const progress = told as ApiMapRunProgress;
        client.setQueryData<ApiMapRun>(key, (before) => before && withProgress(before, progress));
        again();
      },
    },
  });
  if (data === undefined) {
    return error === null ? (
      <Loading />
    ) : (
      <FailedPage
        title="Map run"
        crumbs={[
          { label: "Runs", to: "/runs" },
          { label: executionNameOf(arnOf(id)), to: "/runs/$id", params: { id } },
        ]}
        error={error}
        missing="It is deleted together with its run."
        onRetry={() => void refetch()}
      />
    );
  }
  return <MapRunView id={id} run={data} cells={cells.data} cellsProblem={cells.error} refetch={again} />;
}

function withProgress(
  run: ApiMapRun,
  { counts, itemCounts, ratePerSecond, etaMs, status, total }: ApiMapRunProgress,
): ApiMapRun {
  return {
    ...run,
    status,
    executionCounts: { ...run.executionCounts, ...counts },
    itemCounts: { ...run.itemCounts, ...itemCounts },
    ...(ratePerSecond !== undefined && { ratePerSecond }),
    ...(etaMs !== undefined && { etaMs }),
    ...(total !== undefined && { itemsTotal: total }),
  };
}

interface MapRunViewProps {
  readonly id: string;
  readonly run: ApiMapRun;
  readonly cells: Uint8Array | undefined;
  readonly cellsProblem: unknown;
  readonly refetch: () => void;
}

function MapRunView({ id, run, cells, cellsProblem, refetch }: MapRunViewProps): ReactElement {
  const [url, setUrl] = useUrlState();
  const [open, setOpen] = useState<"controls" | "redrive">();
  const running = run.status === "RUNNING";
  const selected = url["item"] === undefined ? undefined : Number(url["item"]);
  const machine = machineNameOf(run.mapRunArn);
  return (
    <div className="page">
      <PageHead
        title={`${run.stateName}: map run`}
        crumbs={[
          { label: "Runs", to: "/runs" },
          { label: machine, to: "/machines/$name", params: { name: machine } },
          { label: executionNameOf(run.executionArn), to: "/runs/$id", params: { id } },
        ]}
        beside={
          <>
            <Status status={run.status} />
            <span className="faint">
              <Elapsed from={run.startDate} to={run.stopDate} />
            </span>
          </>
        }
        actions={
          <>
            {running && (
              <button type="button" className="button" onClick={() => setOpen("controls")}>
                <Icon name="edit" size={13} /> Concurrency and tolerance
              </button>
            )}
            <a className="button" href={mapRunReportPath(run.mapRunArn, "csv")} download>
              <Icon name="download" size={13} /> Failures CSV
            </a>
            <a className="button" href={mapRunReportPath(run.mapRunArn, "jsonl")} download>
              <Icon name="download" size={13} /> JSONL
            </a>
            {!running && (
              <button type="button" className="button button-primary" onClick={() => setOpen("redrive")}>
                <Icon name="redrive" size={13} /> Redrive items…
              </button>
            )}
          </>
        }
      />
      {run.rerunOf !== undefined && (
        <p className="note">
          Runs some items of{" "}
          <Link to="/runs/$id/maps/$map" params={{ id, map: idOf(run.rerunOf) } as never}>
            an earlier map run
          </Link>{" "}
          once more.
        </p>
      )}
      <Progress run={run} />
      <div className="columns-2">
        <Errors run={run} />
        <Slowest run={run} onSelect={(index) => setUrl({ item: String(index) })} />
      </div>
      <section className="stack" aria-label="Child runs">
        <div className="row">
          <h2>Child runs</h2>
          <JumpTo count={cells?.length ?? 0} onJump={(index) => setUrl({ item: String(index) })} />
        </div>
        <Problem error={cellsProblem} />
        {cells !== undefined && cells.length > 0 && (
          <CellGrid cells={cells} selected={selected} onSelect={(index) => setUrl({ item: String(index) })} />
        )}
        {cells?.length === 0 && <Empty title="No child run yet." />}
      </section>
      <MapItems mapRunArn={run.mapRunArn} selected={selected} running={running} />
      {open === "controls" && <ControlsDialog run={run} onClose={() => setOpen(undefined)} onDone={refetch} />}
      {open === "redrive" && <RedriveItemsDialog run={run} cells={cells} onClose={() => setOpen(undefined)} />}
    </div>
  );
}

const PARTS: readonly (readonly [name: keyof ApiMapRunCounts, word: string, tone: string])[] = [
  ["succeeded", "succeeded", "good"],
  ["failed", "failed", "bad"],
  ["timedOut", "timed out", "late"],
  ["aborted", "aborted", "off"],
  ["running", "running", "run"],
  ["pending", "pending", "idle"],
];

function Progress({ run }: { readonly run: ApiMapRun }): ReactElement {
  const counts = run.itemCounts;
  const total = Math.max(counts.total, run.itemsTotal ?? 0);
  const failed = counts.failed + counts.timedOut;
  return (
    <section className="panel panel-body stack" aria-label="Progress">
      <div className="row">
        <strong className="tile-value">{formatCount(total)}</strong> items
        <span className="grow" />
        {run.status === "RUNNING" && run.ratePerSecond !== undefined && (
          <span className="faint num">
            {formatCount(Math.round(run.ratePerSecond))} a second
            {run.etaMs !== undefined && `, ${formatDuration(run.etaMs)} to go`}
          </span>
        )}
        <span className="faint">
          concurrency {run.maxConcurrency === 0 ? "unlimited" : formatCount(run.maxConcurrency)}
        </span>
      </div>
      <div className="bars" aria-hidden="true">
        {PARTS.map(([name, , tone]) => (
          <span key={name} className={`fill-${tone}`} style={{ flex: counts[name] ?? 0 }} />
        ))}
      </div>
      <div className="legend" role="status">
        {PARTS.filter(([name]) => (counts[name] ?? 0) > 0).map(([name, word, tone]) => (
          <span key={name}>
            <span className={`swatch fill-${tone}`} />
            <span className="num">{formatCount(counts[name] ?? 0)}</span> {word}
          </span>
        ))}
      </div>
      <Gauge run={run} failed={failed} total={total} />
    </section>
  );
}

/** How much of the tolerated failures is used up. */
function Gauge({
  run,
  failed,
  total,
}: {
  readonly run: ApiMapRun;
  readonly failed: number;
  readonly total: number;
}): ReactElement {
  const byPercent = Math.floor((run.toleratedFailurePercentage / 100) * total);
  const tolerated = Math.max(run.toleratedFailureCount, byPercent);
  const scale = Math.max(1, tolerated, failed);
  const over = failed > tolerated;
  return (
    <div className="stack">
      <span>
        <span className={over ? "status tone-bad" : "faint"}>
          {formatCount(failed)} of {formatCount(tolerated)} tolerated failures
        </span>{" "}
        <span className="faint">
          (at most {run.toleratedFailurePercentage} % or {formatCount(run.toleratedFailureCount)} items)
        </span>
      </span>
      <div
        className="gauge"
        role="meter"
        aria-label="Tolerated failures"
        aria-valuemin={0}
        aria-valuemax={tolerated}
        aria-valuenow={Math.min(failed, tolerated)}
        aria-valuetext={`${failed} of ${tolerated}`}
      >
        <span className={over ? "fill-bad" : "fill-late"} style={{ width: `${(failed / scale) * 100}%` }} />
        {over && <i style={{ insetInlineStart: `${(tolerated / scale) * 100}%` }} />}
      </div>
    </div>
  );
}

function Errors({ run }: { readonly run: ApiMapRun }): ReactElement {
  const [url, setUrl] = useUrlState();
  return (
    <section className="panel" aria-labelledby="errors">
      <div className="panel-head">
        <h2 id="errors">Errors</h2>
      </div>
      {run.errors.length === 0 ? (
        <Empty icon="check" title="No item failed." />
      ) : (
        <table className="list-table">
          <thead>
            <tr>
              <th>Error</th>
              <th className="end">Items</th>
              <th>Sample</th>
            </tr>
          </thead>
          <tbody>
            {run.errors.map(({ error, count, sample }) => (
              <tr key={error}>
                <td>
                  <button
                    type="button"
                    className="chip"
                    aria-pressed={url["error"] === error}
                    onClick={() => setUrl({ error: url["error"] === error ? undefined : error })}
                  >
                    <code>{error}</code>
                  </button>
                </td>
                <td className="end">{formatCount(count)}</td>
                <td>
                  <button type="button" className="button" onClick={() => setUrl({ item: String(sample.index) })}>
                    item {formatCount(sample.index)}
                  </button>
                  <div className="faint wrap">{sample.cause?.slice(0, 200)}</div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Slowest({
  run,
  onSelect,
}: {
  readonly run: ApiMapRun;
  readonly onSelect: (index: number) => void;
}): ReactElement {
  return (
    <section className="panel" aria-labelledby="slowest">
      <div className="panel-head">
        <h2 id="slowest">Slowest</h2>
      </div>
      {run.slowest.length === 0 ? (
        <Empty title="None ended yet." />
      ) : (
        <table className="list-table">
          <tbody>
            {run.slowest.slice(0, 6).map(({ index, executionArn, durationMs }) => (
              <tr key={index}>
                <td>
                  <button type="button" className="button" onClick={() => onSelect(index)}>
                    item {formatCount(index)}
                  </button>
                </td>
                <td className="end">{formatDuration(durationMs)}</td>
                <td>
                  <Link to="/runs/$id" params={{ id: idOf(executionArn) } as never}>
                    child run
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function JumpTo({ count, onJump }: { readonly count: number; readonly onJump: (index: number) => void }): ReactElement {
  const [text, setText] = useState("");
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        const index = Number(text);
        if (Number.isInteger(index) && index >= 0 && index < count) onJump(index);
      }}
    >
      <input
        type="search"
        inputMode="numeric"
        aria-label="Go to item number"
        placeholder="Item number"
        style={{ width: 120 }}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" className="button">
        Go
      </button>
    </form>
  );
}
