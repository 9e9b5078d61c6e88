/**
 * What is selected lives in the URL's query as plain texts: a link shows a colleague the same screen. `?state=Pay&event=12`
 */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { UrlState } from "./url-text.ts";

/** Members that are undefined or empty leave the URL. A selection replaces the entry of the history, a place pushes. */
export type SetUrlState = (patch: UrlState, options?: { readonly push?: boolean }) => void;

export function useUrlState(): [UrlState, SetUrlState] {
  const search = useSearch({ strict: false }) as UrlState;
  const navigate = useNavigate();
  const set = useCallback<SetUrlState>(
    (patch, { push = false } = {}) => {
      const next = (before: UrlState) => ({ ...before, ...patch });
      void navigate({ to: ".", search: next as never, replace: !push, resetScroll: false });
    },
    [navigate],
  );
  return [search, set];
}
