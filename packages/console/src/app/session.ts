/** Who uses the console, and where the server says it is. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { ApiSession } from "../api/api-types.ts";
import { whenSessionIsLost } from "../api/http.ts";
import { takeSession } from "./load-session.ts";

export const SESSION_KEY: readonly ["session"] = ["session"];

/** How the session is asked for, and what follows from it. */
export const SESSION_QUERY: {
  readonly queryKey: typeof SESSION_KEY;
  readonly queryFn: () => Promise<ApiSession>;
  readonly staleTime: number;
} = { queryKey: SESSION_KEY, queryFn: takeSession, staleTime: 60_000 };

export interface SessionState {
  readonly session: ApiSession | undefined;
  readonly problem: unknown;
  /** A key must be given before anything is shown. */
  readonly needsLogin: boolean;
}

export function useSession(): SessionState {
  const client = useQueryClient();
  const { data, error } = useQuery({ ...SESSION_QUERY, retry: 1 });
  useEffect(() => whenSessionIsLost(() => void client.invalidateQueries({ queryKey: SESSION_KEY })), [client]);
  return { session: data, problem: error, needsLogin: data?.auth === true && data.user === undefined };
}
