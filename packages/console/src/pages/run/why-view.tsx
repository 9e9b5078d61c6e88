/** Why a state went as it did, or why it still waits. */
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { ApiWaitingTask } from "../../api/api-types.ts";
import { lastPartOf } from "../../api/arns.ts";
import { listActivities } from "../../api/v1.ts";
import { useUrlState } from "../../app/url-state.ts";
import type { RunFold, Visit } from "../../run-model/run-fold.ts";
import { plural } from "../../ui/format.ts";
import { Icon, type IconName } from "../../ui/icon.tsx";
import { Ago, Countdown } from "../../ui/time.tsx";
import { type Explanation, explainVisit } from "./explain.ts";
import { eventAt, textDetail, visitLabel } from "./run-data.ts";
import "./why.css";

export interface WhyViewProps {
  /** The state as written. */
  readonly source: Readonly<Record<string, unknown>>;
  readonly visit: Visit;
  readonly fold: RunFold;
  /** What the state waits for now. */
  readonly waiting: readonly ApiWaitingTask[];
}

const ICONS: Readonly<Record<Explanation["kind"], IconName>> = {
  retry: "redrive",
  catch: "warning",
  cancel: "slash",
  fail: "cross",
  wait: "waiting",
};

export function WhyView({ source, visit, fold, waiting }: WhyViewProps): ReactElement | null {
  const [, setUrl] = useUrlState();
  const found = explainVisit(source, visit, fold);
  if (found.length === 0 && waiting.length === 0) return null;
  return (
    <section className="stack" aria-label="Why">
      <h3>Why</h3>
      <ul className="why">
        {waiting.map((task) => (
          <li key={`${task.since} ${task.taskToken ?? ""}`}>
            <Icon name="waiting" size={13} />
            <Waits task={task} visit={visit} fold={fold} />
          </li>
        ))}
        {found.map(({ kind, text, visit: other, since, until }) => (
          <li key={text}>
            <Icon name={ICONS[kind]} size={13} />
            <span>
              {text} {until !== undefined && <Countdown since={since ?? until} until={until} />}
              {other !== undefined && (
                <button
                  type="button"
                  className="button"
                  onClick={() => setUrl({ state: other.name, visit: String(other.id), event: undefined })}
                >
                  {other.name} <span className="faint">{visitLabel(other)}</span>
                </button>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface WaitsProps {
  readonly task: ApiWaitingTask;
  readonly visit: Visit;
  readonly fold: RunFold;
}

function Waits({ task, visit, fold }: WaitsProps): ReactElement {
  const { kind, since, heartbeatDueAt, timeoutAt, activityArn } = task;
  return (
    <span>
      {kind === "token" && (
        <>
          Nobody has answered its task token, given away <Ago at={since} />.
        </>
      )}
      {kind === "job" && (
        <>
          A job is at work, begun <Ago at={since} />; Stepwell asks for its result.
        </>
      )}
      {kind === "activity" && <Worker task={task} visit={visit} fold={fold} />}
      {activityArn !== undefined && visit.status === "WAITING" && <Pollers activityArn={activityArn} />}
      {heartbeatDueAt !== undefined && (
        <>
          {" "}
          A heartbeat is due <Ago at={heartbeatDueAt} />.
        </>
      )}
      {timeoutAt !== undefined && (
        <>
          {" "}
          It times out <Ago at={timeoutAt} />.
        </>
      )}
    </span>
  );
}

/** Who has taken the activity's task. */
function Worker({ task, visit, fold }: WaitsProps): ReactElement {
  const startedAt = visit.attempts.at(-1)?.startedAt;
  if (startedAt === undefined) {
    return (
      <>
        No worker has taken its task, scheduled <Ago at={task.since} />.
      </>
    );
  }
  const worker = textDetail(eventAt(fold, visit.attempts.at(-1)?.lastEvent), "workerName");
  return (
    <>
      {worker === undefined ? "A worker without a name" : <strong>{worker}</strong>} has its task since{" "}
      <Ago at={startedAt} />.
    </>
  );
}

const ASKED_MS = 5_000;

function Pollers({ activityArn }: { readonly activityArn: string }): ReactElement | null {
  const { data } = useQuery({
    queryKey: ["activities", "of a visit"],
    queryFn: () => listActivities(),
    refetchInterval: ASKED_MS,
  });
  const activity = data?.items.find((each) => each.activityArn === activityArn);
  if (activity === undefined) return null;
  const name = lastPartOf(activityArn);
  return (
    <>
      {" "}
      {activity.lastPolledAt === undefined ? (
        <>
          No worker has polled <strong>{name}</strong> since the server started
        </>
      ) : (
        <>
          A worker last polled <strong>{name}</strong> <Ago at={activity.lastPolledAt} />
        </>
      )}
      {activity.queued > 1 && `; ${plural(activity.queued, "task")} wait in its queue`}.
    </>
  );
}
