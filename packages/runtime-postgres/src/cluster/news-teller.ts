/** Tells one other node what is committed here, as far as it wants to hear it. Bounded, however slowly it reads. */
import type { ServerResponse } from "node:http";
import type { Interface } from "node:readline";
import { type ExecutionChange, GatheredChanges } from "@stepwell/engine";
import { BEAT_MS, type NewsLine, type WantedLine } from "./news-lines.ts";

/** What is committed within such a time is told together. */
const GATHERED_MS = 50;
const CHANGES_MAX = 1_000;
/** A node has 500 streams at most. */
const TOPICS_MAX = 2_000;

export type TellOf = (topic: string, tell: (change: ExecutionChange) => void) => () => void;

/** Until the hearer or this node ends the connection. */
export async function tellNews(lines: Interface, response: ServerResponse, tellOf: TellOf): Promise<void> {
  const teller = new NewsTeller(response, tellOf);
  response.once("close", () => lines.close());
  try {
    for await (const line of lines) teller.take(JSON.parse(line) as WantedLine);
  } finally {
    teller.stop();
  }
}

class NewsTeller {
  readonly #response: ServerResponse;
  readonly #tellOf: TellOf;
  readonly #topics = new Map<string, () => void>();
  readonly #gathered = new GatheredChanges(CHANGES_MAX);
  readonly #beat: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #taken = 0;
  #missed = false;

  constructor(response: ServerResponse, tellOf: TellOf) {
    this.#response = response;
    this.#tellOf = tellOf;
    this.#beat = setInterval(() => this.#write({ taken: this.#taken }), BEAT_MS);
    response.on("drain", () => this.#tell());
  }

  take({ hear = [], leave = [] }: WantedLine): void {
    for (const topic of leave) {
      this.#topics.get(topic)?.();
      this.#topics.delete(topic);
    }
    for (const topic of hear) {
      if (this.#topics.has(topic)) continue;
      if (this.#topics.size >= TOPICS_MAX) throw new Error(`a node may hear ${TOPICS_MAX} topics at most`);
      this.#topics.set(
        topic,
        this.#tellOf(topic, (change) => this.#gather(change)),
      );
    }
    this.#taken += 1;
    this.#write({ taken: this.#taken });
  }

  #gather(change: ExecutionChange): void {
    if (!this.#gathered.add(change)) this.#missed = true;
    this.#timer ??= setTimeout(() => this.#tell(), GATHERED_MS);
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // What comes before the hearer has read is gathered on.
    if (this.#gathered.size === 0 || this.#response.writableNeedDrain) return;
    const changes = this.#gathered.take();
    const missed = this.#missed;
    this.#missed = false;
    this.#write({ changes, ...(missed ? { missed } : {}) });
  }

  #write(line: NewsLine): void {
    if (!this.#response.destroyed && !this.#response.writableNeedDrain)
      this.#response.write(`${JSON.stringify(line)}\n`);
  }

  stop(): void {
    clearInterval(this.#beat);
    clearTimeout(this.#timer);
    for (const stop of this.#topics.values()) stop();
    this.#topics.clear();
    this.#response.destroy();
  }
}
