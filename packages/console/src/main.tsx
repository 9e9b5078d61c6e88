import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiFailure } from "./api/http.ts";
import { askEarly } from "./app/early.ts";
import { newRouter, pagePath, preloadPage } from "./app/router.tsx";
import { SESSION_QUERY } from "./app/session.ts";
import { initTheme } from "./app/theme.ts";
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

const path = pagePath(location.pathname);
preloadPage(path);
// Asked for before anything is drawn: every page waits for it. A page tells what goes wrong.
queries.fetchQuery(SESSION_QUERY).then(
  (session) => askEarly(session, path, location.search),
  () => undefined,
);

const place = document.getElementById("root");
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={newRouter()} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
