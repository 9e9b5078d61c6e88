/** The payload along the path: how large it was at each state, and which members came, changed or were lost there. */
import { type ReactElement, useMemo } from "react";
import type { ApiExecution } from "../../api/api-types.ts";
import { useUrlState } from "../../app/url-state.ts";
import type { RunFold, Visit } from "../../run-model/run-fold.ts";
import { type RunStore, useRunVersion } from "../../run-model/run-store.ts";
import { formatBytes } from "../../ui/format.ts";
import { parseJson } from "../../ui/json-diff.ts";
import { Empty } from "../../ui/page.tsx";
import { Status } from "../../ui/status.tsx";
import { type Column, VirtualTable } from "../../ui/virtual-table.tsx";
import { type KeyChanges, keyChanges } from "./key-changes.ts";
import { eventAt, textDetail, visitLabel } from "./run-data.ts";
import { visitDepth } from "./timeline-model.ts";

export interface DataTabProps {
  readonly store: RunStore;
  readonly execution: ApiExecution;
}

interface Step {
  readonly visit: Visit;
  readonly inputBytes: number;
  readonly outputBytes?: number;
  /** Absent when a payload was cut: too long to be compared in the list. */
  readonly changes?: KeyChanges;
}

export function DataTab({ store }: DataTabProps): ReactElement {
  const version = useRunVersion(store);
  const [url, setUrl] = useUrlState();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says when the events changed
  const steps = useMemo(() => store.fold.visits.map((visit) => stepOf(store.fold, visit)), [store, version]);
  if (steps.length === 0) return <Empty title="No state was entered yet." />;
  const selected = Number(url["visit"] ?? 0) || undefined;
  return (
    <VirtualTable
      label="Payload along the path"
      columns={COLUMNS}
      rows={steps}
      rowHeight={34}
      rowKey={({ visit }) => visit.id}
      activeKey={selected}
      onActivate={({ visit }) => setUrl({ state: visit.name, visit: String(visit.id), event: undefined })}
    />
  );
}

function stepOf(fold: RunFold, visit: Visit): Step {
  const entered = eventAt(fold, visit.id);
  const exited = eventAt(fold, visit.exitedEvent);
  const input = textDetail(entered, "input") ?? "";
  const output = textDetail(exited, "output");
  const whole = entered?.truncated !== true && exited?.truncated !== true;
  const [before, after] = whole ? [parseJson(input), parseJson(output)] : [];
  return {
    visit,
    inputBytes: input.length,
    ...(output !== undefined && { outputBytes: output.length }),
    ...(before !== undefined && after !== undefined && { changes: keyChanges(before, after) }),
  };
}

const shown = (names: readonly string[]): string =>
  names.length <= 4 ? names.join(", ") : `${names.slice(0, 4).join(", ")} and ${names.length - 4} more`;

const COLUMNS: readonly Column<Step>[] = [
  {
    id: "state",
    head: "State",
    width: "minmax(150px, 1fr)",
    cell: ({ visit }) => (
      <span style={{ paddingInlineStart: visitDepth(visit) * 16 }}>
        {visit.name} <span className="faint">{visitLabel(visit)}</span>
      </span>
    ),
  },
  { id: "status", head: "Status", width: "116px", cell: ({ visit }) => <Status status={visit.status} quiet /> },
  { id: "in", head: "Input", width: "80px", align: "end", cell: ({ inputBytes }) => formatBytes(inputBytes) },
  {
    id: "out",
    head: "Output",
    width: "80px",
    align: "end",
    cell: ({ outputBytes }) => (outputBytes === undefined ? "–" : formatBytes(outputBytes)),
  },
  {
    id: "changes",
    head: "Members",
    width: "minmax(220px, 2fr)",
    cell: ({ visit, changes, outputBytes }) => {
      if (changes === undefined) {
        return <span className="faint">{outputBytes === undefined ? "" : "open the state to compare"}</span>;
      }
      const { added, removed, changed, replaced } = changes;
      if (replaced) return <span className="status tone-warn">the whole payload was replaced</span>;
      if (added.length + removed.length + changed.length === 0)
        return <span className="faint">passed on as it was</span>;
      return (
        <span
          title={`${visit.name}: added ${added.join(", ")}; changed ${changed.join(", ")}; lost ${removed.join(", ")}`}
        >
          {added.length > 0 && <span className="status status-quiet tone-good">+ {shown(added)} </span>}
          {changed.length > 0 && <span className="status status-quiet tone-warn">~ {shown(changed)} </span>}
          {removed.length > 0 && <span className="status status-quiet tone-bad">lost: {shown(removed)}</span>}
        </span>
      );
    },
  },
];
