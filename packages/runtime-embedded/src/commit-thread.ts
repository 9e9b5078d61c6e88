/**
 * Commits on a thread of its own: while it writes and waits for the disk, the engine decides the next group and the
 * server answers requests. Only commits go there; reading stays with the thread that asks.
 */
import { Worker } from "node:worker_threads";
import type { ExecutionCommit, ExecutionKey } from "@stepwell/engine";
import { type CommitAnswer, type CommitRequest, type CommitThreadData, errorOf } from "./commit-message.ts";
import type { DatabaseSharing } from "./database.ts";
import { DatabaseFailure } from "./database-failure.ts";
import { packBatch } from "./packed-batch.ts";

const CLOSE_MS_MAX = 10_000;

interface Pending {
  resolve(keys: readonly ExecutionKey[]): void;
  reject(error: Error): void;
}

export class CommitThread {
  readonly #sharing: DatabaseSharing;
  readonly #pending = new Map<number, Pending>();
  readonly #closed = new SharedArrayBuffer(4);
  #worker: Worker | undefined;
  #nextId = 1;
  #isClosing = false;

  constructor(sharing: DatabaseSharing) {
    this.#sharing = sharing;
    this.#start();
    sharing.onClose(() => this.#close());
  }

  commit(batch: readonly ExecutionCommit[]): Promise<readonly ExecutionKey[]> {
    if (this.#isClosing) throw new DatabaseFailure("closed", `${this.#sharing.path}: the database is closed`);
    const worker = this.#worker ?? this.#start();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // The thread keeps the process alive only while somebody waits for a commit.
      if (this.#pending.size === 0) worker.ref();
      this.#pending.set(id, { resolve, reject });
      worker.postMessage({ kind: "commit", id, batch: packBatch(batch) } satisfies CommitRequest);
    });
  }

  #start(): Worker {
    // Beside this file, with its extension: sources run as .ts, the package as .js.
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const { path, durability, cacheKib, writeLock } = this.#sharing;
    const workerData: CommitThreadData = { path, durability, cacheKib, writeLock, closed: this.#closed };
    const worker = new Worker(new URL(`./commit-worker.${extension}`, import.meta.url), { workerData });
    worker.unref();
    worker.on("message", (answer: CommitAnswer) => this.#answered(worker, answer));
    worker.on("error", (error: unknown) => this.#lost(worker, error));
    worker.on("exit", () => this.#lost(worker, undefined));
    this.#worker = worker;
    return worker;
  }

  #answered(worker: Worker, answer: CommitAnswer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) worker.unref();
    if (answer.kind === "committed") {
      this.#sharing.noteWritten(answer.written);
      pending?.resolve(answer.keys);
    } else pending?.reject(errorOf(answer));
  }

  /** Whatever it had not answered has an unknown outcome; the next commit starts another one. */
  #lost(worker: Worker, cause: unknown): void {
    if (this.#worker === worker) this.#worker = undefined;
    for (const [id, pending] of this.#pending) {
      this.#pending.delete(id);
      pending.reject(new DatabaseFailure("io", `${this.#sharing.path}: the commit thread ended`, { cause }));
    }
  }

  /** Returns when the thread's connection is closed, after the commits that were sent before. */
  #close(): void {
    this.#isClosing = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    worker.postMessage({ kind: "close" } satisfies CommitRequest);
    Atomics.wait(new Int32Array(this.#closed), 0, 0, CLOSE_MS_MAX);
  }
}
