/** The history as a table: filtered, one event expanded, each with its own link. */
import { type ReactElement, useDeferredValue, useMemo, useRef, useState } from "react";
import type { ApiExecution, ApiHistoryEvent } from "../../api/api-types.ts";
import { useUrlState } from "../../app/url-state.ts";
import { eventSummary, eventTitle, eventTone } from "../../run-model/event-words.ts";
import { eventDetails, type RunFold } from "../../run-model/run-fold.ts";
import { type RunStore, useRunVersion } from "../../run-model/run-store.ts";
import { formatClock, formatCount, formatDuration } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { unfoldJson } from "../../ui/json-diff.ts";
import type { Json } from "../../ui/json-value.ts";
import { JsonView } from "../../ui/json-view.tsx";
import { useShortcuts } from "../../ui/keys.ts";
import { CopyButton, Empty, Loading } from "../../ui/page.tsx";
import { type Column, VirtualTable } from "../../ui/virtual-table.tsx";
import { byVisit, firstOfVisits } from "./grouped-events.ts";
import { useWholeEvent } from "./run-data.ts";
import { visitDepth } from "./timeline-model.ts";

export interface EventsTabProps {
  readonly store: RunStore;
  readonly execution: ApiExecution;
}

type Kind = "all" | "failed" | "states" | "tasks";

const KINDS: Readonly<Record<Kind, (type: string) => boolean>> = {
  all: () => true,
  failed: (type) => eventTone(type) === "bad",
  states: (type) => /State(?:Entered|Exited)$|^Execution/.test(type),
  tasks: (type) => /^(?:Task|Lambda|Activity|MapRun)/.test(type) && !/State(?:Entered|Exited)$/.test(type),
};

export function EventsTab({ store, execution }: EventsTabProps): ReactElement {
  const version = useRunVersion(store);
  const [url, setUrl] = useUrlState();
  const kind = (url["kind"] ?? "all") as Kind;
  const filter = url["filter"] ?? "";
  const onlyState = url["only"] === "state" ? url["state"] : undefined;
  const field = useRef<HTMLInputElement>(null);
  const [absolute, setAbsolute] = useState(false);
  const wanted = useDeferredValue(filter);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says when the events changed
  const filtered = useMemo(
    () => filterEvents(store.fold, KINDS[kind] ?? KINDS.all, wanted, onlyState),
    [store, version, kind, wanted, onlyState],
  );
  const isGrouped = url["group"] === "1";
  const rows = useMemo(() => (isGrouped ? byVisit(store.fold, filtered) : filtered), [store, filtered, isGrouped]);
  const first = useMemo(() => (isGrouped ? firstOfVisits(store.fold, rows) : NO_IDS), [store, rows, isGrouped]);
  const columns = useMemo(
    () => columnsOf(store.fold, execution.startDate, absolute, isGrouped ? first : undefined),
    [store, execution.startDate, absolute, isGrouped, first],
  );
  const at = rows.findIndex(({ id }) => String(id) === url["event"]);
  const go = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row !== undefined) show(row);
  };
  const show = (event: ApiHistoryEvent) => {
    const visit = store.fold.visitOf(event.id);
    setUrl({
      event: String(event.id),
      state: onlyState ?? visit?.name,
      visit: visit === undefined ? undefined : String(visit.id),
    });
  };
  useShortcuts("Events", [
    { keys: "j", does: "Next event", run: () => go(at + 1) },
    { keys: "k", does: "Event before", run: () => go(at - 1) },
    { keys: "/", does: "Filter events", run: () => field.current?.focus() },
  ]);
  return (
    <>
      <div className="row">
        <input
          ref={field}
          type="search"
          aria-label="Filter events"
          placeholder="Filter by state, type, error, payload…"
          style={{ width: 260 }}
          value={filter}
          onChange={({ target }) => setUrl({ filter: target.value })}
        />
        <div className="segments" role="group" aria-label="Kind of events">
          {(["all", "states", "tasks", "failed"] as const).map((each) => (
            <button key={each} type="button" aria-pressed={kind === each} onClick={() => setUrl({ kind: each })}>
              {each.charAt(0).toUpperCase() + each.slice(1)}
            </button>
          ))}
        </div>
        <button
          type="button"
          className="chip"
          aria-pressed={isGrouped}
          title="The events of one visit of a state together"
          onClick={() => setUrl({ group: isGrouped ? undefined : "1" })}
        >
          by visit
        </button>
        {url["state"] !== undefined && (
          <button
            type="button"
            className="chip"
            aria-pressed={onlyState !== undefined}
            onClick={() => setUrl({ only: onlyState === undefined ? "state" : undefined })}
          >
            only {url["state"]}
          </button>
        )}
        <button type="button" className="button" aria-pressed={absolute} onClick={() => setAbsolute(!absolute)}>
          <Icon name="clock" size={13} /> {absolute ? "Clock" : "From start"}
        </button>
        <span className="faint" role="status">
          {formatCount(rows.length)} of {formatCount(store.lastKnownId)}
        </span>
      </div>
      {rows.length === 0 ? (
        store.isLoaded ? (
          <Empty icon="runs" title="No event is like that." />
        ) : (
          <Loading />
        )
      ) : (
        <VirtualTable
          label="Events"
          columns={columns}
          rows={rows}
          rowHeight={30}
          isFixed
          rowKey={({ id }) => id}
          activeKey={at < 0 ? undefined : rows[at]?.id}
          onActivate={show}
          rowClass={({ type, id }) => `event-${eventTone(type)}${first.has(id) ? " is-group" : ""}`}
          expanded={(event) => <EventBody executionArn={execution.executionArn} event={event} />}
        />
      )}
    </>
  );
}

function filterEvents(
  fold: RunFold,
  isKind: (type: string) => boolean,
  text: string,
  state: string | undefined,
): readonly ApiHistoryEvent[] {
  const wanted = text.trim().toLowerCase();
  return fold.events.filter((event) => {
    if (!isKind(event.type)) return false;
    const name = fold.visitOf(event.id)?.name;
    if (state !== undefined && name !== state) return false;
    if (wanted === "") return true;
    return (
      event.type.toLowerCase().includes(wanted) ||
      name?.toLowerCase().includes(wanted) === true ||
      String(event.id) === wanted ||
      JSON.stringify(eventDetails(event)).toLowerCase().includes(wanted)
    );
  });
}

const NO_IDS: ReadonlySet<number> = new Set();

/** `first`: when events stand by visit, those that begin one; the others leave the name out. */
function columnsOf(
  fold: RunFold,
  startedAt: number,
  absolute: boolean,
  first: ReadonlySet<number> | undefined,
): readonly Column<ApiHistoryEvent>[] {
  return [
    { id: "id", head: "#", width: "62px", align: "end", cell: ({ id }) => <span className="faint">{id}</span> },
    {
      id: "type",
      head: "Event",
      width: "minmax(210px, 1fr)",
      cell: ({ type }) => (
        <>
          <span className={`event-tone event-tone-${eventTone(type)}`} aria-hidden="true" /> {eventTitle(type)}
        </>
      ),
    },
    {
      id: "state",
      head: "State",
      width: "minmax(120px, 0.8fr)",
      cell: ({ id }) => {
        const visit = fold.visitOf(id);
        if (visit === undefined || (first !== undefined && !first.has(id))) return null;
        return (
          <span style={{ paddingInlineStart: first === undefined ? 0 : visitDepth(visit) * 14 }}>
            {visit.name}
            {visit.iteration !== undefined && <span className="faint"> [{visit.iteration}]</span>}
          </span>
        );
      },
    },
    {
      id: "time",
      head: absolute ? "Time" : "After start",
      width: "112px",
      align: "end",
      cell: ({ timestamp }) => (absolute ? formatClock(timestamp) : formatDuration(timestamp - startedAt)),
    },
    {
      id: "summary",
      head: "Details",
      width: "minmax(200px, 2.4fr)",
      cell: (event) => <span className="faint mono">{eventSummary(event)}</span>,
    },
  ];
}

const PAYLOADS = new Set(["input", "output", "parameters", "cause"]);

function EventBody({
  executionArn,
  event,
}: {
  readonly executionArn: string;
  readonly event: ApiHistoryEvent;
}): ReactElement {
  const whole = useWholeEvent(executionArn, event);
  if (whole === undefined) return <Loading />;
  const details = Object.entries(eventDetails(whole));
  return (
    <div className="event-body stack">
      <div className="row">
        <span className="faint">
          {whole.type} · linked to event {whole.previousEventId} · {formatClock(whole.timestamp)}
        </span>
        <span className="grow" />
        <CopyButton small label="Copy the event" text={() => JSON.stringify(whole, null, 2)} />
        <CopyButton small icon="link" label="Copy a link to the event" text={() => location.href} />
      </div>
      <dl className="facts-list">
        {details
          .filter(([name]) => !PAYLOADS.has(name) && !name.endsWith("Details"))
          .map(([name, value]) => (
            <div key={name} style={{ display: "contents" }}>
              <dt>{name}</dt>
              <dd className="mono">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
            </div>
          ))}
      </dl>
      {details
        .filter(([name]) => PAYLOADS.has(name))
        .map(([name, value]) => (
          <section key={name} className="stack">
            <h3>{name}</h3>
            <JsonView text={name === "cause" ? causeText(value) : String(value)} label={name} />
          </section>
        ))}
    </div>
  );
}

function causeText(value: unknown): string {
  const unfolded = unfoldJson(value as Json);
  return typeof unfolded === "string" ? unfolded : JSON.stringify(unfolded);
}
