/** Every page is a chunk of its own, loaded when it is gone to. */
import {
  type AnyRouter,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouteComponent,
} from "@tanstack/react-router";
import { Problem } from "../ui/dialog.tsx";
import { Empty, Loading } from "../ui/page.tsx";
import { Shell } from "./shell.tsx";
import { parseSearch, stringifySearch } from "./url-state.ts";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => <Empty icon="search" title="There is no such page." />,
});

const PAGES: readonly (readonly [path: string, component: RouteComponent])[] = [
  ["/", lazyRouteComponent(() => import("../pages/overview/overview-page.tsx"), "OverviewPage")],
  ["/machines", lazyRouteComponent(() => import("../pages/machines/machines-page.tsx"), "MachinesPage")],
  ["/machines/$name", lazyRouteComponent(() => import("../pages/machine/machine-page.tsx"), "MachinePage")],
  ["/machines/$name/edit", lazyRouteComponent(() => import("../pages/editor/editor-page.tsx"), "EditorPage")],
  ["/new", lazyRouteComponent(() => import("../pages/editor/editor-page.tsx"), "EditorPage")],
  ["/runs", lazyRouteComponent(() => import("../pages/runs/runs-page.tsx"), "RunsPage")],
  ["/runs/$id", lazyRouteComponent(() => import("../pages/run/run-page.tsx"), "RunPage")],
  ["/runs/$id/maps/$map", lazyRouteComponent(() => import("../pages/map-run/map-run-page.tsx"), "MapRunPage")],
  ["/compare", lazyRouteComponent(() => import("../pages/compare/compare-page.tsx"), "ComparePage")],
  ["/waiting", lazyRouteComponent(() => import("../pages/waiting/waiting-page.tsx"), "WaitingPage")],
  ["/lab", lazyRouteComponent(() => import("../pages/lab/lab-page.tsx"), "LabPage")],
];

export function newRouter(): AnyRouter {
  const routes = PAGES.map(([path, component]) => createRoute({ getParentRoute: () => root, path, component }));
  return createRouter({
    routeTree: root.addChildren(routes),
    basepath: "/console",
    parseSearch,
    stringifySearch,
    pathParamsAllowedCharacters: [":"],
    defaultPreload: "intent",
    defaultPendingComponent: () => <Loading />,
    defaultErrorComponent: ({ error }) => <Problem error={error} />,
    scrollRestoration: true,
  });
}
