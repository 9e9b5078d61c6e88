/** The run itself, when no state is selected: facts, error, input and output, forks, map runs, who is waited for. */
import { Link } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import type { ApiExecution, ApiWaitingTask } from "../../api/api-types.ts";
import { executionNameOf, idOf, lastPartOf } from "../../api/arns.ts";
import { useUrlState } from "../../app/url-state.ts";
import type { RunStore } from "../../run-model/run-store.ts";
import { formatCount, formatDateTime } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { JsonView } from "../../ui/json-view.tsx";
import { CopyButton } from "../../ui/page.tsx";
import { Status } from "../../ui/status.tsx";
import { Ago, Countdown } from "../../ui/time.tsx";
import { TokenDialog } from "../waiting/token-dialog.tsx";
import { ErrorView } from "./error-view.tsx";
import { HintsView } from "./hints-view.tsx";

export interface ExecutionPanelProps {
  readonly store: RunStore;
  readonly execution: ApiExecution;
  readonly status: string;
}

export function ExecutionPanel({ store, execution, status }: ExecutionPanelProps): ReactElement {
  const { executionArn, error, cause, input, output } = execution;
  return (
    <>
      <div className="side-head">
        <div className="side-title">
          <h2>Run</h2>
          <Status status={status} />
          <span className="grow" />
          <CopyButton small label="Copy ARN" text={executionArn} />
        </div>
      </div>
      <div className="side-body">
        <Facts store={store} execution={execution} />
        <Lineage execution={execution} />
        <WaitingFor tasks={execution.waitingFor} timers={status === "RUNNING" ? execution.timers : []} />
        {error !== undefined && <ErrorView error={error} cause={cause} failedState={execution.failedState} />}
        <HintsView hints={execution.hints ?? []} />
        <section className="stack">
          <h3>Input</h3>
          <JsonView text={input} label="input" fileName={`${execution.name}-input.json`} />
        </section>
        {output !== undefined && (
          <section className="stack">
            <h3>Output</h3>
            <JsonView text={output} label="output" fileName={`${execution.name}-output.json`} />
          </section>
        )}
      </div>
    </>
  );
}

function Facts({ store, execution }: Omit<ExecutionPanelProps, "status">): ReactElement {
  const { startDate, stopDate, type, redriveCount, revisionId, stateMachineVersionArn, stateMachineAliasArn } =
    execution;
  return (
    <dl className="facts">
      <div>
        <dt>Started</dt>
        <dd>{formatDateTime(startDate)}</dd>
      </div>
      {stopDate !== undefined && (
        <div>
          <dt>Ended</dt>
          <dd>{formatDateTime(stopDate)}</dd>
        </div>
      )}
      <div>
        <dt>Type</dt>
        <dd>{type === "EXPRESS" ? "Express" : "Standard"}</dd>
      </div>
      <div>
        <dt>Events</dt>
        <dd className="num">{formatCount(Math.max(execution.lastEventId, store.lastKnownId))}</dd>
      </div>
      {redriveCount > 0 && (
        <div>
          <dt>Redrives</dt>
          <dd>{redriveCount}</dd>
        </div>
      )}
      {stateMachineVersionArn !== undefined && (
        <div>
          <dt>Version</dt>
          <dd>{lastPartOf(stateMachineVersionArn)}</dd>
        </div>
      )}
      {stateMachineAliasArn !== undefined && (
        <div>
          <dt>Alias</dt>
          <dd>{lastPartOf(stateMachineAliasArn)}</dd>
        </div>
      )}
      {revisionId !== undefined && (
        <div>
          <dt>Revision</dt>
          <dd className="mono ellipsis" title={revisionId}>
            {revisionId}
          </dd>
        </div>
      )}
    </dl>
  );
}

function Lineage({ execution }: { readonly execution: ApiExecution }): ReactElement | null {
  const { forkOf, forks, mapRuns, executionArn } = execution;
  if (forkOf === undefined && forks.length === 0 && mapRuns.length === 0) return null;
  return (
    <section className="stack">
      {forkOf !== undefined && (
        <p className="note">
          <Icon name="fork" size={14} /> Forked at <strong>{forkOf.stateName}</strong> from{" "}
          <Link
            to="/runs/$id"
            params={{ id: idOf(forkOf.executionArn) } as never}
            search={{ state: forkOf.stateName, ...(forkOf.eventId && { visit: String(forkOf.eventId) }) } as never}
            className="mono"
          >
            {executionNameOf(forkOf.executionArn)}
          </Link>
        </p>
      )}
      {forks.length > 0 && (
        <div>
          <h3>Forks of this run</h3>
          <ul>
            {forks.map((arn) => (
              <li key={arn}>
                <Icon name="fork" size={13} />{" "}
                <Link to="/runs/$id" params={{ id: idOf(arn) } as never} className="mono">
                  {executionNameOf(arn)}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
      {mapRuns.length > 0 && (
        <div>
          <h3>Map runs</h3>
          <ul className="stack">
            {mapRuns.map(({ mapRunArn, stateName, status }) => (
              <li key={mapRunArn} className="row">
                <Status status={status} />
                <Link to="/runs/$id/maps/$map" params={{ id: idOf(executionArn), map: idOf(mapRunArn) } as never}>
                  {stateName}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

export interface WaitingForProps {
  readonly tasks: readonly ApiWaitingTask[];
  readonly timers?: ApiExecution["timers"];
}

/** Of many timers the first that end. */
const TIMERS_SHOWN = 8;

export function WaitingFor({ tasks, timers = [] }: WaitingForProps): ReactElement | null {
  const [, setUrl] = useUrlState();
  const [answering, setAnswering] = useState<ApiWaitingTask>();
  if (tasks.length === 0 && timers.length === 0) return null;
  return (
    <section className="stack" aria-label="Waits for">
      <h3>Waits for</h3>
      <ul className="stack">
        {timers.slice(0, TIMERS_SHOWN).map(({ eventId, kind, stateName, since, until }) => (
          <li key={eventId} className="row">
            <Icon name="clock" size={14} />
            <button
              type="button"
              className="button"
              onClick={() => setUrl({ state: stateName, visit: String(eventId) })}
            >
              <span className="ellipsis">{stateName}</span>
            </button>
            <span className="faint">{kind === "retry" ? "the next attempt" : "the clock"},</span>
            <Countdown since={since} until={until} />
          </li>
        ))}
        {timers.length > TIMERS_SHOWN && <li className="faint">and {timers.length - TIMERS_SHOWN} more timers</li>}
        {tasks.map((task) => (
          <li key={`${task.stateName} ${task.since} ${task.taskToken ?? ""}`} className="row">
            <Icon name="waiting" size={14} />
            <button
              type="button"
              className="button"
              onClick={() => setUrl({ state: task.stateName, visit: undefined })}
            >
              {task.stateName}
            </button>
            <span className="faint">
              {task.kind === "token" ? "an answer to its token" : task.kind === "activity" ? "a worker" : "a job"},{" "}
              <Ago at={task.since} />
              {task.timeoutAt !== undefined && (
                <>
                  , times out <Ago at={task.timeoutAt} />
                </>
              )}
            </span>
            {task.taskToken !== undefined && (
              <button type="button" className="button button-primary" onClick={() => setAnswering(task)}>
                Answer…
              </button>
            )}
          </li>
        ))}
      </ul>
      {answering?.taskToken !== undefined && (
        <TokenDialog
          stateName={answering.stateName}
          taskToken={answering.taskToken}
          onClose={() => setAnswering(undefined)}
        />
      )}
    </section>
  );
}
