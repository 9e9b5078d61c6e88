/** The addresses of the console, and what is shown at them. */
import {
  type AnyRouter,
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { Problem } from "../ui/dialog.tsx";
import { Empty, Loading } from "../ui/page.tsx";
import { BASE, PAGES } from "./pages.ts";
import { Shell } from "./shell.tsx";
import { parseSearch, stringifySearch } from "./url-text.ts";

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

export function newRouter(): AnyRouter {
  const routes = PAGES.map(({ path, load }) =>
    createRoute({
      getParentRoute: () => root,
      path,
      component: lazyRouteComponent(() => load().then((page) => ({ default: page }))),
    }),
  );
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
