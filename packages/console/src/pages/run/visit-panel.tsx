/** One visit of a state: how it went, its data stage by stage, its attempts, variables and definition, and what can be done. */
import { Link } from "@tanstack/react-router";
import { lazy, type ReactElement, Suspense, useMemo, useState } from "react";
import type { ApiExecution } from "../../api/api-types.ts";
import { idOf, machineNameOf } from "../../api/arns.ts";
import { useUrlState } from "../../app/url-state.ts";
import { definitionGraphOf } from "../../graph/definition-graph.ts";
import { type Attempt, isOpen, type RunFold, type Visit } from "../../run-model/run-fold.ts";
import type { RunStore } from "../../run-model/run-store.ts";
import { formatClock, formatDuration } from "../../ui/format.ts";
import { Icon, stateTypeIcon } from "../../ui/icon.tsx";
import { JsonView } from "../../ui/json-view.tsx";
import { Status } from "../../ui/status.tsx";
import { Elapsed } from "../../ui/time.tsx";
import { DataPair } from "./data-pair.tsx";
import { ErrorView } from "./error-view.tsx";
import { WaitingFor } from "./execution-panel.tsx";
import { eventAt, textDetail, useWholeEvent, variablesAt, visitLabel } from "./run-data.ts";
import { WhyView } from "./why-view.tsx";

const StagesView = lazy(() =>
  import("./stages-view.tsx").then(({ StagesView: component }) => ({ default: component })),
);
const ForkDialog = lazy(() =>
  import("./fork-dialog.tsx").then(({ ForkDialog: component }) => ({ default: component })),
);

export interface VisitPanelProps {
  readonly store: RunStore;
  readonly execution: ApiExecution;
  readonly visit: Visit;
  readonly refetch: () => void;
}

export function VisitPanel({ store, execution, visit }: VisitPanelProps): ReactElement {
  const { executionArn } = execution;
  const [forking, setForking] = useState(false);
  const { fold } = store;
  const entered = useWholeEvent(executionArn, eventAt(fold, visit.id));
  const exited = useWholeEvent(executionArn, eventAt(fold, visit.exitedEvent));
  const worked = useWholeEvent(executionArn, eventAt(fold, visit.resultEvent));
  const input = textDetail(entered, "input");
  const output = textDetail(exited, "output");
  const result = textDetail(worked, "output");
  const state = useMemo(
    () => definitionGraphOf(execution.definition)?.states.get(visit.name),
    [execution.definition, visit.name],
  );
  const variables = useMemo(() => variablesAt(fold, visit), [fold, visit]);
  const waiting = execution.waitingFor.filter(({ stateName }) => stateName === visit.name && isOpen(visit.status));
  return (
    <>
      <div className="side-head">
        <div className="side-title">
          <Icon name={stateTypeIcon(visit.type)} />
          <h2 className="ellipsis" title={visit.name}>
            {visit.name}
          </h2>
          <Status status={visit.status} />
          <span className="faint">
            <Elapsed from={visit.enteredAt} to={visit.endedAt} />
          </span>
        </div>
        <VisitChooser fold={fold} visit={visit} />
        <div className="row">
          <button
            type="button"
            className="button button-primary"
            disabled={input === undefined}
            onClick={() => setForking(true)}
          >
            <Icon name="fork" size={13} /> Fork from here…
          </button>
          <Link
            to="/lab"
            search={
              {
                mode: "state",
                machine: machineNameOf(execution.stateMachineArn),
                state: visit.name,
                run: idOf(executionArn),
                visit: String(visit.id),
              } as never
            }
            className="button"
          >
            <Icon name="lab" size={13} /> Test in the lab
          </Link>
          {visit.mapRunArn !== undefined && (
            <Link
              to="/runs/$id/maps/$map"
              params={{ id: idOf(executionArn), map: idOf(visit.mapRunArn) } as never}
              className="button"
            >
              <Icon name="map" size={13} /> Map run
            </Link>
          )}
        </div>
      </div>
      <div className="side-body">
        <WaitingFor tasks={waiting} />
        {visit.error !== undefined && <ErrorView error={visit.error} cause={visit.cause} />}
        <WhyView source={state?.source ?? {}} visit={visit} fold={fold} waiting={waiting} />
        {input !== undefined && (
          <Suspense fallback={<DataPair input={input} output={output} />}>
            <StagesView
              definition={execution.definition}
              visit={visit}
              executionArn={executionArn}
              executionInput={execution.input}
              input={input}
              result={result}
              output={output}
              variables={variables}
            />
          </Suspense>
        )}
        <Attempts visit={visit} />
        {Object.keys(variables).length > 0 && (
          <section className="stack">
            <h3>Variables on entry</h3>
            <JsonView text={JSON.stringify(variables)} label="variables" />
          </section>
        )}
        {state !== undefined && (
          <details>
            <summary>
              <h3 style={{ display: "inline" }}>Definition</h3>
            </summary>
            <JsonView text={JSON.stringify(state.source)} label="definition of the state" />
          </details>
        )}
      </div>
      {forking && input !== undefined && (
        <Suspense fallback={null}>
          <ForkDialog execution={execution} visit={visit} input={input} onClose={() => setForking(false)} />
        </Suspense>
      )}
    </>
  );
}

/** Steps through the visits of one state, all or only those that did not end well. */
function VisitChooser({ fold, visit }: { readonly fold: RunFold; readonly visit: Visit }): ReactElement | null {
  const [, setUrl] = useUrlState();
  const [onlyBad, setOnlyBad] = useState(false);
  const summary = fold.summary(visit.name);
  const bad = (summary?.failed ?? 0) + (summary?.caught ?? 0) + (summary?.aborted ?? 0);
  const all = fold.visits.filter(
    ({ name, status }) =>
      name === visit.name && (!onlyBad || ["FAILED", "CAUGHT", "ABORTED", "TIMED_OUT", "RETRYING"].includes(status)),
  );
  const at = all.indexOf(visit);
  if ((summary?.visits ?? 0) < 2) {
    const label = visitLabel(visit);
    return label === "" ? null : <span className="faint">{label}</span>;
  }
  const go = (to: Visit | undefined) => {
    if (to !== undefined) setUrl({ state: visit.name, visit: String(to.id), event: undefined });
  };
  return (
    <div className="row">
      <button
        type="button"
        className="icon-button"
        aria-label="Visit before"
        disabled={at <= 0}
        onClick={() => go(all[at - 1])}
      >
        ‹
      </button>
      <span className="num" role="status">
        visit {at + 1} of {all.length}
        {visitLabel(visit) !== "" && <span className="faint"> · {visitLabel(visit)}</span>}
      </span>
      <button
        type="button"
        className="icon-button"
        aria-label="Next visit"
        disabled={at >= all.length - 1}
        onClick={() => go(all[at + 1])}
      >
        ›
      </button>
      {bad > 0 && (
        <label className="row">
          <input type="checkbox" checked={onlyBad} onChange={({ target }) => setOnlyBad(target.checked)} />
          only the {bad} that failed
        </label>
      )}
    </div>
  );
}

const attemptStatus = ({ endedAt, isStopped }: Attempt): string =>
  endedAt === undefined ? "RUNNING" : isStopped === true ? "ABORTED" : "SUCCEEDED";

function Attempts({ visit }: { readonly visit: Visit }): ReactElement | null {
  const [, setUrl] = useUrlState();
  if (visit.attempts.length === 0) return null;
  return (
    <section className="stack">
      <h3>{visit.attempts.length === 1 ? "Attempt" : `${visit.attempts.length} attempts`}</h3>
      <div className="scroll-x">
        <table className="list-table">
          <thead>
            <tr>
              <th>#</th>
              <th>Scheduled</th>
              <th className="end">Waited</th>
              <th className="end">Worked</th>
              <th>Outcome</th>
            </tr>
          </thead>
          <tbody>
            {visit.attempts.map((attempt, index) => {
              const before = visit.attempts[index - 1];
              const began = attempt.startedAt ?? attempt.scheduledAt;
              return (
                <tr key={attempt.firstEvent}>
                  <td>{index + 1}</td>
                  <td>
                    <button
                      type="button"
                      className="button"
                      onClick={() => setUrl({ tab: "events", event: String(attempt.firstEvent) })}
                    >
                      {formatClock(attempt.scheduledAt)}
                    </button>
                    {before?.endedAt !== undefined && (
                      <div className="faint">after {formatDuration(attempt.scheduledAt - before.endedAt)}</div>
                    )}
                  </td>
                  <td className="end">{formatDuration(began - attempt.scheduledAt)}</td>
                  <td className="end">
                    <Elapsed from={began} to={attempt.endedAt} />
                  </td>
                  <td>
                    {attempt.error !== undefined ? (
                      <>
                        <Status status="FAILED" quiet /> <code className="wrap">{attempt.error}</code>
                      </>
                    ) : (
                      <Status status={attemptStatus(attempt)} quiet />
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
