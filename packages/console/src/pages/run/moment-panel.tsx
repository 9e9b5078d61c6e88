/** A moment of a run, when no state is selected: the event, where the run stood, its data and variables as of then. */
import type { ReactElement } from "react";
import type { ApiExecution } from "../../api/api-types.ts";
import { useUrlState } from "../../app/url-state.ts";
import { eventTitle } from "../../run-model/event-words.ts";
import { isOpen, type RunFold, type Visit } from "../../run-model/run-fold.ts";
import { type RunStore, useRunVersion } from "../../run-model/run-store.ts";
import { formatCount } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { JsonView } from "../../ui/json-view.tsx";
import { Status } from "../../ui/status.tsx";
import { Elapsed } from "../../ui/time.tsx";
import { ErrorView } from "./error-view.tsx";
import { eventAt, textDetail, useWholeEvent, variablesAt, visitLabel } from "./run-data.ts";

export interface MomentPanelProps {
  readonly store: RunStore;
  readonly execution: ApiExecution;
}

const OPEN_MAX = 12;

export function MomentPanel({ store, execution }: MomentPanelProps): ReactElement {
  useRunVersion(store);
  const [, setUrl] = useUrlState();
  const { fold } = store;
  const id = fold.lastEventId;
  const event = eventAt(fold, id);
  const visit = fold.visitOf(id);
  const payload = useWholeEvent(execution.executionArn, eventAt(fold, payloadEvent(visit)));
  const data = textDetail(payload, "output") ?? textDetail(payload, "input");
  const error = textDetail(event, "error");
  const open = openStates(fold);
  const variables = visit === undefined ? {} : variablesAt(fold, visit, "leaving");
  const show = (of: Visit) => setUrl({ state: of.name, visit: String(of.id), event: undefined });
  return (
    <>
      <div className="side-head">
        <div className="side-title">
          <Icon name="clock" />
          <h2 className="ellipsis">{event === undefined ? "Before the start" : eventTitle(event.type)}</h2>
          <Status status={fold.status} />
        </div>
        <div className="row">
          {visit !== undefined && (
            <button type="button" className="button" onClick={() => show(visit)}>
              {visit.name} <span className="faint">{visitLabel(visit)}</span>
            </button>
          )}
          {id > 0 && (
            <button
              type="button"
              className="button"
              onClick={() => setUrl({ tab: "events", event: String(id), state: undefined, visit: undefined })}
            >
              Event {formatCount(id)} in the table
            </button>
          )}
        </div>
      </div>
      <div className="side-body">
        {error !== undefined && <ErrorView error={error} cause={textDetail(event, "cause")} />}
        <section className="stack">
          <h3>Where the run stood</h3>
          {open.length === 0 && <p className="faint">Between states.</p>}
          <ul className="stack">
            {open.slice(0, OPEN_MAX).map((each) => (
              <li key={each.id} className="row">
                <Status status={each.status} quiet />
                <button type="button" className="button" onClick={() => show(each)}>
                  {each.name}
                </button>
                <span className="faint">
                  {visitLabel(each)} for <Elapsed from={each.enteredAt} />
                </span>
              </li>
            ))}
          </ul>
          {open.length > OPEN_MAX && <p className="faint">and {formatCount(open.length - OPEN_MAX)} more</p>}
        </section>
        {data !== undefined && (
          <section className="stack">
            <h3>{visit === undefined ? "Payload" : `Payload at ${visit.name}`}</h3>
            <JsonView text={data} label="payload at this moment" />
          </section>
        )}
        {Object.keys(variables).length > 0 && (
          <section className="stack">
            <h3>Variables</h3>
            <JsonView text={JSON.stringify(variables)} label="variables at this moment" />
          </section>
        )}
      </div>
    </>
  );
}

/** The event that holds the payload as of now: the state's output when it was left, else the input it works on. */
function payloadEvent(visit: Visit | undefined): number {
  return visit?.exitedEvent ?? visit?.id ?? 1;
}

/** States that were entered and not left, innermost last. */
function openStates(fold: RunFold): readonly Visit[] {
  return fold.visits.filter(({ status }) => isOpen(status));
}
