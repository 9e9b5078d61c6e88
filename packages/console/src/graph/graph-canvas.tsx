/**
 * Large graphs on a canvas: edges always, boxes while they are too many for the document. One drawing a frame at most, and
 * none when nothing changed; a status change is a repaint, never a layout.
 */
import { useStore } from "@xyflow/react";
import { type ReactElement, useEffect, useRef } from "react";
import { readColours, whenThemeChanges } from "../app/theme.ts";
import type { RunStore } from "../run-model/run-store.ts";
import { statusLook } from "../ui/status.tsx";
import { isStrong, isTaken } from "./edge-layer.tsx";
import { edgePath, type GraphLayout } from "./graph-layout.ts";
import type { GraphEmphasis, GraphMarks } from "./graph-nodes.tsx";

const COLOURS = [
  "panel",
  "raised",
  "sunken",
  "line-strong",
  "line",
  "text",
  "faint",
  "accent",
  "focus",
  "run",
  "good",
  "bad",
  "late",
  "warn",
  "off",
  "idle",
] as const;

/** Names are written from this zoom on: smaller ones cannot be read. */
const TEXT_ZOOM = 0.22;

const FADED_ALPHA = 0.4;

export interface GraphCanvasProps {
  readonly layout: GraphLayout;
  readonly store: RunStore | undefined;
  readonly marks: GraphMarks | undefined;
  readonly emphasis: GraphEmphasis | undefined;
  readonly selected: string | undefined;
  readonly withNodes: boolean;
}

export function GraphCanvas({ layout, store, marks, emphasis, selected, withNodes }: GraphCanvasProps): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [x, y, zoom] = useStore((state) => state.transform);
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const view = useRef({ x, y, zoom, width, height });
  view.current = { x, y, zoom, width, height };
  const redraw = useRef<() => void>(() => undefined);
  useEffect(() => {
    const paths = layout.edges.map(({ points }) => new Path2D(edgePath(points)));
    let colours = readColours(COLOURS);
    let frame = 0;
    const draw = () => {
      frame = 0;
      if (canvas.current !== null)
        paint(canvas.current, view.current, {
          layout,
          paths,
          store,
          marks,
          emphasis,
          selected,
          withNodes,
          colours,
        });
    };
    const ask = () => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    redraw.current = ask;
    ask();
    const stops = [
      store?.subscribe(ask),
      whenThemeChanges(() => {
        colours = readColours(COLOURS);
        ask();
      }),
    ];
    return () => {
      cancelAnimationFrame(frame);
      for (const stop of stops) stop?.();
    };
  }, [layout, store, marks, emphasis, selected, withNodes]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn again whenever the view moved
  useEffect(() => redraw.current(), [x, y, zoom, width, height]);
  return <canvas ref={canvas} className="graph-canvas" style={{ pointerEvents: "none" }} />;
}

interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
  readonly width: number;
  readonly height: number;
}

interface Picture {
  readonly emphasis: GraphEmphasis | undefined;
  readonly marks: GraphMarks | undefined;
  readonly layout: GraphLayout;
  readonly paths: readonly Path2D[];
  readonly store: RunStore | undefined;
  readonly selected: string | undefined;
  readonly withNodes: boolean;
  readonly colours: Readonly<Record<(typeof COLOURS)[number], string>>;
}

function paint(canvas: HTMLCanvasElement, view: View, picture: Picture): void {
  const ratio = devicePixelRatio;
  const context = canvas.getContext("2d");
  if (context === null) return;
  if (canvas.width !== Math.round(view.width * ratio) || canvas.height !== Math.round(view.height * ratio)) {
    canvas.width = Math.round(view.width * ratio);
    canvas.height = Math.round(view.height * ratio);
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.setTransform(ratio * view.zoom, 0, 0, ratio * view.zoom, ratio * view.x, ratio * view.y);
  if (picture.withNodes) paintFrames(context, picture);
  paintEdges(context, picture, view.zoom);
  if (picture.withNodes) paintNodes(context, view, picture);
}

function paintFrames(context: CanvasRenderingContext2D, { layout, colours }: Picture): void {
  context.fillStyle = colours.sunken;
  context.strokeStyle = colours["line-strong"];
  context.lineWidth = 1.5;
  for (const node of layout.nodes) {
    if (node.kind !== "frame") continue;
    context.beginPath();
    context.roundRect(node.x, node.y, node.width, node.height, 12);
    context.fill();
    context.stroke();
  }
}

function paintEdges(context: CanvasRenderingContext2D, picture: Picture, zoom: number): void {
  const { layout, paths, store, emphasis, colours } = picture;
  for (const taken of [false, true]) {
    context.strokeStyle = taken ? colours.accent : colours["line-strong"];
    context.globalAlpha = taken || store === undefined ? 1 : 0.55;
    context.lineWidth = (taken ? 2.2 : 1.4) / Math.min(1, Math.max(0.4, zoom));
    for (const [index, edge] of layout.edges.entries()) {
      const path = paths[index];
      const went = store !== undefined && isTaken(store.fold, edge);
      const isOn = went && (emphasis === undefined || isStrong(edge, emphasis));
      if (path !== undefined && isOn === taken) context.stroke(path);
    }
  }
  context.globalAlpha = 1;
}

function paintNodes(
  context: CanvasRenderingContext2D,
  view: View,
  { layout, store, marks, emphasis, selected, colours }: Picture,
): void {
  const left = -view.x / view.zoom;
  const top = -view.y / view.zoom;
  const right = left + view.width / view.zoom;
  const bottom = top + view.height / view.zoom;
  context.font = "600 13px system-ui, sans-serif";
  context.textBaseline = "middle";
  for (const { id, kind, x, y, width, height } of layout.nodes) {
    if (x > right || y > bottom || x + width < left || y + height < top) continue;
    const summary = kind === "start" || kind === "end" ? undefined : store?.fold.summary(id);
    const tone = summary === undefined ? marks?.get(id)?.tone : statusLook(summary.status).tone;
    const colour = tone === undefined ? colours["line-strong"] : colours[tone];
    context.globalAlpha = emphasis === undefined || emphasis.states.has(id) ? 1 : FADED_ALPHA;
    if (kind === "frame") {
      context.fillStyle = colours.text;
      if (view.zoom >= TEXT_ZOOM) context.fillText(id, x + 14, y + 20, width - 28);
      continue;
    }
    context.fillStyle = summary === undefined ? colours.raised : colour;
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.beginPath();
    context.roundRect(x, y, width, height, kind === "state" ? 9 : height / 2);
    context.fill();
    context.stroke();
    if (id === selected) {
      context.strokeStyle = colours.focus;
      context.lineWidth = 5;
      context.stroke();
    }
    if (kind !== "state" || view.zoom < TEXT_ZOOM) continue;
    context.fillStyle = summary === undefined ? colours.text : colours.panel;
    context.fillText(id, x + 12, y + height / 2, width - 24);
  }
  context.globalAlpha = 1;
}
