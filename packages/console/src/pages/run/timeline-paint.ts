/** Draws the rows of the timeline that are in sight. */
import type { Visit } from "../../run-model/run-fold.ts";
import { formatDuration, formatLeft } from "../../ui/format.ts";
import { statusLook } from "../../ui/status.tsx";
import type { CriticalPath } from "./critical-path.ts";
import {
  gapBefore,
  STRETCH_WORDS,
  type Stretch,
  stretches,
  type TimeRange,
  timeTicks,
  visitDepth,
} from "./timeline-model.ts";

export const ROW_HEIGHT = 24;
export const TIMELINE_HEAD = 26;
const NAMES_WIDTH = 220;
const TICK_WIDTH = 110;
/** For what is written behind a bar that reaches to the end. */
const LAST_WIDTH = 108;

export const TIMELINE_COLOURS = [
  "panel",
  "line",
  "line-strong",
  "text",
  "faint",
  "accent",
  "accent-soft",
  "run",
  "good",
  "bad",
  "late",
  "warn",
  "off",
  "idle",
] as const;

export interface PaintOptions {
  /** In the order of their rows. */
  readonly visits: readonly Visit[];
  /** Shown above all else, when it is. */
  readonly critical: CriticalPath | undefined;
  readonly range: TimeRange;
  readonly selected: number | undefined;
  readonly now: number;
  readonly scrollTop: number;
  readonly colours: Readonly<Record<(typeof TIMELINE_COLOURS)[number], string>>;
}

export function paintTimeline(canvas: HTMLCanvasElement, box: HTMLElement, options: PaintOptions): void {
  const [width, height, ratio] = [box.clientWidth, box.clientHeight, devicePixelRatio];
  const context = canvas.getContext("2d");
  if (context === null || width === 0) return;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    // The canvas stands still while the space beneath it scrolls.
    canvas.style.marginBlockEnd = `${-height}px`;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.textBaseline = "middle";
  const names = Math.min(NAMES_WIDTH, width * 0.36);
  const { from, to } = options.range;
  const scale = (width - names - LAST_WIDTH) / (to - from);
  const x = (at: number) => names + 10 + (at - from) * scale;
  paintAxis(context, options, names, width, height, x);
  const first = Math.max(0, Math.floor(options.scrollTop / ROW_HEIGHT));
  const last = Math.min(options.visits.length, Math.ceil((options.scrollTop + height) / ROW_HEIGHT));
  context.save();
  context.beginPath();
  context.rect(0, TIMELINE_HEAD, width, height - TIMELINE_HEAD);
  context.clip();
  for (let row = first; row < last; row++) {
    const visit = options.visits[row];
    if (visit === undefined) continue;
    const top = TIMELINE_HEAD + row * ROW_HEIGHT - options.scrollTop;
    paintRow(context, options, visit, top, names, width, x);
  }
  if (options.critical !== undefined) paintSteps(context, options, options.critical, x, height);
  context.restore();
}

/** Of what is not on the critical path. */
const OFF_PATH_ALPHA = 0.45;

/** From the end of one visit of the critical path down to the row of the next. */
function paintSteps(
  context: CanvasRenderingContext2D,
  { visits, scrollTop, colours }: PaintOptions,
  { leaves, visits: on }: CriticalPath,
  x: (at: number) => number,
  height: number,
): void {
  const rows = new Map<Visit, number>();
  for (const [row, visit] of visits.entries()) if (on.has(visit)) rows.set(visit, row);
  const middle = (visit: Visit) => TIMELINE_HEAD + ((rows.get(visit) ?? 0) + 0.5) * ROW_HEIGHT - scrollTop;
  context.strokeStyle = colours.accent;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let at = 1; at < leaves.length; at++) {
    const [before, after] = [leaves[at - 1], leaves[at]];
    if (before === undefined || after === undefined) continue;
    const [top, bottom] = [middle(before), middle(after)];
    if (Math.max(top, bottom) < 0 || Math.min(top, bottom) > height) continue;
    const place = Math.round(x(after.enteredAt)) + 0.5;
    context.moveTo(place, top);
    context.lineTo(place, bottom);
  }
  context.stroke();
}

function paintAxis(
  context: CanvasRenderingContext2D,
  { range, colours, visits }: PaintOptions,
  names: number,
  width: number,
  height: number,
  x: (at: number) => number,
): void {
  const start = visits[0]?.enteredAt ?? range.from;
  context.font = "11px system-ui, sans-serif";
  context.strokeStyle = colours.line;
  context.fillStyle = colours.faint;
  context.lineWidth = 1;
  for (const tick of timeTicks(range, start, Math.max(2, (width - names) / TICK_WIDTH))) {
    const at = Math.round(x(start + tick)) + 0.5;
    if (at < names) continue;
    context.beginPath();
    context.moveTo(at, TIMELINE_HEAD - 4);
    context.lineTo(at, height);
    context.stroke();
    context.fillText(tick === 0 ? "0" : formatDuration(tick), at + 4, TIMELINE_HEAD / 2);
  }
}

function paintRow(
  context: CanvasRenderingContext2D,
  options: PaintOptions,
  visit: Visit,
  top: number,
  names: number,
  width: number,
  x: (at: number) => number,
): void {
  const { colours, selected, now, critical } = options;
  const middle = top + ROW_HEIGHT / 2;
  if (visit.id === selected) {
    context.fillStyle = colours["accent-soft"];
    context.fillRect(0, top, width, ROW_HEIGHT);
  }
  const isOn = critical?.visits.has(visit) === true;
  const alpha = critical === undefined || isOn ? 1 : OFF_PATH_ALPHA;
  const indent = 10 + visitDepth(visit) * 12;
  context.globalAlpha = alpha;
  context.font = `${isOn ? "600 " : ""}12.5px system-ui, sans-serif`;
  context.fillStyle = colours.text;
  const name = visit.iteration === undefined ? visit.name : `${visit.name} [${visit.iteration}]`;
  context.fillText(fit(context, name, names - indent - 6), indent, middle);
  context.save();
  context.beginPath();
  context.rect(names, top, width - names, ROW_HEIGHT);
  context.clip();
  const gap = gapBefore(visit);
  if (gap !== undefined) paintStretch(context, options, visit, { ...gap, words: "gap" }, middle, alpha, x);
  for (const stretch of stretches(visit, now)) {
    paintStretch(context, options, visit, { ...stretch, words: STRETCH_WORDS[stretch.kind] }, middle, alpha, x);
  }
  const end = visit.endedAt ?? now;
  context.font = "11px system-ui, sans-serif";
  context.fillStyle = colours.faint;
  const left = visit.wakesAt === undefined || visit.endedAt !== undefined ? undefined : visit.wakesAt - now;
  const words = left === undefined ? formatDuration(end - visit.enteredAt) : `${formatLeft(Math.max(0, left))} left`;
  context.fillText(words, x(end) + 7, middle);
  context.restore();
  context.globalAlpha = 1;
}

/** Thinner than this nobody reads what is written on it. */
const WORDS_WIDTH_MIN = 84;

function paintStretch(
  context: CanvasRenderingContext2D,
  { colours, selected }: PaintOptions,
  visit: Visit,
  { kind, from, to, words }: Stretch & { readonly words: string },
  middle: number,
  alpha: number,
  x: (at: number) => number,
): void {
  const left = x(from);
  const size = Math.max(2, x(to) - left);
  if (words === "gap" || kind === "backoff") {
    paintLine(context, colours["line-strong"], left, size, middle, words === "gap" ? [1, 3] : [4, 3]);
  } else if (kind === "queue") {
    context.strokeStyle = colours.idle;
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, middle - 3.5, Math.max(1, size - 1), 7);
  } else {
    const isWait = kind === "wait";
    context.fillStyle =
      kind === "failed" ? colours.bad : isWait ? colours.idle : colours[statusLook(visit.status).tone];
    context.globalAlpha = alpha * (isWait ? 0.55 : 1);
    context.beginPath();
    context.roundRect(left, middle - (isWait ? 3 : 6), size, isWait ? 6 : 12, 3);
    context.fill();
    context.globalAlpha = alpha;
  }
  if (alpha < 1 || words === "" || kind === "failed" || size < WORDS_WIDTH_MIN) return;
  const label = `${words} ${formatDuration(to - from)}`;
  context.font = "10.5px system-ui, sans-serif";
  const wide = context.measureText(label).width;
  const at = left + (size - wide) / 2;
  context.fillStyle = visit.id === selected ? colours["accent-soft"] : colours.panel;
  context.fillRect(at - 4, middle - 7, wide + 8, 14);
  context.fillStyle = colours.faint;
  context.fillText(label, at, middle + 0.5);
}

function paintLine(
  context: CanvasRenderingContext2D,
  colour: string,
  left: number,
  size: number,
  middle: number,
  dashes: readonly number[],
): void {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.setLineDash([...dashes]);
  context.beginPath();
  context.moveTo(left, middle);
  context.lineTo(left + size, middle);
  context.stroke();
  context.setLineDash([]);
}

function fit(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return `${text.slice(0, end)}…`;
}
