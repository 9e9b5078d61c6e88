import type { AddressGuard } from "./address-guard.ts";
import type { OAuthConfig } from "./connection.ts";
import type { HttpConnections } from "./http-call.ts";
import { urlEncoded } from "./url-encoding.ts";

const TIMEOUT_MS = 30_000;
const ANSWER_BYTES_MAX = 65_536;
/** Of a token that does not say for how long it is good. */
const LIFETIME_SECONDS = 300;
const EXPIRY_MARGIN_MS = 30_000;

interface Token {
  readonly value: string;
  readonly endsAt: number;
}

/** Nobody gave a token. */
export class NoToken extends Error {}

/** Tokens of OAuth's client credentials grant (RFC 6749, 4.4), kept until they end. */
export class OAuthTokens {
  readonly #connections: HttpConnections;
  readonly #guard: AddressGuard;
  readonly #tokens = new Map<OAuthConfig, Promise<Token>>();

  constructor(connections: HttpConnections, guard: AddressGuard) {
    this.#connections = connections;
    this.#guard = guard;
  }

  /** Throws NoToken. */
  async token(config: OAuthConfig): Promise<string> {
    const known = await this.#tokens.get(config)?.catch(() => undefined);
    if (known !== undefined && known.endsAt > Date.now()) return known.value;
    const asked = this.#ask(config);
    this.#tokens.set(config, asked);
    return (await asked).value;
  }

  /** The API did not take the token: the next one is asked for anew. */
  forget(config: OAuthConfig): void {
    this.#tokens.delete(config);
  }

  async #ask(config: OAuthConfig): Promise<Token> {
    const url = new URL(config.endpoint);
    for (const [name, value] of Object.entries(config.query ?? {})) url.searchParams.set(name, value);
    const secret = Buffer.from(`${config.clientId}:${config.clientSecret}`).toString("base64");
    const method = config.method ?? "POST";
    try {
      const answer = await this.#connections.call({
        method,
        url,
        headers: {
          Accept: "application/json",
          Authorization: `Basic ${secret}`,
          ...(method === "GET" ? {} : { "Content-Type": "application/x-www-form-urlencoded" }),
          ...config.headers,
        },
        ...(method === "GET"
          ? {}
          : { body: urlEncoded({ grant_type: "client_credentials", ...config.body }, "REPEAT") }),
        timeoutMs: TIMEOUT_MS,
        responseBytesMax: ANSWER_BYTES_MAX,
        guard: this.#guard,
        signal: new AbortController().signal,
      });
      if (answer.statusCode >= 300) throw new NoToken(`${url.origin} answered ${answer.statusCode}`);
      return tokenOf(answer.body.toString(), url);
    } catch (error) {
      if (error instanceof NoToken) throw error;
      throw new NoToken((error as Error).message, { cause: error });
    }
  }
}

function tokenOf(text: string, url: URL): Token {
  const answer = parsed(text);
  const value = answer["access_token"];
  if (typeof value !== "string") throw new NoToken(`${url.origin} answered without an access_token`);
  const seconds = Number(answer["expires_in"] ?? LIFETIME_SECONDS);
  return { value, endsAt: Date.now() + seconds * 1000 - EXPIRY_MARGIN_MS };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
