/**
 * Hears what other nodes commit: a connection to each node that lives, while there is a topic to hear. A node that cannot
 * be heard may commit what is missed: that is said again and again, until it is heard or gone.
 */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { ExecutionChange, Hearing } from "@stepwell/engine";
import { eachLine } from "./answer-lines.ts";
import { BEAT_MS, NEWS_PATH, type NewsLine, type WantedLine } from "./news-lines.ts";

/** A node that says nothing for so long is not there. */
const SILENT_MS = 5 * BEAT_MS;
const AGAIN_FIRST_MS = 100;
const AGAIN_MAX_MS = 2_000;
const READY_MS = 1_000;

export interface PeerNewsPorts {
  /** Opens a request with a body that goes on; `undefined` when the node cannot be called. */
  request(address: string, path: string): ClientRequest | undefined;
  heard(change: ExecutionChange): void;
  missed(): void;
  /** Default a second. A topic counts as heard then, whoever was not reached: that is said by itself. */
  readonly readyMs?: number;
}

interface Topic {
  /** Nodes that do not tell of it yet. */
  readonly awaited: Set<string>;
  isReady: boolean;
  ready(): void;
}

export class PeerNews {
  readonly #ports: PeerNewsPorts;
  readonly #topics = new Map<string, Topic>();
  readonly #lines = new Map<string, NewsConnection>();
  #addresses: ReadonlySet<string> = new Set();

  constructor(ports: PeerNewsPorts) {
    this.#ports = ports;
  }

  /** The other nodes there are. */
  nodes(addresses: ReadonlySet<string>): void {
    this.#addresses = addresses;
    if (this.#topics.size === 0) return;
    for (const address of [...this.#lines.keys()]) if (!addresses.has(address)) this.#hangUp(address);
    for (const address of addresses) if (!this.#lines.has(address)) this.#call(address);
  }

  /** A topic is heard once. */
  hear(name: string): Hearing {
    const { promise, resolve } = Promise.withResolvers<void>();
    const awaited = new Set(this.#addresses);
    const timer = setTimeout(() => topic.ready(), this.#ports.readyMs ?? READY_MS);
    const topic: Topic = {
      awaited,
      isReady: false,
      ready() {
        clearTimeout(timer);
        topic.isReady = true;
        resolve();
      },
    };
    if (awaited.size === 0) topic.ready();
    this.#topics.set(name, topic);
    for (const connection of this.#lines.values()) connection.say({ hear: [name] }, [name]);
    for (const address of this.#addresses) if (!this.#lines.has(address)) this.#call(address);
    return {
      ready: promise,
      stop: () => {
        topic.ready();
        if (!this.#topics.delete(name)) return;
        for (const connection of this.#lines.values()) connection.say({ leave: [name] }, []);
        if (this.#topics.size === 0) this.close();
      },
    };
  }

  #call(address: string): void {
    const { request, heard, missed } = this.#ports;
    const connection = new NewsConnection({
      open: () => request(address, NEWS_PATH),
      topics: () => [...this.#topics.keys()],
      told: (topics) => this.#told(address, topics),
      heard,
      missed,
    });
    this.#lines.set(address, connection);
    connection.open();
  }

  /** A node tells of these topics from now on. What was heard already has a gap. */
  #told(address: string, topics: readonly string[]): void {
    let hasGap = false;
    for (const name of topics) {
      const topic = this.#topics.get(name);
      if (topic === undefined) continue;
      topic.awaited.delete(address);
      if (topic.isReady) hasGap = true;
      else if (topic.awaited.size === 0) topic.ready();
    }
    if (hasGap) this.#ports.missed();
  }

  /** The node is gone: what it committed last may not have been told. */
  #hangUp(address: string): void {
    this.#lines.get(address)?.close();
    this.#lines.delete(address);
    this.#told(address, [...this.#topics.keys()]);
  }

  close(): void {
    for (const connection of this.#lines.values()) connection.close();
    this.#lines.clear();
  }
}

interface ConnectionPorts {
  open(): ClientRequest | undefined;
  topics(): readonly string[];
  told(topics: readonly string[]): void;
  heard(change: ExecutionChange): void;
  missed(): void;
}

/** The connection to one node, which is made again and again until it is closed. */
class NewsConnection {
  readonly #ports: ConnectionPorts;
  #request: ClientRequest | undefined;
  /** The topics of each line that was said and not taken in yet. */
  #said: (readonly string[])[] = [];
  #taken = 0;
  #again: NodeJS.Timeout | undefined;
  #pauseMs = AGAIN_FIRST_MS;
  #isClosed = false;

  constructor(ports: ConnectionPorts) {
    this.#ports = ports;
  }

  open(): void {
    const request = this.#ports.open();
    this.#request = request;
    this.#said = [];
    this.#taken = 0;
    if (request === undefined) {
      this.#broken();
      return;
    }
    const silent = setTimeout(() => request.destroy(new Error("the node is silent")), SILENT_MS);
    request.on("response", (response) => this.#read(response, () => silent.refresh()));
    // What "error" says, "close" says too.
    request.on("error", () => undefined);
    request.once("close", () => {
      clearTimeout(silent);
      if (this.#request === request) this.#broken();
    });
    const topics = this.#ports.topics();
    this.say({ hear: topics }, topics);
  }

  say(line: WantedLine, topics: readonly string[]): void {
    if (this.#request === undefined) return;
    this.#said.push(topics);
    this.#request.write(`${JSON.stringify(line)}\n`);
  }

  #read(response: IncomingMessage, alive: () => void): void {
    if (response.statusCode !== 200) {
      this.#request?.destroy();
      return;
    }
    eachLine(response, (text) => {
      if (this.#isClosed) return;
      alive();
      const line = lineOf(text);
      if (line === undefined) return void this.#request?.destroy();
      if (line.taken !== undefined) this.#takenIn(line.taken);
      for (const change of line.changes ?? []) this.#ports.heard(change);
      if (line.missed === true) this.#ports.missed();
    });
    response.once("close", () => this.#request?.destroy());
  }

  #takenIn(taken: number): void {
    this.#pauseMs = AGAIN_FIRST_MS;
    const topics = this.#said.splice(0, taken - this.#taken).flat();
    this.#taken = taken;
    this.#ports.told(topics);
  }

  #broken(): void {
    this.#request = undefined;
    if (this.#isClosed) return;
    this.#ports.missed();
    this.#again = setTimeout(() => this.open(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, AGAIN_MAX_MS);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#again);
    this.#request?.destroy();
  }
}

/** `undefined`: cut in the middle. */
function lineOf(text: string): NewsLine | undefined {
  try {
    return JSON.parse(text) as NewsLine;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
