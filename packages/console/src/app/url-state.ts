/**
 * What is selected lives in the URL's query as plain texts: a link shows a colleague the same screen. `?state=Pay&event=12`
 */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export type UrlState = Readonly<Record<string, string | undefined>>;

export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(state: UrlState): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) if (value !== undefined && value !== "") query.set(name, value);
  const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return text === "" ? "" : `?${text}`;
}

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

/** A list in one member, separated by commas. */
export const listIn = (text: string | undefined): readonly string[] =>
  text === undefined || text === "" ? [] : text.split(",");
