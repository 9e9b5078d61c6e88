/**
 * Reads large files on a thread of its own: decodes, parses, and gives each row as the JSON text that a child gets, while
 * the engine's thread runs the children of the rows before. It is started when it is first needed, and serves all files.
 *
 * R1. What the thread gives is what the same parser gives here, in the same order, failures included.
 * R2. What is on its way is bounded for each file.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { FileOnThread } from "./file-on-thread.ts";
import type { ReadingAnswer } from "./reading-messages.ts";
import type { RowBatch } from "./row-batch.ts";
import type { RowParser } from "./row-parser.ts";

const STARTS_MAX = 3;
/** V8's: what was read is garbage as soon as it is answered. */
const YOUNG_GENERATION_MIB = 48;

export class ReadingThread {
  readonly #cores: number;
  readonly #files = new Map<number, FileOnThread>();
  #worker: Worker | undefined;
  #nextFile = 1;
  #isReady = false;
  #failedStarts = 0;
  #isClosed = false;

  constructor(cores: number = availableParallelism()) {
    this.#cores = cores;
  }

  /** Whether it reads at once; starts it where it has not been started, and a start has not failed too often. */
  get isReady(): boolean {
    const isWanted = !this.#isClosed && this.#failedStarts < STARTS_MAX && this.#cores > 1;
    if (this.#worker === undefined && isWanted) this.#start();
    return this.#isReady;
  }

  /** The rows of a file from where a parser stands. Only when it is ready. */
  async *read(parser: RowParser, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<RowBatch> {
    const worker = this.#worker as Worker;
    const id = this.#nextFile++;
    const file = new FileOnThread(id, chunks, (request, transferred) => worker.postMessage(request, transferred));
    // It keeps the process alive only while somebody reads.
    if (this.#files.size === 0) worker.ref();
    this.#files.set(id, file);
    try {
      yield* file.rows(parser);
    } finally {
      this.#files.delete(id);
      if (this.#files.size === 0) worker.unref();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
  }

  #start(): void {
    // Beside this file, with its extension: sources run as .ts, the package as .js.
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const worker = new Worker(new URL(`./reading-worker.${extension}`, import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
    });
    worker.unref();
    worker.on("message", (answer: ReadingAnswer) => this.#heard(worker, answer));
    worker.on("error", (error: unknown) => this.#lost(worker, error));
    worker.on("exit", () => this.#lost(worker, undefined));
    this.#worker = worker;
  }

  #heard(worker: Worker, answer: ReadingAnswer): void {
    if (this.#worker !== worker) return;
    if (answer.kind === "ready") this.#isReady = true;
    else this.#files.get(answer.file)?.answered(answer);
  }

  #lost(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#failedStarts = this.#isReady ? 0 : this.#failedStarts + 1;
    this.#isReady = false;
    const lost = new Error("the reading thread ended", { cause });
    for (const file of this.#files.values()) file.lose(lost);
  }
}
