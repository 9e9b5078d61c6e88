/** One state machine: its runs, its definition as graph and text, its versions and aliases. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { lazy, type ReactElement, Suspense, useDeferredValue, useMemo, useState } from "react";
import { machineArnOf } from "../../api/arns.ts";
import type { DescribedMachine } from "../../api/aws.ts";
import { machineQuery } from "../../api/queries.ts";
import { DEFINITION_GRAPH } from "../../app/parts.ts";
import { useUrlState } from "../../app/url-state.ts";
import { FailedPage } from "../../ui/failed-page.tsx";
import { formatDateTime } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { JsonView } from "../../ui/json-view.tsx";
import { useShortcuts } from "../../ui/keys.ts";
import { Loading, PageHead, Tabs } from "../../ui/page.tsx";
import { PartView } from "../../ui/part-view.tsx";
import { RunsTable } from "../runs/runs-table.tsx";
import { StartDialog } from "../start/start-dialog.tsx";

const VersionsTab = lazy(() =>
  import("./versions-tab.tsx").then(({ VersionsTab: component }) => ({ default: component })),
);

const SettingsTab = lazy(() =>
  import("./settings-tab.tsx").then(({ SettingsTab: component }) => ({ default: component })),
);
const HeatTab = lazy(() => import("./heat-tab.tsx").then(({ HeatTab: component }) => ({ default: component })));

const TABS = [
  { id: "runs", label: "Runs" },
  { id: "definition", label: "Definition" },
  { id: "versions", label: "Versions & aliases" },
  { id: "heat", label: "Heat" },
  { id: "settings", label: "Settings" },
];

export function MachinePage(): ReactElement {
  const { name } = useParams({ strict: false }) as { name: string };
  const [url, setUrl] = useUrlState();
  const [starting, setStarting] = useState(false);
  const stateMachineArn = machineArnOf(name);
  const { data, error, refetch } = useQuery(machineQuery(stateMachineArn));
  const tab = url["tab"] ?? "runs";
  useShortcuts("State machine", [{ keys: "s", does: "Start a run", run: () => setStarting(true) }]);
  if (data === undefined && error !== null) {
    return (
      <FailedPage
        title={name}
        crumbs={[{ label: "Machines", to: "/machines" }]}
        error={error}
        missing="It was deleted, or its name is mistyped. Runs of a deleted state machine are still found under Runs."
        onRetry={() => void refetch()}
      />
    );
  }
  return (
    <div className="page">
      <PageHead
        title={name}
        crumbs={[{ label: "Machines", to: "/machines" }]}
        beside={data !== undefined && <span className="tag">{data.type === "EXPRESS" ? "Express" : "Standard"}</span>}
        actions={
          <>
            <Link to="/machines/$name/edit" params={{ name } as never} className="button">
              <Icon name="edit" size={13} /> Edit
            </Link>
            <button type="button" className="button button-primary" onClick={() => setStarting(true)}>
              <Icon name="play" size={12} /> Start
            </button>
          </>
        }
      />
      <Tabs label="State machine" items={TABS} current={tab} onSelect={(id) => setUrl({ tab: id, at: undefined })} />
      {tab === "runs" && <RunsTable machine={name} />}
      {tab === "definition" && (data === undefined ? <Loading /> : <Definition machine={data} />)}
      {tab === "versions" && data !== undefined && (
        <Suspense fallback={<Loading />}>
          <VersionsTab machine={data} />
        </Suspense>
      )}
      {tab === "heat" && data !== undefined && (
        <Suspense fallback={<Loading />}>
          <HeatTab machine={data} />
        </Suspense>
      )}
      {tab === "settings" && data !== undefined && (
        <Suspense fallback={<Loading />}>
          <SettingsTab machine={data} />
        </Suspense>
      )}
      {starting && <StartDialog stateMachineArn={stateMachineArn} name={name} onClose={() => setStarting(false)} />}
    </div>
  );
}

function Definition({ machine }: { readonly machine: DescribedMachine }): ReactElement {
  const [url, setUrl] = useUrlState();
  const selected = url["state"];
  const source = useMemo(() => stateSource(machine.definition, selected), [machine.definition, selected]);
  // The graph is what the tab is opened for: hundreds of lines of text do not keep it waiting.
  const drawsText = useDeferredValue(true, false);
  return (
    <div className="split">
      <div className="split-main">
        <Suspense fallback={<Loading />}>
          <PartView
            part={DEFINITION_GRAPH}
            props={{ definition: machine.definition, selected, onSelect: (state) => setUrl({ state }) }}
          />
        </Suspense>
      </div>
      <div className="split-side panel">
        <div className="side-body">
          <dl className="facts-list">
            <dt>Revision</dt>
            <dd className="mono">{machine.revisionId ?? "first"}</dd>
            <dt>Created</dt>
            <dd>{formatDateTime(machine.creationDate * 1_000)}</dd>
            <dt>Role</dt>
            <dd className="mono">{machine.roleArn}</dd>
          </dl>
          {selected !== undefined && source !== undefined && (
            <section className="stack">
              <h2>{selected}</h2>
              <JsonView text={source} label={`definition of ${selected}`} />
            </section>
          )}
          <section className="stack">
            <h2>Definition</h2>
            {drawsText && (
              <JsonView text={machine.definition} label="definition" fileName={`${machine.name}.asl.json`} />
            )}
          </section>
        </div>
      </div>
    </div>
  );
}

function stateSource(definition: string, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const find = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return undefined;
    const states = (value as { States?: Record<string, unknown> }).States;
    if (typeof states === "object" && states !== null && Object.hasOwn(states, name)) return states[name];
    for (const inner of Object.values(value)) {
      const found = find(inner);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  try {
    const found = find(JSON.parse(definition));
    return found === undefined ? undefined : JSON.stringify(found);
  } catch {
    return undefined;
  }
}
