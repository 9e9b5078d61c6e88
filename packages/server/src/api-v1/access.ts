/** Who may ask: by signature, by session, or, where nothing is asked of anybody, from this machine's own pages only. */
import { timingSafeEqual } from "node:crypto";
import { Rejection } from "@stepwell/engine";
import type { FastifyRequest } from "fastify";
import type { AccessKey, Authenticator, Caller, RequestHead, SignedRequest } from "../aws/authentication.ts";
import { ApiRefusal } from "./api-failure.ts";
import { isFromPage, whyNotFromHere } from "./browser-guard.ts";
import { LoginTries } from "./login-tries.ts";
import { hasSessionCookie, type Session, Sessions } from "./sessions.ts";

const SAFE = new Set(["GET", "HEAD"]);

export interface AccessOptions {
  readonly authenticator?: Authenticator;
  readonly signingKey: string;
  now(): number;
}

export class Access {
  readonly #authenticator: Authenticator | undefined;
  readonly #sessions: Sessions | undefined;
  readonly #tries: LoginTries;
  readonly #callers = new WeakMap<FastifyRequest, Caller>();

  constructor({ authenticator, signingKey, now }: AccessOptions) {
    this.#authenticator = authenticator;
    this.#sessions = authenticator && new Sessions({ authenticator, signingKey, now });
    this.#tries = new LoginTries(now);
  }

  get isAsked(): boolean {
    return this.#authenticator !== undefined;
  }

  /** AWS's API: signed, or with a session and its token. Requests that no page made need neither where nothing is asked. */
  async callerOfAws(request: RequestHead, body: Uint8Array): Promise<Caller | undefined> {
    if (this.#authenticator === undefined) {
      const why = isFromPage(request.headers) ? whyNotFromHere(request.headers) : undefined;
      if (why !== undefined) throw new Rejection("AccessDeniedException", why);
      return undefined;
    }
    if (!usesSession(request)) return this.#authenticator.authenticate(signed(request, body));
    const caller = await this.#callerOfSession(request, this.#authenticator);
    if (caller === undefined) {
      throw new Rejection("UnrecognizedClientException", "The session has ended: log in again.");
    }
    return caller;
  }

  /** `/api/v1`: throws unless the request may come in, and remembers its caller for `authorize`. */
  async admit(request: FastifyRequest, body: Uint8Array): Promise<void> {
    this.mustBeFromHere(request);
    if (this.#authenticator === undefined) return;
    const caller = usesSession(request)
      ? await this.#callerOfSession(request, this.#authenticator)
      : hasSignature(request)
        ? await this.#authenticator.authenticate(signed(request, body))
        : undefined;
    if (caller === undefined) throw new ApiRefusal(401, "LoginRequired", "Log in, or sign the request.");
    this.#callers.set(request, caller);
  }

  /** Where nothing is asked of anybody. */
  mustBeFromHere(request: FastifyRequest): void {
    if (this.#authenticator !== undefined) return;
    const why = whyNotFromHere(request.headers);
    if (why !== undefined) throw new ApiRefusal(403, "AccessDenied", why);
  }

  /** The console's own files, which a link of another site may lead to: only its name must be one of this machine. */
  mustBeOpenedHere(request: FastifyRequest): void {
    if (this.#authenticator !== undefined) return;
    const why = whyNotFromHere({ host: request.headers.host });
    if (why !== undefined) throw new ApiRefusal(403, "AccessDenied", why);
  }

  async #callerOfSession(request: RequestHead, authenticator: Authenticator): Promise<Caller | undefined> {
    const session = await this.#sessions?.of(request.headers);
    if (session === undefined) return undefined;
    // AWS's API reads by POST too: there, everything needs the token.
    if (!SAFE.has(request.method) && this.#sessions?.hasCsrfToken(session, request.headers) !== true) {
      throw new Rejection("AccessDeniedException", "x-stepwell-csrf: must be the token of GET /api/v1/session");
    }
    return authenticator.callerOf(session.key);
  }

  /** Throws AccessDeniedException. */
  authorize(request: FastifyRequest, action: string, resource: string): void {
    if (this.#authenticator === undefined) return;
    const caller = this.#callers.get(request);
    if (caller === undefined) throw new ApiRefusal(401, "LoginRequired", "Log in, or sign the request.");
    caller.authorizeAction(action, resource);
  }

  may(request: FastifyRequest, action: string, resource: string): boolean {
    try {
      this.authorize(request, action, resource);
      return true;
    } catch (error) {
      if (error instanceof Rejection || error instanceof ApiRefusal) return false;
      throw error;
    }
  }

  /** Asked now and then of requests that stay open: false when the caller's session or key is no more. */
  async isStillIn(request: FastifyRequest): Promise<boolean> {
    if (this.#authenticator === undefined) return true;
    if (usesSession(request)) return (await this.#sessions?.of(request.headers)) !== undefined;
    const caller = this.#callers.get(request);
    return caller !== undefined && (await this.#authenticator.findKey(caller.accessKeyId)) !== undefined;
  }

  async session(request: FastifyRequest): Promise<Session | undefined> {
    return this.#sessions?.of(request.headers);
  }

  csrfToken(session: Session): string | undefined {
    return this.#sessions?.csrfToken(session);
  }

  /** Throws when the key is not known, the secret is not its own, or there were too many tries. */
  async login(
    request: FastifyRequest,
    given: { readonly accessKeyId: string; readonly secretAccessKey: string },
  ): Promise<{ readonly session: Session; readonly setCookie: string }> {
    if (this.#authenticator === undefined || this.#sessions === undefined) {
      throw new ApiRefusal(400, "NoLogin", "Nobody needs to log in here: authentication is off.");
    }
    const who = [request.ip, given.accessKeyId] as const;
    if (!this.#tries.mayTry(...who)) throw new ApiRefusal(429, "TooManyTries", "Too many tries: wait for a minute.");
    const key = await this.#authenticator.findKey(given.accessKeyId);
    // Temporary credentials have a session token as well, which is not asked for here.
    if (key === undefined || key.sessionToken !== undefined || !hasSecret(key, given.secretAccessKey)) {
      this.#tries.failed(...who);
      throw new ApiRefusal(401, "LoginFailed", "No such access key, or not its secret.");
    }
    return this.#sessions.begin(key, isSecure(request));
  }

  /** The header that takes the cookie back. */
  async logout(request: FastifyRequest): Promise<string | undefined> {
    const session = await this.session(request);
    if (session !== undefined && this.#sessions?.hasCsrfToken(session, request.headers) !== true) {
      throw new ApiRefusal(403, "AccessDenied", "x-stepwell-csrf: must be the token of GET /api/v1/session");
    }
    return this.#sessions?.end(session, isSecure(request));
  }
}

function hasSignature({ headers, url }: RequestHead): boolean {
  return headers.authorization !== undefined || url.includes("X-Amz-Signature=");
}

function usesSession(request: RequestHead): boolean {
  return !hasSignature(request) && hasSessionCookie(request.headers);
}

function signed({ method, url, headers }: RequestHead, body: Uint8Array): SignedRequest {
  return { method, url, headers, body };
}

function hasSecret({ secretAccessKey }: AccessKey, given: string): boolean {
  const left = Buffer.from(secretAccessKey);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Over TLS, also when a proxy in front of the server speaks it: then the cookie is sent over nothing else. */
function isSecure({ protocol, headers }: FastifyRequest): boolean {
  return protocol === "https" || headers["x-forwarded-proto"] === "https";
}
