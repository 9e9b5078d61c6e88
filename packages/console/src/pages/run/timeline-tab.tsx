/** A bar for each visit of a state, drawn on a canvas the size of what is seen; and the same as a table. */
import { type KeyboardEvent, type ReactElement, useEffect, useMemo, useRef, useState } from "react";
import type { ApiExecution } from "../../api/api-types.ts";
import { readColours, whenThemeChanges } from "../../app/theme.ts";
import { useUrlState } from "../../app/url-state.ts";
import type { Visit } from "../../run-model/run-fold.ts";
import { type RunStore, useRunVersion } from "../../run-model/run-store.ts";
import { announce } from "../../ui/announce.ts";
import { formatDuration } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { Status, statusLook } from "../../ui/status.tsx";
import { Elapsed } from "../../ui/time.tsx";
import { type Column, VirtualTable } from "../../ui/virtual-table.tsx";
import type { CriticalPath } from "./critical-path.ts";
import { CriticalPathSummary, useCriticalPath } from "./critical-path-summary.tsx";
import { visitLabel } from "./run-data.ts";
import { panRange, type TimeRange, visitDepth, zoomRange } from "./timeline-model.ts";
import { type PaintOptions, paintTimeline, ROW_HEIGHT, TIMELINE_COLOURS, TIMELINE_HEAD } from "./timeline-paint.ts";
import { inTreeOrder } from "./visit-order.ts";

export interface TimelineTabProps {
  readonly store: RunStore;
  readonly execution: ApiExecution;
}

export function TimelineTab({ store, execution }: TimelineTabProps): ReactElement {
  const version = useRunVersion(store);
  const [url, setUrl] = useUrlState();
  const table = url["view"] === "table";
  const setTable = (on: boolean) => setUrl({ view: on ? "table" : undefined });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the fold grows in place, the version says so
  const visits = useMemo(() => inTreeOrder(store.fold.visits), [store, version]);
  const path = useCriticalPath(store);
  return (
    <>
      <div className="row">
        <div className="segments" role="group" aria-label="View of the timeline">
          <button type="button" aria-pressed={!table} onClick={() => setTable(false)}>
            Bars
          </button>
          <button type="button" aria-pressed={table} onClick={() => setTable(true)}>
            Table
          </button>
        </div>
        <CriticalPathSummary path={path} />
      </div>
      {!table && <Legend />}
      {table ? (
        <Twin visits={visits} startedAt={execution.startDate} version={version} />
      ) : (
        <Bars store={store} execution={execution} visits={visits} path={path} />
      )}
    </>
  );
}

function Legend(): ReactElement {
  return (
    <div className="legend">
      <span>
        <span className="swatch fill-good" /> worked, ended well
      </span>
      <span>
        <span className="swatch fill-bad" /> failed
      </span>
      <span>
        <span className="swatch fill-run" /> running
      </span>
      <span>
        <span className="swatch swatch-wait" /> waited
      </span>
      <span>
        <span className="swatch swatch-queue" /> in a queue
      </span>
      <span>
        <span className="swatch swatch-backoff" /> retry back-off
      </span>
      <span>Ctrl wheel or + − zoom, arrows move</span>
    </div>
  );
}

const NOW_MS = 250;

interface BarsProps extends TimelineTabProps {
  readonly visits: readonly Visit[];
  readonly path: CriticalPath;
}

function Bars({ store, execution, visits, path }: BarsProps): ReactElement {
  const [url, setUrl] = useUrlState();
  const canvas = useRef<HTMLCanvasElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [zoomed, setZoomed] = useState<TimeRange>();
  // While the history is still being loaded, the fold does not know that the run is over.
  const running = store.fold.status === "RUNNING" && execution.stopDate === undefined;
  const lastAt = execution.stopDate ?? store.fold.events.at(-1)?.timestamp ?? execution.startDate;
  const selected = Number(url["visit"] ?? 0) || undefined;
  const state = useRef<Omit<PaintOptions, "colours" | "scrollTop">>(undefined);
  const range = (): TimeRange =>
    zoomed ?? { from: execution.startDate, to: Math.max(lastAt, running ? Date.now() : 0, execution.startDate + 1) };
  const critical = url["critical"] === "1" ? path : undefined;
  state.current = { visits, critical, range: range(), selected, now: running ? Date.now() : lastAt };
  const ask = useRef<() => void>(() => undefined);
  useEffect(() => {
    let colours = readColours(TIMELINE_COLOURS);
    let frame = 0;
    const draw = () => {
      frame = 0;
      if (canvas.current === null || scroller.current === null || state.current === undefined) return;
      paintTimeline(canvas.current, scroller.current, {
        ...state.current,
        colours,
        scrollTop: scroller.current.scrollTop,
      });
    };
    ask.current = () => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    const observer = new ResizeObserver(ask.current);
    if (scroller.current !== null) observer.observe(scroller.current);
    const stop = whenThemeChanges(() => {
      colours = readColours(TIMELINE_COLOURS);
      ask.current();
    });
    ask.current();
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      stop();
    };
  }, []);
  useEffect(() => ask.current());
  const [, tick] = useState(0);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => tick((before) => before + 1), NOW_MS);
    return () => clearInterval(timer);
  }, [running]);
  useZoomByWheel(scroller, (factor, at) => setZoomed(zoomRange(range(), factor, at)));

  const choose = (visit: Visit | undefined) => {
    if (visit === undefined) return;
    setUrl({ state: visit.name, visit: String(visit.id), event: undefined });
    announce(`${visit.name}, ${statusLook(visit.status).word}`);
    const top = visits.indexOf(visit) * ROW_HEIGHT;
    const box = scroller.current;
    if (box === null) return;
    if (top < box.scrollTop) box.scrollTop = top;
    const below = top + ROW_HEIGHT * 2 + TIMELINE_HEAD - box.clientHeight;
    if (below > box.scrollTop) box.scrollTop = below;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = visits.findIndex(({ id }) => id === selected);
    if (event.key === "ArrowDown") choose(visits[at + 1]);
    else if (event.key === "ArrowUp") choose(visits[Math.max(0, at - 1)]);
    else if (event.key === "+" || event.key === "=") setZoomed(zoomRange(range(), 0.5, 0.5));
    else if (event.key === "-") setZoomed(zoomRange(range(), 2, 0.5));
    else if (event.key === "0") setZoomed(undefined);
    else if (event.key === "ArrowLeft") setZoomed(panRange(range(), -0.2));
    else if (event.key === "ArrowRight") setZoomed(panRange(range(), 0.2));
    else return;
    event.preventDefault();
  };
  return (
    <div className="timeline">
      <div
        ref={scroller}
        className="timeline-scroll"
        role="application"
        aria-label={`Timeline of ${visits.length} visits. Up and down choose one, plus and minus zoom. The table shows the same.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        tabIndex={0}
        onKeyDown={onKeyDown}
        onScroll={() => ask.current()}
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const y = event.clientY - box.top + event.currentTarget.scrollTop - TIMELINE_HEAD;
          choose(visits[Math.floor(y / ROW_HEIGHT)]);
        }}
      >
        <canvas ref={canvas} />
        <div style={{ height: Math.max(0, visits.length * ROW_HEIGHT + TIMELINE_HEAD) }} className="timeline-space" />
      </div>
      <div className="graph-tools">
        <button
          type="button"
          className="icon-button"
          aria-label="Nearer"
          onClick={() => setZoomed(zoomRange(range(), 0.5, 0.5))}
        >
          <Icon name="plus" size={14} />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label="Farther"
          onClick={() => setZoomed(zoomRange(range(), 2, 0.5))}
        >
          <Icon name="minus" size={14} />
        </button>
        <button type="button" className="icon-button" aria-label="Whole run" onClick={() => setZoomed(undefined)}>
          <Icon name="fit" size={14} />
        </button>
      </div>
    </div>
  );
}

/** React listens to the wheel passively: zooming must be able to hold the page back. */
function useZoomByWheel(
  scroller: React.RefObject<HTMLDivElement | null>,
  zoom: (factor: number, at: number) => void,
): void {
  const latest = useRef(zoom);
  latest.current = zoom;
  useEffect(() => {
    const box = scroller.current;
    const onWheel = (event: WheelEvent) => {
      if (!(event.ctrlKey || event.metaKey) || box === null) return;
      event.preventDefault();
      const place = box.getBoundingClientRect();
      latest.current(event.deltaY > 0 ? 1.25 : 0.8, (event.clientX - place.left) / place.width);
    };
    box?.addEventListener("wheel", onWheel, { passive: false });
    return () => box?.removeEventListener("wheel", onWheel);
  }, [scroller]);
}

interface TwinProps {
  readonly visits: readonly Visit[];
  readonly startedAt: number;
  /** Visits change in place: with another version their rows are drawn again. */
  readonly version: number;
}

function Twin({ visits, startedAt, version }: TwinProps): ReactElement {
  const [url, setUrl] = useUrlState();
  // biome-ignore lint/correctness/useExhaustiveDependencies: see TwinProps
  const columns = useMemo(() => columnsOf(startedAt), [startedAt, version]);
  const selected = Number(url["visit"] ?? 0) || undefined;
  return (
    <VirtualTable
      label="Visits of states"
      columns={columns}
      rows={visits}
      rowHeight={30}
      isFixed
      rowKey={({ id }) => id}
      activeKey={selected}
      onActivate={({ id, name }) => setUrl({ state: name, visit: String(id), event: undefined })}
    />
  );
}

function columnsOf(startedAt: number): readonly Column<Visit>[] {
  return [
    {
      id: "state",
      head: "State",
      width: "minmax(160px, 1.5fr)",
      cell: (visit) => (
        <span style={{ paddingInlineStart: visitDepth(visit) * 16 }}>
          {visit.name} <span className="faint">{visitLabel(visit)}</span>
        </span>
      ),
    },
    { id: "status", head: "Status", width: "130px", cell: ({ status }) => <Status status={status} quiet /> },
    {
      id: "entered",
      head: "Entered after",
      width: "120px",
      align: "end",
      cell: ({ enteredAt }) => formatDuration(enteredAt - startedAt),
    },
    {
      id: "took",
      head: "Took",
      width: "110px",
      align: "end",
      cell: ({ enteredAt, endedAt }) => <Elapsed from={enteredAt} to={endedAt} />,
    },
    { id: "attempts", head: "Attempts", width: "86px", align: "end", cell: ({ attempts }) => attempts.length },
    { id: "error", head: "Error", width: "minmax(120px, 1fr)", cell: ({ error }) => <code>{error}</code> },
  ];
}
