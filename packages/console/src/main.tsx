import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiFailure } from "./api/http.ts";
import { newRouter } from "./app/router.tsx";
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

// Asked for before anything is drawn: every page waits for it.
void queries.prefetchQuery(SESSION_QUERY);

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
