/**
 * Server-sent events, bounded: a client that does not read is disconnected instead of being buffered for, and only so many
 * streams are open at once. https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Access } from "./access.ts";
import { ApiRefusal } from "./api-failure.ts";

const STREAMS_MAX = 500;
/** A comment that shows proxies and clients that the stream lives; also how often the caller's session is looked at. */
const HEARTBEAT_MS = 15_000;
/** For a client to read what was written. */
const DRAIN_MS = 10_000;
const RECONNECT_MS = 1_000;

export interface EventStream {
  /** Aborts when the stream is over, whoever ended it. */
  readonly signal: AbortSignal;
  /** Resolves when the client has room for more. `data` becomes JSON. */
  send(event: string, data: unknown, id?: number): Promise<void>;
  end(): void;
}

export class EventStreams {
  readonly #access: Pick<Access, "isStillIn">;
  readonly #open = new Set<EventStream>();

  constructor(scope: FastifyInstance, access: Pick<Access, "isStillIn">) {
    this.#access = access;
    // Before the server waits for requests to end: these never would.
    scope.addHook("preClose", async () => {
      for (const stream of this.#open) stream.end();
    });
  }

  /** Answers a request with a stream. Throws when too many are open. */
  open(request: FastifyRequest, reply: FastifyReply): EventStream {
    if (this.#open.size >= STREAMS_MAX) {
      throw new ApiRefusal(503, "TooManyStreams", `No more than ${STREAMS_MAX} streams may be open.`);
    }
    reply.hijack();
    const stream = new OpenStream(reply, () => this.#access.isStillIn(request));
    this.#open.add(stream);
    stream.signal.addEventListener("abort", () => this.#open.delete(stream));
    return stream;
  }
}

class OpenStream implements EventStream {
  readonly #raw: FastifyReply["raw"];
  readonly #over = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;

  constructor(reply: FastifyReply, isStillIn: () => Promise<boolean>) {
    const { raw } = reply;
    this.#raw = raw;
    raw.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-accel-buffering": "no",
      connection: "close",
    });
    raw.write(`retry: ${RECONNECT_MS}\n\n`);
    raw.once("close", () => this.end());
    raw.on("error", () => this.end());
    this.#heartbeat = setInterval(() => void this.#beat(isStillIn), HEARTBEAT_MS).unref();
    if (raw.destroyed) this.end();
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  async #beat(isStillIn: () => Promise<boolean>): Promise<void> {
    const isIn = await isStillIn().catch(() => false);
    if (!isIn) this.end();
    else if (!this.signal.aborted && !this.#raw.writableNeedDrain) this.#raw.write(": here\n\n");
  }

  async send(event: string, data: unknown, id?: number): Promise<void> {
    if (this.signal.aborted) return;
    const named = id === undefined ? "" : `id: ${id}\n`;
    // JSON has no line breaks of its own: one data line is enough.
    if (this.#raw.write(`event: ${event}\n${named}data: ${JSON.stringify(data)}\n\n`)) return;
    await this.#drained();
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(tooSlow);
        this.#raw.off("drain", done);
        this.signal.removeEventListener("abort", done);
        resolve();
      };
      const tooSlow = setTimeout(() => {
        this.#raw.destroy();
        this.end();
      }, DRAIN_MS);
      this.#raw.once("drain", done);
      this.signal.addEventListener("abort", done, { once: true });
    });
  }

  end(): void {
    if (this.signal.aborted) return;
    clearInterval(this.#heartbeat);
    this.#over.abort();
    // A client that has gone on to other things may leave its end open for long: a stop would wait for it.
    this.#raw.end(() => this.#raw.destroy());
  }
}

/** Something to wait for that may happen many times while nobody waits. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves when the bell has rung since the last call, after `ms`, or when `signal` aborts. */
  async rung(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) await this.#wait(ms, signal);
    this.#rung = false;
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake = done;
      signal.addEventListener("abort", done, { once: true });
    });
  }
}
