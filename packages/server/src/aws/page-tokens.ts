import { createHmac, timingSafeEqual } from "node:crypto";
import { type Clock, Rejection } from "@stepwell/engine";

/** API reference of every list operation: 100 by default and for 0, a token is good for 24 hours. */
const PAGE_SIZE = 100;
const LIFETIME_MS = 24 * 60 * 60 * 1_000;
const MAC_BYTES = 16;

/** What every list operation takes besides its own arguments. */
export interface PagedInput {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/**
 * Opaque page tokens. A token carries a cursor and is good only for the operation and the arguments it was given out
 * for (but another `maxResults` may be used with it, case test_list_executions_versions_pagination), for 24 hours, and
 * as it is: it is authenticated with a key of this installation.
 */
export class PageTokens {
  readonly #key: string;
  readonly #clock: Pick<Clock, "now">;

  constructor(key: string, clock: Pick<Clock, "now">) {
    this.#key = key;
    this.#clock = clock;
  }

  /** The page that a request asks for. Throws InvalidToken. */
  read(operation: string, input: PagedInput): { limit: number; cursor?: string } {
    const limit = input.maxResults || PAGE_SIZE;
    if (input.nextToken === undefined) return { limit };
    const [payload = "", mac = "", ...rest] = input.nextToken.split(".");
    if (rest.length > 0 || !equal(mac, this.#mac(operation, input, payload))) throw invalidToken();
    const [expiresAt, cursor] = decode(payload);
    if (this.#clock.now() >= expiresAt) throw invalidToken();
    return { limit, cursor };
  }

  /** The token of the page after the one that ended at `cursor`. */
  write(operation: string, input: PagedInput, cursor: string): string {
    const content = JSON.stringify([this.#clock.now() + LIFETIME_MS, cursor]);
    const payload = Buffer.from(content).toString("base64url");
    return `${payload}.${this.#mac(operation, input, payload)}`;
  }

  #mac(operation: string, input: PagedInput, payload: string): string {
    const { maxResults: _size, nextToken: _token, ...named } = input;
    const sorted = Object.entries(named).sort(([one], [other]) => (one < other ? -1 : 1));
    const mac = createHmac("sha256", this.#key)
      .update(JSON.stringify([operation, sorted, payload]))
      .digest();
    return mac.subarray(0, MAC_BYTES).toString("base64url");
  }
}

/** Only called on what this installation wrote. */
function decode(payload: string): [number, string] {
  return JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
}

function equal(one: string, other: string): boolean {
  const left = Buffer.from(one);
  const right = Buffer.from(other);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The words of recorded-behaviour.md 37. */
function invalidToken(): Rejection {
  return new Rejection("InvalidToken", "Invalid Token: 'Invalid token'");
}
