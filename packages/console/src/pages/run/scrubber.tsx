/** Goes through the history of a run, event by event, state by state or by dragging; what the page shows is as of then. */
import { type ReactElement, useEffect, useRef, useState } from "react";
import { readColours, whenThemeChanges } from "../../app/theme.ts";
import { eventTitle, eventTone } from "../../run-model/event-words.ts";
import { type RunStore, useRunVersion } from "../../run-model/run-store.ts";
import { nextMove } from "../../run-model/time-travel.ts";
import { formatClock, formatCount, formatDuration } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { useShortcuts } from "../../ui/keys.ts";
import { Status } from "../../ui/status.tsx";
import "./scrubber.css";
import type { Moment } from "./use-moment.ts";

export interface ScrubberProps {
  /** The whole run. */
  readonly store: RunStore;
  readonly moment: Moment;
  readonly startedAt: number;
}

/** A whole run is played in about this time, a short one at one event a tick. */
const PLAY_MS = 12_000;
const TICK_MS = 120;

export function Scrubber({ store, moment, startedAt }: ScrubberProps): ReactElement | null {
  useRunVersion(store);
  const { at, go } = moment;
  const { events } = store.fold;
  const last = events.length;
  const here = Math.min(at ?? last, last);
  const [playing, setPlaying] = useState(false);
  const step = (by: number) => go(Math.max(1, Math.min(last, here + by)));
  const move = (by: 1 | -1) => go(nextMove(events, here, by));
  useShortcuts("Time travel", [
    { keys: "[", does: "One event back", run: () => step(-1) },
    { keys: "]", does: "One event on", run: () => step(1) },
    { keys: "{", does: "Back to the state before", run: () => move(-1) },
    { keys: "}", does: "On to the next state", run: () => move(1) },
    { keys: "t", does: at === undefined ? "Play from the start" : "Back to now", run: at === undefined ? play : now },
  ]);
  usePlay(playing, () => {
    const next = here + Math.max(1, Math.round((last * TICK_MS) / PLAY_MS));
    if (next < last) go(next);
    else now();
  });
  if (last < 2) return null;
  const event = events[here - 1];
  const visit = store.fold.visitOf(here);
  const words = `event ${formatCount(here)} of ${formatCount(last)}, ${event === undefined ? "" : eventTitle(event.type)}${
    visit === undefined ? "" : `, ${visit.name}`
  }`;

  function play(): void {
    setPlaying(true);
    if (here >= last) go(1);
  }
  function now(): void {
    setPlaying(false);
    go(undefined);
  }
  return (
    <section className={at === undefined ? "scrubber" : "scrubber is-past"} aria-label="Time travel">
      <div className="scrubber-keys">
        <button
          type="button"
          className="icon-button"
          aria-label={playing ? "Pause" : "Play the run"}
          title={playing ? "Pause" : "Play the run (t)"}
          onClick={() => (playing ? setPlaying(false) : play())}
        >
          <Icon name={playing ? "pause" : "play"} size={12} />
        </button>
        <StepButton label="State before" keys="{" text="«" disabled={here <= 1} onClick={() => move(-1)} />
        <StepButton label="Event before" keys="[" text="‹" disabled={here <= 1} onClick={() => step(-1)} />
        <StepButton label="Next event" keys="]" text="›" disabled={here >= last} onClick={() => step(1)} />
        <StepButton label="Next state" keys="}" text="»" disabled={here >= last} onClick={() => move(1)} />
      </div>
      <div className="scrubber-track">
        <Marks store={store} />
        <input
          type="range"
          aria-label="Event of the history"
          aria-valuetext={words}
          min={1}
          max={last}
          value={here}
          onChange={({ target }) => go(Number(target.value))}
        />
      </div>
      <button type="button" className="button" disabled={at === undefined} onClick={now}>
        Now
      </button>
      <div className="scrubber-words">
        {at === undefined ? (
          <span className="faint">
            Drag to see the graph, the data and the variables as they were after any of {formatCount(last)} events.
          </span>
        ) : (
          <>
            <strong className="num">
              Event {formatCount(here)} of {formatCount(last)}
            </strong>
            {event !== undefined && (
              <>
                <span>{eventTitle(event.type)}</span>
                {visit !== undefined && <strong>{visit.name}</strong>}
                <span className="faint num">
                  {formatClock(event.timestamp)} · {formatDuration(event.timestamp - startedAt)} after the start
                </span>
              </>
            )}
            <span className="grow" />
            <RunThen store={moment.store} />
          </>
        )}
      </div>
    </section>
  );
}

function RunThen({ store }: { readonly store: RunStore }): ReactElement {
  useRunVersion(store);
  return <Status status={store.fold.status} quiet />;
}

interface StepButtonProps {
  readonly label: string;
  readonly keys: string;
  readonly text: string;
  readonly disabled: boolean;
  readonly onClick: () => void;
}

function StepButton({ label, keys, text, disabled, onClick }: StepButtonProps): ReactElement {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={`${label} (${keys})`}
      disabled={disabled}
      onClick={onClick}
    >
      {text}
    </button>
  );
}

function usePlay(playing: boolean, tick: () => void): void {
  const latest = useRef(tick);
  latest.current = tick;
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setInterval(() => latest.current(), TICK_MS);
    return () => clearInterval(timer);
  }, [playing]);
}

const MARK_COLOURS = ["idle", "line", "good", "bad", "accent"] as const;

/** Where the history has failures (tall), results and moves: what one drags to. */
function Marks({ store }: { readonly store: RunStore }): ReactElement {
  const version = useRunVersion(store);
  const canvas = useRef<HTMLCanvasElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn again for every batch of events
  useEffect(() => {
    const draw = () => canvas.current !== null && paintMarks(canvas.current, store);
    const observer = new ResizeObserver(draw);
    if (canvas.current !== null) observer.observe(canvas.current);
    const stop = whenThemeChanges(draw);
    return () => {
      observer.disconnect();
      stop();
    };
  }, [store, version]);
  return (
    <span aria-hidden="true">
      <canvas ref={canvas} />
    </span>
  );
}

const RANKS = { plain: 0, start: 0, move: 1, good: 2, bad: 3 } as const;

function paintMarks(canvas: HTMLCanvasElement, store: RunStore): void {
  const { events } = store.fold;
  const width = Math.round(canvas.clientWidth * devicePixelRatio);
  const height = Math.round(canvas.clientHeight * devicePixelRatio);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  if (context === null || width === 0) return;
  const colours = readColours(MARK_COLOURS);
  context.clearRect(0, 0, width, height);
  // Of all events that fall on one column, the worst is drawn.
  const columns = Math.max(1, Math.floor(width / (2 * devicePixelRatio)));
  const worst = new Int8Array(columns).fill(-1);
  for (const { id, type } of events) {
    const column = Math.round(((id - 1) / Math.max(1, events.length - 1)) * (columns - 1));
    const rank = RANKS[eventTone(type)];
    if (rank > (worst[column] ?? -1)) worst[column] = rank;
  }
  const unit = width / columns;
  const looks = [
    [colours.line, 0.35],
    [colours.idle, 0.55],
    [colours.good, 0.7],
    [colours.bad, 1],
  ] as const;
  for (const [column, rank] of worst.entries()) {
    const look = looks[rank];
    if (look === undefined) continue;
    const [colour, part] = look;
    context.fillStyle = colour;
    context.fillRect(column * unit, height * (1 - part), Math.max(1, unit * (rank === 3 ? 1 : 0.6)), height * part);
  }
}
