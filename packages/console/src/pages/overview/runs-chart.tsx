/** Runs by start, stacked by how they ended. uPlot draws; the table twin is for who cannot see it. */
import { type ReactElement, useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { ApiStatusBucket } from "../../api/api-types.ts";
import { readColours, whenThemeChanges } from "../../app/theme.ts";
import { formatDateTime } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";

const SERIES = [
  { name: "succeeded", label: "Succeeded", tone: "good" },
  { name: "running", label: "Running", tone: "run" },
  { name: "aborted", label: "Aborted", tone: "off" },
  { name: "timedOut", label: "Timed out", tone: "late" },
  { name: "failed", label: "Failed", tone: "bad" },
] as const;

const HEIGHT = 150;

export interface RunsChartProps {
  readonly buckets: readonly ApiStatusBucket[];
}

export function RunsChart({ buckets }: RunsChartProps): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const [table, setTable] = useState(false);
  useEffect(() => {
    const host = place.current;
    if (host === null || table) return undefined;
    let plot = draw(host, buckets);
    const redraw = () => {
      plot.destroy();
      plot = draw(host, buckets);
    };
    const observer = new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: HEIGHT }));
    observer.observe(host);
    const stop = whenThemeChanges(redraw);
    return () => {
      stop();
      observer.disconnect();
      plot.destroy();
    };
  }, [buckets, table]);
  return (
    <div className="stack">
      {table ? <Twin buckets={buckets} /> : <div ref={place} aria-hidden="true" />}
      <div className="row">
        <div className="legend grow">
          {SERIES.map(({ name, label, tone }) => (
            <span key={name}>
              <span className={`swatch fill-${tone}`} />
              {label}
            </span>
          ))}
        </div>
        <button type="button" className="button" aria-pressed={table} onClick={() => setTable(!table)}>
          <Icon name={table ? "overview" : "runs"} size={13} />
          {table ? "Chart" : "Table"}
        </button>
      </div>
    </div>
  );
}

/** Each series is drawn over the sum of those below it, the tallest first. */
function draw(host: HTMLElement, buckets: readonly ApiStatusBucket[]): uPlot {
  const colours = readColours(["good", "run", "off", "late", "bad", "faint", "line"]);
  const sums = buckets.map(() => 0);
  const stacked = SERIES.map(({ name }) =>
    buckets.map((bucket, at) => {
      sums[at] = (sums[at] ?? 0) + bucket[name];
      return sums[at] ?? 0;
    }),
  ).reverse();
  const [first = 0, second = first + 1] = buckets.map(({ at }) => at);
  const step = second - first;
  const last = buckets.at(-1)?.at ?? first;
  const bars = uPlot.paths.bars?.({ size: [0.7, 26], align: 1 });
  const axis = { stroke: colours.faint, grid: { stroke: colours.line, width: 1 }, ticks: { show: false } };
  return new uPlot(
    {
      width: host.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { range: () => [first / 1_000, (last + step) / 1_000] },
        y: { range: (_self, _min, max) => [0, Math.max(4, max * 1.1)] },
      },
      axes: [
        { ...axis, grid: { show: false } },
        {
          ...axis,
          size: 44,
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000],
        },
      ],
      series: [
        {},
        ...SERIES.toReversed().map(({ label, tone }) => ({
          label,
          fill: colours[tone],
          width: 0,
          points: { show: false },
          ...(bars && { paths: bars }),
        })),
      ],
    },
    [buckets.map(({ at }) => at / 1_000), ...stacked],
    host,
  );
}

function Twin({ buckets }: { readonly buckets: readonly ApiStatusBucket[] }): ReactElement {
  const filled = buckets.filter((bucket) => SERIES.some(({ name }) => bucket[name] > 0));
  return (
    <div className="scroll-x">
      <table className="list-table">
        <thead>
          <tr>
            <th>From</th>
            {SERIES.map(({ name, label }) => (
              <th key={name} className="end">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {filled.map((bucket) => (
            <tr key={bucket.at}>
              <td>{formatDateTime(bucket.at)}</td>
              {SERIES.map(({ name }) => (
                <td key={name} className="end">
                  {bucket[name]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
