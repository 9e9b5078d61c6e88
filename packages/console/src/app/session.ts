/** Who uses the console, and where the server says it is. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { ApiSession } from "../api/api-types.ts";
import { setPlace } from "../api/arns.ts";
import { setCsrfToken, whenSessionIsLost } from "../api/http.ts";
import { getSession } from "../api/v1.ts";

export const SESSION_KEY: readonly ["session"] = ["session"];

/** How the session is asked for, and what follows from it. */
export const SESSION_QUERY: {
  readonly queryKey: typeof SESSION_KEY;
  readonly queryFn: () => Promise<ApiSession>;
  readonly staleTime: number;
} = { queryKey: SESSION_KEY, queryFn: loadSession, staleTime: 60_000 };

async function loadSession(): Promise<ApiSession> {
  const session = await getSession();
  adopt(session);
  return session;
}

function adopt({ csrfToken, region, accountId }: ApiSession): void {
  setCsrfToken(csrfToken);
  const partition = region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
  setPlace({ partition, region, accountId });
}

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
