/**
 * The second connection to the file, on a thread of its own: it copies the log back into the file (checkpoints), so that
 * this is not done on the thread that commits. The thread is started when it is first needed: a short run of the CLI
 * never pays for it.
 *
 * A checkpoint reaches only as far as the log went when it began. Under steady load the log would therefore never be found
 * fully copied and would grow for ever. So the thread copies the last few pages as the only writer: then the next commit
 * starts the log anew.
 */
import { Worker } from "node:worker_threads";
import { DatabaseFailure } from "./database-failure.ts";
import type { BackgroundAnswer, BackgroundData, BackgroundRequest } from "./database-worker.ts";

/** A checkpoint is due after about this much log: the time of a recovery after a crash grows with it. */
const LOG_BYTES_PER_CHECKPOINT = 16 * 1_048_576;
const CLOSE_MS_MAX = 10_000;

export class DatabaseBackground {
  readonly #path: string;
  readonly #writeLock: SharedArrayBuffer;
  readonly #takeOver: () => void;
  readonly #answers = new Map<number, { resolve(): void; reject(error: Error): void }>();
  readonly #connectionClosed = new SharedArrayBuffer(4);
  #worker: Worker | undefined;
  #nextId = 1;
  #logBytes = 0;
  #checkpointing = false;
  #closed = false;

  /** `takeOver`: a checkpoint by the caller, for when the thread cannot. */
  constructor(path: string, writeLock: SharedArrayBuffer, takeOver: () => void) {
    this.#path = path;
    this.#writeLock = writeLock;
    this.#takeOver = takeOver;
  }

  /** About so many bytes of log were written. */
  noteWritten(bytes: number): void {
    this.#logBytes += bytes;
    if (this.#logBytes < LOG_BYTES_PER_CHECKPOINT || this.#checkpointing || this.#closed) return;
    this.#checkpointing = true;
    this.#logBytes = 0;
    this.#checkpoint()
      // The thread is lost or the disk is in trouble: the committing connection tries.
      .catch(() => !this.#closed && this.#takeOver())
      // What it met the next commit meets as well, and reports; the log is tried again when it has grown as much again.
      .catch(() => undefined)
      .finally(() => {
        this.#checkpointing = false;
      });
  }

  /** Returns when the thread's connection is closed: nothing touches the file any more. */
  close(): void {
    this.#closed = true;
    this.#rejectAll(new DatabaseFailure("closed", `${this.#path}: the database was closed meanwhile`));
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#worker = undefined;
    worker.postMessage({ kind: "close", id: 0 } satisfies BackgroundRequest);
    Atomics.wait(new Int32Array(this.#connectionClosed), 0, 0, CLOSE_MS_MAX);
  }

  #checkpoint(): Promise<void> {
    const worker = this.#started();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      worker.postMessage({ kind: "checkpoint", id } satisfies BackgroundRequest);
    });
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    // Beside this file, with its extension: sources run as .ts, the package as .js.
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const worker = new Worker(new URL(`./database-worker.${extension}`, import.meta.url), {
      workerData: {
        path: this.#path,
        writeLock: this.#writeLock,
        closed: this.#connectionClosed,
      } satisfies BackgroundData,
    });
    worker.unref();
    worker.on("message", (answer: BackgroundAnswer) => this.#answered(answer));
    worker.on("error", (error: unknown) => this.#lost(worker, error));
    worker.on("exit", () => this.#lost(worker, undefined));
    this.#worker = worker;
    return worker;
  }

  #answered(answer: BackgroundAnswer): void {
    const waiting = this.#answers.get(answer.id);
    this.#answers.delete(answer.id);
    if (answer.failure === undefined) waiting?.resolve();
    else waiting?.reject(new DatabaseFailure("io", `${this.#path}: ${answer.failure}`));
  }

  #lost(worker: Worker, cause: unknown): void {
    if (this.#worker === worker) this.#worker = undefined;
    this.#rejectAll(new DatabaseFailure("io", `${this.#path}: the background thread ended`, { cause }));
  }

  #rejectAll(error: Error): void {
    for (const waiting of this.#answers.values()) waiting.reject(error);
    this.#answers.clear();
  }
}
