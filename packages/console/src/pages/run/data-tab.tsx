/**
 * The payload along the path: how large it was at each state, which members came, changed or were lost there and why; and
 * one member followed from where it was born to where it was lost (`?key=` in the URL).
 */
import { type ReactElement, useCallback, useMemo } from "react";
import type { ApiExecution } from "../../api/api-types.ts";
import { useUrlState } from "../../app/url-state.ts";
import { definitionGraphOf } from "../../graph/definition-graph.ts";
import type { RunFold, Visit } from "../../run-model/run-fold.ts";
import { type RunStore, useRunVersion } from "../../run-model/run-store.ts";
import { formatBytes } from "../../ui/format.ts";
import type { Json } from "../../ui/json-value.ts";
import { Empty } from "../../ui/page.tsx";
import { Status } from "../../ui/status.tsx";
import { type Column, VirtualTable } from "../../ui/virtual-table.tsx";
import "./data-tab.css";
import { type KeyChanges, keyChanges } from "./key-changes.ts";
import { KeyStory } from "./key-story.tsx";
import { type KeyStep, keyPath, keyStep, keysOf, whyLost } from "./provenance.ts";
import { visitLabel } from "./run-data.ts";
import { visitDepth } from "./timeline-model.ts";
import { type Payload, usePayloads, type VisitPayloads } from "./use-payloads.ts";

export interface DataTabProps {
  readonly store: RunStore;
  readonly execution: ApiExecution;
}

/** A visit with what became of its payload. */
export interface DataStep extends VisitPayloads {
  /** Absent when a payload is not known, or the state has not been left. */
  readonly changes?: KeyChanges;
  /** Of members that were lost here. */
  readonly reason?: string;
  /** Of the member that is followed. */
  readonly key?: KeyStep;
}

export function DataTab({ store, execution }: DataTabProps): ReactElement {
  const version = useRunVersion(store);
  const [url, setUrl] = useUrlState();
  const payloads = usePayloads(execution.executionArn, store.fold, version);
  const key = url["key"];
  const reasons = useMemo(() => reasonsOf(execution.definition), [execution.definition]);
  const steps = useMemo(
    () => payloads.map((each) => stepOf(each, nextOf(store.fold, each.visit), reasons, key)),
    [payloads, reasons, key, store],
  );
  const keys = useMemo(() => allKeys(payloads), [payloads]);
  const follow = useCallback((next: string | undefined) => setUrl({ key: next }), [setUrl]);
  const largest = steps.reduce((most, { input, output }) => Math.max(most, input.size, output?.size ?? 0), 1);
  const columns = useMemo(() => columnsOf(key, largest, follow), [key, largest, follow]);
  if (steps.length === 0) return <Empty title="No state was entered yet." />;
  const selected = Number(url["visit"] ?? 0) || undefined;
  const show = ({ visit }: DataStep) => setUrl({ state: visit.name, visit: String(visit.id), event: undefined });
  return (
    <>
      <div className="row">
        <label className="row">
          Follow a member
          <input
            list="data-keys"
            className="mono"
            placeholder="orderId, customer.mail…"
            value={key ?? ""}
            onChange={({ target }) => follow(target.value)}
          />
        </label>
        <datalist id="data-keys">
          {keys.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        {key !== undefined && (
          <button type="button" className="button" onClick={() => follow(undefined)}>
            Clear
          </button>
        )}
        {key === undefined && (
          <span className="faint">or choose a name in the table: where it was born, where it was lost</span>
        )}
      </div>
      {key !== undefined && <KeyStory name={key} steps={steps} onShow={show} />}
      <VirtualTable
        label="Payload along the path"
        columns={columns}
        rows={steps}
        rowHeight={34}
        rowKey={({ visit }) => visit.id}
        activeKey={selected}
        onActivate={show}
        rowClass={rowClass}
      />
    </>
  );
}

function rowClass({ key, changes }: DataStep): string {
  if (key !== undefined) return key.fate === "lost" ? "data-row-lost" : key.fate === "absent" ? "data-row-away" : "";
  return changes !== undefined && changes.removed.length > 0 ? "data-row-lost" : "";
}

type Reasons = (visit: Visit, next: string | undefined) => string;

function reasonsOf(definition: string): Reasons {
  const graph = definitionGraphOf(definition);
  const language = /"QueryLanguage"\s*:\s*"JSONata"/.test(definition) && topLanguage(definition);
  return (visit, next) =>
    whyLost({
      name: visit.name,
      source: graph?.states.get(visit.name)?.source ?? { Type: visit.type },
      language: language === "JSONata" ? "JSONata" : "JSONPath",
      status: visit.status,
      error: visit.error,
      next,
    });
}

function topLanguage(definition: string): unknown {
  try {
    return (JSON.parse(definition) as Record<string, unknown>)["QueryLanguage"];
  } catch {
    return undefined;
  }
}

/** The state that was entered when this one was left: its event stands right behind, or is linked to it. */
function nextOf(fold: RunFold, visit: Visit): string | undefined {
  if (visit.exitedEvent === undefined || visit.status !== "CAUGHT") return undefined;
  for (let id = visit.exitedEvent + 1; id <= Math.min(fold.lastEventId, visit.exitedEvent + 50); id++) {
    const event = fold.events[id - 1];
    if (event?.previousEventId === visit.exitedEvent) return fold.visitOf(id)?.name;
  }
  return undefined;
}

function stepOf(
  payloads: VisitPayloads,
  next: string | undefined,
  reasons: Reasons,
  key: string | undefined,
): DataStep {
  const { visit, input, output } = payloads;
  const known = input.value !== undefined && output?.value !== undefined;
  const changes = known ? changesOf(payloads, input.value, output?.value as Json) : undefined;
  const path = key === undefined ? undefined : keyPath(key);
  const step =
    path === undefined || path.length === 0
      ? undefined
      : keyStep({ input: input.value, output: output?.value }, path, visit.exitedEvent !== undefined);
  const lost = (changes !== undefined && changes.removed.length > 0) || step?.fate === "lost";
  return {
    ...payloads,
    ...(changes !== undefined && { changes }),
    ...(lost && { reason: reasons(visit, next) }),
    ...(step !== undefined && { key: step }),
  };
}

/** Payloads are the same objects as long as their events are: what was compared once is kept. */
const compared = new WeakMap<object, KeyChanges>();

function changesOf({ input, output }: VisitPayloads, before: Json, after: Json): KeyChanges {
  const known = output === undefined ? undefined : compared.get(output);
  if (known !== undefined || output === undefined) return known ?? keyChanges(before, after);
  const changes = keyChanges(before, after);
  if (input.value === before) compared.set(output, changes);
  return changes;
}

function allKeys(payloads: readonly VisitPayloads[]): readonly string[] {
  const found = new Set<string>();
  for (const { input, output } of payloads) {
    keysOf(input.value, found);
    keysOf(output?.value, found);
  }
  return [...found];
}

const SHOWN = 4;

interface NamesProps {
  readonly names: readonly string[];
  readonly look: "added" | "changed" | "lost";
  readonly onFollow: (name: string) => void;
}

const MARKS = { added: "+", changed: "~", lost: "lost here:" } as const;

function Names({ names, look, onFollow }: NamesProps): ReactElement | null {
  if (names.length === 0) return null;
  return (
    <span title={names.join(", ")}>
      <span className={look === "lost" ? "status status-quiet tone-bad" : "faint"}>{MARKS[look]}</span>
      {names.slice(0, SHOWN).map((name) => (
        <button
          key={name}
          type="button"
          className={`data-key is-${look}`}
          title={`Follow ${name}`}
          onClick={() => onFollow(name.replaceAll(".", "\\."))}
        >
          {name}
        </button>
      ))}
      {names.length > SHOWN && <span className="faint">and {names.length - SHOWN} more </span>}
    </span>
  );
}

function Sizes({
  step: { input, output },
  largest,
}: {
  readonly step: DataStep;
  readonly largest: number;
}): ReactElement {
  const words = ({ size, isCut }: Payload) => `${isCut ? "> " : ""}${formatBytes(size)}`;
  const share = ({ size }: Payload) => ({ width: `${Math.max(2, (size / largest) * 100)}%` });
  return (
    <span className="data-size">
      <span className="num">
        {words(input)} <span className="faint">→</span> {output === undefined ? "…" : words(output)}
      </span>
      <span className="data-bars" aria-hidden="true">
        <i style={share(input)} />
        {output !== undefined && <i style={share(output)} />}
      </span>
    </span>
  );
}

const FATES: Readonly<Record<KeyStep["fate"], readonly [mark: string, word: string, tone: string]>> = {
  born: ["+", "born", "tone-good"],
  kept: ["●", "kept", "tone-idle"],
  here: ["●", "here", "tone-run"],
  changed: ["~", "changed", "tone-warn"],
  lost: ["✕", "lost here", "tone-bad"],
  absent: ["·", "not there", "tone-idle"],
  unknown: ["?", "too long to look into", "tone-idle"],
};

function Fate({ step: { key: step, reason } }: { readonly step: DataStep }): ReactElement | null {
  if (step === undefined) return null;
  const [mark, word, tone] = FATES[step.fate];
  return (
    <span className="data-members">
      <span className="data-fate">
        <span className={`status status-quiet ${tone}`}>
          <span aria-hidden="true">{mark}</span> {word}
        </span>
        {step.value !== undefined && <code className="faint">{JSON.stringify(step.value).slice(0, 80)}</code>}
      </span>
      {step.fate === "lost" && <span className="data-reason">{reason}</span>}
    </span>
  );
}

function columnsOf(
  key: string | undefined,
  largest: number,
  follow: (name: string) => void,
): readonly Column<DataStep>[] {
  const columns: Column<DataStep>[] = [
    {
      id: "state",
      head: "State",
      width: "minmax(150px, 1fr)",
      cell: ({ visit }) => (
        <span className="ellipsis" style={{ paddingInlineStart: visitDepth(visit) * 16 }}>
          {visit.name} <span className="faint">{visitLabel(visit)}</span>
        </span>
      ),
    },
    { id: "status", head: "Status", width: "112px", cell: ({ visit }) => <Status status={visit.status} quiet /> },
    { id: "size", head: "Payload", width: "136px", cell: (step) => <Sizes step={step} largest={largest} /> },
  ];
  columns.push(
    key === undefined
      ? {
          id: "changes",
          head: "Members",
          width: "minmax(240px, 3fr)",
          cell: (step) => <Changes step={step} follow={follow} />,
        }
      : { id: "key", head: <code>{key}</code>, width: "minmax(240px, 3fr)", cell: (step) => <Fate step={step} /> },
  );
  return columns;
}

function Changes({ step, follow }: { readonly step: DataStep; readonly follow: (name: string) => void }): ReactElement {
  const { changes, output, reason } = step;
  if (changes === undefined) {
    return <span className="faint">{output === undefined ? "" : "too long to compare here: open the state"}</span>;
  }
  const { added, removed, changed, replaced } = changes;
  if (!replaced && added.length + removed.length + changed.length === 0) {
    return <span className="faint">passed on as it was</span>;
  }
  if (replaced && added.length + removed.length === 0) {
    return <span className="status status-quiet tone-warn">another value</span>;
  }
  return (
    <span className="data-members">
      <span>
        <Names names={removed} look="lost" onFollow={follow} />
        <Names names={added} look="added" onFollow={follow} />
        <Names names={changed} look="changed" onFollow={follow} />
      </span>
      {reason !== undefined && <span className="data-reason">{reason}</span>}
    </span>
  );
}
