/** Icons drawn on a 16-unit grid with the colour of the text; decoration only: words stand beside them. */
import type { ReactElement } from "react";

const PATHS = {
  overview: "M2 9h4V2H2zM10 14h4V7h-4zM2 14h4v-2H2zM10 4h4V2h-4z",
  machines: "M5.5 2h5v3.5h-5zM1.5 10.5h5V14h-5zM9.5 10.5h5V14h-5zM8 5.5V8M4 10.5V8h8v2.5",
  runs: "M2 3.5h2M6.5 3.5H14M2 8h2M6.5 8H14M2 12.5h2M6.5 12.5H14",
  waiting: "M4 2h8M4 14h8M5 2c0 4 6 4 6 6s-6 2-6 6M11 2c0 4-6 4-6 6s6 2 6 6",
  lab: "M6 2h4M7 2v4.5L3 13a.8.8 0 0 0 .7 1h8.6a.8.8 0 0 0 .7-1L9 6.500V2M5 10h6",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.700 10.700 14 14",
  play: "M4.500 2.500v11l9-5.500z",
  stop: "M3.500 3.500h9v9h-9z",
  redrive: "M13 8a5 5 0 1 1-1.500-3.600M13.500 2v3.500H10",
  fork: "M4.500 4.500v7M4.500 4.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3zM4.500 14.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3zM11.500 7a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3zM11.500 7c0 3-7 1.500-7 4.500",
  check: "M3 8.500 6.500 12 13 4.500",
  cross: "M4 4l8 8M12 4l-8 8",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.500V8l2.500 1.500",
  circle: "M8 13A5 5 0 1 0 8 3a5 5 0 0 0 0 10z",
  running: "M8 2a6 6 0 1 1-6 6",
  slash: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM4 12l8-8",
  warning: "M8 2.500 14.500 13.500h-13zM8 6.500V10M8 11.800v.2",
  chevron: "M6 3.500 10.500 8 6 12.500",
  down: "M3.500 6 8 10.500 12.500 6",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3",
  link: "M6.500 9.500l3-3M7 4.500l1.500-1.500a3 3 0 0 1 4.500 4.500L11.500 9M9 11.500 7.500 13A3 3 0 0 1 3 8.500L4.500 7",
  download: "M8 2v8M4.500 7 8 10.500 11.500 7M2.500 13.500h11",
  edit: "M2.500 13.500l.500-3L10.500 3 13 5.500 5.500 13zM9 4.500 11.500 7",
  sun: "M8 10.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1 1M11.600 11.600l1 1M3.400 12.600l1-1M11.600 4.400l1-1",
  moon: "M13.500 9.500A6 6 0 0 1 6.500 2.500a6 6 0 1 0 7 7z",
  auto: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 2v12M8 4a4 4 0 0 1 0 8",
  keyboard: "M1.500 4h13v8h-13zM4 6.500h.1M6.600 6.500h.1M9.300 6.500h.1M12 6.500h.1M5 9.500h6",
  pause: "M5 3v10M11 3v10",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  fit: "M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10",
  task: "M3 3h10v10H3zM6 8l1.500 1.500L10.500 6.500",
  pass: "M2.500 8h11M10 4.500 13.500 8 10 11.500",
  choice: "M8 2l6 6-6 6-6-6zM8 6v2.500M8 10.300v.2",
  wait: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.500V8l2.500 1.500",
  map: "M2.500 2.500h4v4h-4zM9.500 2.500h4v4h-4zM2.500 9.500h4v4h-4zM9.500 9.500h4v4h-4z",
  parallel: "M8 2v3M3.500 8.500V5h9v3.500M3.500 8.500V11h9V8.500M8 11v3",
  succeed: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM5.200 8.200l2 2 3.600-4",
  fail: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM5.800 5.800l4.400 4.400M10.200 5.800l-4.400 4.400",
  star: "M8 2l1.800 3.900 4.200.500-3.100 2.900.800 4.200L8 11.400l-3.700 2.100.800-4.200L2 6.400l4.200-.500z",
  logout: "M6 2.500H2.500v11H6M6.500 8h7M10.500 5 13.500 8l-3 3",
} as const;

export type IconName = keyof typeof PATHS;

const FILLED: ReadonlySet<IconName> = new Set(["play", "stop"]);

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): ReactElement {
  return (
    <svg
      className={name === "running" ? "icon icon-spin" : "icon"}
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill={FILLED.has(name) ? "currentColor" : "none"}
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The icon of a state's type. */
export function stateTypeIcon(type: string): IconName {
  const name = type.toLowerCase();
  return name in PATHS ? (name as IconName) : "task";
}
