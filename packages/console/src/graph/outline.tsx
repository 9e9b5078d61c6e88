/** The graph as a nested list: the same states, the same selection, for whoever does not use the picture. */
import { type KeyboardEvent, type ReactElement, useMemo, useRef } from "react";
import { type RunStore, useStateSummary } from "../run-model/run-store.ts";
import { Icon, stateTypeIcon } from "../ui/icon.tsx";
import { Status } from "../ui/status.tsx";
import { Elapsed } from "../ui/time.tsx";
import type { DefinitionGraph, GraphBlock, GraphState } from "./definition-graph.ts";
import { stateBadges } from "./graph-nodes.tsx";

interface OutlineRow {
  readonly state: GraphState;
  readonly level: number;
  /** `branch 2` where a new branch begins. */
  readonly branch?: string;
}

/** In the order in which states are reached, inner blocks under their state. */
function outlineRows(graph: DefinitionGraph): readonly OutlineRow[] {
  const rows: OutlineRow[] = [];
  const write = (block: GraphBlock | undefined, level: number, branch: string | undefined) => {
    if (block === undefined) return;
    for (const [index, name] of reachOrder(block).entries()) {
      const state = graph.states.get(name);
      if (state === undefined) continue;
      rows.push({ state, level, ...(index === 0 && branch !== undefined && { branch }) });
      for (const [at, inner] of state.blocks.entries()) {
        const label = state.blocks.length > 1 ? `branch ${at + 1}` : undefined;
        write(graph.blocks.get(inner), level + 1, label);
      }
    }
  };
  write(graph.blocks.get(""), 1, undefined);
  return rows;
}

function reachOrder(block: GraphBlock): readonly string[] {
  const out = new Map<string, string[]>();
  for (const { from, to } of block.edges) out.set(from, [...(out.get(from) ?? []), to]);
  const seen = new Set<string>();
  const queue = block.states.includes(block.startAt) ? [block.startAt] : [];
  for (let at = 0; at < queue.length; at++) {
    const name = queue[at] as string;
    if (seen.has(name)) continue;
    seen.add(name);
    queue.push(...(out.get(name) ?? []));
  }
  return [...seen, ...block.states.filter((name) => !seen.has(name))];
}

export interface OutlineProps {
  readonly graph: DefinitionGraph;
  readonly store?: RunStore | undefined;
  readonly selected: string | undefined;
  readonly onSelect: (name: string) => void;
}

export function Outline({ graph, store, selected, onSelect }: OutlineProps): ReactElement {
  const rows = useMemo(() => outlineRows(graph), [graph]);
  const host = useRef<HTMLDivElement>(null);
  const at = Math.max(
    0,
    rows.findIndex(({ state }) => state.name === selected),
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: rows.length - 1,
    };
    const next = rows[steps[event.key] ?? -1];
    if (next === undefined) return;
    event.preventDefault();
    onSelect(next.state.name);
    host.current?.querySelector<HTMLElement>(`[data-outline="${CSS.escape(next.state.name)}"]`)?.focus();
  };
  return (
    <div ref={host} className="outline" role="tree" aria-label="States" onKeyDown={onKeyDown}>
      {rows.map((row, index) => (
        <OutlineItem
          key={row.state.name}
          row={row}
          store={store}
          isSelected={row.state.name === selected}
          isFocusable={index === at}
          onSelect={onSelect}
        />
      ))}
    </div>
  );
}

interface OutlineItemProps {
  readonly row: OutlineRow;
  readonly store: RunStore | undefined;
  readonly isSelected: boolean;
  readonly isFocusable: boolean;
  readonly onSelect: (name: string) => void;
}

function OutlineItem({ row, store, isSelected, isFocusable, onSelect }: OutlineItemProps): ReactElement {
  const { state, level, branch } = row;
  const summary = useStateSummary(store, state.name);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree hears the keys
    <div
      role="treeitem"
      data-outline={state.name}
      aria-level={level}
      aria-selected={isSelected}
      tabIndex={isFocusable ? 0 : -1}
      className={`outline-item${isSelected ? " is-selected" : ""}`}
      style={{ paddingInlineStart: 8 + (level - 1) * 22 }}
      onClick={() => onSelect(state.name)}
    >
      <Icon name={stateTypeIcon(state.type)} size={14} />
      <span className="ellipsis">{state.name}</span>
      <span className="faint">{state.type}</span>
      {branch !== undefined && <span className="tag">{branch}</span>}
      <span className="grow" />
      {summary !== undefined && (
        <>
          {stateBadges(summary).map(({ text }) => (
            <span key={text} className="gnode-badge">
              {text}
            </span>
          ))}
          <Status status={summary.status} quiet />
          <span className="faint">
            <Elapsed from={summary.last.enteredAt} to={summary.last.endedAt} />
          </span>
        </>
      )}
      {summary === undefined && store !== undefined && <span className="faint">not entered</span>}
    </div>
  );
}
