import "./boot.ts";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiFailure } from "./api/http.ts";
import { fetchFirst } from "./app/first-data.ts";
import { pageAt, pagePath } from "./app/pages.ts";
import { newRouter } from "./app/router.tsx";
import { SESSION_QUERY } from "./app/session.ts";
import { initTheme } from "./app/theme.ts";
import { parseSearch } from "./app/url-text.ts";
import "./console.css";

initTheme();

const RETRIES = 2;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: false,
      // A refusal stays one; only a server that is away is asked again.
      retry: (count, error) => count < RETRIES && !(error instanceof ApiFailure && error.status >= 400),
    },
  },
});

/** Longer than this nobody waits for the page's own scripts and data to see what is around it. */
const PAGE_MS_MAX = 250;

/** Drawn once there is something to draw: until the session is known, the document itself says that it connects. */
async function start(place: HTMLElement): Promise<void> {
  const router = newRouter();
  // Whoever is drawn tells what goes wrong.
  const session = await queries.fetchQuery(SESSION_QUERY).catch(() => undefined);
  if (session !== undefined && !(session.auth && session.user === undefined)) {
    const late = new Promise((resolve) => setTimeout(resolve, PAGE_MS_MAX));
    const path = pagePath(location.pathname);
    const parts = pageAt(path)?.parts?.(parseSearch(location.search)) ?? [];
    await Promise.race([
      Promise.allSettled([router.load(), fetchFirst(queries, path, location.search), ...parts]),
      late,
    ]);
  }
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}

const place = document.getElementById("root");
if (place !== null) void start(place);
