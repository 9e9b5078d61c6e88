/**
 * The threads of `WorkThreads`, on node:worker_threads.
 *
 * W1. A thread has one piece of work at a time; what waits, waits here, in order, and is bounded in number.
 * W2. Threads begin when there is work and end when there was none for a while. They keep the process alive only while
 *     they work, and have nothing of its environment.
 * W3. One that ends, or needs longer than it may, takes its own work with it and nothing else; the next gets a new one.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { StatesErrorSignal } from "@stepwell/core";
import { Fifo } from "../executions/fifo.ts";
import {
  type WorkKinds,
  WorkLost,
  type WorkThreadStats,
  type WorkThreads,
  WorkThreadsClosed,
} from "../ports/work-threads.ts";
import type { ThreadAnswer, ThreadRequest } from "./thread-messages.ts";

export interface WorkThreadOptions {
  /** How many at once, at least 1; default: the processors but one. */
  readonly threads?: number;
  /** A piece of work may take so long before its thread is ended; default 120 seconds. */
  readonly workMsMax?: number;
  /** Threads without work end after so long; default 60 seconds. */
  readonly idleMs?: number;
  /** JavaScript heap of one thread; default 1,024 MiB. */
  readonly heapMb?: number;
  /** Pieces of work that wait; default 10,000. More are refused. */
  readonly waitingMax?: number;
}

/** As many as there are processors to spare beside the one that answers requests. */
function defaultThreads(): number {
  return Math.max(1, availableParallelism() - 1);
}

/** Opens the threads; none of them begins before there is work. */
export function openWorkThreads(options: WorkThreadOptions = {}): WorkThreads {
  return new Threads(options);
}

interface Work {
  readonly request: ThreadRequest;
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

interface Thread {
  readonly worker: Worker;
  work: Work | undefined;
  begunAt: number;
  timer: NodeJS.Timeout | undefined;
  tookTooLong: boolean;
  isEnding: boolean;
}

class Threads implements WorkThreads {
  readonly atOnce: number;
  readonly #workMsMax: number;
  readonly #idleMs: number;
  readonly #heapMb: number;
  readonly #waitingMax: number;
  readonly #threads = new Set<Thread>();
  readonly #waiting = new Fifo<Work>();
  readonly #performed: Record<keyof WorkKinds, number> = {
    decision: 0,
    item: 0,
    stateTest: 0,
    forkContext: 0,
    flowInput: 0,
  };
  #busyMs = 0;
  #lost = 0;
  #isClosed = false;

  constructor(options: WorkThreadOptions) {
    this.atOnce = options.threads ?? defaultThreads();
    this.#workMsMax = options.workMsMax ?? 120_000;
    this.#idleMs = options.idleMs ?? 60_000;
    this.#heapMb = options.heapMb ?? 1_024;
    this.#waitingMax = options.waitingMax ?? 10_000;
  }

  get stats(): WorkThreadStats {
    let running = 0;
    for (const { work } of this.#threads) if (work !== undefined) running += 1;
    return {
      performed: { ...this.#performed },
      busyMs: this.#busyMs,
      lost: this.#lost,
      running,
      waiting: this.#waiting.length,
    };
  }

  perform<Kind extends keyof WorkKinds>(
    kind: Kind,
    asked: WorkKinds[Kind]["asked"],
  ): Promise<WorkKinds[Kind]["answer"]> {
    if (this.#isClosed) return Promise.reject(new WorkThreadsClosed());
    if (this.#waiting.length >= this.#waitingMax) {
      return Promise.reject(new Error(`more than ${this.#waitingMax} pieces of work wait for a thread`));
    }
    return new Promise((resolve, reject) => {
      const request = { kind, asked } as ThreadRequest;
      this.#waiting.push({ request, resolve: resolve as (answer: unknown) => void, reject });
      this.#next();
    });
  }

  /** What is under way is given up. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (let work = this.#waiting.shift(); work !== undefined; work = this.#waiting.shift()) {
      work.reject(new WorkThreadsClosed());
    }
    await Promise.all([...this.#threads].map((thread) => thread.worker.terminate()));
  }

  #next(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#free();
      if (thread === undefined) return;
      this.#give(thread, this.#waiting.shift() as Work);
    }
  }

  #free(): Thread | undefined {
    for (const thread of this.#threads) if (thread.work === undefined && !thread.isEnding) return thread;
    return this.#threads.size < this.atOnce ? this.#begin() : undefined;
  }

  #begin(): Thread {
    // Beside this file, with its extension: sources run as .ts, the package as .js.
    const isSource = import.meta.url.endsWith(".ts");
    const worker = new Worker(new URL(`./work-thread.${isSource ? "ts" : "js"}`, import.meta.url), {
      env: {},
      // Its stack is four times the main thread's: what succeeds there does not overflow here.
      resourceLimits: { maxOldGenerationSizeMb: this.#heapMb },
      execArgv: isSource ? ["--conditions=stepwell-source"] : [],
    });
    const thread: Thread = {
      worker,
      work: undefined,
      begunAt: 0,
      timer: undefined,
      tookTooLong: false,
      isEnding: false,
    };
    worker.on("message", (answer: ThreadAnswer) => this.#answered(thread, answer));
    worker.on("messageerror", (error) => this.#answered(thread, { problem: String(error) }));
    worker.on("error", (error: unknown) => this.#ended(thread, error));
    worker.on("exit", () => this.#ended(thread, undefined));
    this.#threads.add(thread);
    return thread;
  }

  #give(thread: Thread, work: Work): void {
    clearTimeout(thread.timer);
    thread.work = work;
    thread.begunAt = performance.now();
    thread.worker.ref();
    thread.timer = setTimeout(() => {
      thread.tookTooLong = true;
      end(thread);
    }, this.#workMsMax);
    try {
      thread.worker.postMessage(work.request);
    } catch (error) {
      // It cannot be cloned: no thread can do it.
      this.#answered(thread, { problem: String(error) });
    }
  }

  #answered(thread: Thread, answer: ThreadAnswer): void {
    const work = this.#take(thread);
    if (work === undefined) return;
    thread.worker.unref();
    thread.timer = setTimeout(() => end(thread), this.#idleMs).unref();
    if ("problem" in answer) work.reject(new Error(answer.problem));
    else {
      this.#performed[work.request.kind] += 1;
      if ("error" in answer) work.reject(new StatesErrorSignal(answer.error, answer.cause, answer.location));
      else work.resolve(answer.answer);
    }
    this.#next();
  }

  #take(thread: Thread): Work | undefined {
    const { work } = thread;
    clearTimeout(thread.timer);
    if (work === undefined) return undefined;
    thread.work = undefined;
    this.#busyMs += performance.now() - thread.begunAt;
    return work;
  }

  #ended(thread: Thread, cause: unknown): void {
    if (!this.#threads.delete(thread)) return;
    const work = this.#take(thread);
    if (this.#isClosed) work?.reject(new WorkThreadsClosed());
    else if (work !== undefined) {
      this.#lost += 1;
      work.reject(this.#reason(thread, cause));
    }
    this.#next();
  }

  #reason({ tookTooLong }: Thread, cause: unknown): Error {
    if (tookTooLong) return new WorkLost(`a thread was ended that needed more than ${this.#workMsMax} ms`);
    const { code } = (cause ?? {}) as { readonly code?: string };
    if (code === "ERR_WORKER_OUT_OF_MEMORY") return new WorkLost(`a thread needed more than ${this.#heapMb} MiB`);
    return new Error("a thread ended", { cause });
  }
}

function end(thread: Thread): void {
  thread.isEnding = true;
  void thread.worker.terminate();
}
