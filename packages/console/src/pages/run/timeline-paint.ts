/** Draws the rows of the timeline that are in sight. */
import type { Visit } from "../../run-model/run-fold.ts";
import { formatDuration } from "../../ui/format.ts";
import { statusLook } from "../../ui/status.tsx";
import { stretches, type TimeRange, timeTicks, visitDepth } from "./timeline-model.ts";

export const ROW_HEIGHT = 24;
export const TIMELINE_HEAD = 26;
const NAMES_WIDTH = 220;
const TICK_WIDTH = 110;

export const TIMELINE_COLOURS = [
  "panel",
  "line",
  "line-strong",
  "text",
  "faint",
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
  readonly visits: readonly Visit[];
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
  const scale = (width - names - 84) / (to - from);
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
  context.restore();
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
  { colours, selected, now }: PaintOptions,
  visit: Visit,
  top: number,
  names: number,
  width: number,
  x: (at: number) => number,
): void {
  const middle = top + ROW_HEIGHT / 2;
  if (visit.id === selected) {
    context.fillStyle = colours["accent-soft"];
    context.fillRect(0, top, width, ROW_HEIGHT);
  }
  const tone = colours[statusLook(visit.status).tone];
  const indent = 10 + visitDepth(visit) * 12;
  context.font = "12.5px system-ui, sans-serif";
  context.fillStyle = colours.text;
  const name = visit.iteration === undefined ? visit.name : `${visit.name} [${visit.iteration}]`;
  context.fillText(fit(context, name, names - indent - 6), indent, middle);
  context.save();
  context.beginPath();
  context.rect(names, top, width - names, ROW_HEIGHT);
  context.clip();
  for (const { kind, from, to } of stretches(visit, now)) {
    const [left, right] = [x(from), x(to)];
    const size = Math.max(2, right - left);
    if (kind === "backoff") {
      paintBackoff(context, colours["line-strong"], left, size, middle);
      continue;
    }
    context.fillStyle = kind === "failed" ? colours.bad : kind === "wait" ? colours.idle : tone;
    context.globalAlpha = kind === "wait" ? 0.55 : 1;
    context.beginPath();
    context.roundRect(left, middle - (kind === "wait" ? 3 : 6), size, kind === "wait" ? 6 : 12, 3);
    context.fill();
    context.globalAlpha = 1;
  }
  const end = visit.endedAt ?? now;
  context.font = "11px system-ui, sans-serif";
  context.fillStyle = colours.faint;
  context.fillText(formatDuration(end - visit.enteredAt), x(end) + 7, middle);
  context.restore();
}

function paintBackoff(
  context: CanvasRenderingContext2D,
  colour: string,
  left: number,
  size: number,
  middle: number,
): void {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
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
