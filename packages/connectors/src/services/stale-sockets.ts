/**
 * Kept connections that the other side closes just when they are used again. Such a request was not performed: nobody read
 * it. Node.js, "request.reusedSocket".
 */
import { type AgentOptions, type ClientRequest, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Duplex } from "node:stream";
import { SOCKETS_PER_HOST_MAX } from "../sockets-max.ts";

const OPTIONS: AgentOptions = { keepAlive: true, maxSockets: SOCKETS_PER_HOST_MAX };
const CLOSED = ["ECONNRESET", "EPIPE"];
const stale = new WeakSet<Error>();

class KeptHttpAgent extends HttpAgent {
  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    super.reuseSocket(socket, request);
    rememberStale(request);
  }
}

class KeptHttpsAgent extends HttpsAgent {
  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    super.reuseSocket(socket, request);
    rememberStale(request);
  }
}

function rememberStale(request: ClientRequest): void {
  request.once("error", (error: NodeJS.ErrnoException) => {
    if (CLOSED.includes(error.code ?? "") && request.reusedSocket) stale.add(error);
  });
}

export function keepingAgents(): { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent } {
  return { httpAgent: new KeptHttpAgent(OPTIONS), httpsAgent: new KeptHttpsAgent(OPTIONS) };
}

/** True when a request failed for a kept connection that was closed before anything of it was read. */
export function wasStale(error: unknown): boolean {
  return error instanceof Error && (stale.has(error) || wasStale(error.cause));
}
