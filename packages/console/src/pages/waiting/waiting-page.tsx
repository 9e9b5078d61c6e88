/** Who waits for an answer from outside, since when and for what; and the activities with their queues. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import type { ApiActivity, ApiWaitingTask } from "../../api/api-types.ts";
import { executionNameOf, idOf, lastPartOf, machineNameOf } from "../../api/arns.ts";
import { usePaused } from "../../api/live.ts";
import { listActivities, listTokens } from "../../api/v1.ts";
import { useUrlState } from "../../app/url-state.ts";
import { Problem } from "../../ui/dialog.tsx";
import { formatCount } from "../../ui/format.ts";
import { Empty, Loading, PageHead, Tabs } from "../../ui/page.tsx";
import { Ago } from "../../ui/time.tsx";
import { TokenDialog } from "./token-dialog.tsx";

const REFRESH_MS = 5_000;

export function WaitingPage(): ReactElement {
  const [url, setUrl] = useUrlState();
  const tab = url["tab"] ?? "tokens";
  return (
    <div className="page">
      <PageHead title="Waiting" />
      <Tabs
        label="Waiting"
        items={[
          { id: "tokens", label: "Tasks" },
          { id: "activities", label: "Activities" },
        ]}
        current={tab}
        onSelect={(id) => setUrl({ tab: id })}
      />
      {tab === "activities" ? <Activities /> : <Tokens />}
    </div>
  );
}

const KINDS = { token: "Task token", activity: "Activity", job: "Job" } as const;

function Tokens(): ReactElement {
  const paused = usePaused();
  const [answering, setAnswering] = useState<ApiWaitingTask>();
  const { data, error, refetch } = useQuery({
    queryKey: ["tokens"],
    queryFn: () => listTokens(),
    refetchInterval: paused ? false : REFRESH_MS,
  });
  if (data === undefined) return error === null ? <Loading /> : <Problem error={error} />;
  if (data.items.length === 0) return <Empty icon="check" title="No task waits for an answer." />;
  return (
    <div className="panel scroll-x">
      <table className="list-table">
        <thead>
          <tr>
            <th>State</th>
            <th>Run</th>
            <th>Waits for</th>
            <th>Since</th>
            <th>Heartbeat due</th>
            <th>Times out</th>
            <th>
              <span className="visually-hidden">Answer</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((task) => (
            <tr key={`${task.executionArn} ${task.stateName} ${task.since} ${task.taskToken ?? ""}`}>
              <td>
                <Link
                  to="/runs/$id"
                  params={{ id: idOf(task.executionArn) } as never}
                  search={{ state: task.stateName } as never}
                >
                  {task.stateName}
                </Link>
              </td>
              <td>
                {machineNameOf(task.executionArn)} · <span className="mono">{executionNameOf(task.executionArn)}</span>
              </td>
              <td>
                {KINDS[task.kind]}
                <div className="faint mono" title={task.resource}>
                  {task.activityArn === undefined ? task.resource : lastPartOf(task.activityArn)}
                </div>
              </td>
              <td>
                <Ago at={task.since} />
              </td>
              <td>{task.heartbeatDueAt === undefined ? "–" : <Ago at={task.heartbeatDueAt} />}</td>
              <td>{task.timeoutAt === undefined ? "–" : <Ago at={task.timeoutAt} />}</td>
              <td className="end">
                {task.taskToken !== undefined && (
                  <button type="button" className="button" onClick={() => setAnswering(task)}>
                    Answer…
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {data.cursor !== undefined && <p className="panel-body faint">The first {data.items.length} are shown.</p>}
      {answering?.taskToken !== undefined && (
        <TokenDialog
          stateName={answering.stateName}
          taskToken={answering.taskToken}
          onClose={() => {
            setAnswering(undefined);
            void refetch();
          }}
        />
      )}
    </div>
  );
}

function Activities(): ReactElement {
  const paused = usePaused();
  const { data, error } = useQuery({
    queryKey: ["activities"],
    queryFn: () => listActivities(),
    refetchInterval: paused ? false : REFRESH_MS,
  });
  if (data === undefined) return error === null ? <Loading /> : <Problem error={error} />;
  if (data.items.length === 0) return <Empty icon="waiting" title="There is no activity." />;
  return (
    <div className="panel scroll-x">
      <table className="list-table">
        <thead>
          <tr>
            <th>Activity</th>
            <th className="end">Queued</th>
            <th>Oldest since</th>
            <th>A worker last asked</th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((activity) => (
            <ActivityRow key={activity.activityArn} activity={activity} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ActivityRow({ activity }: { readonly activity: ApiActivity }): ReactElement {
  const { name, activityArn, queued, oldestSince, lastPolledAt } = activity;
  return (
    <tr>
      <td>
        <strong>{name}</strong>
        <div className="faint mono">{activityArn}</div>
      </td>
      <td className="end">{formatCount(queued)}</td>
      <td>{oldestSince === undefined ? "–" : <Ago at={oldestSince} />}</td>
      <td>
        {lastPolledAt === undefined ? (
          <span className={queued > 0 ? "status tone-warn" : "faint"}>none since the server started</span>
        ) : (
          <Ago at={lastPolledAt} />
        )}
      </td>
    </tr>
  );
}
