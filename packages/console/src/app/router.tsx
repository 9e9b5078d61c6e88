/** Every page is a chunk of its own, loaded when it is gone to. */
import {
  type AnyRouter,
  type AsyncRouteComponent,
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { Problem } from "../ui/dialog.tsx";
import { Empty, Loading } from "../ui/page.tsx";
import { Shell } from "./shell.tsx";
import { parseSearch, stringifySearch } from "./url-state.ts";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <Empty icon="search" title="There is no such page.">
      <Link to="/">Overview</Link>
    </Empty>
  ),
});

/** Other names of pages, as one may type them. */
const ALIASES: readonly (readonly [path: string, to: string, search: Readonly<Record<string, string>>])[] = [
  ["/tokens", "/waiting", {}],
  ["/activities", "/waiting", { tab: "activities" }],
];

const PAGES: readonly (readonly [path: string, component: AsyncRouteComponent<object>])[] = [
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

const BASE = "/console";

/** The path of a page, without where the console is: `/runs`. */
export const pagePath = (pathname: string): string =>
  (pathname.startsWith(BASE) ? pathname.slice(BASE.length) : pathname).replace(/\/+$/, "") || "/";

/** Begins to load the page of a path, before anything asks for it. */
export function preloadPage(path: string): void {
  const parts = path.split("/");
  const page = PAGES.find(([pattern]) => {
    const wanted = pattern.split("/");
    return wanted.length === parts.length && wanted.every((part, at) => part.startsWith("$") || part === parts[at]);
  });
  // Whoever shows the page tells when it cannot be loaded.
  page?.[1].preload?.()?.catch(() => undefined);
}

export function newRouter(): AnyRouter {
  const routes = PAGES.map(([path, component]) => createRoute({ getParentRoute: () => root, path, component }));
  const aliases = ALIASES.map(([path, to, search]) =>
    createRoute({
      getParentRoute: () => root,
      path,
      beforeLoad: () => {
        throw redirect({ to, search: search as never, replace: true });
      },
    }),
  );
  return createRouter({
    routeTree: root.addChildren([...routes, ...aliases]),
    basepath: BASE,
    parseSearch,
    stringifySearch,
    pathParamsAllowedCharacters: [":"],
    defaultPreload: "intent",
    defaultPendingComponent: () => <Loading />,
    defaultErrorComponent: ({ error }) => <Problem error={error} />,
    scrollRestoration: true,
  });
}
