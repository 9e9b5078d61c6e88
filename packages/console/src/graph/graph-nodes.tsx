/** What stands in the graph: states, frames of Maps and Parallels, start and end. Each looks only at its own state's summary. */
import type { NodeProps } from "@xyflow/react";
import { type CSSProperties, createContext, type ReactElement, useContext } from "react";
import type { StateSummary } from "../run-model/run-fold.ts";
import { type RunStore, useStateSummary } from "../run-model/run-store.ts";
import { formatDuration, plural } from "../ui/format.ts";
import { Icon, stateTypeIcon } from "../ui/icon.tsx";
import { statusLook } from "../ui/status.tsx";
import { Elapsed, Left } from "../ui/time.tsx";
import type { DefinitionGraph, GraphState } from "./definition-graph.ts";

/** What is said of a state when no single run is shown: its heat over many runs, or what a version changed. */
export interface GraphMark {
  readonly words: string;
  readonly tone?: "good" | "bad" | "warn" | "run" | "off" | "idle";
  /** How strongly the box is filled with its tone, 0 to 1. */
  readonly fill?: number;
  readonly badges?: readonly { readonly text: string; readonly title: string }[];
  readonly isOff?: boolean;
}

/** Some states and ways above the others: what is not among them fades. */
export interface GraphEmphasis {
  /** By name; with what is said of it there. */
  readonly states: ReadonlyMap<string, { readonly text: string; readonly title: string } | undefined>;
  /** As of transitionKey. */
  readonly steps: ReadonlySet<string>;
}

export type GraphMarks = ReadonlyMap<string, GraphMark>;

export interface GraphContextValue {
  readonly graph: DefinitionGraph;
  readonly store: RunStore | undefined;
  readonly marks: GraphMarks | undefined;
  readonly emphasis: GraphEmphasis | undefined;
  readonly selected: string | undefined;
  /** The one that Tab reaches. */
  readonly focusable: string | undefined;
  readonly collapsed: ReadonlySet<string>;
  readonly onSelect: (name: string) => void;
  readonly onToggle: (name: string) => void;
}

export const GraphContext: React.Context<GraphContextValue | undefined> = createContext<GraphContextValue | undefined>(
  undefined,
);

function useGraph(): GraphContextValue {
  const value = useContext(GraphContext);
  if (value === undefined) throw new Error("a node of the graph stands outside of it");
  return value;
}

/** What a state did, in words: `Succeeded, 1.2 s`, `12 of 22, 3 failed`. */
function StateWords({
  summary,
  state,
}: {
  readonly summary: StateSummary | undefined;
  readonly state: GraphState;
}): ReactElement {
  if (summary === undefined) return <>{state.does ?? state.type}</>;
  const { last, status } = summary;
  return (
    <>
      {statusLook(status).word}
      {" · "}
      {last.endedAt !== undefined ? (
        formatDuration(last.endedAt - last.enteredAt)
      ) : last.wakesAt !== undefined ? (
        <Left until={last.wakesAt} />
      ) : (
        <Elapsed from={last.enteredAt} />
      )}
    </>
  );
}

export function stateBadges(summary: StateSummary): readonly { readonly text: string; readonly title: string }[] {
  const badges: { text: string; title: string }[] = [];
  const { iterations, visits, attempts, failed, caught, open } = summary;
  if (summary.last.mapRunArn !== undefined && iterations?.total !== undefined) {
    badges.push({ text: plural(iterations.total, "item"), title: "the map run has the counts" });
  } else if (iterations !== undefined && summary.visits === 1) {
    const done = iterations.succeeded + iterations.failed + iterations.aborted;
    badges.push({ text: `${done}/${iterations.total ?? iterations.started}`, title: "iterations ended" });
    if (iterations.failed > 0) badges.push({ text: `${iterations.failed} failed`, title: "iterations failed" });
  }
  if (visits > 1) badges.push({ text: `×${visits}`, title: `entered ${visits} times` });
  if (visits > 1 && open > 0) badges.push({ text: `${open} open`, title: `${open} not ended` });
  if (visits > 1 && failed > 0) badges.push({ text: `${failed} failed`, title: `${failed} failed` });
  if (visits > 1 && caught > 0) badges.push({ text: `${caught} caught`, title: `${caught} ended through a catcher` });
  if (attempts > visits)
    badges.push({
      text: attempts - visits === 1 ? "1 retry" : `${attempts - visits} retries`,
      title: "attempts after the first",
    });
  return badges;
}

function Badges({ summary }: { readonly summary: StateSummary | undefined }): ReactElement | null {
  if (summary === undefined) return null;
  return (
    <>
      {stateBadges(summary).map(({ text, title }) => (
        <span key={text} className="gnode-badge" title={title}>
          {text}
        </span>
      ))}
    </>
  );
}

function MarkBadges({ mark }: { readonly mark: GraphMark | undefined }): ReactElement {
  return (
    <>
      {mark?.badges?.map(({ text, title }) => (
        <span key={text} className="gnode-badge" title={title}>
          {text}
        </span>
      ))}
    </>
  );
}

function EmphasisBadge({ id }: { readonly id: string }): ReactElement | null {
  const told = useGraph().emphasis?.states.get(id);
  return told === undefined ? null : (
    <span className="gnode-badge gnode-badge-strong" title={told.title}>
      {told.text}
    </span>
  );
}

const emphasisClass = (emphasis: GraphEmphasis | undefined, id: string): string =>
  emphasis === undefined ? "" : emphasis.states.has(id) ? " is-strong" : " is-faded";

const markClass = (mark: GraphMark | undefined): string =>
  mark === undefined
    ? ""
    : `${mark.tone === undefined ? "" : ` tone-${mark.tone}`}${mark.isOff === true ? " is-off-path" : ""}`;

/** Faint enough that the words on it keep their contrast. */
const FILL_PERCENT_MAX = 34;

function markStyle(mark: GraphMark | undefined): CSSProperties | undefined {
  if (mark?.fill === undefined || mark.tone === undefined) return undefined;
  const percent = Math.round(mark.fill * FILL_PERCENT_MAX);
  return { background: `color-mix(in oklab, var(--${mark.tone}) ${percent}%, var(--raised))` };
}

const toneClass = (summary: StateSummary | undefined): string =>
  summary === undefined ? "" : ` tone-${statusLook(summary.status).tone}`;

export function StateNode({ id }: NodeProps): ReactElement | null {
  const { graph, store, marks, emphasis, selected, focusable, onSelect, onToggle, collapsed } = useGraph();
  const summary = useStateSummary(store, id);
  const mark = marks?.get(id);
  const state = graph.states.get(id);
  if (state === undefined) return null;
  const off = store !== undefined && summary === undefined ? " is-off-path" : "";
  const chosen = selected === id ? " is-selected" : "";
  return (
    <button
      type="button"
      data-state={id}
      className={`gnode nodrag nopan${toneClass(summary)}${markClass(mark)}${off}${chosen}${emphasisClass(emphasis, id)}`}
      style={markStyle(mark)}
      tabIndex={focusable === id ? 0 : -1}
      aria-pressed={selected === id}
      title={state.comment ?? id}
      onClick={() => onSelect(id)}
      onDoubleClick={() => {
        if (collapsed.has(id)) onToggle(id);
      }}
    >
      <Icon name={summary === undefined ? stateTypeIcon(state.type) : statusIcon(summary, state)} size={15} />
      <span className="gnode-words">
        <span className="gnode-name ellipsis">{id}</span>
        <span className="gnode-about">
          <span className="ellipsis">
            {mark === undefined ? <StateWords summary={summary} state={state} /> : mark.words}
          </span>
          <Badges summary={summary} />
          <MarkBadges mark={mark} />
          <EmphasisBadge id={id} />
        </span>
      </span>
    </button>
  );
}

const statusIcon = (summary: StateSummary, state: GraphState) =>
  summary.status === "WAITING" && state.type === "Wait" ? "clock" : statusLook(summary.status).icon;

export function FrameNode({ id }: NodeProps): ReactElement | null {
  const { graph, store, marks, emphasis, selected, focusable, onSelect, onToggle } = useGraph();
  const summary = useStateSummary(store, id);
  const mark = marks?.get(id);
  const state = graph.states.get(id);
  if (state === undefined) return null;
  return (
    <div
      className={`gframe${toneClass(summary)}${markClass(mark)}${selected === id ? " is-selected" : ""}${emphasisClass(emphasis, id)}`}
    >
      <div className="gframe-head nodrag nopan">
        <button
          type="button"
          className="icon-button"
          aria-label={`Fold ${id}`}
          title="Fold"
          tabIndex={-1}
          onClick={() => onToggle(id)}
        >
          <Icon name="minus" size={12} />
        </button>
        <button
          type="button"
          data-state={id}
          className="gframe-head"
          tabIndex={focusable === id ? 0 : -1}
          aria-pressed={selected === id}
          onClick={() => onSelect(id)}
        >
          <Icon name={summary === undefined ? stateTypeIcon(state.type) : statusLook(summary.status).icon} size={14} />
          <span className="gnode-name ellipsis">{id}</span>
          <span className="gnode-about ellipsis">
            {mark !== undefined ? mark.words : state.distributed ? "Distributed map" : state.type}
            {summary !== undefined && (
              <>
                {" · "}
                <StateWords summary={summary} state={state} />
              </>
            )}
          </span>
          <Badges summary={summary} />
          <MarkBadges mark={mark} />
          <EmphasisBadge id={id} />
        </button>
      </div>
    </div>
  );
}

export function TerminalNode({ type }: NodeProps): ReactElement {
  return (
    <div className="gterminal" title={type === "start" ? "Start" : "End"}>
      <Icon name={type === "start" ? "play" : "stop"} size={9} />
      <span className="visually-hidden">{type === "start" ? "Start" : "End"}</span>
    </div>
  );
}
