/**
 * Hands activity tasks to workers that poll for them. The queue stands in the store; here are only the pollers.
 *
 * Q1. First come, first served: the oldest task goes to the poller that has waited longest.
 * Q2. A task is handed out after the commit that records who took it, and to one worker only.
 */
import type { EpochMs } from "@stepwell/core";
import type { ExecutionSettings } from "../executions/engine-options.ts";
import { type ExecutionLoop, ExecutionMissing } from "../executions/execution-loop.ts";
import { Fifo } from "../executions/fifo.ts";
import type { WorkCounter } from "../executions/work-counter.ts";
import type { Clock } from "../ports/clock.ts";
import type { ExecutionStore, QueuedActivityTask } from "../ports/store.ts";
import { Rejection } from "../rejection.ts";

const PAGE = 100;
const RETRY_MS = 1_000;
/** How often the store is asked for tasks that other processes queued, while somebody waits. */
const ELSEWHERE_MS = 250;
/** Activities whose last poll is remembered. */
const POLLED_MAX = 10_000;

export interface ActivityTask {
  readonly taskToken: string;
  readonly input: string;
}

interface Poller {
  readonly workerName: string | undefined;
  isWaiting: boolean;
  answer(task: ActivityTask | undefined): void;
}

interface Queue {
  readonly pollers: Fifo<Poller>;
  waiting: number;
  matching: boolean;
  /** Something was queued while matching. */
  again: boolean;
}

export interface ActivityPorts {
  readonly store: ExecutionStore;
  readonly loop: ExecutionLoop;
  readonly clock: Clock;
  readonly settings: ExecutionSettings;
  readonly work: WorkCounter;
  /** Where several processes share the store: takes a task of an execution that another one owns; `undefined` for own ones. */
  readonly elsewhere?: (task: QueuedActivityTask) => TakeElsewhere | undefined;
}

export type TakeElsewhere = (workerName: string | undefined) => Promise<ActivityTask | undefined>;

export class ActivityQueues {
  readonly #ports: ActivityPorts;
  readonly #queues = new Map<string, Queue>();
  /** In order of last poll. */
  readonly #polled = new Map<string, EpochMs>();
  #stopped = false;

  constructor(ports: ActivityPorts) {
    this.#ports = ports;
  }

  poll(
    activityArn: string,
    workerName: string | undefined,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<ActivityTask | undefined> {
    if (signal.aborted || this.#stopped) return Promise.resolve(undefined);
    this.#notePoll(activityArn);
    const queue = this.#queueOf(activityArn);
    if (queue.waiting >= this.#ports.settings.activityPollersMax) {
      throw new Rejection(
        "ActivityWorkerLimitExceeded",
        `Activity worker limit exceeded: no more than ${this.#ports.settings.activityPollersMax} workers may poll '${activityArn}' at once`,
      );
    }
    const { clock } = this.#ports;
    return new Promise((resolve) => {
      const poller: Poller = {
        workerName,
        isWaiting: true,
        answer: (task) => {
          if (!poller.isWaiting) return;
          poller.isWaiting = false;
          queue.waiting -= 1;
          stopWaiting();
          signal.removeEventListener("abort", onAbort);
          if (queue.waiting === 0 && !queue.matching) this.#queues.delete(activityArn);
          resolve(task);
        },
      };
      const onAbort = (): void => poller.answer(undefined);
      const stopWaiting = clock.wakeAt(clock.now() + waitMs, onAbort);
      signal.addEventListener("abort", onAbort);
      queue.waiting += 1;
      queue.pollers.push(poller);
      this.offered(activityArn);
    });
  }

  /** When a worker last asked this process; activities nobody asked about for long may be forgotten. */
  lastPolledAt(activityArn: string): EpochMs | undefined {
    return this.#polled.get(activityArn);
  }

  #notePoll(activityArn: string): void {
    this.#polled.delete(activityArn);
    this.#polled.set(activityArn, this.#ports.clock.now());
    const [oldest] = this.#polled.keys();
    if (this.#polled.size > POLLED_MAX && oldest !== undefined) this.#polled.delete(oldest);
  }

  /** A task was queued, or a poller came. */
  offered(activityArn: string): void {
    const queue = this.#queues.get(activityArn);
    if (queue === undefined || queue.waiting === 0 || this.#stopped) return;
    queue.again = true;
    if (queue.matching) return;
    queue.matching = true;
    void this.#ports.work.during(this.#match(activityArn, queue));
  }

  #queueOf(activityArn: string): Queue {
    let queue = this.#queues.get(activityArn);
    if (queue === undefined) {
      queue = { pollers: new Fifo(), waiting: 0, matching: false, again: false };
      this.#queues.set(activityArn, queue);
      if (this.#ports.elsewhere !== undefined) this.#lookLater(activityArn, queue);
    }
    return queue;
  }

  /** Nobody tells for sure of what another process queues. */
  #lookLater(activityArn: string, queue: Queue): void {
    const { clock } = this.#ports;
    clock.wakeAt(clock.now() + ELSEWHERE_MS, () => {
      if (this.#queues.get(activityArn) !== queue || this.#stopped) return;
      this.offered(activityArn);
      this.#lookLater(activityArn, queue);
    });
  }

  async #match(activityArn: string, queue: Queue): Promise<void> {
    try {
      while (queue.again && queue.waiting > 0 && !this.#stopped) {
        queue.again = false;
        const tasks = await this.#ports.store.activityTasks(activityArn, Math.min(queue.waiting, PAGE));
        const handedOut = await Promise.all(tasks.map((task) => this.#handOut(queue, task)));
        // What another process could not be asked for just now is asked for again after a while, not at once.
        const isWorthIt = this.#ports.elsewhere === undefined ? tasks.length > 0 : handedOut.includes(true);
        if (isWorthIt) queue.again = true;
      }
    } catch (error) {
      this.#ports.settings.onProblem(error, activityArn);
      const { clock } = this.#ports;
      clock.wakeAt(clock.now() + RETRY_MS, () => this.offered(activityArn));
    } finally {
      queue.matching = false;
      if (queue.waiting === 0 && this.#queues.get(activityArn) === queue) this.#queues.delete(activityArn);
    }
  }

  /** Tasks are handed out side by side, but each to the poller whose turn it is when the task is decided on. */
  async #handOut(queue: Queue, task: QueuedActivityTask): Promise<boolean> {
    const takeElsewhere = this.#ports.elsewhere?.(task);
    if (takeElsewhere !== undefined) return this.#handOutElsewhere(queue, task, takeElsewhere);
    let poller: Poller | undefined;
    const taken = await this.#ports.loop
      .deliver(task.executionArn, (live) => {
        if (poller === undefined || !poller.isWaiting) poller = nextPoller(queue);
        // Nobody is waiting any more: the task stays in the queue.
        return poller === undefined ? undefined : live.take(task.taskId, poller.workerName);
      })
      .catch((error: unknown) => {
        if (!(error instanceof ExecutionMissing)) this.#ports.settings.onProblem(error, task.executionArn);
        return undefined;
      });
    if (poller === undefined) return false;
    if (taken !== undefined) poller.answer({ taskToken: taken.taskToken, input: taken.input });
    // The task was no longer to be had: the next one is for the same poller.
    else this.#putBack(queue, poller);
    return taken !== undefined;
  }

  #putBack(queue: Queue, poller: Poller): void {
    if (this.#stopped) poller.answer(undefined);
    else if (poller.isWaiting) queue.pollers.putBack(poller);
  }

  async #handOutElsewhere(queue: Queue, task: QueuedActivityTask, take: TakeElsewhere): Promise<boolean> {
    const poller = nextPoller(queue);
    if (poller === undefined) return false;
    const taken = await take(poller.workerName).catch((error: unknown) => {
      this.#ports.settings.onProblem(error, task.executionArn);
      return undefined;
    });
    if (taken !== undefined) poller.answer(taken);
    else this.#putBack(queue, poller);
    return taken !== undefined;
  }

  stop(): void {
    this.#stopped = true;
    for (const queue of this.#queues.values()) {
      for (let poller = nextPoller(queue); poller !== undefined; poller = nextPoller(queue)) poller.answer(undefined);
    }
  }
}

function nextPoller(queue: Queue): Poller | undefined {
  for (let poller = queue.pollers.shift(); poller !== undefined; poller = queue.pollers.shift()) {
    if (poller.isWaiting) return poller;
  }
  return undefined;
}
