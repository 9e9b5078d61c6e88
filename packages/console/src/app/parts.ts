/** What pages draw from chunks of their own when they are opened. */
import type { ComponentType } from "react";
import type { DefinitionGraphViewProps } from "../graph/definition-graph-view.tsx";
import type { RunsChartProps } from "../pages/overview/runs-chart.tsx";
import type { DataTabProps } from "../pages/run/data-tab.tsx";
import type { EventsTabProps } from "../pages/run/events-tab.tsx";
import type { TimelineTabProps } from "../pages/run/timeline-tab.tsx";
import { type Part, partOf } from "./part.ts";

export const RUNS_CHART: Part<ComponentType<RunsChartProps>> = partOf(() =>
  import("../pages/overview/runs-chart.tsx").then(({ RunsChart }) => RunsChart),
);
export const DEFINITION_GRAPH: Part<ComponentType<DefinitionGraphViewProps>> = partOf(() =>
  import("../graph/definition-graph-view.tsx").then(({ DefinitionGraphView }) => DefinitionGraphView),
);
export const EVENTS_TAB: Part<ComponentType<EventsTabProps>> = partOf(() =>
  import("../pages/run/events-tab.tsx").then(({ EventsTab }) => EventsTab),
);
export const TIMELINE_TAB: Part<ComponentType<TimelineTabProps>> = partOf(() =>
  import("../pages/run/timeline-tab.tsx").then(({ TimelineTab }) => TimelineTab),
);
export const DATA_TAB: Part<ComponentType<DataTabProps>> = partOf(() =>
  import("../pages/run/data-tab.tsx").then(({ DataTab }) => DataTab),
);
