/**
 * Commits on a thread of its own: while it writes and waits for the disk, the engine decides the next group and the
 * server answers requests. Only commits go there; reading stays with the thread that asks. It is started when it is first
 * needed.
 */
import { Worker } from "node:worker_threads";
import type { ExecutionCommit, ExecutionKey } from "@stepwell/engine";
import {
  type CommitAnswer,
  type CommitRequest,
  type CommitThreadData,
  errorOf,
  type RequestAnswer,
} from "./commit-message.ts";
import type { DatabaseSharing } from "./database.ts";
import { DatabaseFailure } from "./database-failure.ts";
import { packBatch } from "./packed-batch.ts";
import type { WriteStep } from "./write-script.ts";

const CLOSE_MS_MAX = 10_000;
const STARTS_MAX = 3;

type Committed = Extract<CommitAnswer, { kind: "committed" }>;

interface Pending {
  resolve(answer: Committed): void;
  reject(error: Error): void;
}

export class CommitThread {
  readonly #sharing: DatabaseSharing;
  readonly #pending = new Map<number, Pending>();
  readonly #closed = new SharedArrayBuffer(4);
  #worker: Worker | undefined;
  #nextId = 1;
  #isReady = false;
  #failedStarts = 0;
  #isClosing = false;

  constructor(sharing: DatabaseSharing) {
    this.#sharing = sharing;
    sharing.onClose(() => this.#close());
  }

  async commit(batch: readonly ExecutionCommit[]): Promise<readonly ExecutionKey[]> {
    const { keys } = await this.#send((id) => ({ kind: "commit", id, batch: packBatch(batch) }), []);
    return keys;
  }

  /**
   * In one transaction. `buffers` hold bytes of its parameters: the thread's from then on, until they come back in the
   * answer. Rejects with UnexpectedRows, too.
   */
  async perform(script: readonly WriteStep[], buffers: readonly ArrayBuffer[]): Promise<readonly ArrayBuffer[]> {
    return (await this.#send((id) => ({ kind: "script", id, script, buffers }), buffers)).buffers;
  }

  /** Whether it answers at once; starts it where it has not been started, and a start has not failed too often. */
  get isReady(): boolean {
    if (this.#worker === undefined && !this.#isClosing && this.#failedStarts < STARTS_MAX) this.#start();
    return this.#isReady;
  }

  #send(request: (id: number) => CommitRequest, transferred: readonly ArrayBuffer[]): Promise<Committed> {
    if (this.#isClosing) throw new DatabaseFailure("closed", `${this.#sharing.path}: the database is closed`);
    const worker = this.#worker ?? this.#start();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // The thread keeps the process alive only while somebody waits for a commit.
      if (this.#pending.size === 0) worker.ref();
      this.#pending.set(id, { resolve, reject });
      worker.postMessage(request(id), [...transferred]);
    });
  }

  #start(): Worker {
    // Beside this file, with its extension: sources run as .ts, the package as .js.
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const { path, durability, cacheKib, writeLock } = this.#sharing;
    const workerData: CommitThreadData = { path, durability, cacheKib, writeLock, closed: this.#closed };
    const worker = new Worker(new URL(`./commit-worker.${extension}`, import.meta.url), { workerData });
    worker.unref();
    worker.on("message", (answer: CommitAnswer) => this.#heard(worker, answer));
    worker.on("error", (error: unknown) => this.#lost(worker, error));
    worker.on("exit", () => this.#lost(worker, undefined));
    this.#worker = worker;
    return worker;
  }

  #heard(worker: Worker, answer: CommitAnswer): void {
    if (answer.kind !== "ready") this.#answered(worker, answer);
    else if (this.#worker === worker) this.#isReady = true;
  }

  #answered(worker: Worker, answer: RequestAnswer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) worker.unref();
    if (answer.kind === "committed") {
      this.#sharing.noteWritten(answer.written);
      pending?.resolve(answer);
    } else pending?.reject(errorOf(answer));
  }

  /** Whatever it had not answered has an unknown outcome; the next commit starts another one. */
  #lost(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#failedStarts = this.#isReady ? 0 : this.#failedStarts + 1;
    this.#isReady = false;
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
