/**
 * Sessions of the console: a signed cookie instead of a signature on every request.
 *
 * S1. A session is good as long as its key is: it is signed with the key's secret too, so that removing or changing the
 *     key ends it.
 * S2. Nothing is stored but the sessions that were logged out before their time; the rest is in the cookie.
 * S3. What changes something needs the session's token in a header, which no other site can read or send.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { AccessKey, Authenticator } from "../aws/authentication.ts";

const COOKIE = "stepwell_session";
const CSRF_HEADER = "x-stepwell-csrf";
const LIFETIME_MS = 12 * 60 * 60 * 1_000;
const LOGGED_OUT_MAX = 10_000;

export interface Session {
  readonly key: AccessKey;
  readonly id: string;
  readonly expiresAt: number;
}

export interface SessionsOptions {
  readonly authenticator: Pick<Authenticator, "findKey">;
  /** Of this installation; sessions outlive a restart when it does. */
  readonly signingKey: string;
  /** Real time, whatever the clock of executions says. */
  now(): number;
}

export class Sessions {
  readonly #options: SessionsOptions;
  /** Id and end of sessions that were logged out. */
  readonly #loggedOut = new Map<string, number>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** A new session, and its cookie's header. */
  begin(key: AccessKey, isSecure: boolean): { readonly session: Session; readonly setCookie: string } {
    const session = { key, id: randomBytes(16).toString("base64url"), expiresAt: this.#options.now() + LIFETIME_MS };
    const content = JSON.stringify([key.accessKeyId, session.id, session.expiresAt]);
    const payload = Buffer.from(content).toString("base64url");
    const value = `${payload}.${this.#signature(key, payload)}`;
    return { session, setCookie: cookie(value, LIFETIME_MS / 1_000, isSecure) };
  }

  /** The session of a request; `undefined` when it has none that is good. */
  async of(headers: IncomingHttpHeaders): Promise<Session | undefined> {
    const value = cookieOf(headers);
    if (value === undefined) return undefined;
    const [payload = "", signature = "", ...rest] = value.split(".");
    const claim = rest.length === 0 ? claimOf(payload) : undefined;
    if (claim === undefined) return undefined;
    const [accessKeyId, id, expiresAt] = claim;
    const key = await this.#options.authenticator.findKey(accessKeyId);
    if (key === undefined || !equal(signature, this.#signature(key, payload))) return undefined;
    if (this.#options.now() >= expiresAt || this.#loggedOut.has(id)) return undefined;
    return { key, id, expiresAt };
  }

  /** Ends a session; the header that takes its cookie back. */
  end(session: Session | undefined, isSecure: boolean): string {
    if (session !== undefined) {
      this.#loggedOut.set(session.id, session.expiresAt);
      this.#forgetOver();
    }
    return cookie("", 0, isSecure);
  }

  #forgetOver(): void {
    for (const [id, expiresAt] of this.#loggedOut) {
      // In order of logging out: the oldest goes when there are too many.
      if (expiresAt > this.#options.now() && this.#loggedOut.size <= LOGGED_OUT_MAX) break;
      this.#loggedOut.delete(id);
    }
  }

  csrfToken({ id }: Session): string {
    return createHmac("sha256", this.#options.signingKey).update(`csrf\n${id}`).digest("base64url");
  }

  hasCsrfToken(session: Session, headers: IncomingHttpHeaders): boolean {
    const given = headers[CSRF_HEADER];
    return typeof given === "string" && equal(given, this.csrfToken(session));
  }

  #signature({ accessKeyId, secretAccessKey }: AccessKey, payload: string): string {
    const key = createHmac("sha256", this.#options.signingKey).update(`session\n${accessKeyId}\n${secretAccessKey}`);
    return createHmac("sha256", key.digest()).update(payload).digest("base64url");
  }
}

/** Whether a request comes with a session's cookie, good or not. */
export function hasSessionCookie(headers: IncomingHttpHeaders): boolean {
  return cookieOf(headers) !== undefined;
}

function cookieOf({ cookie: header }: IncomingHttpHeaders): string | undefined {
  if (header?.includes(COOKIE) !== true) return undefined;
  // The values are base64url and dots: nothing in them is quoted or escaped.
  for (const pair of header.split(";")) {
    const [name = "", value = ""] = pair.trim().split("=", 2);
    if (name === COOKIE && value !== "") return value;
  }
  return undefined;
}

function cookie(value: string, maxAgeSeconds: number, isSecure: boolean): string {
  const secure = isSecure ? "; Secure" : "";
  return `${COOKIE}=${value}; Max-Age=${maxAgeSeconds}; Path=/; HttpOnly; SameSite=Strict${secure}`;
}

/** What a cookie says of itself; believed only when its signature is good. */
function claimOf(payload: string): [accessKeyId: string, id: string, expiresAt: number] | undefined {
  try {
    const claim: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    if (!Array.isArray(claim)) return undefined;
    const [accessKeyId, id, expiresAt] = claim;
    const isClaim = typeof accessKeyId === "string" && typeof id === "string" && typeof expiresAt === "number";
    return isClaim ? [accessKeyId, id, expiresAt] : undefined;
  } catch {
    return undefined;
  }
}

function equal(one: string, other: string): boolean {
  const left = Buffer.from(one);
  const right = Buffer.from(other);
  return left.length === right.length && timingSafeEqual(left, right);
}
