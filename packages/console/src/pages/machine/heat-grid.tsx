/** Runs across, the newest first, states down; each cell a link to the run at that state. Arrow keys walk, Enter opens. */
import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactElement, useMemo, useRef, useState } from "react";
import type { ApiHeat, ApiHeatCell, ApiHeatRun, ApiHeatState } from "../../api/api-types.ts";
import { idOf } from "../../api/arns.ts";
import { formatDateTime, formatDuration, plural } from "../../ui/format.ts";
import { statusLook } from "../../ui/status.tsx";
import { failureRate, formatRate } from "./heat-model.ts";

export interface HeatGridProps {
  readonly heat: ApiHeat;
  readonly states: readonly ApiHeatState[];
  readonly selected: string | undefined;
  readonly onSelect: (name: string | undefined) => void;
}

/** A shape for each status: never a colour alone. */
const SHAPES: Readonly<Record<string, string>> = {
  SUCCEEDED: "✓",
  FAILED: "✕",
  TIMED_OUT: "◷",
  ABORTED: "⁄",
  CAUGHT: "!",
  RUNNING: "…",
  PENDING_REDRIVE: "↻",
};

/** More rows than this are shown when they are asked for: 100 runs of 60 states are 6,000 cells. */
const ROWS_FIRST = 60;

interface Place {
  readonly row: number;
  readonly column: number;
}

export function HeatGrid({ heat, states, selected, onSelect }: HeatGridProps): ReactElement {
  const { runs } = heat;
  const cells = useMemo(() => runs.map((run) => new Map(run.cells.map((cell) => [cell.stateName, cell]))), [runs]);
  const [rows, setRows] = useState(ROWS_FIRST);
  const [at, setAt] = useState<Place>({ row: -1, column: 0 });
  const host = useRef<HTMLDivElement>(null);
  const shown = states.slice(0, rows);
  const move = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, readonly [row: number, column: number]>> = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
    };
    const step = steps[event.key];
    if (step === undefined || !(event.target instanceof HTMLElement) || event.target.dataset["cell"] === undefined)
      return;
    event.preventDefault();
    for (let place = next(at, step); isInside(place); place = next(place, step)) {
      const found = host.current?.querySelector<HTMLElement>(`[data-cell="${place.row} ${place.column}"]`);
      if (found === null || found === undefined) continue;
      setAt(place);
      found.focus();
      return;
    }
  };
  const next = ({ row, column }: Place, [down, right]: readonly [number, number]): Place => ({
    row: row + down,
    column: column + right,
  });
  const isInside = ({ row, column }: Place) => row >= -1 && row < shown.length && column >= 0 && column < runs.length;
  const isAt = (row: number, column: number) => at.row === row && at.column === column;
  return (
    <div className="heat-grid" ref={host} role="region" aria-label="Runs and states" onKeyDown={move}>
      <table>
        <thead>
          <tr className="heat-row heat-head">
            <th scope="col" className="heat-side faint">
              {plural(runs.length, "run")}, newest first
            </th>
            {runs.map((run, column) => (
              <th key={run.executionArn} scope="col" className="heat-cell">
                <Link
                  to="/runs/$id"
                  params={{ id: idOf(run.executionArn) } as never}
                  className={`heat-${run.status}`}
                  data-cell={`-1 ${column}`}
                  tabIndex={isAt(-1, column) ? 0 : -1}
                  onFocus={() => setAt({ row: -1, column })}
                  aria-label={runWords(run)}
                  title={runWords(run)}
                >
                  {SHAPES[run.status]}
                </Link>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((state, row) => (
            <tr key={state.name} className="heat-row">
              <th scope="row" className="heat-side">
                <button
                  type="button"
                  className="heat-name"
                  aria-pressed={selected === state.name}
                  onClick={() => onSelect(selected === state.name ? undefined : state.name)}
                >
                  <span className="ellipsis grow">{state.name}</span>
                  {failureRate(state) > 0 && (
                    <span className={`status status-quiet tone-${state.failed > 0 ? "bad" : "warn"}`}>
                      {formatRate(failureRate(state))}
                    </span>
                  )}
                </button>
              </th>
              {runs.map((run, column) => (
                <td key={run.executionArn} className="heat-cell">
                  <Cell
                    run={run}
                    cell={cells[column]?.get(state.name)}
                    place={`${row} ${column}`}
                    isAt={isAt(row, column)}
                    onFocus={() => setAt({ row, column })}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {states.length > rows && (
        <button type="button" className="button" onClick={() => setRows(rows + ROWS_FIRST)}>
          Show more of {states.length} states
        </button>
      )}
    </div>
  );
}

interface CellProps {
  readonly run: ApiHeatRun;
  readonly cell: ApiHeatCell | undefined;
  readonly place: string;
  readonly isAt: boolean;
  readonly onFocus: () => void;
}

function Cell({ run, cell, place, isAt, onFocus }: CellProps): ReactElement | null {
  if (cell === undefined) return null;
  const words = cellWords(run, cell);
  return (
    <Link
      to="/runs/$id"
      params={{ id: idOf(run.executionArn) } as never}
      search={{ state: cell.stateName, visit: String(cell.eventId) } as never}
      className={`heat-${cell.status}`}
      data-cell={place}
      tabIndex={isAt ? 0 : -1}
      onFocus={onFocus}
      aria-label={words}
      title={words}
    >
      {cell.retries > 0 && cell.status === "SUCCEEDED" ? "↻" : SHAPES[cell.status]}
    </Link>
  );
}

const runWords = ({ name, status, startDate, stopDate }: ApiHeatRun): string =>
  `${name}: ${statusLook(status).word.toLowerCase()}, started ${formatDateTime(startDate)}${
    stopDate === undefined ? "" : `, ${formatDuration(stopDate - startDate)}`
  }`;

function cellWords(
  { name }: ApiHeatRun,
  { stateName, status, visits, failed, retries, longestMs }: ApiHeatCell,
): string {
  const parts = [
    statusLook(status).word.toLowerCase(),
    ...(visits > 1 ? [`entered ${visits} times`] : []),
    ...(failed > 0 && visits > 1 ? [`${failed} failed`] : []),
    ...(retries > 0 ? [plural(retries, "retry", "retries")] : []),
    ...(longestMs === undefined ? [] : [`${visits > 1 ? "longest " : ""}${formatDuration(longestMs)}`]),
  ];
  return `${stateName} in ${name}: ${parts.join(", ")}`;
}
