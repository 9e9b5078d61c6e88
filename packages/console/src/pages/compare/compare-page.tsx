/** Two runs side by side (`/compare?a=&b=`): aligned by their states, where they part first, and what differs at each. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactElement, useMemo, useState } from "react";
import type { ApiExecution } from "../../api/api-types.ts";
import { arnOf, executionNameOf, idOf, machineNameOf } from "../../api/arns.ts";
import { getExecution } from "../../api/v1.ts";
import { useUrlState } from "../../app/url-state.ts";
import { type RunStore, useRunStore, useRunVersion } from "../../run-model/run-store.ts";
import { Problem } from "../../ui/dialog.tsx";
import { formatCount, formatDuration, plural } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { useShortcuts } from "../../ui/keys.ts";
import { Loading, PageHead } from "../../ui/page.tsx";
import { Status } from "../../ui/status.tsx";
import { Ago, Elapsed } from "../../ui/time.tsx";
import { type Column, VirtualTable } from "../../ui/virtual-table.tsx";
import { visitLabel } from "../run/run-data.ts";
import { alignRuns } from "./align-runs.ts";
import "./compare.css";
import { ComparedPanel } from "./compared-panel.tsx";
import { type ComparedVisit, compareVisits, type Difference, partingOf, partingWords } from "./divergence.ts";
import { RunPicker } from "./run-picker.tsx";

export function ComparePage(): ReactElement {
  const [url] = useUrlState();
  const a = useRun(url["a"]);
  const b = useRun(url["b"]);
  return (
    <div className="page">
      <PageHead title="Compare two runs" crumbs={[{ label: "Runs", to: "/runs" }]} />
      <Problem error={a.error ?? b.error} />
      {url["a"] === undefined || url["b"] === undefined ? (
        <RunPicker member={url["a"] === undefined ? "a" : "b"} other={a.data ?? b.data} />
      ) : a.data === undefined || b.data === undefined ? (
        a.error === null && b.error === null && <Loading />
      ) : (
        <Comparison key={`${url["a"]} ${url["b"]}`} a={a.data} b={b.data} />
      )}
    </div>
  );
}

function useRun(id: string | undefined) {
  return useQuery({
    queryKey: ["execution", id === undefined ? "" : arnOf(id)],
    queryFn: () => getExecution(arnOf(id ?? "")),
    enabled: id !== undefined && id !== "",
  });
}

export interface ComparisonProps {
  readonly a: ApiExecution;
  readonly b: ApiExecution;
}

const rowKey = ({ a, b }: ComparedVisit): string => `${a?.id ?? ""},${b?.id ?? ""}`;

function Comparison({ a, b }: ComparisonProps): ReactElement {
  const [url, setUrl] = useUrlState();
  const [left, right] = [useRunStore(a.executionArn, true), useRunStore(b.executionArn, true)];
  const [leftVersion, rightVersion] = [useRunVersion(left), useRunVersion(right)];
  const isLoaded = left.isLoaded && right.isLoaded;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the versions say when the folds changed
  const rows = useMemo(
    () => (isLoaded ? compareVisits(alignRuns(left.fold, right.fold), left.fold, right.fold) : []),
    [isLoaded, left, right, leftVersion, rightVersion],
  );
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  const shown = onlyDifferent ? rows.filter(({ differences }) => differences.length > 0) : rows;
  const selected = rows.find((row) => rowKey(row) === url["at"]);
  const show = (row: ComparedVisit | undefined) => setUrl({ at: row && rowKey(row) });
  const step = (by: 1 | -1) => {
    const from = selected?.index ?? (by === 1 ? -1 : rows.length);
    const differs = ({ differences }: ComparedVisit) => differences.length > 0;
    show(by === 1 ? rows.slice(from + 1).find(differs) : rows.slice(0, Math.max(0, from)).findLast(differs));
  };
  useShortcuts("Compare", [
    { keys: "n", does: "Next difference", run: () => step(1) },
    { keys: "b", does: "Difference before", run: () => step(-1) },
    { keys: "x", does: "Swap the runs", run: swap },
  ]);
  function swap(): void {
    setUrl({ a: url["b"], b: url["a"], at: url["at"]?.split(",").toReversed().join(",") });
  }
  const different = rows.filter(({ differences }) => differences.length > 0).length;
  const columns = useMemo(columnsOf, []);
  return (
    <>
      <div className="compare-heads">
        <RunHead letter="A" run={a} onChange={() => setUrl({ a: undefined, at: undefined })} />
        <button
          type="button"
          className="icon-button"
          aria-label="Swap the runs"
          title="Swap the runs (x)"
          onClick={swap}
        >
          ⇄
        </button>
        <RunHead letter="B" run={b} onChange={() => setUrl({ b: undefined, at: undefined })} />
      </div>
      <Problem error={left.problem ?? right.problem} />
      {isLoaded ? <PartingPanel rows={rows} a={a} b={b} onShow={show} /> : <LoadedOf stores={[left, right]} />}
      <div className="split compare-split">
        <div className="split-main">
          <div className="row">
            <span className="faint" role="status">
              {plural(rows.length, "visit")} aligned, {formatCount(different)} differ
            </span>
            <label className="row">
              <input
                type="checkbox"
                checked={onlyDifferent}
                onChange={({ target }) => setOnlyDifferent(target.checked)}
              />
              only those that differ
            </label>
            <span className="grow" />
            <button type="button" className="button" title="Difference before (b)" onClick={() => step(-1)}>
              ‹ Before
            </button>
            <button type="button" className="button" title="Next difference (n)" onClick={() => step(1)}>
              Next ›
            </button>
          </div>
          <VirtualTable
            label="States of both runs"
            columns={columns}
            rows={shown}
            rowHeight={36}
            rowKey={rowKey}
            activeKey={selected && rowKey(selected)}
            onActivate={show}
            rowClass={({ differences }) => (differences.length > 0 ? "compare-differs" : "")}
          />
        </div>
        <aside className="split-side panel" aria-label="Difference">
          <ComparedPanel
            key={url["at"] ?? ""}
            row={selected}
            a={{ execution: a, store: left }}
            b={{ execution: b, store: right }}
            onClose={() => show(undefined)}
          />
        </aside>
      </div>
    </>
  );
}

function LoadedOf({ stores }: { readonly stores: readonly RunStore[] }): ReactElement {
  const sum = (of: (store: RunStore) => number) => formatCount(stores.reduce((total, store) => total + of(store), 0));
  return (
    <Loading what={`Reading ${sum(({ fold }) => fold.events.length)} of ${sum((store) => store.lastKnownId)} events`} />
  );
}

interface RunHeadProps {
  readonly letter: "A" | "B";
  readonly run: ApiExecution;
  readonly onChange: () => void;
}

function RunHead({ letter, run, onChange }: RunHeadProps): ReactElement {
  const { executionArn, status, startDate, stopDate, stateMachineArn, stateMachineVersionArn } = run;
  return (
    <section className="compare-head" aria-label={`Run ${letter}`}>
      <span className="compare-letter" aria-hidden="true">
        {letter}
      </span>
      <span className="row">
        <Link to="/runs/$id" params={{ id: idOf(executionArn) } as never} className="mono ellipsis">
          {executionNameOf(executionArn)}
        </Link>
        <Status status={status} />
      </span>
      <button type="button" className="button" onClick={onChange}>
        Another…
      </button>
      <span className="faint">
        {machineNameOf(stateMachineArn)}
        {stateMachineVersionArn !== undefined && ` version ${stateMachineVersionArn.split(":").at(-1) ?? ""}`} · started{" "}
        <Ago at={startDate} /> · <Elapsed from={startDate} to={status === "RUNNING" ? undefined : stopDate} />
      </span>
    </section>
  );
}

interface PartingPanelProps extends ComparisonProps {
  readonly rows: readonly ComparedVisit[];
  readonly onShow: (row: ComparedVisit) => void;
}

function PartingPanel({ rows, a, b, onShow }: PartingPanelProps): ReactElement {
  const { way, data } = useMemo(() => partingOf(rows), [rows]);
  const otherDefinition = a.definition !== b.definition;
  const place = (row: ComparedVisit, label: string) => (
    <div>
      <strong>{label}</strong>
      <span>{partingWords(row)}.</span>
      <button type="button" className="button" onClick={() => onShow(row)}>
        Show
      </button>
    </div>
  );
  const alike = way === undefined && data === undefined;
  return (
    <section className={`compare-parting${alike ? " is-alike" : ""}`} aria-label="Where they part">
      {alike && (
        <div>
          <Icon name="check" size={14} />
          Both went the same way with the same data{otherDefinition ? ", though their definitions differ." : "."}
        </div>
      )}
      {data !== undefined && place(data, "Data part first:")}
      {way !== undefined && place(way, "Ways part first:")}
      {way === undefined && data !== undefined && (
        <div className="faint">Both went through the same states and ended alike.</div>
      )}
      {!alike && otherDefinition && (
        <div className="faint">
          They ran different definitions: see the difference on the right when no state is chosen.
        </div>
      )}
    </section>
  );
}

const WORDS: Readonly<Record<Difference, string>> = {
  "only-a": "only in A",
  "only-b": "only in B",
  input: "input",
  status: "status",
  error: "error",
  output: "output",
};

function columnsOf(): readonly Column<ComparedVisit>[] {
  const side = (letter: "a" | "b"): Column<ComparedVisit> => ({
    id: letter,
    head: letter.toUpperCase(),
    width: "minmax(164px, 1fr)",
    cell: ({ [letter]: visit }) =>
      visit === undefined ? (
        <span className="faint">not there</span>
      ) : (
        <>
          <Status status={visit.status} quiet />{" "}
          <span className="faint">
            <Elapsed from={visit.enteredAt} to={visit.endedAt} />
          </span>
        </>
      ),
  });
  return [
    {
      id: "state",
      head: "State",
      width: "minmax(116px, 1fr)",
      cell: ({ a, b, depth }) => {
        const visit = a ?? b;
        return (
          <span style={{ paddingInlineStart: depth * 16 }}>
            {visit?.name} {visit !== undefined && <span className="faint">{visitLabel(visit)}</span>}
          </span>
        );
      },
    },
    side("a"),
    side("b"),
    { id: "time", head: "B − A", width: "78px", align: "end", cell: (row) => <TimeDifference row={row} /> },
    {
      id: "differs",
      head: "Differs",
      width: "minmax(136px, 1fr)",
      cell: ({ differences }) =>
        differences.length === 0 ? (
          <span className="faint">=</span>
        ) : (
          <span className="status status-quiet tone-warn">≠ {differences.map((each) => WORDS[each]).join(", ")}</span>
        ),
    },
  ];
}

function TimeDifference({ row: { a, b } }: { readonly row: ComparedVisit }): ReactElement | null {
  if (a?.endedAt === undefined || b?.endedAt === undefined) return null;
  const by = b.endedAt - b.enteredAt - (a.endedAt - a.enteredAt);
  if (Math.abs(by) < 1) return <span className="faint">=</span>;
  return (
    <span className="num">
      {by > 0 ? "+" : "−"}
      {formatDuration(Math.abs(by))}
    </span>
  );
}
