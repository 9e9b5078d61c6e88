/** Opens requests to other nodes: plain, or with TLS where this cluster's nodes speak it. */
import assert from "node:assert/strict";
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { expecting, type PeerTls } from "./peer-tls.ts";

const CONNECTIONS_MAX = 32;
const TLS = "https://";
/** What is wrong with a node's certificate is said once in such a time. */
const QUIET_MS = 60_000;
const ADDRESSES_MAX = 1_000;

export class PeerWire {
  readonly #secret: () => string;
  readonly #tls: PeerTls | undefined;
  readonly #agent: Agent;
  readonly #onProblem: (problem: unknown, about: string) => void;
  readonly #quietUntil = new Map<string, number>();

  constructor(
    secret: () => string,
    tls?: PeerTls,
    onProblem: (problem: unknown, about: string) => void = () => undefined,
  ) {
    const options = { keepAlive: true, maxSockets: CONNECTIONS_MAX };
    this.#secret = secret;
    this.#tls = tls;
    this.#onProblem = onProblem;
    this.#agent = tls === undefined ? new Agent(options) : new TlsAgent(options);
  }

  /** Why a node cannot be called, for the operator: some of the nodes have TLS, and some have not. */
  problemOf(address: string): string | undefined {
    const isTls = address.startsWith(TLS);
    if (isTls === (this.#tls !== undefined)) return undefined;
    return `the node at ${address} speaks ${isTls ? "TLS" : "no TLS"}, this one ${isTls ? "does not" : "does"}: peers.tls must be set at all nodes or none`;
  }

  /** `ownConnection`: what is written to it travels at once, for as long as it is open. */
  request(
    address: string,
    path: string,
    { ownConnection = false, answered }: { ownConnection?: boolean; answered?: (answer: IncomingMessage) => void } = {},
  ): ClientRequest {
    const headers = { authorization: `Bearer ${this.#secret()}` };
    const options = { method: "POST", headers, agent: ownConnection ? (false as const) : this.#agent };
    // The secret does not travel for everybody to read.
    assert(this.problemOf(address) === undefined, "only nodes that speak as this one does are called");
    if (this.#tls === undefined) return request(`http://${address}${path}`, options, answered);
    const { name } = this.#tls;
    const { ca } = this.#tls.texts;
    const trust = { ...(ca && { ca }), ...(name && expecting(name)) };
    const outgoing = tlsRequest(`${address}${path}`, { ...options, ...trust }, answered);
    return outgoing.on("error", (error: NodeJS.ErrnoException) => this.#tell(address, error));
  }

  /** A certificate that is refused is the operator's to mend; that nodes are away, others tell. */
  #tell(address: string, error: NodeJS.ErrnoException): void {
    const now = performance.now();
    if (!/CERT|TLS|SSL|SIGNATURE/.test(error.code ?? "") || now < (this.#quietUntil.get(address) ?? 0)) return;
    if (this.#quietUntil.size >= ADDRESSES_MAX) this.#quietUntil.clear();
    this.#quietUntil.set(address, now + QUIET_MS);
    this.#onProblem(new Error(`${address}: ${error.message}`, { cause: error }), "peers.tls");
  }

  close(): void {
    this.#agent.destroy();
  }
}
