/**
 * Answers what other nodes ask: `POST /calls`, a call a line; answers come back a line each, as they are ready. And tells
 * them what is committed here: `POST /news`.
 */
import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import type { PeerCall } from "@stepwell/engine";
import { NEWS_PATH } from "./news-lines.ts";
import { type TellOf, tellNews } from "./news-teller.ts";
import { type CallLine, refusalLine } from "./peer-answers.ts";
import type { PeerTls } from "./peer-tls.ts";

/** Of one request. More than a batch of notices with the largest payloads. */
const REQUEST_CHARACTERS_MAX = 256 * 1_048_576;
const KEEP_ALIVE_MS = 60_000;

export interface PeerServerOptions {
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  /** What a caller must know. */
  secret(): string | undefined;
  answer(call: PeerCall): Promise<unknown>;
  readonly tellOf: TellOf;
  /** Absent: nothing is encrypted. */
  readonly tls?: PeerTls;
  readonly onProblem?: (problem: unknown, about: string) => void;
}

export interface PeerServer {
  readonly port: number;
  close(): Promise<void>;
}

export async function openPeerServer(options: PeerServerOptions): Promise<PeerServer> {
  const { tls, onProblem } = options;
  const times = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    serve(options, request, response).catch(() => response.destroy());
  };
  const secure = tls && createTlsServer({ ...times, ...own(tls) }, answer);
  const server = secure ?? createServer(times, answer);
  const stopWatching = tls?.watch(
    () => secure?.setSecureContext(own(tls)),
    (problem, about) => onProblem?.(problem, about),
  );
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      stopWatching?.();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function own({ texts: { cert, key } }: PeerTls): { readonly cert: string; readonly key: string } {
  return { cert, key };
}

function listen(server: Server, { host, port }: PeerServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function serve(options: PeerServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url } = request;
  if (method !== "POST" || (url !== "/calls" && url !== NEWS_PATH)) return end(response, 404);
  if (!mayAsk(request.headers.authorization, options.secret())) return end(response, 401);
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  if (url === NEWS_PATH) return tellNews(createInterface({ input: request }), response, options.tellOf);
  const open: Promise<void>[] = [];
  let characters = 0;
  for await (const line of createInterface({ input: request })) {
    characters += line.length;
    if (characters > REQUEST_CHARACTERS_MAX) throw new Error("a request of another node is too large");
    open.push(answerLine(options, JSON.parse(line) as CallLine, response));
  }
  await Promise.all(open);
  response.end();
}

async function answerLine(options: PeerServerOptions, call: CallLine, response: ServerResponse): Promise<void> {
  const { id, method } = call;
  // JSON has no undefined among the members of an array.
  const args = call.args.map((arg) => arg ?? undefined);
  const line = await options.answer({ method, args }).then(
    (value) => ({ id, kind: "done", value }) as const,
    (error: unknown) => refusalLine(id, error),
  );
  if (!response.destroyed) response.write(`${JSON.stringify(line)}\n`);
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}

function mayAsk(given: string | undefined, secret: string | undefined): boolean {
  if (given === undefined || secret === undefined) return false;
  const expected = Buffer.from(`Bearer ${secret}`);
  const actual = Buffer.from(given);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
