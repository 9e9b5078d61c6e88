import { Agent, type Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { isJsonObject, type Json } from "@stepwell/core";
import { compactJson } from "../json-text.ts";
import { SOCKETS_PER_HOST_MAX } from "../sockets-max.ts";
import type { AddressGuard } from "./address-guard.ts";

export interface HttpCall {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  readonly timeoutMs: number;
  readonly responseBytesMax: number;
  /** PEM of the authority to trust instead of the usual ones. */
  readonly certificateAuthority?: string;
  /** Absent: the configuration named this very address. */
  readonly guard?: AddressGuard;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly statusCode: number;
  readonly statusText: string;
  /** Every value of every header, in the order and spelling they came in. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Buffer;
}

/** Nothing answered, or not in time. */
export class NoAnswer extends Error {}

/** The answer has more bytes than can be used. */
export class AnswerTooLarge extends Error {}

/** Connections that are kept for the next call; closed with `close`. */
export class HttpConnections {
  readonly #http: HttpAgent = new Agent({ keepAlive: true, maxSockets: SOCKETS_PER_HOST_MAX });
  readonly #https: HttpAgent = new HttpsAgent({ keepAlive: true, maxSockets: SOCKETS_PER_HOST_MAX });

  /** One request and its answer; redirects are not followed. Throws NoAnswer, AnswerTooLarge or the signal's reason. */
  async call(call: HttpCall): Promise<HttpAnswer> {
    const timeout = AbortSignal.timeout(call.timeoutMs);
    try {
      call.guard?.checkHost(call.url.hostname);
      return await this.#exchange(call, AbortSignal.any([call.signal, timeout]));
    } catch (error) {
      call.signal.throwIfAborted();
      if (error instanceof AnswerTooLarge) throw error;
      const message = timeout.aborted ? `no answer within ${call.timeoutMs / 1000} seconds` : messageOf(error);
      throw new NoAnswer(message, { cause: error });
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async #exchange(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
    const { url, method, headers, body, certificateAuthority: ca, guard } = call;
    const isSecure = url.protocol === "https:";
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = (isSecure ? httpsRequest : httpRequest)(url, {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) }) } as Record<
          string,
          string | string[]
        >,
        agent: isSecure ? this.#https : this.#http,
        signal,
        ...(guard === undefined ? {} : { lookup: guard.lookup }),
        ...(ca === undefined ? {} : { ca }),
      });
      request.once("response", resolve).once("error", reject);
      request.end(body);
    });
    return {
      statusCode: answer.statusCode ?? 0,
      statusText: answer.statusMessage ?? "",
      headers: headerLists(answer.rawHeaders),
      body: await bodyOf(answer, call.responseBytesMax),
    };
  }
}

async function bodyOf(answer: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) {
      answer.destroy();
      throw new AnswerTooLarge(`the answer has more than ${bytesMax} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function headerLists(raw: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const lists = new Map<string, string[]>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] as string;
    const values = lists.get(name) ?? [];
    values.push(raw[index + 1] as string);
    lists.set(name, values);
  }
  return Object.fromEntries(lists);
}

/** An AggregateError of all addresses of a host has no message of its own. */
function messageOf(error: unknown): string {
  const { message, errors } = error as { message?: string; errors?: readonly Error[] };
  return message || errors?.[0]?.message || String(error);
}

/** Whom a call goes to, told from the member of its parameters that says so. */
export function hostOf(parameters: Json, member: string): string {
  const endpoint = isJsonObject(parameters) ? String(parameters[member] ?? "") : "";
  return URL.canParse(endpoint) ? new URL(endpoint).host : endpoint;
}

/** The body as a workflow gets it: parsed where it says that it is JSON and is, a text else. */
export function bodyJson({ headers, body }: HttpAnswer): string {
  const text = body.toString();
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1][0] ?? "";
  if (!/[/+]json\b/i.test(type) || text === "") return JSON.stringify(text);
  try {
    JSON.parse(text);
    return compactJson(text);
  } catch {
    return JSON.stringify(text);
  }
}
