/** The session as the server tells it, and what follows from it for every request. */
import type { ApiSession } from "../api/api-types.ts";
import { setPlace } from "../api/arns.ts";
import { setCsrfToken } from "../api/http.ts";
import { getSession } from "../api/v1.ts";

let first: Promise<ApiSession> | undefined;

/** Asks for the session before anybody needs it. */
export function beginSession(): Promise<ApiSession> {
  first = loadSession();
  return first;
}

/** The session that was begun with; asked for anew from then on. */
export function takeSession(): Promise<ApiSession> {
  const begun = first;
  first = undefined;
  return begun ?? loadSession();
}

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
