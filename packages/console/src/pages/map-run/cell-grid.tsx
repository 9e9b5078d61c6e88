/**
 * Every child run of a map run as one cell of a canvas: 100,000 of them are one picture and one byte each. Only rows in
 * sight are drawn; what the cell under the keyboard or the pointer is, is said in words.
 */
import { type KeyboardEvent, type ReactElement, useEffect, useRef, useState } from "react";
import { CELL_STATUSES } from "../../api/map-run-types.ts";
import { readColours, whenThemeChanges } from "../../app/theme.ts";
import { announce } from "../../ui/announce.ts";
import { formatCount } from "../../ui/format.ts";
import { statusLook } from "../../ui/status.tsx";

const COLOURS = ["idle-soft", "run", "good", "bad", "late", "off", "warn", "text", "sunken", "focus"] as const;
/** By the number of a cell. */
const TONES = ["idle-soft", "run", "good", "bad", "late", "off", "warn"] as const;

const GAP = 1;
/** Many cells are small, few are large: from 4 to 14 pixels. */
const cellSize = (count: number): number =>
  count > 40_000 ? 4 : count > 10_000 ? 6 : count > 2_000 ? 8 : count > 400 ? 11 : 14;

export interface CellGridProps {
  readonly cells: Uint8Array;
  readonly selected: number | undefined;
  readonly onSelect: (index: number) => void;
}

export function CellGrid({ cells, selected, onSelect }: CellGridProps): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const size = cellSize(cells.length);
  const perRow = Math.max(1, Math.floor((width - 12) / (size + GAP)));
  const rows = Math.ceil(cells.length / perRow);
  const ask = useRef<() => void>(() => undefined);
  const picture = useRef({ cells, selected, size, perRow });
  picture.current = { cells, selected, size, perRow };
  useEffect(() => {
    const box = scroller.current;
    if (box === null) return undefined;
    let colours = readColours(COLOURS);
    let frame = 0;
    ask.current = () => {
      if (frame !== 0) return;
      frame = requestAnimationFrame(() => {
        frame = 0;
        if (canvas.current !== null) paintCells(canvas.current, box, picture.current, colours);
      });
    };
    const observer = new ResizeObserver(() => {
      setWidth(box.clientWidth);
      ask.current();
    });
    observer.observe(box);
    const stop = whenThemeChanges(() => {
      colours = readColours(COLOURS);
      ask.current();
    });
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      stop();
    };
  }, []);
  useEffect(() => ask.current());
  const choose = (index: number) => {
    const at = Math.max(0, Math.min(cells.length - 1, index));
    onSelect(at);
    announce(`Item ${formatCount(at)}, ${cellWord(cells, at)}`);
    const box = scroller.current;
    if (box === null) return;
    const top = Math.floor(at / perRow) * (size + GAP);
    if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 24) box.scrollTop = top - box.clientHeight / 2;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = selected ?? -1;
    const steps: Readonly<Record<string, number | undefined>> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at + perRow,
      ArrowUp: at - perRow,
      Home: 0,
      End: cells.length - 1,
      f: nextFailed(cells, at),
    };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(next);
  };
  return (
    <div
      ref={scroller}
      className="cells"
      role="application"
      aria-label={`${formatCount(cells.length)} child runs as cells. Arrows walk, f goes to the next that failed. The table shows the same.`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the grid is walked by keys
      tabIndex={0}
      style={{ height: Math.min(440, rows * (size + GAP) + 14) }}
      onKeyDown={onKeyDown}
      onScroll={() => ask.current()}
      onClick={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        const column = Math.floor((event.clientX - box.left - 6) / (size + GAP));
        const row = Math.floor((event.clientY - box.top + event.currentTarget.scrollTop - 6) / (size + GAP));
        const index = row * perRow + column;
        if (column >= 0 && column < perRow && index < cells.length) choose(index);
      }}
    >
      <canvas ref={canvas} style={{ position: "sticky", insetBlockStart: 0 }} />
      <div style={{ height: rows * (size + GAP) + 12 }} />
    </div>
  );
}

const cellWord = (cells: Uint8Array, index: number): string =>
  statusLook(CELL_STATUSES[cells[index] ?? 0] ?? "PENDING").word.toLowerCase();

function nextFailed(cells: Uint8Array, after: number): number | undefined {
  const found = cells.findIndex((cell, index) => index > after && (cell === 3 || cell === 4));
  return found < 0 ? undefined : found;
}

interface CellPicture {
  readonly cells: Uint8Array;
  readonly selected: number | undefined;
  readonly size: number;
  readonly perRow: number;
}

/** One path a status: seven fills for any number of cells. */
function paintCells(
  canvas: HTMLCanvasElement,
  box: HTMLElement,
  { cells, selected, size, perRow }: CellPicture,
  colours: Readonly<Record<(typeof COLOURS)[number], string>>,
): void {
  const [width, height, ratio] = [box.clientWidth, box.clientHeight, devicePixelRatio];
  const context = canvas.getContext("2d");
  if (context === null || width === 0) return;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    canvas.style.marginBlockEnd = `${-height}px`;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const pitch = size + GAP;
  const first = Math.max(0, Math.floor((box.scrollTop - 6) / pitch)) * perRow;
  const last = Math.min(cells.length, (Math.ceil((box.scrollTop + height) / pitch) + 1) * perRow);
  const place = (index: number) =>
    [6 + (index % perRow) * pitch, 6 + Math.floor(index / perRow) * pitch - box.scrollTop] as const;
  const paths = TONES.map(() => new Path2D());
  for (let index = first; index < last; index++) {
    const [x, y] = place(index);
    paths[cells[index] ?? 0]?.rect(x, y, size, size);
  }
  for (const [status, path] of paths.entries()) {
    context.fillStyle = colours[TONES[status] ?? "idle-soft"];
    context.fill(path);
  }
  if (size >= 8) paintMarks(context, cells, first, last, size, place, colours.sunken);
  if (selected === undefined) return;
  const [x, y] = place(selected);
  context.strokeStyle = colours.focus;
  context.lineWidth = 2.5;
  context.strokeRect(x - 1.5, y - 1.5, size + 3, size + 3);
}

/** Failed cells are crossed, so that colour is not all there is. */
function paintMarks(
  context: CanvasRenderingContext2D,
  cells: Uint8Array,
  first: number,
  last: number,
  size: number,
  place: (index: number) => readonly [number, number],
  colour: string,
): void {
  const marks = new Path2D();
  for (let index = first; index < last; index++) {
    if (cells[index] !== 3 && cells[index] !== 4) continue;
    const [x, y] = place(index);
    marks.moveTo(x + 2, y + 2);
    marks.lineTo(x + size - 2, y + size - 2);
    if (cells[index] === 4) continue;
    marks.moveTo(x + size - 2, y + 2);
    marks.lineTo(x + 2, y + size - 2);
  }
  context.strokeStyle = colour;
  context.lineWidth = 1.3;
  context.stroke(marks);
}
