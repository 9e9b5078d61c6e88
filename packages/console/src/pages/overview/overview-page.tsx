/** What needs attention: how runs went, which machines fail and where, who waits longest, which runs are near a limit. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactElement, Suspense } from "react";
import type { ApiFailingGroup, ApiOverview } from "../../api/api-types.ts";
import { executionNameOf, idOf, machineNameOf } from "../../api/arns.ts";
import { usePaused, useStream } from "../../api/live.ts";
import { overviewQuery } from "../../api/queries.ts";
import { executionsStreamPath } from "../../api/v1.ts";
import { RUNS_CHART } from "../../app/parts.ts";
import { useUrlState } from "../../app/url-state.ts";
import { overviewHours } from "../../app/url-text.ts";
import { Problem } from "../../ui/dialog.tsx";
import { formatCount, formatDuration } from "../../ui/format.ts";
import { Icon, type IconName } from "../../ui/icon.tsx";
import { Empty, Loading, PageHead } from "../../ui/page.tsx";
import { PartView } from "../../ui/part-view.tsx";
import { useThrottled } from "../../ui/throttled.ts";
import { Ago } from "../../ui/time.tsx";

const RANGES = [
  { hours: 1, label: "1 hour" },
  { hours: 24, label: "24 hours" },
  { hours: 168, label: "7 days" },
];

const REFRESH_MS = 15_000;

export function OverviewPage(): ReactElement {
  const [url, setUrl] = useUrlState();
  const hours = overviewHours(url);
  const paused = usePaused();
  const { data, error, refetch } = useQuery({
    ...overviewQuery(hours),
    refetchInterval: paused ? false : REFRESH_MS,
    placeholderData: (before) => before,
  });
  const again = useThrottled(() => void refetch(), 2_000);
  useStream("overview", data !== undefined, {
    path: () => executionsStreamPath(),
    on: { execution: again, missed: again },
  });
  return (
    <div className="page">
      <PageHead
        title="Overview"
        actions={
          <div className="segments" role="group" aria-label="Time">
            {RANGES.map(({ hours: value, label }) => (
              <button
                key={value}
                type="button"
                aria-pressed={value === hours}
                onClick={() => setUrl({ hours: String(value) })}
              >
                {label}
              </button>
            ))}
          </div>
        }
      />
      <Problem error={error} />
      {data === undefined ? error === null && <Loading /> : <Overview data={data} hours={hours} />}
    </div>
  );
}

function Overview({ data, hours }: { readonly data: ApiOverview; readonly hours: number }): ReactElement {
  return (
    <>
      <Tiles data={data} hours={hours} />
      <section className="panel" aria-label="Runs by start">
        <div className="panel-head">
          <h2>Runs by start</h2>
          {data.isPartial && <span className="tag">of the newest {formatCount(data.examined)}</span>}
        </div>
        <div className="panel-body">
          <Suspense fallback={<Loading />}>
            <PartView part={RUNS_CHART} props={{ buckets: data.buckets }} />
          </Suspense>
        </div>
      </section>
      <div className="columns-2">
        <Failing groups={data.failing} hours={hours} />
        <Waiting data={data} />
        {data.nearLimits.length > 0 && <NearLimits data={data} />}
      </div>
    </>
  );
}

function Tiles({ data, hours }: { readonly data: ApiOverview; readonly hours: number }): ReactElement {
  const sum = (name: "succeeded" | "failed" | "timedOut" | "aborted") =>
    data.buckets.reduce((total, bucket) => total + bucket[name], 0);
  const tiles: readonly [label: string, count: number, status: string, icon: IconName, tone: string][] = [
    ["Running now", data.running, "RUNNING", "play", "run"],
    ["Succeeded", sum("succeeded"), "SUCCEEDED", "check", "good"],
    ["Failed", sum("failed"), "FAILED", "cross", "bad"],
    ["Timed out", sum("timedOut"), "TIMED_OUT", "clock", "late"],
    ["Aborted", sum("aborted"), "ABORTED", "slash", "off"],
  ];
  return (
    <div className="tiles">
      {tiles.map(([label, count, status, icon, tone]) => (
        <Link
          key={status}
          to="/runs"
          search={{ status, ...(status === "RUNNING" ? {} : { since: `${hours}h` }) } as never}
          className="tile"
        >
          <span className="tile-label">
            <span className={`status status-quiet tone-${tone}`}>
              <Icon name={icon} size={13} />
            </span>
            {label}
          </span>
          <span className="tile-value">{formatCount(count)}</span>
        </Link>
      ))}
    </div>
  );
}

interface FailingProps {
  readonly groups: readonly ApiFailingGroup[];
  readonly hours: number;
}

function Failing({ groups, hours }: FailingProps): ReactElement {
  return (
    <section className="panel" aria-labelledby="failing">
      <div className="panel-head">
        <h2 id="failing">Failing</h2>
      </div>
      {groups.length === 0 ? (
        <Empty icon="check" title="Nothing failed." />
      ) : (
        <div className="scroll-x">
          <table className="list-table">
            <thead>
              <tr>
                <th>Machine and state</th>
                <th>Error</th>
                <th className="end">Runs</th>
                <th>Last</th>
              </tr>
            </thead>
            <tbody>
              {groups.map((group) => (
                <tr key={`${group.name} ${group.stateName ?? ""} ${group.error}`}>
                  <td>
                    <Link to="/machines/$name" params={{ name: group.name } as never}>
                      {group.name}
                    </Link>
                    {group.stateName !== undefined && <div className="faint">{group.stateName}</div>}
                  </td>
                  <td>
                    <code className="wrap">{group.error}</code>
                  </td>
                  <td className="end">
                    <Link
                      to="/runs"
                      search={
                        {
                          machine: group.name,
                          error: group.error,
                          status: "FAILED,TIMED_OUT",
                          since: `${hours}h`,
                        } as never
                      }
                    >
                      {formatCount(group.count)}
                    </Link>
                  </td>
                  <td className="num nowrap">
                    <Link to="/runs/$id" params={{ id: idOf(group.lastExecutionArn) } as never}>
                      <Ago at={group.lastAt} />
                    </Link>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Waiting({ data }: { readonly data: ApiOverview }): ReactElement {
  return (
    <section className="panel" aria-labelledby="waiting">
      <div className="panel-head">
        <h2 id="waiting">Waiting longest</h2>
        <span className="grow" />
        <Link to="/waiting">All</Link>
      </div>
      {data.waiting.length === 0 ? (
        <Empty icon="check" title="Nobody waits for an answer." />
      ) : (
        <div className="scroll-x">
          <table className="list-table">
            <thead>
              <tr>
                <th>Run and state</th>
                <th>For</th>
                <th>Since</th>
              </tr>
            </thead>
            <tbody>
              {data.waiting.map((task) => (
                <tr key={`${task.executionArn} ${task.stateName} ${task.since}`}>
                  <td>
                    <Link
                      to="/runs/$id"
                      params={{ id: idOf(task.executionArn) } as never}
                      search={{ state: task.stateName } as never}
                    >
                      {task.stateName}
                    </Link>
                    <div className="faint">
                      {machineNameOf(task.executionArn)} · {executionNameOf(task.executionArn)}
                    </div>
                  </td>
                  <td>{task.kind}</td>
                  <td>
                    <Ago at={task.since} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function NearLimits({ data }: { readonly data: ApiOverview }): ReactElement {
  return (
    <section className="panel" aria-labelledby="limits">
      <div className="panel-head">
        <h2 id="limits">Near a limit</h2>
      </div>
      <table className="list-table">
        <tbody>
          {data.nearLimits.map(({ executionArn, limit, value, max }) => (
            <tr key={`${executionArn} ${limit}`}>
              <td>
                <Link to="/runs/$id" params={{ id: idOf(executionArn) } as never}>
                  {machineNameOf(executionArn)} · {executionNameOf(executionArn)}
                </Link>
              </td>
              <td>{limit === "history" ? "History" : "Timeout"}</td>
              <td className="end">
                {limit === "history"
                  ? `${formatCount(value)} of ${formatCount(max)} events`
                  : `${formatDuration(value)} of ${formatDuration(max)}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
