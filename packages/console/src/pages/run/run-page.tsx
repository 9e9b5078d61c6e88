/** One run: graph, timeline, events and data beside what is selected. All of the selection is in the URL. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactElement, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import type { ApiExecution } from "../../api/api-types.ts";
import { arnOf, executionNameOf, idOf, machineNameOf } from "../../api/arns.ts";
import { executionQuery } from "../../api/queries.ts";
import { DATA_TAB, EVENTS_TAB, TIMELINE_TAB } from "../../app/parts.ts";
import { useUrlState } from "../../app/url-state.ts";
import { type RunStore, useRunStore, useRunVersion } from "../../run-model/run-store.ts";
import { announce } from "../../ui/announce.ts";
import { Problem } from "../../ui/dialog.tsx";
import { FailedPage } from "../../ui/failed-page.tsx";
import { useShortcuts } from "../../ui/keys.ts";
import { Empty, Loading, PageHead, Tabs } from "../../ui/page.tsx";
import { PartView } from "../../ui/part-view.tsx";
import { Status } from "../../ui/status.tsx";
import { useThrottled } from "../../ui/throttled.ts";
import { Elapsed, PastTime } from "../../ui/time.tsx";
import { ExecutionPanel } from "./execution-panel.tsx";
import { GraphTab } from "./graph-tab.tsx";
import { MomentPanel } from "./moment-panel.tsx";
import { RunActions } from "./run-actions.tsx";
import { Scrubber } from "./scrubber.tsx";
import { selectedVisit } from "./selection.ts";
import { useMoment } from "./use-moment.ts";
import { VisitPanel } from "./visit-panel.tsx";

const TABS = [
  { id: "graph", label: "Graph" },
  { id: "timeline", label: "Timeline" },
  { id: "events", label: "Events" },
  { id: "data", label: "Data" },
];

export function RunPage(): ReactElement {
  const { id } = useParams({ strict: false }) as { id: string };
  const executionArn = arnOf(id);
  const { data, error, refetch } = useQuery(executionQuery(executionArn));
  // The history is asked for together with the description: what is seen first needs both.
  const store = useRunStore(executionArn, true);
  if (data === undefined)
    return error === null ? (
      <Loading />
    ) : (
      <FailedPage
        title={executionNameOf(executionArn)}
        crumbs={[{ label: "Runs", to: "/runs" }]}
        error={error}
        missing="Runs that have ended are deleted when their time of retention is over; the name or the address may be mistyped, too."
        onRetry={() => void refetch()}
      />
    );
  return <Run key={executionArn} store={store} execution={data} refetch={() => void refetch()} />;
}

interface RunProps {
  readonly store: RunStore;
  readonly execution: ApiExecution;
  readonly refetch: () => void;
}

function Run({ store, execution, refetch }: RunProps): ReactElement {
  const [url, setUrl] = useUrlState();
  const { executionArn } = execution;
  const status = useLiveStatus(store, execution, refetch);
  const moment = useMoment(store);
  const shown = moment.store;
  const tab = url["tab"] ?? "graph";
  const select = useCallback(
    (state: string | undefined) => setUrl({ state, visit: undefined, event: undefined }),
    [setUrl],
  );
  const machine = machineNameOf(executionArn);
  useShortcuts(
    "Run",
    TABS.map(({ id, label }, index) => ({
      keys: String(index + 1),
      does: `Show ${label.toLowerCase()}`,
      run: () => setUrl({ tab: id }),
    })),
  );
  return (
    <div className="page">
      <PageHead
        title={executionNameOf(executionArn)}
        crumbs={crumbsOf(execution, machine)}
        beside={
          <>
            <Status status={status} />
            <span className="faint">
              <Elapsed from={execution.startDate} to={status === "RUNNING" ? undefined : execution.stopDate} />
            </span>
            <LiveMark store={store} running={status === "RUNNING"} />
          </>
        }
        actions={<RunActions execution={execution} store={store} status={status} refetch={refetch} />}
      />
      <Problem error={store.problem} />
      <PastTime value={moment.time}>
        <div className="split">
          <div className="split-main">
            <Tabs label="Run" items={TABS} current={tab} onSelect={(next) => setUrl({ tab: next })} />
            <Suspense fallback={<Loading />}>
              {tab === "graph" && (
                <GraphTab live={store} shown={shown} definition={execution.definition} onSelect={select} />
              )}
              {tab === "timeline" && <PartView part={TIMELINE_TAB} props={{ store: shown, execution }} />}
              {tab === "events" && <PartView part={EVENTS_TAB} props={{ store, execution }} />}
              {tab === "data" && <PartView part={DATA_TAB} props={{ store: shown, execution }} />}
            </Suspense>
            {tab !== "events" && <Scrubber store={store} moment={moment} startedAt={execution.startDate} />}
          </div>
          <aside className="split-side panel" aria-label="Selected">
            {moment.at === undefined ? (
              <Side store={store} execution={execution} status={status} refetch={refetch} />
            ) : (
              <PastSide store={shown} execution={execution} refetch={refetch} />
            )}
          </aside>
        </div>
      </PastTime>
    </div>
  );
}

function crumbsOf({ mapRunArn, executionArn }: ApiExecution, machine: string) {
  const crumbs = [
    { label: "Runs", to: "/runs" },
    { label: machine, to: "/machines/$name", params: { name: machine } },
  ];
  if (mapRunArn === undefined) return crumbs;
  return [
    ...crumbs,
    { label: "map run", to: "/runs/$id/maps/$map", params: { id: idOf(executionArn), map: idOf(mapRunArn) } },
  ];
}

const WAITING_MS = 2_000;

/** The newest status of what is known; when the run ends, what only the description tells is asked for again. */
function useLiveStatus(store: RunStore, execution: ApiExecution, refetch: () => void): string {
  useRunVersion(store);
  const known = store.isLoaded ? store.fold.status : execution.status;
  const told = store.item?.status;
  const status = told !== undefined && (known === "RUNNING" || told === "PENDING_REDRIVE") ? told : known;
  // Who is waited for, with tokens, is told by the description only.
  const again = useThrottled(refetch, WAITING_MS);
  const openWork = store.fold.openWork();
  const [seenWork, setSeenWork] = useState(openWork);
  useEffect(() => {
    if (openWork === seenWork) return;
    setSeenWork(openWork);
    if (store.isLoaded) again();
  }, [openWork, seenWork, again, store]);
  const { timers } = execution;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what came meanwhile is told of too
  useEffect(() => store.setWakes(timers), [store, timers, openWork]);
  const [before, setBefore] = useState(status);
  useEffect(() => {
    if (status === before) return;
    setBefore(status);
    announce(`The run is ${status.toLowerCase().replace("_", " ")}`);
    refetch();
  }, [status, before, refetch]);
  return status;
}

const LIVE_WORDS = { connecting: "connecting", live: "live", away: "no connection", paused: "paused" } as const;

function LiveMark({ store, running }: { readonly store: RunStore; readonly running: boolean }): ReactElement | null {
  useRunVersion(store);
  if (!running) return null;
  const look = store.live === "live" ? " is-live" : store.live === "away" ? " is-away" : "";
  return (
    <span className="live">
      <span className={`live-dot${look}`} />
      {LIVE_WORDS[store.live]}
    </span>
  );
}

interface SideProps extends RunProps {
  readonly status: string;
}

function Side({ store, execution, status, refetch }: SideProps): ReactElement {
  useRunVersion(store);
  const [url] = useUrlState();
  const visit = selectedVisit(store.fold, url);
  if (visit !== undefined)
    return <VisitPanel key={visit.id} store={store} execution={execution} visit={visit} refetch={refetch} />;
  if (url["state"] !== undefined) return <NotEntered name={url["state"]} execution={execution} store={store} />;
  return <ExecutionPanel store={store} execution={execution} status={status} />;
}

/** Nobody waits in the past: what the run waits for now is left out. */
function PastSide({ store, execution, refetch }: Omit<SideProps, "status">): ReactElement {
  useRunVersion(store);
  const [url] = useUrlState();
  const then = useMemo(() => ({ ...execution, waitingFor: [], timers: [] }), [execution]);
  const visit = selectedVisit(store.fold, { state: url["state"], visit: url["visit"] });
  if (visit !== undefined)
    return <VisitPanel key={visit.id} store={store} execution={then} visit={visit} refetch={refetch} />;
  if (url["state"] !== undefined) return <NotEntered name={url["state"]} execution={then} store={store} />;
  return <MomentPanel store={store} execution={execution} />;
}

interface NotEnteredProps {
  readonly name: string;
  readonly execution: ApiExecution;
  readonly store: RunStore;
}

function NotEntered({ name, execution }: NotEnteredProps): ReactElement {
  return (
    <>
      <div className="side-head">
        <div className="side-title">
          <h2 className="ellipsis">{name}</h2>
          <Status status="NOT_ENTERED" />
        </div>
      </div>
      <Empty icon="circle" title="The run has not entered this state.">
        <Link
          to="/machines/$name"
          params={{ name: machineNameOf(execution.executionArn) } as never}
          search={{ tab: "definition", state: name } as never}
        >
          See its definition
        </Link>
      </Empty>
    </>
  );
}
