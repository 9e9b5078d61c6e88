/** The pages: each is a chunk of its own, loaded when it is gone to, together with what its tab shows first. */
import type { ReactElement } from "react";
import { beginLayoutWorker } from "../graph/layout-worker.ts";
import { DATA_TAB, DEFINITION_GRAPH, EVENTS_TAB, RUNS_CHART, TIMELINE_TAB } from "./parts.ts";
import type { UrlState } from "./url-text.ts";

export interface PagePlace {
  /** As the router reads it: a part that begins with `$` is any name. */
  readonly path: string;
  readonly load: () => Promise<() => ReactElement>;
  /** What the page draws from chunks of their own at this address. */
  readonly parts?: (search: UrlState) => readonly Promise<unknown>[];
}

export const PAGES: readonly PagePlace[] = [
  {
    path: "/",
    load: () => import("../pages/overview/overview-page.tsx").then(({ OverviewPage }) => OverviewPage),
    parts: () => [RUNS_CHART.load()],
  },
  { path: "/machines", load: () => import("../pages/machines/machines-page.tsx").then((page) => page.MachinesPage) },
  {
    path: "/machines/$name",
    load: () => import("../pages/machine/machine-page.tsx").then(({ MachinePage }) => MachinePage),
    parts: ({ tab }) => {
      if (tab !== "definition") return [];
      beginLayoutWorker();
      return [DEFINITION_GRAPH.load()];
    },
  },
  {
    path: "/machines/$name/edit",
    load: () => import("../pages/editor/editor-page.tsx").then(({ EditorPage }) => EditorPage),
  },
  { path: "/new", load: () => import("../pages/editor/editor-page.tsx").then(({ EditorPage }) => EditorPage) },
  { path: "/runs", load: () => import("../pages/runs/runs-page.tsx").then(({ RunsPage }) => RunsPage) },
  {
    path: "/runs/$id",
    load: () => import("../pages/run/run-page.tsx").then(({ RunPage }) => RunPage),
    parts: ({ tab }) => {
      if (tab === "timeline") return [TIMELINE_TAB.load()];
      if (tab === "events") return [EVENTS_TAB.load()];
      if (tab === "data") return [DATA_TAB.load()];
      beginLayoutWorker();
      return [];
    },
  },
  {
    path: "/runs/$id/maps/$map",
    load: () => import("../pages/map-run/map-run-page.tsx").then(({ MapRunPage }) => MapRunPage),
  },
  { path: "/compare", load: () => import("../pages/compare/compare-page.tsx").then(({ ComparePage }) => ComparePage) },
  { path: "/waiting", load: () => import("../pages/waiting/waiting-page.tsx").then(({ WaitingPage }) => WaitingPage) },
  { path: "/lab", load: () => import("../pages/lab/lab-page.tsx").then(({ LabPage }) => LabPage) },
];

export const BASE = "/console";

/** The path of a page, without where the console is: `/runs`. */
export const pagePath = (pathname: string): string =>
  (pathname.startsWith(BASE) ? pathname.slice(BASE.length) : pathname).replace(/\/+$/, "") || "/";

/** The page of a path; undefined when there is none. */
export function pageAt(path: string): PagePlace | undefined {
  const parts = path.split("/");
  return PAGES.find((page) => {
    const wanted = page.path.split("/");
    return wanted.length === parts.length && wanted.every((part, at) => part.startsWith("$") || part === parts[at]);
  });
}
